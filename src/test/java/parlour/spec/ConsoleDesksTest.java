package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.config.Role;
import parlour.inbox.Agents;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** The part of the console by which admins manage desks, over HTTP. */
@ParameterizedClass
@InBothShapes
class ConsoleDesksTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Faults faults = new Faults();

  @AutoClose
  private static final BothShapes installations = new BothShapes(faults, Map.of());

  private final Installation installation;
  private final AgentBrowser ann;

  ConsoleDesksTest(Shape shape) {
    installation = installations.in(shape);
    installation.configureAnew();
    ann = new AgentBrowser(installation);
  }

  @AfterEach
  void repair() {
    faults.repair();
  }

  @Test
  void an_admin_creates_a_desk_with_hours_and_the_ledger_notes_it() {
    String sid = create("Night desk");
    Reply changed = change(sid, version(sid), """
        "name":"Night","keep":"90d","greeting":"Hello {name}","away_text":"Back soon",
        "time_zone":"Europe/Berlin","hours":["mon-fri 09:00-17:00"],"holidays":["2026-12-25"]""");
    assertThat(changed.status()).isEqualTo(200);
    assertThat(settings(sid))
        .containsEntry("name", "Night")
        .containsEntry("keep", "90d")
        .containsEntry("greeting", "Hello {name}")
        .containsEntry("away_text", "Back soon")
        .containsEntry("time_zone", "Europe/Berlin")
        .containsEntry("holidays", List.of("2026-12-25"));
    assertThat((List<?>) settings(sid).get("hours")).hasSize(5);
    assertThat(
            change(sid, version(sid), "\"name\":\"Night\",\"keep\":\"forever\"").json())
        .containsEntry("time_zone", "")
        .containsEntry("is_open", true)
        .containsEntry("keep", "forever");
    assertNoted("address created", sid);
    assertNoted("address changed: name", sid + ": Night");
    assertNoted("address changed: keep", sid + ": 90d");
    assertNoted("address changed: keep", sid + ": forever");
    assertNoted("address changed: time_zone", sid + ": Europe/Berlin");
    assertNoted("address changed: holidays", sid + ": 2026-12-25");
  }

  @Test
  void a_wrong_value_changes_nothing_and_the_message_names_the_field() {
    String sid = create("Desk");
    String version = version(sid);
    Map<String, String> wrong = Map.of(
        "\"keep\":\"1s\"",
        "\"keep\": the time that conversations are kept must be from",
        "\"keep\":\"long\"",
        "\"keep\": expected seconds",
        "\"time_zone\":\"Mars\",\"hours\":[\"mon 09:00-10:00\"]",
        "\"time_zone\": \"Mars\" is not",
        "\"time_zone\":\"UTC\"",
        "\"hours\": send some",
        "\"hours\":[\"mon 09:00-10:00\"]",
        "\"time_zone\": hours and holidays need",
        "\"time_zone\":\"UTC\",\"hours\":[\"someday\"]",
        "\"hours\": \"someday\" is not",
        "\"time_zone\":\"UTC\",\"hours\":[\"mon 09:00-10:00\"],\"holidays\":[\"soon\"]",
        "\"holidays\": \"soon\" is not a date",
        "\"away_text\":\"%s\"".formatted("x".repeat(5_000)),
        "\"away_text\": an away text has");
    wrong.forEach((field, message) -> {
      Reply reply = change(sid, version, "\"name\":\"Other\"," + field);
      assertThat(reply.status()).as(field).isEqualTo(400);
      assertThat(reply.text("message").replace("\\\"", "\"")).contains(message);
    });
    assertThat(change(sid, version, "\"keep\":\"90d\"").status()).isEqualTo(400);
    assertThat(ann.posts("/console/desks", "{\"name\":\" \"}").status()).isEqualTo(400);
    assertThat(settings(sid)).containsEntry("version", version).containsEntry("name", "Desk");
  }

  @Test
  void the_later_one_of_two_admins_gets_the_current_values() {
    String sid = create("Desk");
    String seen = version(sid);
    assertThat(change(sid, seen, "\"name\":\"First\"").status()).isEqualTo(200);
    Reply late = change(sid, seen, "\"name\":\"Second\"");
    assertThat(late.code()).isEqualTo(45809);
    assertThat(((Map<?, ?>) Objects.requireNonNull(late.json().get("current"))).get("name"))
        .isEqualTo("First");
    assertThat(settings(sid)).containsEntry("name", "First");
  }

  @Test
  void members_see_the_desk_and_the_waiting_conversations_are_counted_for_each_desk() {
    String sid = create("Desk");
    Installation.NewAgent bob = installation.agent(Agents.Role.AGENT);
    AgentBrowser outsider = new AgentBrowser(installation, installation.agent(Agents.Role.AGENT));
    Guest guest = installation.guest().starts();
    guest.says("Is anybody there?", "0b3f7c1e-1");
    String main = installation.address.text();
    assertThat(desk(main)).containsEntry("waiting", 1L);
    assertThat(desk(sid)).containsEntry("waiting", 0L);
    assertThat(member("", main, bob.name()).json().get("members")).isEqualTo(List.of(bob.name()));
    assertThat(outsider.gets("/conversations/" + guest.conversation()).status()).isEqualTo(404);
    assertThat(member("", main, "nobody").status()).isEqualTo(404);
    assertThat(member("/remove", main, "nobody").status()).isEqualTo(404);
    Reply refused = member("/remove", main, bob.name());
    assertThat(refused.code()).isEqualTo(45813);
    assertThat(refused.text("message")).contains("last member of this desk");
    assertThat(outsider.gets("/conversations/" + guest.conversation()).status()).isEqualTo(404);
    String confirmed = memberBody(main, bob.name()).replace("}", ",\"opens_to_all\":true}");
    assertThat(ann.posts("/console/desks/members/remove", confirmed).json().get("members"))
        .isEqualTo(List.of());
    assertThat(outsider.gets("/conversations/" + guest.conversation()).status()).isEqualTo(200);
    assertNoted("member added", bob.name() + " of " + main);
    assertNoted("member removed", bob.name() + " of " + main);
  }

  @Test
  void desks_are_listed_and_changed_while_the_conversations_that_wait_cannot_be_counted() {
    String sid = create("Desk");
    assertThat(desk(sid)).containsEntry("waiting", 0L).containsEntry("is_waiting_unknown", false);
    faults.storeDown(Role.CONVERSATIONS);
    assertThat(desk(sid)).containsEntry("waiting", "").containsEntry("is_waiting_unknown", true);
    assertThat(change(sid, version(sid), "\"name\":\"Night\",\"keep\":\"90d\"").status())
        .isEqualTo(200);
    assertThat(settings(sid)).containsEntry("name", "Night");
    faults.repair();
    assertThat(desk(sid)).containsEntry("waiting", 0L).containsEntry("is_waiting_unknown", false);
  }

  @Test
  void the_admin_of_another_account_sees_and_changes_no_desk_of_this_one() {
    String sid = create("Desk");
    String version = version(sid);
    Installation.NewAgent eve = installation.agentOfAnotherAccount();
    AgentBrowser other = new AgentBrowser(installation, eve);
    assertThat(other.gets("/console/desks").response().body()).doesNotContain(sid);
    assertThat(other
            .posts("/console/desks/change", body(sid, version, "\"name\":\"Mine\""))
            .status())
        .isEqualTo(404);
    for (String path : List.of("", "/remove")) {
      assertThat(other
              .posts("/console/desks/members" + path, memberBody(sid, eve.name()))
              .status())
          .isEqualTo(404);
    }
    assertThat(member("", sid, eve.name()).status()).isEqualTo(404);
    assertThat(settings(sid)).containsEntry("name", "Desk");
  }

  private String create(String name) {
    return ann.posts("/console/desks", "{\"name\":\"%s\"}".formatted(name)).text("sid");
  }

  private Reply change(String sid, String version, String fields) {
    return ann.posts("/console/desks/change", body(sid, version, fields));
  }

  private static String body(String sid, String version, String fields) {
    return "{\"sid\":\"%s\",\"version\":\"%s\",%s}".formatted(sid, version, fields);
  }

  private Reply member(String path, String sid, String name) {
    return ann.posts("/console/desks/members" + path, memberBody(sid, name));
  }

  private static String memberBody(String sid, String name) {
    return "{\"sid\":\"%s\",\"name\":\"%s\"}".formatted(sid, name);
  }

  private Map<String, Object> desk(String sid) {
    for (Object one :
        (List<?>) Objects.requireNonNull(ann.gets("/console/desks").json().get("desks"))) {
      Map<String, Object> desk = object(one);
      if (sid.equals(object(Objects.requireNonNull(desk.get("settings"))).get("sid"))) {
        return desk;
      }
    }
    throw new AssertionError("no desk " + sid);
  }

  private Map<String, Object> settings(String sid) {
    return object(Objects.requireNonNull(desk(sid).get("settings")));
  }

  private String version(String sid) {
    return String.valueOf(settings(sid).get("version"));
  }

  private static Map<String, Object> object(Object value) {
    Map<String, Object> object = new HashMap<>();
    ((Map<?, ?>) value)
        .forEach((name, one) ->
            object.put(String.valueOf(name), Optional.ofNullable((Object) one).orElse("")));
    return object;
  }

  /** The ledger is written beside the requests. */
  private void assertNoted(String cause, String object) {
    String query = "/console/ledger?all=true&cause=" + cause.replace(' ', '+');
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    while (!ann.gets(query).response().body().contains("\"object\":\"" + object + "\"")) {
      assertThat(System.nanoTime()).as(cause).isLessThan(giveUp);
      Installation.pause(Duration.ofMillis(50));
    }
  }
}
