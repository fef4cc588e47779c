package parlour.realtime;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.PlainText;
import parlour.http.server.ApiRequest;

/** Where the browser of a call reaches this server. The addresses of files begin with it. */
final class PublicAddress {
  private static final Logger log = LoggerFactory.getLogger(PublicAddress.class);

  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]{1,5})?");

  private final Optional<String> configured;
  private final AtomicBoolean isLogged = new AtomicBoolean();

  /**
   * @param configured {@code public.url}
   */
  PublicAddress(Optional<String> configured) {
    this.configured = configured;
  }

  /**
   * The configured address, or else the one that the client has called. A client that lies about it
   * only misleads itself; but a proxy that changes Host misleads all, so that is logged once. A
   * proxy ends the encryption of every other host than this machine.
   */
  String of(ApiRequest call) {
    return configured.orElseGet(() -> {
      String host = call.header("Host");
      boolean isHere = host != null && LOOPBACK.matcher(host).matches();
      if (!isHere && isLogged.compareAndSet(false, true)) {
        log.warn(
            "public.url is not set, so clients of the package get addresses of files that begin with"
                + " the Host of their call, which was {}: if a proxy changes Host, they lead"
                + " nowhere; set public.url",
            PlainText.shown(host));
      }
      boolean isPlain = !call.isEncrypted() && isHere;
      return (isPlain ? "http://" : "https://") + (host == null ? "localhost" : host);
    });
  }
}
