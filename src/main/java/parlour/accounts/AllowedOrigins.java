package parlour.accounts;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import parlour.Limits;

/**
 * The origins (RFC 6454) whose pages may use a deployment; none listed means any.
 *
 * <p>An entry is an exact origin ({@code https://shop.example.com}, {@code http://localhost:3000})
 * or one with {@code *.} in front of its host, which stands for every subdomain at any depth, and
 * not for the domain itself. Scheme and port are always exact; {@code null} never matches.
 */
public record AllowedOrigins(List<String> patterns) {
  private static final Pattern HOST =
      Pattern.compile("(\\*\\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\\[[0-9a-f:.]+]");

  private static final Pattern NOT_ASCII =
      Pattern.compile("(https?://(?:\\*\\.)?)([^/:?#@]*[^\\x00-\\x7f][^/:?#@]*)(.*)");

  /** The text that a star matches. Some names have underscores; IP addresses have no subdomains. */
  private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?");

  /**
   * @throws IllegalArgumentException with the wrong entry and an example of a right one
   */
  public AllowedOrigins {
    if (patterns.size() > Limits.ALLOWED_ORIGINS) {
      throw new IllegalArgumentException(
          "%d allowed origins; at most %d fit one deployment: use a wildcard such as"
                  .formatted(patterns.size(), Limits.ALLOWED_ORIGINS)
              + " https://*.example.com, or another deployment");
    }
    patterns = patterns.stream().map(AllowedOrigins::normal).distinct().toList();
  }

  /** Allows any origin. */
  public static AllowedOrigins any() {
    return new AllowedOrigins(List.of());
  }

  public boolean isEmpty() {
    return patterns.isEmpty();
  }

  /** Whether the list, which is not empty, holds this origin as a browser sends it. */
  public boolean allows(String origin) {
    for (String pattern : patterns) {
      if (matches(pattern, origin)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The list after some entries were added and then others removed. An added entry that is on it
   * already stays where it is.
   *
   * @throws IllegalArgumentException about a wrong entry, about one that is not there to be removed,
   *     or if the list would be empty
   */
  public AllowedOrigins changed(List<String> added, List<String> removed) {
    Set<String> changed = new LinkedHashSet<>(patterns);
    changed.addAll(new AllowedOrigins(added).patterns());
    for (String gone : new AllowedOrigins(removed).patterns()) {
      if (!changed.remove(gone)) {
        throw new IllegalArgumentException("%s is not on the list, which is: %s"
            .formatted(gone, patterns.isEmpty() ? "any" : String.join(" ", patterns)));
      }
    }
    if (changed.isEmpty()) {
      throw new IllegalArgumentException(
          "the list would be empty, and an empty list lets any page in:"
              + " use the command \"deployments update\" with --any-origin if you mean that");
    }
    return new AllowedOrigins(List.copyOf(changed));
  }

  /** Whether this is an origin as browsers send it, and can be an entry of a list. */
  public static boolean canList(String origin) {
    try {
      return !origin.contains("*") && normal(origin).equals(origin);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean matches(String pattern, String origin) {
    int wildcard = pattern.indexOf("*.");
    if (wildcard < 0) {
      return pattern.equals(origin);
    }
    String scheme = pattern.substring(0, wildcard);
    String domain = pattern.substring(wildcard + 1);
    if (!origin.startsWith(scheme) || !origin.endsWith(domain)) {
      return false;
    }
    int from = scheme.length();
    int to = origin.length() - domain.length();
    return from < to && SUBDOMAIN.matcher(origin.substring(from, to)).matches();
  }

  /** The form in which browsers send it: lower case, no default port, no path (RFC 6454 §6.2). */
  private static String normal(String entry) {
    String stripped = entry.strip().toLowerCase(Locale.ROOT);
    try {
      // URI accepts no star or underscore in a host, so letters replace them for parsing.
      String parsed = stripped.replaceFirst("://\\*\\.", "://wildcard.");
      URI uri = new URI(parsed.replace('_', 'x'));
      String scheme = uri.getScheme();
      boolean bare = (uri.getRawPath() == null
              || uri.getRawPath().isEmpty()
              || uri.getRawPath().equals("/"))
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && uri.getRawUserInfo() == null;
      if (("http".equals(scheme) || "https".equals(scheme)) && uri.getHost() != null && bare) {
        int from = scheme.length() + "://".length();
        String host = parsed.substring(from, from + uri.getHost().length());
        boolean wildcard = stripped.startsWith(scheme + "://*.");
        String written = wildcard ? "*." + host.substring("wildcard.".length()) : host;
        int usual = scheme.equals("https") ? 443 : 80;
        String port = uri.getPort() < 0 || uri.getPort() == usual ? "" : ":" + uri.getPort();
        if (HOST.matcher(written).matches() && uri.getPort() <= 65_535) {
          return scheme + "://" + written + port;
        }
      }
    } catch (URISyntaxException e) {
      // falls through to the one message below, which says what an origin looks like
    }
    throw new IllegalArgumentException(
        "\"%s\" is not an origin: write scheme, host and port, such as https://shop.example.com,"
                .formatted(entry)
            + " https://*.example.com or http://localhost:3000"
            + punycode(stripped));
  }

  /**
   * Text on how browsers send a name that is not ASCII; we do not convert it, since browsers use a
   * newer mapping.
   */
  private static String punycode(String entry) {
    Matcher host = NOT_ASCII.matcher(entry);
    if (!host.matches()) {
      return "";
    }
    try {
      return "; browsers send this name as %s%s%s"
          .formatted(host.group(1), IDN.toASCII(host.group(2)), host.group(3));
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
