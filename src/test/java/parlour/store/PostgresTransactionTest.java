package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PostgresTransactionTest {
  private final List<String> done = new ArrayList<>();

  @Test
  void a_connection_that_fails_before_its_first_statement_goes_back_to_the_pool() {
    Connection broken = as(Connection.class, "setAutoCommit", null);
    DataSource pool = as(DataSource.class, "", broken);
    assertThatThrownBy(() ->
            PostgresTransaction.ofOneStatement(pool, Statements.READS, StoreLimits.ofServer(1)))
        .isInstanceOf(SQLException.class);
    assertThat(done).containsExactly("getConnection", "setAutoCommit", "close");
  }

  private <T> T as(Class<T> type, String failing, @Nullable Object answer) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (_, method, _) -> {
          done.add(method.getName());
          if (method.getName().equals(failing)) {
            throw new SQLException("closed", "08003");
          }
          return answer;
        }));
  }
}
