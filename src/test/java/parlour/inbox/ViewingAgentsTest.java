package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.events.LocalEventBus;
import parlour.inbox.ViewingAgents.Viewing;
import parlour.spec.StoppedClock;

class ViewingAgentsTest {
  private static final SecureRandom random = new SecureRandom();

  private final StoppedClock clock = new StoppedClock();
  private final ViewingAgents viewing =
      new ViewingAgents(new LocalEventBus(Duration.ofSeconds(1)), clock);
  private final Agents.Agent ann = new Agents.Agent(
      "ann",
      Sid.Account.random(random),
      Agents.Agent.nextIdentity(random),
      "Ann",
      Agents.Role.AGENT,
      clock.instant());
  private final Sid.Conversation conversation = Sid.Conversation.random(random);

  @Test
  void each_report_is_delivered_once_and_to_its_account_only() {
    long before = viewing.now();
    viewing.report(ann, conversation);
    List<Viewing> looks = viewing.after(ann.account(), before);
    assertThat(looks).hasSize(1);
    assertThat(looks.getFirst().agent()).isEqualTo(ann.identity());
    assertThat(looks.getFirst().conversation()).isEqualTo(conversation);
    assertThat(viewing.after(ann.account(), looks.getFirst().number())).isEmpty();
    assertThat(viewing.after(Sid.Account.random(random), before)).isEmpty();
  }

  @Test
  void a_repeated_report_replaces_the_one_before_and_none_is_kept_for_long() {
    viewing.report(ann, conversation);
    viewing.report(ann, conversation);
    assertThat(viewing.after(ann.account(), 0)).hasSize(1);
    clock.pass(Limits.VIEWING_TTL);
    assertThat(viewing.after(ann.account(), 0)).isEmpty();
  }

  @Test
  void an_account_has_a_bounded_number_of_reports_and_the_newest_stay() {
    for (int i = 0; i < Limits.VIEWING_AGENTS; i++) {
      viewing.report(ann, Sid.Conversation.random(random));
    }
    viewing.report(ann, conversation);
    List<Viewing> looks = viewing.after(ann.account(), 0);
    assertThat(looks).hasSize(Limits.VIEWING_AGENTS);
    assertThat(looks.getLast().conversation()).isEqualTo(conversation);
  }
}
