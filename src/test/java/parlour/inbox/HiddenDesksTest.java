package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Identity;
import parlour.Sid;
import parlour.accounts.Reopening;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.InboxList;
import parlour.conversations.Sight;
import parlour.http.json.JsonText;
import parlour.orchestrator.TestOrchestrator;
import parlour.scopedauth.Sensitivity;

/** Conversations of an earlier version, which know no desks. */
class HiddenDesksTest {
  @Test
  void a_list_of_a_process_that_ignores_the_sight_has_no_hidden_conversation(@TempDir Path folder) {
    try (TestOrchestrator system = new TestOrchestrator(folder, Sensitivity.MEDIUM)) {
      Sid.Address desk = system.configuration().address().orElseThrow();
      system.conversations.create(new Conversations.NewConversation(
          Sid.Conversation.random(system.random),
          system.configuration().account(),
          desk,
          system.configuration().deployment(),
          new Identity("guest_1"),
          "Guest",
          JsonText.EMPTY,
          Optional.of(new Conversations.FirstMessage("Hello?", Optional.empty())),
          Optional.empty()));
      Sight hidden = new Sight(List.of(desk), List.of(Sid.Address.random(system.random)));
      assertThat(listed(system, hidden)).isEmpty();
      assertThat(listed(system, Sight.ALL)).hasSize(1);
    }
  }

  private static List<Inbox.Summary> listed(TestOrchestrator system, Sight sight) {
    Conversations old = Conversations.class.cast(Proxy.newProxyInstance(
        Conversations.class.getClassLoader(),
        new Class<?>[] {Conversations.class},
        (_, method, arguments) -> {
          if (method.getName().equals("inbox")) {
            arguments[1] = Sight.ALL;
          }
          try {
            return method.invoke(system.conversations, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        }));
    DeskMembers members = DeskMembers.class.cast(Proxy.newProxyInstance(
        DeskMembers.class.getClassLoader(),
        new Class<?>[] {DeskMembers.class},
        (_, _, _) -> sight));
    Agents.Agent agent = new Agents.Agent(
        "ann",
        system.configuration().account(),
        Agents.Agent.nextIdentity(system.random),
        "Ann",
        Agents.Role.AGENT,
        Instant.EPOCH);
    return new Inbox(old, new Desks(members, old), new Reopening(system), system.clock)
        .list(agent, new InboxList.InState(Conversation.State.ACTIVE), Optional.empty())
        .summaries();
  }
}
