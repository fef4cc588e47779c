package parlour.s3;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import parlour.http.tls.Tls;

/**
 * A bucket of an S3-compatible object store, with the credentials for it.
 *
 * @param endpoint the address of the store, without a path
 * @param pathStyle whether the bucket is in the path, and not in the host name
 * @param authorities the authorities that must have signed the store's certificate; if empty, those
 *     of the JDK
 */
public record S3Address(
    URI endpoint,
    String region,
    String bucket,
    boolean pathStyle,
    String accessKey,
    String secretKey,
    Optional<Tls.Source> authorities) {

  /**
   * Reads the address of a store.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  public static URI endpoint(String text) {
    try {
      URI uri = new URI(text);
      boolean isHttp = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      boolean isBare = uri.getPath() != null
          && uri.getPath().matches("/?")
          && uri.getQuery() == null
          && uri.getFragment() == null
          && uri.getUserInfo() == null;
      if (isHttp && isBare && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // as below
    }
    throw new IllegalArgumentException(
        "must look like https://s3.eu-central-1.amazonaws.com or https://10.0.0.7:9000, without a"
            + " path and without credentials");
  }

  /**
   * Reads the name of a bucket.
   *
   * @throws IllegalArgumentException if no bucket can have it
   */
  public static String bucket(String text) {
    if (!text.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")) {
      throw new IllegalArgumentException(
          "the name of a bucket has 3 to 63 characters: small letters, digits, dots and hyphens");
    }
    return text;
  }

  /**
   * The address of an object.
   *
   * @param key of characters that need no encoding: letters, digits, hyphens, slashes
   */
  URI of(String key) {
    String port = endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort();
    String host = pathStyle ? endpoint.getHost() : bucket + "." + endpoint.getHost();
    String path = pathStyle ? "/" + bucket + "/" + key : "/" + key;
    return URI.create(endpoint.getScheme() + "://" + host + port + path);
  }

  /** Omits the credentials, because addresses are logged. */
  @Override
  public String toString() {
    return "bucket %s at %s".formatted(bucket, endpoint);
  }
}
