package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Sid;
import parlour.process.ServiceDecorators;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.Guest;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.IssuedToken;
import parlour.scopedauth.NewSession;
import parlour.scopedauth.Presented;
import parlour.scopedauth.Purpose;
import parlour.scopedauth.RefusedToken;
import parlour.scopedauth.Revocation;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.Session;
import parlour.scopedauth.TokenAudience;
import parlour.scopedauth.TokenGeneration;
import parlour.scopedauth.Verdict;

class DemoTest {
  @TempDir
  private Path folder;

  @AfterEach
  void log_as_the_tests_do() {
    Typed.restoreTestLogs();
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "demo --apart"})
  void every_scene_equals_the_drawing_in_one_process_and_in_several(String line) {
    // The operator's settings do not apply to the temporary installation.
    Typed typed = Typed.in(folder, Map.of("PARLOUR_PUBLIC_PORT", "nonsense"), line.split(" "));
    assertThat(typed.out()).endsWith("5 scenes, all as drawn\n");
    assertThat(typed.exit()).isEqualTo(0);
    assertThat(typed.out())
        .contains("HTTP 201 {", "HTTP 200 {", "HTTP 403 {", "HTTP 401 {")
        .contains("\"code\":45779", "\"code\":45775", "plr1.…")
        .contains("session interrupted (45779)", "session interrupted (45775)")
        .doesNotContainPattern("plr1\\.[A-Za-z0-9_-]");
    assertThat(typed.out().split("sequenceDiagram", -1)).hasSize(7);
    assertThat(folderOf(typed.out())).doesNotExist();
  }

  @Test
  void a_service_that_accepts_the_thief_is_noticed() {
    StringWriter out = new StringWriter();
    Terminal terminal = Typed.terminal(folder, Map.of(), Optional.empty(), out, new StringWriter());
    int exit = new DemoCommand(terminal, new ServiceDecorators() {
          @Override
          public ScopedAuth scopedAuth(ScopedAuth scopedAuth) {
            return new AcceptsEveryFingerprint(scopedAuth);
          }
        })
        .call();
    assertThat(exit).isEqualTo(1);
    assertThat(out.toString())
        .contains("not as drawn:")
        .contains("3. the same token from another browser: expected HTTP 403 with code 45779, got")
        .contains("3. the same token from another browser: arrow 8: drawn")
        .doesNotContain("all as drawn");
    assertThat(folderOf(out.toString())).doesNotExist();
  }

  private static Path folderOf(String out) {
    Matcher said =
        Pattern.compile("a temporary installation in (\\S+parlour-demo\\S+),").matcher(out);
    assertThat(said.find()).isTrue();
    return Path.of(said.group(1));
  }

  /** Accepts every fingerprint as one that it knows. */
  private static final class AcceptsEveryFingerprint implements ScopedAuth {
    private final ScopedAuth scopedAuth;
    private Optional<Fingerprint> first = Optional.empty();

    AcceptsEveryFingerprint(ScopedAuth scopedAuth) {
      this.scopedAuth = scopedAuth;
    }

    @Override
    public Verdict validate(Presented presented, Audience audience, Purpose purpose) {
      Fingerprint fingerprint = first.orElse(presented.fingerprint());
      return scopedAuth.validate(new Presented(presented.token(), fingerprint), audience, purpose);
    }

    @Override
    public IssuedToken generate(NewSession session) {
      first = Optional.of(session.fingerprint());
      return scopedAuth.generate(session);
    }

    @Override
    public IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl) {
      return scopedAuth.generate(guest, fingerprint, tokenTtl);
    }

    @Override
    public Optional<TokenAudience> audienceOf(GuestToken token) {
      return scopedAuth.audienceOf(token);
    }

    @Override
    public boolean revoke(Sid.Session session, String why) {
      return scopedAuth.revoke(session, why);
    }

    @Override
    public int revokeAllOf(Sid.Conversation conversation, String why) {
      return scopedAuth.revokeAllOf(conversation, why);
    }

    @Override
    public List<TokenGeneration> superseded(List<TokenGeneration> generations) {
      return scopedAuth.superseded(generations);
    }

    @Override
    public List<Revocation> revokedAfter(Revocation revocation) {
      return scopedAuth.revokedAfter(revocation);
    }

    @Override
    public List<RefusedToken> refusedSince(Sid.Account account, Instant since) {
      return scopedAuth.refusedSince(account, since);
    }

    @Override
    public boolean isLive(Sid.Session session) {
      return scopedAuth.isLive(session);
    }

    @Override
    public List<Session> sessionsOf(List<Sid.Conversation> conversations) {
      return scopedAuth.sessionsOf(conversations);
    }

    @Override
    public List<Session> everySessionOf(Sid.Conversation conversation) {
      return scopedAuth.everySessionOf(conversation);
    }
  }
}
