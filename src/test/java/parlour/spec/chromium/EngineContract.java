package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;
import static parlour.spec.chromium.ChatWalkthrough.SESSION;
import static parlour.spec.chromium.ChatWalkthrough.fillsIn;
import static parlour.spec.chromium.ChatWalkthrough.is;
import static parlour.spec.chromium.ChatWalkthrough.isTrue;
import static parlour.spec.chromium.ChatWalkthrough.opens;
import static parlour.spec.chromium.ChatWalkthrough.says;
import static parlour.spec.chromium.ChatWalkthrough.sees;
import static parlour.spec.chromium.ChatWalkthrough.starts;

import com.microsoft.playwright.PlaywrightException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.LongForm;
import parlour.Sid;
import parlour.scopedauth.Session;

/**
 * The chat, its key and the inbox in an engine. All windows are private, because WebKit's driver has no others:
 * so a private window keeps a key as long as it is open. {@link ProfilesTest} shows that a profile on
 * disk keeps it longer.
 */
abstract class EngineContract {
  private final Engine engine;
  private final Scene scene;
  private final Engine.Started started;
  final BrowserWindow window;
  final String shop;

  EngineContract(Engine engine, Scene scene, Engine.Started started) {
    this.engine = engine;
    this.scene = scene;
    this.started = started;
    window = started.of(engine).privateWindow();
    shop = scene.site.page(scene.deployment);
  }

  @Test
  @LongForm(instead = "the walks of GuestTest and InterruptedTest")
  void a_chat_from_its_beginning_to_its_erasure() {
    new ChatWalkthrough(scene, engine.name().toLowerCase(Locale.ROOT), window).run();
  }

  @Test
  @LongForm(instead = "InboxPageTest")
  void an_agent_answers_a_guest_who_waits_and_closes_the_conversation() {
    new InboxWalkthrough(scene, engine.name().toLowerCase(Locale.ROOT), window).run();
  }

  @Test
  void a_key_proves_each_call_after_a_reload_and_in_a_second_window() {
    starts(window, shop);
    says(window, "Hello");
    assertThat(session().bound()).isPresent();
    window.reloads();
    opens(window);
    is(window, "live");
    says(window, "After a reload");
    BrowserWindow second = window.opensAnother(shop);
    opens(second);
    is(second, "live");
    says(second, "In a second window");
    sees(window, "In a second window");
    second.closes();
    assertThat(session().incidents().refusals()).isZero();
    assertThat(result("""
        const { key } = Object.values(await all('parlour-keys', 'keys'))[0];
        const copied = await crypto.subtle.exportKey('raw', key).catch(() => 'refused');
        return [key.type, key.extractable, key.algorithm.length, key.usages, copied].join(' ')""")).isEqualTo("secret false 256 sign refused");
  }

  @Test
  @LongForm(instead = "keys.test.ts, chat.test.ts and ends.test.ts")
  void another_private_window_knows_no_chat_and_gets_a_key_of_its_own() {
    starts(window, shop);
    says(window, "Hello");
    Sid.Session first = session().sid();
    BrowserWindow other = started.of(engine).privateWindow();
    other.navigates(shop);
    opens(other);
    is(other, "idle");
    fillsIn(other);
    is(other, "live");
    other.reloads();
    opens(other);
    is(other, "live");
    assertThat(session(other).sid()).isNotEqualTo(first);
    assertThat(session(other).bound()).isPresent();
  }

  @Test
  @LongForm(instead = "keys.test.ts, chat.test.ts and ends.test.ts")
  void an_evicted_key_interrupts_the_chat_with_words_of_its_own_and_a_new_one_can_begin() {
    starts(window, shop);
    says(window, "Hello");
    Sid.Conversation conversation = conversation(window);
    assertThat(result("""
        const deleting = indexedDB.deleteDatabase('parlour-keys');
        await new Promise((done, failed) => { deleting.onsuccess = done; deleting.onerror = failed });
        return 'deleted'""")).isEqualTo("deleted");
    window.reloads();
    opens(window);
    is(window, "interrupted");
    sees(window, "Hello");
    assertThat(banner()).contains("the key that protects it is missing in this browser", "45779");
    assertThat(session(conversation).incidents().lastRefusal().orElseThrow().why())
        .isEqualTo("key: missing");
    window.picture(ChatWalkthrough.PICTURES.resolve(
        "engine-" + engine.name().toLowerCase(Locale.ROOT) + "-4-key-lost.png"));
    window.clicks(".foot .go");
    is(window, "idle");
    fillsIn(window);
    is(window, "live");
    assertThat(session().bound()).isPresent();
    assertThat(conversation(window)).isNotEqualTo(conversation);
  }

  /** Another page of the site keeps the old version open while a newer one waits for it. */
  @Test
  @LongForm(instead = "keys.test.ts, chat.test.ts and ends.test.ts")
  void a_database_that_an_upgrade_blocks_delays_a_chat_and_ends_nothing() {
    starts(window, shop);
    says(window, "Hello");
    BrowserWindow other = window.opensAnother(scene.site.emptyPage());
    other.runs("""
        window.blocked = false;
        const opening = indexedDB.open('parlour-keys', 1);
        opening.onsuccess = () => {
          window.kept = opening.result;
          indexedDB.open('parlour-keys', 2).onblocked = () => { window.blocked = true };
        }""");
    until("the upgrade waits", () -> isTrue(other, "return window.blocked"));
    window.reloads();
    opens(window);
    is(window, "reconnecting");
    sees(window, "Hello");
    other.closes();
    is(window, "live");
    says(window, "Still here");
    assertThat(session().incidents().refusals()).isZero();
  }

  /** The buttons of the menu before those that end the chat. */
  private static final int SAVING_AND_SOUND = 3;

  /** As on a slow machine: nothing that is signed after the guest's click is finished in time. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  @LongForm(instead = "keys.test.ts, chat.test.ts and ends.test.ts")
  void the_end_of_a_chat_arrives_although_the_guest_leaves_the_page_at_once(int choice) {
    starts(window, shop);
    says(window, "Hello");
    Sid.Conversation conversation = conversation(window);
    window.clicks("header button[aria-controls=menu]");
    window.clicks(".menu > button:nth-of-type(" + (choice + SAVING_AND_SOUND) + ")");
    until(
        "the question is asked",
        () -> isTrue(window, "return Boolean(chat.querySelector('#sure'))"));
    window.runs(ChatWalkthrough.CHAT + """
        const menu = chat.querySelector('.menu');
        const asked = Date.now();
        const click = () => {
          SubtleCrypto.prototype.sign = () => new Promise(() => {});
          menu.querySelectorAll('button')[1].click();
          if (!menu.hidden) return void setTimeout(click, 50);
          location.href = '/empty';
        };
        setTimeout(click, 600);""");
    until("the chat has ended", () -> scene.hasEnded(conversation));
    assertThat(session(conversation).incidents().refusals()).isZero();
    until("the page was left", this::isAtTheEmptyPage);
    window.navigates(shop);
    until(
        "the browser has the right messages",
        () -> result("return (await all('parlour', 'messages')).length")
            .equals(choice == 1 ? "1" : "0"));
  }

  // ---- steps

  private boolean isAtTheEmptyPage() {
    try {
      return isTrue(window, "return location.pathname === '/empty'");
    } catch (PlaywrightException | IllegalStateException leaving) {
      return false;
    }
  }

  private String banner() {
    return String.valueOf(
        window.runs(ChatWalkthrough.CHAT + "return chat.querySelector('.banner').textContent"));
  }

  Session session() {
    return session(window);
  }

  private Session session(BrowserWindow in) {
    return session(conversation(in));
  }

  private Session session(Sid.Conversation conversation) {
    return scene.installation.sessions(
        sessions -> sessions.of(List.of(conversation)).getFirst());
  }

  private static Sid.Conversation conversation(BrowserWindow in) {
    return new Sid.Conversation(
        String.valueOf(in.runs("return JSON.parse(" + SESSION + ").conversationSid")));
  }

  /** Runs the body of an asynchronous function, and awaits its result. */
  private String result(String body) {
    window.runs("""
        const all = (name, store) => new Promise((done, failed) => {
          const opening = indexedDB.open(name);
          opening.onerror = failed;
          opening.onsuccess = () => {
            const reading = opening.result.transaction(store).objectStore(store).getAll();
            reading.onsuccess = () => { opening.result.close(); done(reading.result) };
          };
        });
        delete window.result;
        (async () => { %s })().then(String, String).then((text) => { window.result = text });
        """.formatted(body));
    until("the page has a result", () -> isTrue(window, "return window.result !== undefined"));
    return String.valueOf(window.runs("return window.result"));
  }
}
