package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.SqlAccounts;
import parlour.inbox.CannedReplies.CannedReply;
import parlour.store.Database;

/** The contract of every store of prepared answers, whatever database is under it. */
abstract class CannedRepliesContract {
  private static final SecureRandom random = new SecureRandom();
  private static final int MAX = 3;

  private final Sid.Account account = Sid.Account.random(random);
  private final Sid.Account other = Sid.Account.random(random);
  private Database database;
  private CannedReplies replies;

  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    replies = new SqlCannedReplies(database);
    for (Sid.Account one : List.of(account, other)) {
      new SqlAccounts(database)
          .create(
              new Accounts.Account(one, "Shop", Instant.EPOCH),
              new byte[32],
              new AccountKey(new byte[AccountKey.BYTES]));
    }
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void answers_are_found_by_the_beginnings_of_words_in_any_case_and_by_no_other_account() {
    put("Opening hours", "Nine to five");
    put("order status", "On its way");
    replies.put(other, new CannedReply("Orders of others", "secret"), MAX);
    put("Status of an order", "Look here");
    assertThat(titles("o"))
        .as("titles that begin with it first")
        .containsExactly("Opening hours", "order status", "Status of an order");
    assertThat(titles("ORD")).containsExactly("order status", "Status of an order");
    assertThat(titles("")).hasSize(3);
    assertThat(titles(" stat  ord")).containsExactly("order status", "Status of an order");
    assertThat(titles("status of")).containsExactly("Status of an order");
    assertThat(titles("open status")).isEmpty();
    assertThat(replies.find(account, "", 2)).hasSize(2);
    assertThat(titles("tatus")).isEmpty();
  }

  @Test
  void signs_of_the_query_language_stand_for_themselves() {
    put("100% wool", "Yes");
    put("100 wool", "No");
    put("a\\b", "Path");
    assertThat(titles("100%")).containsExactly("100% wool");
    assertThat(titles("_")).isEmpty();
    assertThat(titles("a\\")).containsExactly("a\\b");
  }

  @Test
  void the_same_title_in_another_case_replaces_the_answer() {
    put("Hours", "Nine to five");
    put("HOURS", "Ten to six");
    assertThat(replies.find(account, "", MAX))
        .containsExactly(new CannedReply("HOURS", "Ten to six"));
  }

  @Test
  void an_answer_is_replaced_only_if_it_has_the_text_that_was_read() {
    put("Hours", "Nine to five");
    assertThat(replies.replace(account, new CannedReply("Hours", "Ten to six"), "Nine to five"))
        .isTrue();
    assertThat(replies.replace(account, new CannedReply("Hours", "Closed"), "Nine to five"))
        .isFalse();
    assertThat(replies.replace(other, new CannedReply("Hours", "Closed"), "Ten to six"))
        .isFalse();
    assertThat(replies.find(account, "", MAX))
        .containsExactly(new CannedReply("Hours", "Ten to six"));
    replies.remove(account, "Hours");
    assertThat(replies.replace(account, new CannedReply("Hours", "Closed"), "Ten to six"))
        .isFalse();
    assertThat(titles("")).isEmpty();
  }

  @Test
  void a_full_account_can_replace_and_remove_and_add_again() {
    put("a", "1");
    put("b", "2");
    put("c", "3");
    assertThat(replies.put(account, new CannedReply("d", "4"), MAX)).isFalse();
    assertThat(replies.put(account, new CannedReply("c", "5"), MAX)).isTrue();
    assertThat(replies.remove(other, "a")).isFalse();
    assertThat(replies.remove(account, "A")).isTrue();
    assertThat(replies.remove(account, "a")).isFalse();
    put("d", "4");
    assertThat(titles("")).containsExactly("b", "c", "d");
  }

  private void put(String title, String text) {
    assertThat(replies.put(account, new CannedReply(title, text), MAX)).isTrue();
  }

  private List<String> titles(String words) {
    return replies.find(account, words, MAX).stream().map(CannedReply::title).toList();
  }
}
