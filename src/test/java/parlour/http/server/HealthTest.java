package parlour.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import parlour.errors.Errors;

class HealthTest {

  @Test
  void a_warning_is_reported_beside_the_status_and_stops_no_calls() throws Exception {
    var warning = new String[] {null};
    var readiness = new Readiness(Optional::empty, () -> Optional.ofNullable(warning[0]));
    try (Listener listener = Listener.start(
        Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN),
        new Health(readiness, new Routes(Errors.PLAIN)))) {
      assertThat(ready(listener)).startsWith("HTTP/1.1 200").endsWith("{\"status\":\"ready\"}");
      warning[0] = "the disk is nearly full";
      assertThat(ready(listener))
          .startsWith("HTTP/1.1 200")
          .endsWith("{\"status\":\"ready\",\"warning\":\"the disk is nearly full\"}");
      readiness.drain();
      assertThat(ready(listener)).startsWith("HTTP/1.1 503").contains("draining");
    }
  }

  private static String ready(Listener listener) throws Exception {
    return Wire.exchange(
        listener.port(), "GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }
}
