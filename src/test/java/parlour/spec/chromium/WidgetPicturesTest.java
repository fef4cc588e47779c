package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ForcedColors;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.spec.Installation.Shape;

/** The widget in each look and state, on the demo shop: the pictures of docs/screenshots. */
@LongForm(instead = "nothing: it makes pictures")
class WidgetPicturesTest {
  /** Wide enough for the window beside its bubble, so that the pictures show little else. */
  private static final int WIDTH = 500;

  private static final int HEIGHT = 760;

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @Test
  void a_chat_looks_good_in_every_look_and_state() {
    GuestTab guest = inTheShop().opens();
    guest.page.getByLabel("Your name").focus();
    inEveryLook(guest, "form");
    guest.fillsIn("Ada", "Hello, where is my order 4711?").picture("docs-widget-question");
    InboxTab inbox = scene.agentNamed("Ann Miller").opens(guest);
    answers(guest, inbox);
    guest.button("More").click();
    guest.picture("docs-widget-menu");
    guest.button("End chat").click();
    guest.picture("docs-widget-end");
    guest.button("No, go on").click();
    inbox.closes();
    guest.is("ended");
    assertThat(guest.button("Start a new chat")).isEnabled(); // half a second after the end
    guest.picture("docs-widget-ended");
    guest.button("Start a new chat").click();
    guest.fillsIn("Ada", "Is the green tea back?").sees("Is the green tea back?");
    guest.page.context().setOffline(true);
    guest.seesBanner("Connection lost").picture("docs-widget-no-connection");
    scene.passTime(scene.installation.defaults().lifetimes().sessionTtl(true).plusHours(1));
    guest.page.context().setOffline(false);
    guest.is("interrupted");
    assertThat(guest.button("Start a new chat")).isEnabled();
    guest.picture("docs-widget-interrupted");
  }

  @Test
  void a_form_looks_good_from_right_to_left() {
    Page page = scene.page(profile -> profile.setViewportSize(WIDTH, HEIGHT));
    page.route("**/demo?*", route -> {
      APIResponse english = route.fetch();
      String arabic = english.text().replace("lang=\"en\"", "lang=\"ar\" dir=\"rtl\"");
      route.fulfill(new Route.FulfillOptions().setResponse(english).setBody(arabic));
    });
    answersAvailability(page, "{\"open\":true}");
    GuestTab guest = inTheShop(page);
    page.locator(".bubble").click();
    page.locator("[name=friendlyName]").fill("محمد علي");
    page.locator("[name=query]").fill("مرحبا، هل المتجر مفتوح يوم الأحد؟");
    guest.picture("docs-widget-form-right-to-left");
  }

  @Test
  void a_form_says_when_the_desk_opens_again() {
    Page page = scene.page(profile -> profile.setViewportSize(WIDTH, HEIGHT));
    String opening = ZonedDateTime.now(ZoneId.of("Europe/London"))
        .plusDays(1)
        .truncatedTo(ChronoUnit.DAYS)
        .withHour(9)
        .toInstant()
        .toString();
    answersAvailability(page, "{\"open\":false,\"opens_at\":\"%s\"}".formatted(opening));
    GuestTab guest = inTheShop(page).opens();
    assertThat(page.locator(".presence")).hasText("We open tomorrow at 09:00");
    guest.picture("docs-widget-away");
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    guest.picture("docs-widget-away-dark");
  }

  /** So that a picture is the same at each time, and whether an agent is there or not. */
  private static void answersAvailability(Page page, String answer) {
    page.route(
        "**/v2/Webchat/Availability?*",
        route ->
            route.fulfill(new Route.FulfillOptions().setResponse(route.fetch()).setBody(answer)));
  }

  private static GuestTab inTheShop() {
    return inTheShop(scene.page(profile -> profile.setViewportSize(WIDTH, HEIGHT)));
  }

  private static GuestTab inTheShop(Page page) {
    String shop = scene.guestNetwork.address() + "/demo?deploymentKey=" + scene.deployment.text();
    return new GuestTab(scene, page, shop).arrives();
  }

  private static void answers(GuestTab guest, InboxTab inbox) {
    inbox
        .says("Hello Ada, one moment please.")
        .says("It arrives tomorrow: https://parcels.example/4711");
    guest.sees("It arrives tomorrow: https://parcels.example/4711").says("Wonderful, thank you!");
    inbox.sees("Wonderful, thank you!");
    assertThat(guest.page.locator(".mine .status").last()).hasText("Seen");
    inbox.input().pressSequentially("You are welcome");
    assertThat(guest.page.locator(".dots")).isVisible();
    inEveryLook(guest, "chat");
    guest.page.setViewportSize(900, 620);
    guest.picture("docs-widget-shop");
    guest.page.setViewportSize(WIDTH, HEIGHT);
    inbox.input().press("Enter");
    guest.sees("You are welcome");
  }

  /** The same state in all looks. */
  private static void inEveryLook(GuestTab guest, String state) {
    Page page = guest.page;
    String name = "docs-widget-" + state;
    guest.picture(name);
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    guest.picture(name + "-dark");
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
    page.emulateMedia(new Page.EmulateMediaOptions().setForcedColors(ForcedColors.ACTIVE));
    guest.picture(name + "-forced-colours");
    page.emulateMedia(new Page.EmulateMediaOptions().setForcedColors(ForcedColors.NONE));
    page.setViewportSize(390, HEIGHT);
    guest.picture(name + "-phone");
    page.setViewportSize(WIDTH, HEIGHT);
  }
}
