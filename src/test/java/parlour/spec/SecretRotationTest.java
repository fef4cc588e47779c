package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.spec.Installation.Shape;

/**
 * The recipe of docs/operating.md for the internal secret: in each moment, processes with different
 * settings run side by side, and the guest's calls and links work as before.
 */
class SecretRotationTest {
  private static final String OLD = "the-value-before-0123456789";
  private static final String NEW = "the-value-after-0123456789";

  private static final Map<Setting, String> BEFORE = Map.of(Setting.INTERNAL_SECRET, OLD);
  private static final Map<Setting, String> ACCEPTING =
      Map.of(Setting.INTERNAL_SECRET, OLD, Setting.INTERNAL_OTHER_SECRET, NEW);
  private static final Map<Setting, String> SENDING =
      Map.of(Setting.INTERNAL_SECRET, NEW, Setting.INTERNAL_OTHER_SECRET, OLD);
  private static final Map<Setting, String> AFTER = Map.of(Setting.INTERNAL_SECRET, NEW);

  @Test
  void a_guest_chats_while_the_secret_of_each_process_is_changed() {
    try (Installation installation = startWithOld()) {
      Guest guest = installation.guest().starts();
      int said = 0;
      for (Map<Setting, String> step : List.of(ACCEPTING, SENDING, AFTER)) {
        String link = link(installation, guest, "file" + said);
        for (Role role : Role.values()) {
          installation.restart(role, step);
          guest.says("after " + role, "a" + said++);
          assertThat(guest.reloads().status()).as("%s %s", role, step.keySet()).isEqualTo(200);
          assertThat(
                  new String(Http.bytes(installation.edge().resolve(link)), StandardCharsets.UTF_8))
              .isEqualTo("Hello");
        }
      }
      assertThat(guest.get("/v2/Webchat/Messages?limit=100").json().get("messages"))
          .asInstanceOf(InstanceOfAssertFactories.LIST)
          .hasSize(said);
    }
  }

  /** Without the step in which all processes accept the new value, the first one with it is alone. */
  @Test
  void a_process_that_sends_an_unknown_value_is_an_outage_and_no_guest_is_refused() {
    try (Installation installation = startWithOld()) {
      Guest guest = installation.guest().starts();
      installation.restart(Role.FEDERATED_AUTH, AFTER);
      assertThat(guest.reloads().status()).isEqualTo(503);
      installation.restart(Role.FEDERATED_AUTH, BEFORE);
      assertThat(guest.reloads().status()).isEqualTo(200);
    }
  }

  private static Installation startWithOld() {
    return Installation.start(
        Shape.A_PROCESS_PER_ROLE, ServiceDecorators.NONE, new EnumMap<>(BEFORE));
  }

  private static String link(Installation installation, Guest guest, String id) {
    HttpRequest.Builder request = Http.request(
        installation.edge().resolve("/v2/Webchat/Media?Filename=a.txt&ClientId=" + id));
    Browser.CHROME_ON_WINDOWS.headers().forEach(request::header);
    guest.bearer().forEach(request::header);
    var response = Http.send(request
        .header("Origin", Installation.ORIGIN)
        .header("Content-Type", "text/plain")
        .POST(HttpRequest.BodyPublishers.ofString("Hello"))
        .build());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    Map<?, ?> links =
        (Map<?, ?>) Objects.requireNonNull(new Guest.Reply(201, response).json().get("links"));
    return String.valueOf(links.get("content"));
  }
}
