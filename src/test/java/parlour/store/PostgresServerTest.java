package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.store.PostgresServer.Host;

class PostgresServerTest {
  @Test
  void a_url_has_the_address_and_the_user() {
    PostgresServer server =
        parse("postgres://ann@db1:5433,[::1],db3/chat?sslmode=verify-full&sslrootcert=/etc/ca.pem");
    assertThat(server.hosts())
        .containsExactly(new Host("db1", 5433), new Host("::1", 5432), new Host("db3", 5432));
    assertThat(server.user()).isEqualTo("ann");
    assertThat(server.database()).isEqualTo("chat");
    assertThat(server.parameters())
        .isEqualTo(Map.of("sslmode", "verify-full", "sslrootcert", "/etc/ca.pem"));
    assertThat(server).hasToString("postgres://ann@db1:5433,[::1]:5432,db3:5432/chat");
  }

  @Test
  void the_certificate_of_another_machine_is_checked_unless_the_url_disables_it() {
    assertThat(parse("postgres://ann@db/chat").parameters())
        .containsEntry("sslmode", "verify-full");
    assertThat(parse("postgres://ann@localhost,db/chat").parameters())
        .containsEntry("sslmode", "verify-full");
    assertThat(parse("postgres://ann@db/chat?sslmode=disable").parameters())
        .containsEntry("sslmode", "disable");
    assertThat(parse("postgres://ann@127.db.example.org/chat").parameters())
        .containsEntry("sslmode", "verify-full");
    for (String here : List.of("localhost", "127.0.0.1:5433", "[::1]:5433")) {
      assertThat(parse("postgres://ann@" + here + "/chat").parameters()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgres://ann@db/chat?sslmode=require&sslrootcert=/hunter2.pem",
        "postgres://ann@localhost/chat?sslrootcert=/hunter2.pem",
        "postgres://hunter2@db/chat?sslmode=verify-ca",
        "postgres://hunter2@db/chat?sslmode=verify-ca&sslrootcert=system",
        "postgres://ann@db/chat?sslcert=/hunter2.pem&sslkey=/hunter2.key",
        "postgres://ann:hunter2@db/chat",
        "http://ann@hunter2/chat",
        "postgres://hunter2/chat",
        "postgres://ann@hunter2",
        "postgres://ann@hunter2/",
        "postgres://ann@hunter2:x/chat",
        "postgres://ann@/hunter2",
        "postgres://ann@db/chat?password=hunter2",
        "postgres://ann@db/chat?sslmode=hunter2",
        "postgres://an n:hunter2@db/chat",
        "hunter2",
      })
  void a_malformed_url_is_refused_and_not_quoted(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(String.valueOf(e)).doesNotContain("hunter2"))
        .hasNoCause();
  }

  @Test
  void the_password_is_not_printed() {
    PostgresServer server = PostgresServer.parse("postgres://ann@db/chat", Optional.of("hunter2"));
    assertThat(server.toString()).doesNotContain("hunter2");
  }

  private static PostgresServer parse(String text) {
    return PostgresServer.parse(text, Optional.empty());
  }
}
