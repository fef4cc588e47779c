package parlour.realtime;

import java.util.Optional;
import java.util.regex.Pattern;
import parlour.http.server.ApiRequest;

/**
 * Where the browser of a call reaches this server. The addresses of files begin with it.
 *
 * @param configured {@code public.url}
 */
record PublicAddress(Optional<String> configured) {
  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]{1,5})?");

  /**
   * The configured address, or else the one that the client has called. A client that lies about it
   * only misleads itself. A proxy ends the encryption of every other host than this machine.
   */
  String of(ApiRequest call) {
    return configured.orElseGet(() -> {
      String host = call.header("Host");
      boolean isPlain =
          !call.isEncrypted() && host != null && LOOPBACK.matcher(host).matches();
      return (isPlain ? "http://" : "https://") + (host == null ? "localhost" : host);
    });
  }
}
