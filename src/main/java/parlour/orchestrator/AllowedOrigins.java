package parlour.orchestrator;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
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
      Pattern.compile("(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\\[[0-9a-f:.]+]");

  /** What may stand for the star: names have underscores at times, addresses have no subdomains. */
  private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?");

  /**
   * @throws IllegalArgumentException naming the entry and what an entry looks like
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

  /** Any origin may. */
  public static AllowedOrigins any() {
    return new AllowedOrigins(List.of());
  }

  public boolean isEmpty() {
    return patterns.isEmpty();
  }

  /** Whether the list, which is not empty, holds this origin as a browser sends it. */
  public boolean allows(String origin) {
    return patterns.stream().anyMatch(pattern -> matches(pattern, origin));
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
      // URI knows no host with a star: it is parsed with a letter in its place.
      URI uri = new URI(stripped.replaceFirst("://\\*\\.", "://wildcard."));
      String scheme = uri.getScheme();
      String host = uri.getHost();
      boolean bare = (uri.getRawPath() == null
              || uri.getRawPath().isEmpty()
              || uri.getRawPath().equals("/"))
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && uri.getRawUserInfo() == null;
      if (("http".equals(scheme) || "https".equals(scheme)) && host != null && bare) {
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
        "\"%s\" is no origin: write scheme, host and port, such as https://shop.example.com,"
                .formatted(entry)
            + " https://*.example.com or http://localhost:3000");
  }
}
