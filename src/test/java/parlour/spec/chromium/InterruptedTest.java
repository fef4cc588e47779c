package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.Sid;
import parlour.spec.Installation.Shape;

/** The outcomes of the diagram, as people see them: a reload continues or interrupts a chat. */
// In one shape, because a page sees no difference. DiagramTest makes the same calls in both.
class InterruptedTest {
  private static final String KEY_MISSING = "the key that protects it is missing in this browser";
  private static final String COPIED =
      "tried to enter this chat with a copied token, but without the key";
  private static final String NOT_VALID =
      "This chat was interrupted, for example after a long absence";
  private static final String SECRET = "My gate code is 4711";

  @AutoClose
  private static final Scene scene = new Scene(Shape.A_PROCESS_PER_ROLE);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void a_first_chat_continues_after_a_reload() {
    GuestTab guest = scene.guest().picture("guest-1-the-page").opens().picture("guest-2-the-form");
    assertThat(guest.storedSession()).as("before the guest acts").isEqualTo("null");
    guest
        .fillsIn("Ada", "Is the green tea back?")
        .says("I would take two")
        .sees("I would take two");
    InboxTab inbox =
        scene.agent().opens(guest).sees("I would take two").says("It is, from Friday on");
    guest.sees("It is, from Friday on");
    String before = guest.token();
    guest.reloads().is("live").sees("I would take two").sees("It is, from Friday on");
    assertThat(guest.token()).isNotEqualTo(before);
    guest.says("Then on Friday").sees("Then on Friday").picture("guest-3-a-chat");
    inbox.sees("Then on Friday").picture("inbox-2-a-conversation");
    assertThat(guest.bodies())
        .containsExactly(
            "Is the green tea back?",
            "I would take two",
            "It is, from Friday on",
            "Then on Friday");
  }

  @Test
  void a_token_copied_into_another_browser_is_interrupted_there_and_shows_no_message() {
    GuestTab guest = scene.guest().starts("Ada", "").says(SECRET).sees(SECRET);
    InboxTab inbox = scene.agent().opens(guest).sees(SECRET);
    InboxTab other = scene.agent();
    assertThat(other.copiedTokenMark(guest)).isHidden();

    Page page = scene.page(profile -> inAnotherBrowser(profile).setStorageState(storageOf(guest)));
    ReceivedData traffic = new ReceivedData(page);
    GuestTab thief = new GuestTab(scene, page, scene.site.page(scene.deployment)).arrives();
    thief.opens().is("interrupted").seesBanner(KEY_MISSING).seesBanner("45779");
    assertThat(thief.lines()).hasCount(0);
    thief.picture("guest-6-interrupted-45779");
    assertThat(inbox.refusal()).containsText(COPIED);
    assertThat(other.copiedTokenMark(guest)).isVisible();
    other.picture("inbox-4-a-mark-in-the-list").opens(guest);
    assertThat(other.copiedTokenMark(guest)).isHidden();
    callsDirectly(page, guest.token());

    guest.says("Are you there?").sees("Are you there?").is("live");
    inbox.sees("Are you there?").says("We keep " + SECRET);
    guest.sees("We keep " + SECRET);
    guest.reloads().is("live").sees("We keep " + SECRET);
    assertThat(inbox.refusal()).containsText(COPIED);
    inbox.picture("inbox-4-a-refused-session");

    assertThat(traffic.text())
        .contains("45779") // proves that the data was recorded
        .doesNotContain(SECRET, "Are you there?");
    thief.reloads().is("idle");
  }

  private static NewContextOptions inAnotherBrowser(NewContextOptions profile) {
    return profile
        .setLocale("fr-FR")
        .setTimezoneId("Asia/Tokyo")
        .setUserAgent("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101"
            + " Firefox/145.0");
  }

  private String storageOf(GuestTab guest) {
    String kept = String.valueOf(guest.page.evaluate("JSON.stringify([{"
        + "name: 'TWILIO_WEBCHAT_WIDGET', value: localStorage.TWILIO_WEBCHAT_WIDGET}])"));
    return "{\"cookies\":[],\"origins\":[{\"origin\":\"%s\",\"localStorage\":%s}]}"
        .formatted(scene.site.origin(), kept);
  }

  /** Calls the API and opens a socket directly, as a skilled thief does. */
  private void callsDirectly(Page page, String token) {
    Object answers = page.evaluate(
        """
        async ({ edge, key, token }) => {
          const headers = { Authorization: `Bearer ${token}`, 'Webchat-Deployment-Key': key };
          const history = await fetch(edge + '/v2/Webchat/Messages', { headers });
          const body = await history.json();
          const socket = new WebSocket(edge.replace('http', 'ws') + '/v2/Webchat/Stream');
          const frame = await new Promise((received, failed) => {
            socket.onopen = () => socket.send(JSON.stringify(
              { type: 'hello', deploymentKey: key, token, signals: {}, after: -1 }));
            socket.onmessage = (event) => {
              const frame = JSON.parse(event.data);
              if (frame.type !== 'challenge') received(frame);
            };
            socket.onerror = failed;
          });
          return [history.status, body.code, frame.type, frame.code];
        }
        """,
        Map.of(
            "edge", scene.guestNetwork.address().toString(),
            "key", scene.deployment.text(),
            "token", token));
    assertThat(answers).isEqualTo(List.of(403, 45779, "refused", 45779));
  }

  @Test
  void a_forged_token_interrupts_the_chat_and_its_messages_stay_readable() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Before").sees("Before");
    String token = guest.token();
    char middle = token.charAt(40);
    guest.storesToken(token.substring(0, 40) + (middle == 'A' ? 'B' : 'A') + token.substring(41));
    guest.reloads().is("interrupted").seesBanner(NOT_VALID).seesBanner("45775").sees("Before");
    assertThat(guest.input()).isHidden();
    guest.picture("guest-5-interrupted-45775");
    guest.reloads().is("idle");
    assertThat(guest.lines()).hasCount(0);
    guest.fillsIn("Ada", "").says("After").sees("After");
    assertThat(guest.bodies()).containsExactly("After");
  }

  @Test
  void an_expired_session_interrupts_the_chat_and_a_new_one_can_begin() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Before").sees("Before");
    String first = guest.conversation();
    scene.passTime(scene.installation.defaults().lifetimes().sessionTtl(true).plusHours(1));
    guest.reloads().is("interrupted").seesBanner(NOT_VALID).sees("Before");
    guest.button("Start a new chat").click();
    guest.is("idle").fillsIn("Ada", "").says("After").sees("After");
    assertThat(guest.bodies()).containsExactly("After");
    assertThat(guest.conversation()).isNotEqualTo(first);
  }

  @Test
  void a_revoked_session_interrupts_the_open_chat_and_its_messages_stay_in_view() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Before").sees("Before");
    GuestTab tab = guest.opensAnotherTab().is("live").sees("Before");
    Sid.Conversation conversation = new Sid.Conversation(guest.conversation());
    scene.installation.sessions(sessions -> sessions.revoke(
        sessions.of(List.of(conversation)).getFirst().sid(),
        "by a test",
        scene.installation.clock.instant()));
    guest.is("interrupted").seesBanner(NOT_VALID).sees("Before");
    tab.is("interrupted").sees("Before");
    assertThat(guest.storedSession()).doesNotContain("token").contains("identity");
  }
}
