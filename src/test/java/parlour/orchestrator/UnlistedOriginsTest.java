package parlour.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.CapturedLog;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.AllowedOrigins;
import parlour.trace.Arrow;
import parlour.trace.Trace;

class UnlistedOriginsTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final UnlistedOrigins unlisted = new UnlistedOrigins(nanos::get);
  private final AllowedOrigins list = new AllowedOrigins(List.of("https://shop.example.com"));
  private final Sid.Deployment deployment = Sid.Deployment.random(new SecureRandom());
  private final Sid.Deployment other = Sid.Deployment.random(new SecureRandom());
  private final String key = deployment.text();

  @AutoClose
  private final CapturedLog log = new CapturedLog(UnlistedOrigins.class);

  @Test
  void the_answer_and_the_log_show_the_command_that_lists_the_origin_and_the_trace_names_both() {
    String remedy = "https://x.example is not on the list of " + key
        + ": ./parlour deployments update " + key + " --add-origin https://x.example";
    Trace trace = Trace.begin();
    assertThat(trace.during(() -> refuse("https://x.example"))).isEqualTo(remedy);
    assertThat(log.lines())
        .containsExactly("trace " + trace.shortId() + ": refused a page: " + remedy
            + " (listed: https://shop.example.com)");
    assertThat(trace.arrows().stream().map(Arrow::detail))
        .containsExactly("https://x.example is not among https://shop.example.com");
  }

  @Test
  void a_repeated_refusal_is_logged_once_a_minute_for_each_deployment_and_origin() {
    refuse("https://x.example");
    refuse("https://x.example");
    refuse("https://y.example");
    unlisted.refuse(other, list, Optional.of("https://x.example"));
    assertThat(log.lines()).hasSize(3);
    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    refuse("https://x.example");
    assertThat(log.lines()).hasSize(3);
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    refuse("https://x.example");
    assertThat(log.lines()).hasSize(4);
  }

  @Test
  void invented_origins_cause_only_a_few_log_lines() {
    for (int i = 0; i < 1_000; i++) {
      refuse("https://x" + i + ".example");
    }
    assertThat(log.lines()).hasSize(Limits.UNLISTED_ORIGINS_LOGGED);
    unlisted.refuse(other, list, Optional.of("https://x.example"));
    assertThat(log.lines()).hasSize(Limits.UNLISTED_ORIGINS_LOGGED + 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://x.example; rm -rf ~",
        "https://$(id).example",
        "https://x.example`id`",
        "https://*.example.com",
        "https://x.example\u001b[2J\r\nWARN forged",
        "https://x.example\u202e",
        "https://x.example/path",
        "HTTPS://X.example",
        "https://x.example:443",
        "x",
        "",
        "null",
      })
  void a_command_is_shown_only_for_an_origin_that_can_be_listed_and_no_text_can_forge_a_log_line(
      String origin) {
    assertThat(refuse(origin)).doesNotContain("./parlour").matches("[\\x20-\\x7e]+");
    assertThat(log.lines()).hasSize(1).allMatch(line -> line.matches("[\\x20-\\x7e]+"));
  }

  @Test
  void a_request_without_an_origin_gets_that_reason_and_is_not_logged() {
    assertThat(unlisted.refuse(deployment, list, Optional.empty()).getMessage())
        .contains("has no Origin header");
    assertThat(log.lines()).isEmpty();
  }

  private String refuse(String origin) {
    return String.valueOf(unlisted.refuse(deployment, list, Optional.of(origin)).getMessage());
  }
}
