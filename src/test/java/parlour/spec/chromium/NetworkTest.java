package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Route;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.spec.Installation.Shape;

/** Lost networks and stopped servers: each message arrives exactly once. */
class NetworkTest {
  private static final String CALLS = "**/v2/Webchat/**";

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void a_lost_network_loses_no_message_of_either_side() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Before").sees("Before");
    InboxTab inbox = scene.agent().opens(guest).sees("Before");
    scene.guestNetwork.cut();
    guest.is("reconnecting").seesBanner("Connection lost").says("From the guest");
    assertThat(guest.page.locator(".line.waiting")).hasCount(1);
    guest.picture("guest-4-connection-lost");
    inbox.says("From the agent").sees("From the agent");
    scene.guestNetwork.restore();
    guest.is("live").sees("From the agent").sees("From the guest");
    inbox.sees("From the guest");
    guest.reloads().is("live").sees("From the guest");
    assertThat(guest.bodies()).containsExactly("Before", "From the agent", "From the guest");
  }

  @Test
  @LongForm(instead = "the test in which the network is lost")
  void both_sides_reconnect_after_a_restart_of_the_server() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Before").sees("Before");
    InboxTab inbox = scene.agent().opens(guest).sees("Before");
    scene.stopServer();
    guest.is("reconnecting").says("From the guest");
    assertThat(inbox.page.getByText("Connection lost")).isVisible();
    inbox.says("From the agent");
    assertThat(inbox.page.locator(".line.waiting")).hasCount(1);
    inbox.picture("inbox-3-connection-lost");
    scene.restartServer();
    guest.is("live").sees("From the guest").sees("From the agent");
    inbox.sees("From the guest").sees("From the agent");
    assertThat(inbox.page.getByText("Connection lost")).isHidden();
    guest.reloads().is("live").sees("From the agent");
    assertThat(guest.bodies())
        .containsExactlyInAnyOrder("Before", "From the guest", "From the agent");
  }

  @Test
  void a_message_written_without_a_network_survives_reloads_and_is_sent_once() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Before").sees("Before");
    guest.page.context().route(CALLS, Route::abort);
    scene.guestNetwork.breakConnections();
    guest.is("reconnecting").says("Into the void", "And again");
    assertThat(guest.page.locator(".line.waiting")).hasCount(2); // a shown message is stored
    guest.page.reload(); // only the page and its script can be loaded
    guest.opens().is("reconnecting").sees("Before");
    assertThat(guest.page.locator(".line.waiting .body"))
        .hasText(new String[] {"Into the void", "And again"});
    guest.page.context().unroute(CALLS);
    guest.is("live").sees("Into the void").sees("And again");
    guest.reloads().is("live").sees("And again");
    assertThat(guest.bodies()).containsExactly("Before", "Into the void", "And again");
  }

  @Test
  @LongForm(instead = "tabs.test.ts")
  void two_tabs_that_hold_the_same_message_send_it_once() {
    GuestTab one = scene.guest().starts("Ada", "").says("Before").sees("Before");
    GuestTab other = one.opensAnotherTab().is("live").sees("Before");
    scene.guestNetwork.cut();
    one.is("reconnecting").says("Of one");
    other.is("reconnecting").says("Of the other");
    assertThat(one.page.locator(".line.waiting")).hasCount(2);
    assertThat(other.page.locator(".line.waiting")).hasCount(2);
    scene.guestNetwork.restore();
    one.sees("Of one").sees("Of the other").is("live");
    other.sees("Of one").sees("Of the other").is("live");
    one.reloads().is("live").sees("Of the other");
    assertThat(one.bodies()).containsExactlyInAnyOrder("Before", "Of one", "Of the other");
  }

  @Test
  void a_lost_answer_causes_no_second_message() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Before").sees("Before");
    guest.page.context().route("**/v2/Webchat/Messages", route -> {
      if (route.request().method().equals("POST")) {
        route.fetch(); // the message arrives, but its answer does not
        route.abort();
        guest.page.context().unroute("**/v2/Webchat/Messages");
      } else {
        route.resume();
      }
    });
    guest.says("Once").sees("Once");
    guest.reloads().is("live").sees("Once");
    assertThat(guest.bodies()).containsExactly("Before", "Once");
  }

  @Test
  void a_tab_that_is_open_for_longer_than_its_token_lasts_renews_it() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Before").sees("Before");
    String before = guest.token();
    scene.passTime(scene.installation.defaults().lifetimes().token().minusMinutes(1));
    guest.says("Still here").sees("Still here");
    guest.page.waitForCondition(() -> !guest.token().equals(before));
    scene.passTime(Duration.ofMinutes(30));
    guest.says("After").sees("After").is("live");
    guest.reloads().is("live").sees("Before").sees("After");
  }
}
