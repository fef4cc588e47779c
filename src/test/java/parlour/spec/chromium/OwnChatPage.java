package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.util.List;
import parlour.spec.Installation;

/** The page of {@link SitesOwnChat} in a window, with what its guest does and sees. */
record OwnChatPage(BrowserWindow window) {
  /** Opens the page, and starts a chat as Ada. */
  static OwnChatPage starts(BrowserWindow window, String address) {
    window.navigates(address);
    OwnChatPage page = new OwnChatPage(window);
    page.startsChat();
    return page;
  }

  void startsChat() {
    clicks("start");
    isReady();
    assertThat(data("call")).endsWith("/v2/Webchat/Init");
  }

  void isReady() {
    until("the chat is connected", () -> {
      assertThat(text("alert")).isEmpty();
      return "true".equals(data("ready")) && "connected".equals(text("state"));
    });
  }

  /** Reloads the page, which renews its token. */
  void reloads() {
    String before = stored("token");
    window.reloads();
    isReady();
    assertThat(data("call")).endsWith("/v2/Webchat/Tokens/Refresh");
    assertThat(stored("token")).isNotEqualTo(before);
  }

  void says(String body) {
    sends(body);
    until("the message is shown", () -> lastLine().endsWith(": " + body));
  }

  void sends(String body) {
    window.runs("""
        document.getElementById('text').value = '%s';
        document.getElementById('form').requestSubmit()""".formatted(body));
  }

  void clicks(String id) {
    window.runs("document.getElementById('%s').click()".formatted(id));
  }

  /** The messages with their authors' names, in the page's order. */
  List<String> lines() {
    String all = String.valueOf(window.runs("""
        return [...document.querySelectorAll('#messages li')].map((line) =>
          line.querySelector('b').textContent + ': ' + line.querySelector('span').textContent).join('\\n')"""));
    return all.lines().toList();
  }

  /** Empty while there is none. */
  String lastLine() {
    List<String> all = lines();
    return all.isEmpty() ? "" : all.getLast();
  }

  String text(String id) {
    return String.valueOf(
        window.runs("return document.getElementById('%s').textContent".formatted(id)));
  }

  /** A value that the page notes for its test. */
  String data(String name) {
    return String.valueOf(window.runs("return document.body.dataset.%s ?? null".formatted(name)));
  }

  /** A field of the session that the page has stored. */
  String stored(String field) {
    return String.valueOf(window.runs(
        "return JSON.parse(localStorage.getItem('TWILIO_WEBCHAT_WIDGET')).%s".formatted(field)));
  }

  String conversation() {
    return stored("conversationSid");
  }

  /** A program of the account answers. */
  void botSays(Installation installation, String body) {
    installation.server(
        "POST",
        "/v1/Conversations/" + conversation() + "/Messages",
        "Author=bot&Body=" + body.replace(' ', '+'));
  }

  void isClosedByServer(Installation installation) {
    installation.server("POST", "/v1/Conversations/" + conversation(), "State=closed");
  }
}
