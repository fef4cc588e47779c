package parlour.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Eventually;
import parlour.Limits;
import parlour.conversations.SqlConversationStore;
import parlour.push.PushQueue.Owner;
import parlour.push.WaitingPushes.Claim;
import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;

@Timeout(60)
class PostgresPushQueueTest extends PushQueueContract {
  private final PostgresServer server = Postgres.with(SqlConversationStore.SCHEMA);

  @Override
  protected Database open() {
    return Postgres.open(server, SqlConversationStore.SCHEMA);
  }

  /** Otherwise the claim of one node and a group of messages of another can wait for each other. */
  @Test
  void a_claim_and_a_check_leave_out_the_rows_that_messages_have_locked() throws Exception {
    Owner locked = subscribed(ENDPOINT + "/locked");
    Owner free = subscribed(ENDPOINT + "/free");
    guests.wrote(List.of(locked, free), NOW);
    CountDownLatch isLocked = new CountDownLatch(1);
    CountDownLatch claimed = new CountDownLatch(1);
    try (Database other = open();
        ExecutorService node = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> message = node.submit(() -> other.write(sql -> {
        SqlPushQueue.messagesAdded(sql, List.of(locked.conversation()), DUE);
        isLocked.countDown();
        Eventually.await(claimed);
        SqlPushQueue.messagesAdded(sql, List.of(free.conversation()), DUE);
        return claimed.getCount();
      }));
      try {
        Eventually.await(isLocked);
        assertThat(claim(GROUP, DUE)).extracting(Claim::owner).containsExactly(free);
        Instant before = NOW.plusSeconds(1);
        assertThat(queue.claimUnchecked(before, before.plus(Limits.PUSH_CHECK_LEASE), 9))
            .containsExactly(free.session());
      } finally {
        claimed.countDown();
      }
      message.get();
    }
    assertThat(claim(GROUP, DUE)).extracting(Claim::owner).containsExactly(locked);
  }
}
