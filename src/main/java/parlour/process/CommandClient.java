package parlour.process;

import java.time.InstantSource;
import org.eclipse.jetty.client.HttpClient;
import parlour.config.Config;
import parlour.http.client.HttpClients;
import parlour.http.tls.Tls;

/** The HTTP client of a command that calls processes of a running instance. */
record CommandClient(HttpClient client) implements AutoCloseable {

  CommandClient(Config config, InstantSource clock) {
    this(HttpClients.start(
        Tls.ofCaller(config.internalAuthorities(), config.internalTls(), clock).factory()));
  }

  @Override
  public void close() {
    try {
      client.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the HTTP client does not stop", e);
    }
  }
}
