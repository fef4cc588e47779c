package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.microsoft.playwright.Page;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.LongForm;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.ProofRule;
import parlour.accounts.TokenRules;
import parlour.scopedauth.Sensitivity;
import parlour.scopedauth.Session;
import parlour.spec.Installation.Shape;

/**
 * Two profiles of Chromium, each in a folder and a process of its own. The thief imports everything that DevTools export of the guest's
 * profile, and all calls and frames that they have recorded.
 */
@LongForm(instead = "ThiefTest, and keys.test.ts: the key cannot be exported")
class StolenProfileTest {
  private static final String BEFORE = "My gate code is 4711";
  private static final String AFTER = "The new code is 8128";

  /** Sends all recorded calls again, then calls and sockets with the stolen token; returns all answers. */
  private static final String THEFT = """
      async (text) => {
        const { edge, calls, hellos, key, token, secret } = JSON.parse(text);
        const answers = [];
        const call = async (url, init) => {
          const answer = await fetch(url, init);
          const body = await answer.text();
          const { pathname } = new URL(url);
          answers.push(`${init.method} ${pathname} ${answer.status} ${body}`);
          return /"token":"([^"]+)"/.exec(body)?.[1];
        };
        let newest = token;
        for (const { method, url, headers, body } of calls) {
          newest = (await call(url, { method, headers, body: body || null })) ?? newest;
        }
        const json = { 'Content-Type': 'application/json' };
        const api = `${edge}/v2/Webchat/`;
        for (const stolen of [token, newest]) {
          const headers = { ...json, Authorization: `Bearer ${stolen}`, 'Webchat-Deployment-Key': key };
          const post = (path, body, more = headers) =>
            call(api + path, { method: 'POST', headers: more, body: JSON.stringify(body) });
          await call(`${api}Messages?limit=50`, { method: 'GET', headers });
          await post('Messages', { body: 'I am the guest', client_id: 'thief' });
          await post('Read', { index: 0 });
          await post('Typing', {});
          for (const { method, headers: proof } of calls.filter((one) => one.headers['Signature'])) {
            const { 'Content-Digest': _, ...rest } = proof;
            if (method === 'GET') await call(`${api}Messages?limit=50`, { method, headers: { ...rest, ...headers } });
          }
          newest = (await post('Token/Refresh', { deploymentKey: key, token: stolen }, json)) ?? newest;
        }
        for (const recorded of hellos) {
          for (const hello of [JSON.parse(recorded), { ...JSON.parse(recorded), token: newest }]) {
            const socket = new WebSocket(`${edge.replace('http', 'ws')}/v2/Webchat/Stream`);
            const frames = await new Promise((done) => {
              const seen = [];
              socket.onopen = () => socket.send(JSON.stringify({ ...hello, after: -1 }));
              socket.onmessage = ({ data }) => {
                seen.push(data);
                if (data.includes('refused') || data.includes(secret)) done(seen);
              };
              socket.onclose = () => done(seen);
            });
            socket.close();
            answers.push(`socket ${frames.join(' ')}`);
          }
        }
        return answers;
      }
      """;

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AutoClose
  private final PersistentChromium guests;

  @AutoClose
  private final PersistentChromium thiefs;

  StolenProfileTest(@TempDir Path folder) {
    guests = new PersistentChromium(folder.resolve("guest"));
    thiefs = new PersistentChromium(folder.resolve("thief"));
  }

  @Test
  void everything_that_DevTools_export_of_a_profile_with_a_key_reads_and_changes_nothing() {
    Sid.Deployment deployment = scene.deployment;
    GuestTab guest = starts(deployment);
    ExportedProfile exported = exported(guest);
    assertThat(exported.keys()).as("the key, as far as DevTools give it").contains("\"key\":{}");
    String conversation = guest.conversation();
    scene.botSays(conversation, AFTER);
    guest.sees(AFTER);

    Page page = thiefs.page();
    GuestTab thief = imports(exported, page, deployment);
    thief.is("reconnecting");
    assertThat(steals(page, exported, guest, deployment))
        .noneMatch(answer -> answer.contains(AFTER))
        .anyMatch(answer -> answer.startsWith("GET /v2/Webchat/Messages 403"))
        .anyMatch(answer -> answer.startsWith("POST /v2/Webchat/Token/Refresh 403"))
        .filteredOn(answer -> answer.startsWith("socket"))
        .isNotEmpty()
        .allMatch(answer -> answer.contains("45779"));
    page.evaluate("new Promise((done) => {"
        + " indexedDB.deleteDatabase('parlour-keys').onsuccess = done })");
    thief.reloads().is("interrupted").seesBanner("45779");
    assertThat(thief.bodies()).doesNotContain(AFTER);

    guest.says("Still me").sees("Still me").is("live").reloads().is("live").sees(AFTER);
    assertThat(guest.bodies())
        .containsExactly("Hello", BEFORE, "And the garden?", AFTER, "Still me");
    Session session = session(conversation);
    assertThat(session.incidents().lastRefusal().orElseThrow().why()).startsWith("key: ");
    assertThat(session.revoked()).isEmpty();
  }

  /** Shows that the thief of the other test is a real one. */
  @Test
  void the_same_opens_the_chat_of_a_deployment_that_uses_no_keys_and_only_observes() {
    Sid.Deployment deployment = scene.installation.deploy(new Accounts.Settings(
        Optional.of(scene.installation.address),
        new AllowedOrigins(List.of(scene.site.origin())),
        new TokenRules(Sensitivity.OBSERVE, ProofRule.OFF, false),
        Lifetimes.DEFAULT));
    GuestTab guest = starts(deployment);
    ExportedProfile exported = exported(guest);
    scene.botSays(guest.conversation(), AFTER);
    guest.sees(AFTER);

    Page page = thiefs.page();
    GuestTab thief = imports(exported, page, deployment);
    thief.is("live").sees(AFTER);
    assertThat(steals(page, exported, guest, deployment))
        .anyMatch(
            answer -> answer.startsWith("GET /v2/Webchat/Messages 200") && answer.contains(AFTER))
        .anyMatch(answer -> answer.startsWith("socket") && answer.contains(AFTER));
    guest.sees("I am the guest");
  }

  // ---- steps

  private GuestTab starts(Sid.Deployment deployment) {
    return new GuestTab(scene, guests.page(), scene.site.page(deployment))
        .arrives()
        .starts("Ada", "Hello");
  }

  /** The guest uses the chat while DevTools record it. */
  private static ExportedProfile exported(GuestTab guest) {
    ExportedProfile exported = new ExportedProfile(guest.page, scene.site.origin());
    guest.reloads().is("live").says(BEFORE, "And the garden?").sees("And the garden?");
    exported.export();
    assertThat(exported.calls())
        .extracting(ExportedProfile.Call::url)
        .anyMatch(url -> url.contains("/Token/Refresh"))
        .anyMatch(url -> url.contains("/Messages?"))
        .anyMatch(url -> url.endsWith("/Messages"));
    assertThat(exported.hellos()).isNotEmpty();
    return exported;
  }

  private static GuestTab imports(ExportedProfile exported, Page page, Sid.Deployment deployment) {
    page.navigate(scene.site.emptyPage());
    exported.importInto(page);
    return new GuestTab(scene, page, scene.site.page(deployment)).arrives().opens();
  }

  @SuppressWarnings("unchecked") // the script returns a list of texts
  private static List<String> steals(
      Page page, ExportedProfile exported, GuestTab guest, Sid.Deployment deployment) {
    return (List<String>) page.evaluate(
        THEFT,
        new Gson()
            .toJson(Map.of(
                "edge", scene.guestNetwork.address().toString(),
                "calls", exported.calls(),
                "hellos", exported.hellos(),
                "key", deployment.text(),
                "token", guest.token(),
                "secret", AFTER)));
  }

  private static Session session(String conversation) {
    Sid.Conversation sid = new Sid.Conversation(conversation);
    return scene.installation.sessions(sessions -> sessions.of(List.of(sid)).getFirst());
  }
}
