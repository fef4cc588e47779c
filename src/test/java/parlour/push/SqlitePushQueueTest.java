package parlour.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.conversations.SqlConversationStore;
import parlour.store.Database;
import parlour.store.QueryPlans;
import parlour.store.Sqlite;

class SqlitePushQueueTest extends PushQueueContract {
  @TempDir
  Path folder;

  @Test
  void whether_a_host_has_accepted_a_push_is_read_from_an_index() throws SQLException {
    assertThat(QueryPlans.of(
            folder.resolve("conversations.db"), sql -> queue.hasAccepted(sql, "one.push.example")))
        .singleElement()
        .asString()
        .contains("INDEX push_subscription_by_service (service=?)");
  }

  @Override
  protected Database open() {
    return Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
  }
}
