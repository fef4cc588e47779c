package parlour.spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import parlour.accounts.SqlAccounts;
import parlour.conversations.SqlConversationStore;
import parlour.scopedauth.SqlSessions;
import parlour.store.Databases;
import parlour.store.MigrationMode;
import parlour.store.Postgres;
import parlour.store.PostgresServer;
import parlour.store.Schema;

/**
 * The stores of an installation that has its tables and no rows. Each test process applies the
 * migrations once, and copies the result: the migrations took a third of each start.
 */
final class EmptyStores {
  private static final List<Schema> SCHEMAS =
      List.of(SqlAccounts.SCHEMA, SqlSessions.SCHEMA, SqlConversationStore.SCHEMA);

  private EmptyStores() {}

  private static final class InFiles {
    static final Path FOLDER = make();

    private static Path make() {
      try {
        Path folder = Files.createTempDirectory("parlour-empty");
        migrate(Databases.in(folder));
        return folder;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class OnPostgres {
    static final PostgresServer TEMPLATE = make();

    private static PostgresServer make() {
      PostgresServer server = Postgres.fresh();
      migrate(Databases.on(server, 1));
      return server;
    }
  }

  private static void migrate(Databases databases) {
    for (Schema schema : SCHEMAS) {
      databases.open(schema, MigrationMode.APPLY).close();
    }
  }

  /** Puts files of SQLite into a data folder. */
  static void copyTo(Path folder) {
    try (Stream<Path> files = Files.list(InFiles.FOLDER)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a database on the test's PostgreSQL. */
  static PostgresServer onPostgres() {
    return Postgres.copyOf(OnPostgres.TEMPLATE);
  }
}
