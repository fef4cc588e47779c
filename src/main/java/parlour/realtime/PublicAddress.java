package parlour.realtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.PlainText;
import parlour.http.server.ApiRequest;

/** Where the browser of a call reaches this server. The addresses of files begin with it. */
final class PublicAddress {
  private static final Logger log = LoggerFactory.getLogger(PublicAddress.class);

  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]{1,5})?");

  private final Optional<String> configured;
  private final LongSupplier nanoTime;

  /** The client whose call had a Host first, by the Host. */
  @GuardedBy("this")
  private final Map<String, String> loggedFor = new HashMap<>();

  @GuardedBy("this")
  private long since;

  /**
   * @param configured {@code public.url}
   */
  PublicAddress(Optional<String> configured) {
    this(configured, System::nanoTime);
  }

  PublicAddress(Optional<String> configured, LongSupplier nanoTime) {
    this.configured = configured;
    this.nanoTime = nanoTime;
    this.since = nanoTime.getAsLong();
  }

  /**
   * The configured address, or else the one that the client has called. A client that lies about it
   * only misleads itself; but a proxy that changes Host misleads all, so each Host is logged once in
   * {@link Limits#HOSTS_LOGGED}, up to {@link Limits#HOSTS_LOGGED_AT_ONCE} of them, of which {@link
   * Limits#HOSTS_LOGGED_PER_CLIENT} come from one client. A proxy ends the encryption of every other
   * host than this machine.
   */
  String of(ApiRequest call) {
    return configured.orElseGet(
        () -> called(call.header("Host"), call.isEncrypted(), call.client()));
  }

  /**
   * @param client the address; empty if calls are not counted by address
   */
  String called(@Nullable String host, boolean isEncrypted, String client) {
    boolean isHere = host != null && LOOPBACK.matcher(host).matches();
    String shown = PlainText.shown(host);
    if (!isHere && isNew(shown, client)) {
      log.warn(
          "public.url is not set, so clients of the package get addresses of files that begin with"
              + " the Host of their call, which was {}: if a proxy changes Host, they lead"
              + " nowhere; set public.url",
          shown);
    }
    boolean isPlain = !isEncrypted && isHere;
    return (isPlain ? "http://" : "https://") + (host == null ? "localhost" : host);
  }

  private synchronized boolean isNew(String host, String client) {
    long now = nanoTime.getAsLong();
    if (now - since >= Limits.HOSTS_LOGGED.toNanos()) {
      since = now;
      loggedFor.clear();
    }
    return loggedFor.size() < Limits.HOSTS_LOGGED_AT_ONCE
        && (client.isEmpty()
            || Collections.frequency(loggedFor.values(), client) < Limits.HOSTS_LOGGED_PER_CLIENT)
        && loggedFor.putIfAbsent(host, client) == null;
  }
}
