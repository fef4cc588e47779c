package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.accounts.Accounts;
import parlour.accounts.Attendance;
import parlour.accounts.OpeningHours;
import parlour.accounts.WeeklyHours;
import parlour.spec.Installation.Shape;

/** Guests learn whether somebody answers before they write. */
@ParameterizedClass
@InBothShapes
class AvailabilityTest {
  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;

  AvailabilityTest(Shape shape) {
    installation = installations.in(shape);
    installation.configureAnew();
    installation.clock.pass(Limits.INBOX_OPEN_TTL.plus(Limits.AVAILABILITY_AGE));
  }

  @Test
  void nobody_answers_until_an_agent_has_the_inbox_open() {
    AgentBrowser agent = new AgentBrowser(installation); // signed in, with no open page
    assertThat(availability()).as("the page may open just now").containsEntry("open", true);
    installation.clock.pass(Limits.INBOX_UNKNOWN_TTL);
    awaits("open", false); // the page of an earlier test's agent may have been open just now
    assertThat(availability()).containsExactly(Map.entry("open", false));
    try (GuestSocket stream = agent.opensStream()) {
      stream.receives("welcome");
      awaits("open", true);
    }
    Instant left = installation.clock.instant();
    assertThat(availability()).as("a reload does not count as absence").containsEntry("open", true);
    awaits("open", false);
    assertThat(installation.clock.instant()).isAfter(left.plus(Limits.INBOX_OPEN_INTERVAL));
  }

  @Test
  void a_webhook_answers_at_the_hours_of_the_address() {
    var _ = installation.agent();
    awaits("open", false);
    installation.answeredBy(URI.create("https://bot.example.com/"));
    awaits("open", true);
  }

  @Test
  void outside_of_the_hours_guests_read_when_they_begin_again() {
    Instant now = installation.clock.instant();
    Instant begins = now.plus(Duration.ofHours(30));
    String hour = DateTimeFormatter.ofPattern("EEE HH:00", Locale.ENGLISH)
        .withZone(ZoneOffset.UTC)
        .format(begins);
    String until = DateTimeFormatter.ofPattern("HH:30").withZone(ZoneOffset.UTC).format(begins);
    attended(new Attendance(
        Optional.of(new OpeningHours(
            OpeningHours.zone("UTC"),
            WeeklyHours.parse(List.of(hour + "-" + until)),
            OpeningHours.holidays(List.of()))),
        Optional.of("We are back soon.")));
    awaits("away_text", "We are back soon.");
    assertThat(availability())
        .containsEntry("open", false)
        .containsEntry("opens_at", begins.truncatedTo(ChronoUnit.HOURS).toString())
        .containsEntry("away_text", "We are back soon.")
        .hasSize(3);
    attended(Attendance.ALWAYS);
    awaits("opens_at", null);
    assertThat(availability()).doesNotContainKey("away_text");
  }

  private void attended(Attendance attendance) {
    installation.accounts(accounts -> {
      Accounts.Address address = accounts.addresses().stream()
          .filter(one -> one.sid().equals(installation.address))
          .findFirst()
          .orElseThrow();
      accounts.update(accounts.version(), address.with(attendance), installation.clock.instant());
    });
  }

  /** Waits until every cache on the way has this value. */
  private void awaits(String member, @Nullable Object value) {
    Instant deadline = Instant.now().plusSeconds(10);
    while (!Objects.equals(availability().get(member), value)) {
      assertThat(Instant.now()).as(member).isBefore(deadline);
      installation.clock.pass(Limits.AVAILABILITY_AGE);
      Installation.pause(Duration.ofMillis(20));
    }
  }

  private Map<String, @Nullable Object> availability() {
    String path = "/v2/Webchat/Availability?deploymentKey=" + installation.deployment.text();
    Guest.Reply reply = installation.guest().send("GET", path, "", Map.of());
    assertThat(reply.status()).isEqualTo(200);
    return reply.json();
  }
}
