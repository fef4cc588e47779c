package parlour.accounts;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An origin of a page (RFC 6454): scheme, host and port; 80 and 443 can be omitted. */
public record Origin(boolean isHttps, String host, int port) {

  /** Parses an http or https address; empty if the text is not one. */
  public static Optional<Origin> of(@Nullable String address) {
    try {
      URI uri = URI.create(address == null ? "" : address);
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      boolean https = scheme.equals("https");
      if (uri.getHost() == null || !(https || scheme.equals("http"))) {
        return Optional.empty();
      }
      int port = uri.getPort() < 0 ? defaultPort(https) : uri.getPort();
      return Optional.of(new Origin(https, uri.getHost().toLowerCase(Locale.ROOT), port));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The origin of a page that was loaded with this header {@code Host}. */
  public static Optional<Origin> ofHost(boolean https, @Nullable String host) {
    return host == null ? Optional.empty() : of((https ? "https://" : "http://") + host);
  }

  public boolean isDefaultPort() {
    return port == defaultPort(isHttps);
  }

  private static int defaultPort(boolean https) {
    return https ? 443 : 80;
  }

  @Override
  public String toString() {
    return (isHttps ? "https://" : "http://") + host + (isDefaultPort() ? "" : ":" + port);
  }
}
