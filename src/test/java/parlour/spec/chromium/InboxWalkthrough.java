package parlour.spec.chromium;

import static parlour.Eventually.until;
import static parlour.spec.chromium.ChatWalkthrough.SESSION;
import static parlour.spec.chromium.ChatWalkthrough.is;
import static parlour.spec.chromium.ChatWalkthrough.says;
import static parlour.spec.chromium.ChatWalkthrough.sees;
import static parlour.spec.chromium.ChatWalkthrough.starts;

import parlour.spec.Installation;

/**
 * The main walk of an agent: signs in, opens the conversation of a guest who waits, answers, sees what the
 * guest says, and closes it. The guest is in another window of the same browser.
 */
final class InboxWalkthrough {
  private final Scene scene;
  private final String engine;
  private final BrowserWindow guest;

  InboxWalkthrough(Scene scene, String engine, BrowserWindow guest) {
    this.scene = scene;
    this.engine = engine;
    this.guest = guest;
  }

  void run() {
    starts(guest, scene.site.page(scene.deployment));
    says(guest, "Is it open?");
    BrowserWindow agent = guest.opensAnother(scene.agentNetwork.address() + "/inbox");
    signsIn(agent);
    agent.clicks(".item[data-sid=" + conversation() + "]");
    shows(agent, "Is it open?");
    agent.clicks(".composer textarea");
    agent.types("Until five");
    agent.presses(BrowserWindow.Key.ENTER);
    shows(agent, "Until five");
    sees(guest, "Until five");
    says(guest, "Thank you");
    shows(agent, "Thank you");
    agent.picture(ChatWalkthrough.PICTURES.resolve("engine-" + engine + "-5-inbox.png"));
    closes(agent);
    is(guest, "ended");
    agent.closes();
  }

  private void signsIn(BrowserWindow agent) {
    Installation.NewAgent account = scene.installation.agent();
    until("the sign-in is shown", () -> has(agent, ".sign-in .go"));
    agent.clicks("[name=name]");
    agent.types(account.name());
    agent.clicks("[name=password]");
    agent.types(account.password());
    agent.clicks(".sign-in .go");
    until(
        "the guest waits in the list", () -> has(agent, ".item[data-sid=" + conversation() + "]"));
  }

  /** The button takes the second click when it is too late for a double click. */
  private static void closes(BrowserWindow agent) {
    agent.clicks(".closing");
    until("the second click closes", () -> has(agent, ".closing[data-sure=yes]"));
    agent.clicks(".closing");
    until("the conversation is closed", () -> has(agent, ".closing[hidden]"));
  }

  private String conversation() {
    return String.valueOf(guest.runs("return JSON.parse(" + SESSION + ").conversationSid"));
  }

  private static void shows(BrowserWindow agent, String text) {
    until(
        "the agent sees \"" + text + "\"",
        () -> isTrue(
            agent,
            "return [...document.querySelectorAll('.log .line:not(.waiting) .body')]"
                + ".filter((body) => body.textContent === '" + text + "').length === 1"));
  }

  private static boolean has(BrowserWindow agent, String selector) {
    return isTrue(agent, "return document.querySelector('" + selector + "') !== null");
  }

  private static boolean isTrue(BrowserWindow in, String script) {
    return Boolean.TRUE.equals(in.runs(script));
  }
}
