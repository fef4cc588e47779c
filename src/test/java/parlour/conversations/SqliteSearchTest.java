package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.search.SearchQuery;
import parlour.store.Database;
import parlour.store.Schema;
import parlour.store.Sqlite;

class SqliteSearchTest extends SearchContract {
  @TempDir
  Path folder;

  @Override
  protected Database open(Schema schema) {
    return Sqlite.open(folder.resolve("conversations.db"), schema);
  }

  @Override
  protected Database openAnother(Schema schema) {
    return Sqlite.open(folder.resolve("another.db"), schema);
  }

  /** Other terms are before and behind them, in the pages of the index. */
  @Test
  void the_words_of_removed_and_erased_texts_leave_the_disk() throws IOException {
    for (int i = 0; i < 50; i++) {
      says("sword%02d swordish%02d ordinary%d".formatted(i, i, i));
    }
    Message removed = send(says("one"), "swordfish");
    Message erased = send(says("two"), "swordfishes");
    assertFinds("swordfish", "swordfishes", "sword");
    assertThat(onDisk()).contains("swordfish");
    store.remove(account, removed.conversation(), removed.sid(), at());
    store.erase(account, erased.conversation(), at());
    assertThat(database().scrub()).isTrue();
    assertThat(onDisk()).contains("swordish07").doesNotContain("swordfish");
    assertMisses("swordfish");
    assertFinds("swordish0", "ordinary1");
  }

  /** Without one, SQLite merges the lists of all words that begin so before it finds the first text. */
  @Test
  void each_beginning_that_a_search_asks_for_has_a_list_of_its_own() {
    String table = database()
        .read(sql -> sql.first(
                "SELECT sql FROM sqlite_master WHERE name = 'search_document_terms'",
                row -> row.getString(1))
            .orElseThrow());
    List<String> lists =
        List.of(table.replaceAll("(?s).*prefix='([0-9 ]+)'.*", "$1").split(" "));
    for (String words : List.of("の", "ab", "abc", "abcd", "abcde", "abcdefg", "abcdefghij")) {
      SearchQuery.of(words).terms().forEach(term -> {
        assertThat(term.isPrefix()).as(words).isTrue();
        assertThat(lists)
            .as("lists for %s", words)
            .contains("" + (SqlSearchIndex.key(account).length() + term.text().length()));
      });
    }
  }

  private String onDisk() throws IOException {
    StringBuilder bytes = new StringBuilder();
    for (String file : new String[] {"conversations.db", "conversations.db-wal"}) {
      bytes.append(Files.readString(folder.resolve(file), StandardCharsets.ISO_8859_1));
    }
    return bytes.toString();
  }
}
