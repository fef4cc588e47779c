package parlour.config;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import parlour.Limits;

/**
 * Reads the texts of settings. Each method throws an {@link IllegalArgumentException} that says what
 * the text must look like.
 */
final class SettingValues {
  private static final Pattern SOCKET =
      Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([^:\\[\\]]+)):([0-9]{1,5})");

  private static final Pattern LOOPBACK =
      Pattern.compile("(.+\\.)?localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");

  private SettingValues() {}

  static Set<Role> roles(String text) {
    if (text.equals("all")) {
      return EnumSet.allOf(Role.class);
    }
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String word : list(text)) {
      roles.add(Role.of(word)
          .orElseThrow(() -> new IllegalArgumentException(
              "there is no role \"%s\"; the roles are %s".formatted(word, Setting.words()))));
    }
    if (roles.isEmpty()) {
      throw new IllegalArgumentException("name at least one of " + Setting.words());
    }
    return roles;
  }

  static Duration rotation(String text) {
    int hours = number(text);
    if (hours < 1 || hours > Limits.MAX_KEY_ROTATION.toHours()) {
      throw new IllegalArgumentException(
          "must be from 1 to %d hours".formatted(Limits.MAX_KEY_ROTATION.toHours()));
    }
    return Duration.ofHours(hours);
  }

  static Duration ledgerAge(String text) {
    int days = number(text);
    if (days < 1 || days > Limits.MAX_LEDGER_DAYS) {
      throw new IllegalArgumentException(
          "must be from 1 to %d days".formatted(Limits.MAX_LEDGER_DAYS));
    }
    return Duration.ofDays(days);
  }

  static int connections(String text) {
    int connections = number(text);
    if (connections < 1 || connections > Limits.MAX_STORE_CONNECTIONS) {
      throw new IllegalArgumentException(
          "must be from 1 to %d".formatted(Limits.MAX_STORE_CONNECTIONS));
    }
    return connections;
  }

  static Path folder(String text) {
    if (text.contains("?")) {
      throw new IllegalArgumentException(
          "a folder with a question mark cannot be used, because SQLite's driver ends the file's"
              + " name there: choose another name");
    }
    return Path.of(text);
  }

  static int port(String text) {
    int port = number(text);
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("a port is from 0 to 65535");
    }
    return port;
  }

  static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a whole number", e);
    }
  }

  static boolean isUrl(String text) {
    try {
      return url(text).isPresent();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static Optional<URI> url(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI url = new URI(text);
      if (url.getHost() != null
          && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
        return Optional.of(url);
      }
    } catch (URISyntaxException e) {
      // reported below
    }
    throw new IllegalArgumentException("must look like http://10.0.0.7:8081");
  }

  /** An https address without a path; of this machine also an http address. */
  static Optional<URI> origin(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI url = new URI(text.toLowerCase(Locale.ROOT).replaceFirst("/$", ""));
      boolean isEncrypted = "https".equals(url.getScheme());
      boolean isOrigin = url.getHost() != null
          && (url.getScheme() + "://" + url.getRawAuthority()).equals(url.toString())
          && url.getRawUserInfo() == null
          && !url.getRawAuthority().endsWith(":")
          && !url.getHost().endsWith(".");
      if (isOrigin && (isEncrypted || isPlainOfThisMachine(url))) {
        return Optional.of(url);
      }
    } catch (URISyntaxException e) {
      // reported below
    }
    throw new IllegalArgumentException(
        "must be https:// and a host, with nothing behind it, such as"
            + " https://files.example.com; only on this machine also http, such as"
            + " http://files.localhost:8080");
  }

  /** Another host than the main one, not only another port, because its cookies are for all ports. */
  static Optional<URI> otherHost(String text, Optional<URI> main) {
    Optional<URI> url = origin(text);
    if (url.isPresent() && main.isEmpty()) {
      throw new IllegalArgumentException(
          "needs public.url: set that to the address at which browsers reach everything but files");
    }
    if (url.isPresent() && url.get().getHost().equalsIgnoreCase(main.get().getHost())) {
      throw new IllegalArgumentException(
          "is the host of public.url; choose another host, such as https://files.example.com");
    }
    if (url.isPresent() && isPlainOfThisMachine(url.get()) && !isPlainOfThisMachine(main.get())) {
      throw new IllegalArgumentException(
          "is an address of this machine, and public.url is not: guests would look for files on their"
              + " own machines. Use an https address");
    }
    return url;
  }

  /** Whether the host of an address is below another one, and neither is this machine. */
  static boolean isBelow(URI address, URI other) {
    String host = address.getHost().toLowerCase(Locale.ROOT);
    return host.endsWith("." + other.getHost().toLowerCase(Locale.ROOT))
        && !LOOPBACK.matcher(host).matches();
  }

  static boolean isPlainOfThisMachine(URI url) {
    return "http".equals(url.getScheme())
        && url.getHost() != null
        && LOOPBACK.matcher(url.getHost()).matches();
  }

  static List<URI> urls(String text) {
    return list(text).stream().map(one -> url(one).orElseThrow()).distinct().toList();
  }

  static List<String> list(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  static Optional<String> contact(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!text.matches("mailto:[^@\\s]+@[^@\\s]+|https://\\S+")) {
      throw new IllegalArgumentException(
          "must be an address such as mailto:ops@example.com or https://example.com/contact");
    }
    return Optional.of(text);
  }

  static List<String> pushServices(String text) {
    List<String> services = list(text);
    for (String one : services) {
      if (!one.matches(
              "[a-z0-9-]+(\\.[a-z0-9-]+)+|\\*(\\.[a-z0-9-]+){2,}|http://(127\\.0\\.0\\.1|\\[::1]):[0-9]{1,5}")
          || one.matches("[0-9.]+")) {
        throw new IllegalArgumentException(
            "must be hosts in lower case such as push.example.com or *.push.example.com; for a service"
                + " of a developer, http://127.0.0.1 or http://[::1] with a port");
      }
    }
    return services;
  }

  static String oneOf(String text, String... words) {
    if (!List.of(words).contains(text)) {
      throw new IllegalArgumentException("must be one of " + String.join(", ", words));
    }
    return text;
  }

  static Optional<InetSocketAddress> socket(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Matcher parts = SOCKET.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("must be a host and a port, such as 127.0.0.1:3310");
    }
    String host = parts.group(1) == null ? parts.group(2) : parts.group(1);
    return Optional.of(InetSocketAddress.createUnresolved(host, port(parts.group(3))));
  }
}
