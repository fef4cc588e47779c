package parlour.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/** The address of a Redis or Valkey, with the credentials for it. */
public record RedisAddress(
    String host,
    int port,
    boolean tls,
    int database,
    Optional<String> user,
    Optional<String> password) {
  private static final int PORT = 6379;

  /**
   * Reads {@code redis://user@host:6379/0}, or the same with {@code rediss} for TLS.
   *
   * @throws IllegalArgumentException if it is malformed, or has a password: addresses are logged
   */
  public static RedisAddress parse(String url, Optional<String> password) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw malformed();
    }
    boolean tls = "rediss".equals(uri.getScheme());
    String path = uri.getPath() == null ? "" : uri.getPath();
    if ((!tls && !"redis".equals(uri.getScheme()))
        || uri.getHost() == null
        || !path.matches("|/|/[0-9]{1,4}")
        || uri.getQuery() != null
        || uri.getFragment() != null) {
      throw malformed();
    }
    if (uri.getUserInfo() != null && uri.getUserInfo().contains(":")) {
      throw new IllegalArgumentException(
          "has a password in it; write it into redis.password or redis.password-file");
    }
    return new RedisAddress(
        uri.getHost().replaceAll("[\\[\\]]", ""),
        uri.getPort() == -1 ? PORT : uri.getPort(),
        tls,
        path.length() < 2 ? 0 : Integer.parseInt(path.substring(1)),
        Optional.ofNullable(uri.getUserInfo()).filter(user -> !user.isEmpty()),
        password);
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException(
        "must look like redis://10.0.0.7:6379, or rediss:// for TLS, with user@ and /database as"
            + " needed");
  }

  @Override
  public String toString() {
    return "%s:%d".formatted(host, port);
  }
}
