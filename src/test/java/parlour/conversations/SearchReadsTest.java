package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.store.ForwardingDatabase;
import parlour.store.InMemoryDatabase;

/** Searches of conversations and filters of the inbox leave most readers of the store to the calls of guests. */
@Timeout(60)
class SearchReadsTest {
  @AutoClose
  private final InMemoryDatabase database = new InMemoryDatabase(SqlConversationStore.SCHEMA);

  @AutoClose
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private final Semaphore begun = new Semaphore(0);
  private final CountDownLatch slow = new CountDownLatch(1);
  private final Slow store = new Slow();
  private final TeamStore team = new SqlTeamStore(store);
  private final ConversationStore conversations = new SqlConversationStore(store);
  private final Sid.Account account = Sid.Account.random(new SecureRandom());

  @Test
  void the_searches_of_an_account_use_one_reader_and_the_others_are_refused_for_now()
      throws Exception {
    takesTurns(() -> assertThat(
            team.search(account, Sight.ALL, "order", Optional.empty()).hits())
        .isEmpty());
  }

  /** A list that no index has in its order, or an agent who does not see all desks. */
  @ParameterizedTest
  @MethodSource("examined")
  void the_lists_that_examine_conversations_use_one_reader_and_the_others_are_refused_for_now(
      Sight sight, InboxList list) throws Exception {
    takesTurns(() -> assertThat(
            conversations.inbox(account, sight, list, Optional.empty(), 9).items())
        .isEmpty());
  }

  static Stream<Arguments> examined() {
    InboxList nobody = new InboxList.Filtered(
        Optional.empty(),
        Optional.of(new InboxList.Worker(Optional.empty())),
        Optional.empty(),
        Optional.empty());
    InboxList open = new InboxList.InState(Conversation.State.ACTIVE);
    InboxList mine = new InboxList.AssignedTo(new Identity("agent_ann"));
    return Stream.of(
        Arguments.of(Sight.ALL, nobody),
        Arguments.of(Sight.ALL, new InboxList.Labelled("refund")),
        Arguments.of(hiding(1), new InboxList.Labelled("refund")),
        Arguments.of(hiding(1), mine),
        Arguments.of(hiding(Limits.DESKS_JOINED + 1), open));
  }

  @Test
  void a_list_in_the_order_of_an_index_waits_for_no_other() throws Exception {
    InboxList open = new InboxList.InState(Conversation.State.ACTIVE);
    for (Sight sight : List.of(Sight.ALL, hiding(Limits.DESKS_JOINED))) {
      for (int i = 0; i < Limits.STORE_READERS; i++) {
        var _ =
            threads.submit(() -> conversations.inbox(account, sight, open, Optional.empty(), 9));
      }
      assertThat(begun.tryAcquire(Limits.STORE_READERS, 30, TimeUnit.SECONDS)).isTrue();
    }
    slow.countDown();
  }

  /** The sight of an agent from whom one desk is hidden. */
  private static Sight hiding(int others) {
    SecureRandom random = new SecureRandom();
    return new Sight(
        List.of(Sid.Address.random(random)),
        Stream.generate(() -> Sid.Address.random(random)).limit(others).toList());
  }

  private void takesTurns(Runnable search) throws InterruptedException {
    for (int i = 0; i < Limits.STORE_READERS; i++) {
      var _ = threads.submit(search);
    }
    assertThat(begun.tryAcquire(Limits.SEARCHES_AT_ONCE, 30, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(search::run)
        .isInstanceOfSatisfying(
            TooManyRequests.class,
            later -> assertThat(later.retryAfter()).isEqualTo(Limits.RETRY_AFTER));
    assertThat(begun.availablePermits()).as("further searches that read").isZero();
    slow.countDown();
    search.run();
  }

  /** A database whose long reads wait. */
  private final class Slow extends ForwardingDatabase {
    Slow() {
      super(SearchReadsTest.this.database);
    }

    @Override
    public <T extends @Nullable Object> T read(Work<T> work) {
      begun.release();
      try {
        assertThat(slow.await(30, TimeUnit.SECONDS)).as("released").isTrue();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      return database.read(work);
    }

    @Override
    public <T extends @Nullable Object> T readOne(Work<T> work) {
      return database.readOne(work);
    }
  }
}
