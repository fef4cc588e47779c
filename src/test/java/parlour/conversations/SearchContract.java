package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.http.json.JsonText;
import parlour.media.Chunk;
import parlour.media.Media;
import parlour.media.MediaFile;
import parlour.media.MediaService;
import parlour.spec.AtOnce;
import parlour.store.Database;
import parlour.store.DiskSpace;
import parlour.store.ForwardingDatabase;
import parlour.store.Schema;

/** The results of a search in every store. */
abstract class SearchContract {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Identity GUEST = new Identity("guest_1");
  private static final Identity ANN = new Identity("agent_ann");
  private static final SecureRandom random = new SecureRandom();

  @TempDir
  Path files;

  final Sid.Account account = Sid.Account.random(random);
  private Database database;
  ConversationStore store;
  private TeamStore team;
  private SqlSearchIndex index;
  private int second;

  /** Opens a store. */
  protected abstract Database open(Schema schema);

  /** Opens a second store, the same each time. */
  protected abstract Database openAnother(Schema schema);

  @BeforeEach
  void openStore() {
    open(open(SqlConversationStore.SCHEMA));
  }

  private void open(Database opened) {
    database = opened;
    store = new SqlConversationStore(database);
    team = new SqlTeamStore(database);
    index = new SqlSearchIndex(database);
  }

  Database database() {
    return database;
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void all_words_must_be_in_one_text_and_the_last_one_can_be_a_beginning() {
    says("Where is my order 4711?");
    assertFinds("order", "ORDER where", "where is my ord", "4711", "47", "order?", "my, order!");
    assertMisses("order refund", "ord where", "rder", "w", "order 4712");
  }

  @Test
  void the_words_of_different_texts_are_not_found_together() {
    Sid.Conversation one = says("Where is my order?");
    says(one, "It was the blue one.");
    assertFinds("blue one", "order where");
    assertMisses("order blue");
  }

  @Test
  void a_phrase_stands_in_quotation_marks_and_its_last_word_is_whole_once_they_are_closed() {
    says("Please send the second parcel first, not the first.");
    assertFinds(
        "\"second parcel\"",
        "\"parcel first\"",
        "\"SECOND parcel\" please",
        "“second parcel”",
        "\"second par",
        "\"the first\" send");
    assertMisses(
        "\"parcel second\"",
        "\"second parc\"",
        "\"second first\"",
        "\"send parcel\"",
        "\"the first not\"");
  }

  @Test
  void an_address_or_a_word_with_a_sign_is_a_phrase() {
    says("Don't write to ann.lee@example.com, see https://shop.example/a-b_c?d=1");
    assertFinds(
        "don't",
        "ann.lee@example.com",
        "ann.lee",
        "example.com",
        "a-b_c",
        "shop.example/a-b",
        "lee@exam",
        "d=1");
    assertMisses("lee.ann", "example.net", "com.example", "b-a");
  }

  @Test
  void case_accents_and_forms_of_a_character_make_no_difference() {
    says("Müller in der Straße, Łódź, Ørsted, İstanbul, ΟΔΟΣ, cœur, ﬁn, ４２, naïve café");
    assertFinds(
        "muller",
        "MÜLLER",
        "Mu\u0308ller",
        "mull",
        "strasse",
        "STRASSE",
        "lodz",
        "orsted",
        "istanbul",
        "οδος",
        "οδοσ",
        "coeur",
        "fin",
        "42",
        "cafe NAIVE");
    assertMisses("mueller", "straße x");
  }

  @Test
  void a_search_works_in_every_script() {
    says("שָׁלוֹם, איפה ההזמנה שלי?");
    says("مرحبا، أين طلبي؟ شُكْرًا");
    says("東京都の注文はどこですか。コーヒーを二つ");
    says("ｶﾞﾗｽ");
    says("สวัสดี สั่งซื้อ");
    says("주문이 어디에 있나요?");
    says("Где мой заказ? Ёлка");
    says("मेरा ऑर्डर कहाँ है?");
    assertFinds("שלום", "ההזמנה", "איפה הה", "مرحبا", "اين", "أين طل", "شكرا");
    assertFinds("東京", "京都", "東京都の注文", "注", "文は どこ", "コーヒー", "コーヒーを二つ", "ガラス", "ｺｰﾋｰ");
    assertFinds("สั่งซื้อ", "주문", "주문이", "문이", "заказ", "ГДЕ", "елка", "ऑर्डर", "मेरा");
    assertMisses("東都", "都東", "東京府", "文注", "שלומ", "문주", "заказы");
    // each pair of characters is in the text, but not together
    says("京都と東京");
    assertThat(search("東京都と")).isEmpty();
    assertThat(search("京都と東京")).hasSize(1);
  }

  @Test
  void a_character_beyond_the_first_plane_is_a_character_like_the_others() {
    says("𠮷野家と𝒳 👍");
    assertFinds("𠮷野家", "𠮷", "x");
    assertThat(search("👍")).as("no letter and no digit").isEmpty();
    SearchHit hit = search("野").getFirst();
    assertThat(marked(hit)).containsExactly("野");
  }

  @Test
  void a_search_without_a_letter_or_digit_finds_nothing() {
    says("?! \"\"");
    for (String nothing : List.of("", " ", "?!", "\"\"", "\"", "*", "'", "…", "\\", ":*", "-")) {
      assertThat(search(nothing)).as(nothing).isEmpty();
    }
  }

  @Test
  void the_signs_of_the_databases_have_no_meaning() {
    says("one two NEAR three");
    assertFinds(
        "one* two", "(one) & two", "one:* two", "'one' two", "^one", "NEAR three", "-one two");
    assertMisses("one OR four", "one | four", "NOT four", "{terms}: four");
  }

  @Test
  void a_long_word_is_found_by_its_beginning_and_a_long_search_by_all_of_its_words() {
    says("A" + "b".repeat(5_000) + " end");
    assertFinds("a" + "b".repeat(30), "a" + "b".repeat(150), "a" + "b".repeat(150) + " end");
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < Limits.SEARCH_TERMS + 8; i++) {
      many.append("w").append(i).append(' ');
    }
    says(many + "last");
    assertFinds(many + "last");
    assertMisses(many + "other");
  }

  @Test
  void notes_names_of_guests_and_files_are_found_in_open_and_closed_conversations() {
    Sid.Conversation one = says("Hello");
    var note = (NoteOutcome.Added) team.addNote(
        account, one, new TeamConversations.NewNote(ANN, "Ann", "She is a regular", "a"), at());
    Sid.Conversation other = begins("Søren Kierkegaard", "Hi", Optional.empty());
    MediaFile file = uploaded(other, "Invoice-4711 final.txt");
    send(other, "", file.sid());
    assertThat(search("regular").getFirst().place())
        .isEqualTo(new SearchHit.Place.OfNote(note.note().addedRevision()));
    assertThat(search("soren kierk").getFirst().place()).isEqualTo(new SearchHit.Place.OfGuest());
    assertThat(search("invoice-4711").getFirst().place())
        .isEqualTo(new SearchHit.Place.OfMessage(new MessageIndex(1)));
    assertThat(search("final.txt").getFirst().passage()).isEqualTo("Invoice-4711 final.txt");
    closes(one);
    assertFinds("hello", "regular");
    assertThat(search("hello").getFirst().overview().conversation().state())
        .isEqualTo(Conversation.State.CLOSED);
  }

  @Test
  void a_greeting_is_not_found_and_neither_is_a_chat_whose_guest_has_not_spoken() {
    begins("Ada", "", Optional.of("Welcome to the shop"));
    assertMisses("welcome", "Ada");
    begins("Ada", "Hello", Optional.of("Welcome to the shop"));
    assertMisses("welcome");
    assertFinds("Ada", "hello");
  }

  @Test
  void a_changed_name_of_a_guest_is_found_instead_of_the_one_before() {
    Sid.Conversation one = begins("Ada", "Hello", Optional.empty());
    assertFinds("ada");
    store.updateParticipant(
        account,
        one,
        GUEST,
        ParticipantUpdate.profile(Optional.of("Grace"), Optional.empty()),
        at());
    assertMisses("ada");
    assertFinds("grace");
  }

  @Test
  void an_edited_or_removed_text_is_not_found_any_more_and_its_words_are_nowhere() {
    Sid.Conversation one = begins("Ada", "Hello", Optional.empty());
    Message edited = send(one, "The password is swordfish");
    Message removed = send(one, "My card is visacard");
    var note = (NoteOutcome.Added) team.addNote(
        account, one, new TeamConversations.NewNote(ANN, "Ann", "privatenote", "a"), at());
    assertFinds("swordfish", "visacard", "privatenote");
    store.edit(account, one, edited.sid(), Optional.of("It was secret"), Optional.empty(), at());
    store.remove(account, one, removed.sid(), at());
    team.removeNote(account, one, note.note().addedRevision(), ANN, at());
    assertThat(terms()).doesNotContain("swordfish", "visacard", "privatenote");
    assertMisses("swordfish", "visacard", "privatenote");
    assertFinds("secret");
    assertThat(terms()).contains("secret").doesNotContain("swordfish", "visacard", "privatenote");
  }

  @Test
  void a_text_that_the_index_still_has_is_not_found_by_words_that_it_lost() {
    Sid.Conversation one = says("swordfish");
    index.update();
    // as a process of the version before changes it
    var _ = database.write(sql ->
        sql.update("UPDATE message SET body = 'other' WHERE conversation_sid = ?", one.text()));
    assertThat(team.search(account, Sight.ALL, "swordfish", Optional.empty()).hits())
        .isEmpty();
  }

  @Test
  void of_an_erased_conversation_nothing_is_left() {
    Sid.Conversation one = says("swordfish");
    assertFinds("swordfish");
    store.erase(account, one, at());
    assertThat(terms()).isEmpty();
    assertMisses("swordfish");
  }

  @Test
  void of_a_conversation_that_a_process_of_the_version_before_erases_nothing_is_left() {
    Sid.Conversation one = says("swordfish");
    assertFinds("swordfish");
    for (String table : List.of("message", "participant")) {
      changes("DELETE FROM " + table + " WHERE conversation_sid = ?", one);
    }
    changes("DELETE FROM conversation WHERE sid = ?", one);
    assertThat(terms()).isEmpty();
    assertMisses("swordfish");
  }

  private void changes(String change, Sid.Conversation of) {
    assertThat(database.<Integer>write(sql -> sql.update(change, of.text()))).isPositive();
  }

  @Test
  void another_account_finds_nothing_even_if_its_sid_begins_in_the_same_way() {
    says("swordfish");
    assertFinds("swordfish");
    Sid.Account other = new Sid.Account(account.text().substring(0, 20) + "0".repeat(14));
    assertThat(team.search(other, Sight.ALL, "swordfish", Optional.empty()).hits())
        .isEmpty();
    assertThat(team.search(Sid.Account.random(random), Sight.ALL, "swordfish", Optional.empty())
            .hits())
        .isEmpty();
  }

  @Test
  void a_result_shows_the_passage_around_the_words_and_marks_them() {
    says("start " + "lorem ipsum ".repeat(40) + "the Swordfish and the swordfish "
        + "dolor ".repeat(40));
    SearchHit hit = search("swordfish").getFirst();
    assertThat(hit.passage()).startsWith("… ").contains("the Swordfish and");
    assertThat(hit.passage().length()).isLessThanOrEqualTo(Limits.SEARCH_PASSAGE + 2);
    assertThat(marked(hit)).containsExactly("Swordfish", "swordfish");
    says("Short Müllerin");
    assertThat(search("short mull").getFirst().passage()).isEqualTo("Short Müllerin");
    assertThat(marked(search("short mull").getFirst())).containsExactly("Short", "Müllerin");
  }

  @Test
  void the_newest_text_comes_first_and_a_conversation_once_page_by_page() {
    List<Sid.Conversation> newestFirst = new ArrayList<>();
    for (int i = 0; i < Limits.SEARCH_PAGE + 5; i++) {
      newestFirst.addFirst(says("order"));
    }
    Sid.Conversation last = newestFirst.getLast();
    says(last, "order again");
    says(last, "and the order again");
    newestFirst.remove(last);
    newestFirst.addFirst(last);
    SearchPage first = page("order", Optional.empty());
    assertThat(first.hits()).hasSize(Limits.SEARCH_PAGE);
    assertThat(first.hits().getFirst().passage()).isEqualTo("and the order again");
    List<Sid.Conversation> found = new ArrayList<>(sids(first));
    assertThat(first.next()).isPresent();
    SearchPage second = page("order", first.next());
    assertThat(second.next()).isEmpty();
    found.addAll(sids(second));
    assertThat(found.stream().distinct()).containsExactlyElementsOf(newestFirst);
  }

  @Test
  void a_page_examines_only_so_many_texts_and_says_where_it_goes_on() {
    Sid.Conversation wanted = says("b a");
    Sid.Conversation other = says("a b 0");
    for (int i = 1; i < Limits.SEARCH_EXAMINED + 1; i++) {
      says(other, "a b " + i);
    }
    SearchPage first = page("\"b a\"", Optional.empty());
    assertThat(first.hits()).isEmpty();
    assertThat(first.next()).isPresent();
    assertThat(sids(page("\"b a\"", first.next()))).containsExactly(wanted);
  }

  @Test
  void a_page_that_takes_too_long_ends_with_what_it_has_found_and_says_where_it_goes_on() {
    List<Sid.Conversation> newestFirst = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      newestFirst.addFirst(says("order"));
    }
    index.update();
    AtomicLong time = new AtomicLong();
    TeamStore slow = new SqlTeamStore(
        database, () -> time.addAndGet(Limits.SEARCH_TIME.dividedBy(3).toNanos()));
    List<Sid.Conversation> found = new ArrayList<>();
    Optional<Long> after = Optional.empty();
    do {
      SearchPage page = slow.search(account, Sight.ALL, "order", after);
      assertThat(page.hits()).hasSizeBetween(1, 4);
      found.addAll(sids(page));
      after = page.next();
    } while (after.isPresent());
    assertThat(found).containsExactlyElementsOf(newestFirst);
  }

  @Test
  void texts_of_the_same_moment_are_all_found() {
    Sid.Conversation one = says("order 0");
    for (int i = 1; i < 300; i++) {
      second--; // the next one is sent at the same time
      says(one, "order " + i);
    }
    index.update();
    assertThat(rows("SELECT count(*) FROM search_document WHERE kind = 'message'"))
        .containsExactly("300");
  }

  @Test
  void a_text_finds_a_key_in_the_index_even_if_seconds_of_keys_are_taken() {
    long first = NOW.toEpochMilli();
    Sid.Conversation other = says("other");
    second--; // the next one begins at the same time
    var _ = database.write(sql -> sql.update("""
        INSERT INTO search_document (id, conversation_sid, kind, number, terms)
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4095)
        SELECT ? + i, ?, 'message', i + 1, 'none' FROM n
        """, first, other.text()));
    says("order"); // and the name of its guest
    assertFinds("order", "guest");
  }

  @Test
  void a_long_conversation_is_indexed_in_parts_and_notes_with_it() {
    Sid.Conversation one = says("first");
    for (int i = 0; i < Limits.SEARCH_UPDATED_MESSAGES + 20; i++) {
      says(one, "between");
    }
    team.addNote(account, one, new TeamConversations.NewNote(ANN, "Ann", "the note", "a"), at());
    says(one, "last");
    index.update();
    assertFinds("first", "between", "last", "note");
    assertThat(rows("SELECT count(*) FROM search_document"))
        .containsExactly(String.valueOf(Limits.SEARCH_UPDATED_MESSAGES + 20 + 4)); // and the name
  }

  @Test
  void of_processes_that_index_at_once_each_text_is_taken_once() {
    for (int i = 0; i < 3 * Limits.SEARCH_UPDATED; i++) {
      says("order " + i);
    }
    AtOnce.run(4, _ -> {
      new SqlSearchIndex(database).update();
      return true;
    });
    assertThat(rows("SELECT count(*) FROM search_document"))
        .containsExactly(String.valueOf(2 * 3 * Limits.SEARCH_UPDATED));
    assertThat(rows("SELECT count(*) FROM conversation WHERE revision > indexed_revision"))
        .containsExactly("0");
  }

  @Test
  void processes_take_different_conversations_if_there_are_many() {
    for (int i = 0; i < Limits.SEARCH_CHOSEN_FROM + 10; i++) {
      says("order " + i);
    }
    Set<String> ofOne = takenFirst(1);
    Set<String> ofAnother = takenFirst(2);
    assertThat(ofOne).hasSize(Limits.SEARCH_UPDATED);
    assertThat(ofAnother).hasSize(Limits.SEARCH_UPDATED);
    ofOne.retainAll(ofAnother);
    assertThat(ofOne).hasSizeLessThan(Limits.SEARCH_UPDATED / 2);
  }

  @Test
  void a_client_with_many_long_texts_does_not_delay_the_texts_of_others() {
    List<String> others = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      Sid.Conversation busy =
          begins(sid(i), "Guest", words(Limits.SEARCH_UPDATED_TERMS / 3), Optional.empty());
      for (int more = 0; more < Limits.SEARCH_UPDATED_MESSAGES; more++) {
        says(busy, words(Limits.SEARCH_UPDATED_TERMS / 3));
      }
      others.add(
          begins(sid(100 + i), "Guest", words(2 * Limits.SEARCH_UPDATED_TERMS), Optional.empty())
              .text());
      others.add(begins(sid(200 + i), "Guest", "order", Optional.empty()).text());
    }
    List<Set<String>> indexed = new ArrayList<>();
    List<Integer> read = new ArrayList<>();
    new SqlSearchIndex(new ForwardingDatabase(database) {
          @Override
          public <T extends @Nullable Object> T readOne(Work<T> work) {
            T result = database.readOne(work);
            if (result instanceof List<?> rows
                && !rows.isEmpty()
                && rows.getFirst() instanceof SqlSearchIndex.Row) {
              read.add(rows.size());
            }
            return result;
          }

          @Override
          public <T extends @Nullable Object> T write(Work<T> work) {
            T result = database.write(work);
            indexed.add(
                new HashSet<>(rows("SELECT sid FROM conversation WHERE indexed_revision > 0")));
            return result;
          }
        })
        .update();
    assertThat(indexed.getFirst())
        .as("the first transaction")
        .contains(sid(201).text(), sid(202).text(), sid(203).text());
    assertThat(indexed.get(6)).as("the first round").containsAll(others).hasSize(9);
    // with a name and a row of each conversation
    assertThat(read.getFirst()).isLessThanOrEqualTo(Limits.SEARCH_UPDATED_MESSAGES + 2 * 9);
    assertThat(rows("SELECT count(*) FROM conversation WHERE revision > indexed_revision"))
        .containsExactly("0");
  }

  private static Sid.Conversation sid(int number) {
    return new Sid.Conversation("CH%032x".formatted(number));
  }

  @Test
  void the_latest_messages_are_indexed_first_while_there_are_many_older_ones() {
    for (int i = 0; i < Limits.SEARCH_CHOSEN_FROM + 10; i++) {
      says("order " + i);
    }
    Set<String> latest = Set.of(says("an order").text(), says("another order").text());
    assertThat(takenFirst(1)).containsAll(latest).hasSize(Limits.SEARCH_UPDATED);
    assertThat(takenFirst(2)).containsAll(latest).hasSize(Limits.SEARCH_UPDATED);
  }

  @Test
  void several_transactions_share_a_list_of_what_is_not_indexed() {
    for (int i = 0; i < (Limits.SEARCH_CHOSEN + 1) * Limits.SEARCH_UPDATED; i++) {
      says("order " + i);
    }
    AtomicInteger lists = new AtomicInteger();
    new SqlSearchIndex(new ForwardingDatabase(database) {
          @Override
          public <T extends @Nullable Object> T readOne(Work<T> work) {
            T result = database.readOne(work);
            if (result instanceof List<?> rows
                && !rows.isEmpty()
                && rows.getFirst() instanceof Sid.Conversation) {
              lists.incrementAndGet();
            }
            return result;
          }
        })
        .update();
    assertThat(lists).hasValue(2);
    assertThat(rows("SELECT count(*) FROM conversation WHERE revision > indexed_revision"))
        .containsExactly("0");
  }

  @Test
  void after_an_outage_of_the_store_no_conversation_waits() {
    for (int i = 0; i < Limits.SEARCH_UPDATED; i++) {
      says("order " + i);
    }
    AtomicBoolean isDown = new AtomicBoolean(true);
    List<Boolean> attempts = new ArrayList<>();
    SqlSearchIndex ofProcess = new SqlSearchIndex(
        new ForwardingDatabase(database) {
          @Override
          public <T extends @Nullable Object> T write(Work<T> work) {
            attempts.add(isDown.get());
            if (isDown.get()) {
              throw new Unavailable("the store", "a test says so", null);
            }
            return database.write(work);
          }
        },
        () -> 0,
        new Random(1));
    assertThatThrownBy(ofProcess::update).isInstanceOf(Unavailable.class);
    assertThat(attempts).as("the texts, and a change without rows").hasSize(2);
    isDown.set(false);
    ofProcess.update();
    assertThat(rows("SELECT count(*) FROM conversation WHERE revision > indexed_revision"))
        .containsExactly("0");
  }

  /** The conversations of the first transaction of a process, which changes nothing. */
  private Set<String> takenFirst(long seed) {
    List<Set<String>> taken = new ArrayList<>();
    SqlSearchIndex ofProcess = new SqlSearchIndex(
        new ForwardingDatabase(database) {
          @Override
          public <T extends @Nullable Object> T write(Work<T> work) {
            return database.write(sql -> {
              work.run(sql);
              taken.add(new HashSet<>(sql.list(
                  "SELECT sid FROM conversation WHERE indexed_revision > 0",
                  row -> row.getString("sid"))));
              throw new Unavailable("a database of a test", "nothing is changed", null);
            });
          }
        },
        System::nanoTime,
        new Random(seed));
    assertThatThrownBy(ofProcess::update).isInstanceOf(Unavailable.class);
    return taken.getFirst();
  }

  @Test
  void a_conversation_that_changes_while_the_task_reads_it_is_left_for_the_next_round() {
    Sid.Conversation changing = says("first");
    Sid.Conversation other = says("second");
    List<Set<String>> indexed = new ArrayList<>();
    new SqlSearchIndex(new ForwardingDatabase(database) {
          @Override
          public <T extends @Nullable Object> T write(Work<T> work) {
            if (indexed.isEmpty()) {
              says(changing, "third");
            }
            T result = database.write(work);
            indexed.add(
                new HashSet<>(rows("SELECT sid FROM conversation WHERE indexed_revision > 0")));
            return result;
          }
        })
        .update();
    assertThat(indexed)
        .containsExactly(Set.of(other.text()), Set.of(other.text(), changing.text()));
    assertFinds("first", "second", "third");
  }

  @Test
  void a_conversation_with_many_terms_leaves_the_others_of_its_transaction_to_the_next_ones() {
    List<Sid.Conversation> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(says("order " + words(Limits.SEARCH_UPDATED_TERMS * 2 / 3)));
    }
    Counting counting = new Counting(database);
    new SqlSearchIndex(counting).update();
    assertThat(counting.most).isBetween(1L, Limits.SEARCH_UPDATED_TERMS + 10L);
    assertThat(sids(page("order", Optional.empty()))).containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void an_index_that_was_stopped_goes_on_where_it_was() {
    says("order");
    index.stop();
    index.update();
    assertThat(terms()).isEmpty();
    index = new SqlSearchIndex(database);
    assertFinds("order");
  }

  @Test
  void conversations_from_before_there_was_a_search_are_found() {
    database.close();
    List<String> migrations = SqlConversationStore.SCHEMA.migrations();
    int search = migrations.indexOf("013-search.sql");
    open(openAnother(new Schema("conversations", migrations.subList(0, search))));
    Sid.Conversation old = says("swordfish");
    database.close();
    open(openAnother(SqlConversationStore.SCHEMA));
    assertThat(sids(page("swordfish", Optional.empty()))).containsExactly(old);
  }

  @Test
  void neither_the_index_nor_its_update_changes_what_others_see_of_a_conversation() {
    Sid.Conversation one = says("order");
    Conversation before = store.find(account, one).orElseThrow();
    index.update();
    assertThat(store.find(account, one)).contains(before);
  }

  @Test
  void a_wrong_text_does_not_hold_up_the_others() {
    Sid.Conversation wrong = says("order");
    Sid.Conversation right = says("order");
    var _ = database.write(sql -> sql.update(
        "UPDATE message SET files = 'no JSON' WHERE conversation_sid = ?", wrong.text()));
    assertThatThrownBy(index::update).isInstanceOf(RuntimeException.class);
    assertThat(sids(team.search(account, Sight.ALL, "order", Optional.empty())))
        .containsExactly(right);
  }

  @Test
  void a_transaction_writes_a_bounded_number_of_terms_to_the_index_and_removes_as_few() {
    Sid.Conversation one = says("first");
    for (int i = 0; i < 30; i++) {
      StringBuilder text = new StringBuilder();
      for (int word = 0; word < 6 * Limits.SEARCH_UPDATED_TERMS / 30; word++) {
        text.append(i).append('w').append(word).append(' ');
      }
      says(one, text.toString());
    }
    says(one, "x".repeat(30) + " " + words(3 * Limits.SEARCH_UPDATED_TERMS));
    Counting counting = new Counting(database);
    new SqlSearchIndex(counting).update();
    assertThat(counting.terms()).isGreaterThan(6 * Limits.SEARCH_UPDATED_TERMS);
    assertThat(counting.most).isBetween(1L, Limits.SEARCH_UPDATED_TERMS + 10L);
    counting.most = 0;
    assertThat(new SqlConversationStore(counting).erase(account, one, at())).isTrue();
    assertThat(counting.terms()).isZero();
    assertThat(counting.most).isBetween(1L, Limits.SEARCH_UPDATED_TERMS + 10L);
  }

  @Test
  void a_conversation_that_is_not_erased_after_all_is_in_the_index_again() {
    Sid.Conversation one = says("swordfish");
    Sid.Conversation other = says("another");
    index.update();
    Instant since = at();
    SqlConversationStore racing = new SqlConversationStore(new ForwardingDatabase(database) {
      private boolean isFirst = true;

      @Override
      public <T extends @Nullable Object> T write(Work<T> work) {
        T result = database.write(work);
        if (isFirst) {
          isFirst = false;
          says(one, "I am back");
        }
        return result;
      }
    });
    assertThat(racing.eraseQuiet(account, one, since, at())).isFalse();
    assertFinds("swordfish", "back");
    assertThat(store.erase(Sid.Account.random(random), other, at())).isFalse();
    assertThat(terms()).contains("another");
  }

  @Test
  void a_conversation_for_which_the_store_has_no_time_waits_and_the_others_go_on() {
    Sid.Conversation right = says("order");
    Sid.Conversation slow = says("order");
    AtomicLong nanos = new AtomicLong();
    AtomicBoolean isSlow = new AtomicBoolean(true);
    index = new SqlSearchIndex(
        new ForwardingDatabase(database) {
          @Override
          public <T extends @Nullable Object> T write(Work<T> work) {
            return database.write(sql -> {
              T result = work.run(sql);
              boolean isIndexed = sql.first(
                      "SELECT sid FROM conversation WHERE sid = ? AND indexed_revision > 0",
                      _ -> true,
                      slow.text())
                  .isPresent();
              if (isIndexed && isSlow.get()) {
                throw new Unavailable("the store", "out of time", null);
              }
              return result;
            });
          }
        },
        nanos::get,
        RandomGenerator.getDefault());
    assertThatThrownBy(index::update).isInstanceOf(Unavailable.class);
    assertThat(sids(page("order", Optional.empty()))).containsExactly(right);
    isSlow.set(false);
    assertThat(sids(page("order", Optional.empty()))).containsExactly(right);
    nanos.addAndGet(Limits.SEARCH_RETRY.toNanos());
    assertThat(sids(page("order", Optional.empty()))).containsExactly(slow, right);
  }

  @Test
  void however_many_newer_texts_are_wrong_the_older_ones_are_indexed() {
    Sid.Conversation right = says("order");
    for (int i = 0; i < 2 * Limits.SEARCH_UPDATED; i++) {
      Sid.Conversation wrong = says("order");
      var _ = database.write(sql -> sql.update(
          "UPDATE message SET files = 'no JSON' WHERE conversation_sid = ?", wrong.text()));
    }
    assertThatThrownBy(index::update).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(index::update).isInstanceOf(RuntimeException.class);
    try {
      index.update(); // of the last one, which can be any of them
    } catch (RuntimeException isWrong) {
      assertThat(isWrong).hasMessageContaining("JSON");
    }
    assertThat(sids(page("order", Optional.empty()))).containsExactly(right);
  }

  @Test
  void any_number_of_marks_can_follow_a_character() {
    says("order ก" + "\u0E31".repeat(700));
    says("order か" + "\u3099".repeat(700));
    says("order 가" + "\u11A8".repeat(700));
    assertThat(search("order")).hasSize(3);
  }

  @Test
  void a_text_that_is_edited_while_it_is_split_into_words_does_not_leave_its_old_ones() {
    Sid.Conversation one = says("first");
    Message edited = send(one, "swordfish");
    SqlSearchIndex slow = new SqlSearchIndex(new ForwardingDatabase(database) {
      private boolean isFirst = true;

      @Override
      public <T extends @Nullable Object> T write(Work<T> work) {
        if (isFirst) {
          isFirst = false;
          store.edit(account, one, edited.sid(), Optional.of("other"), Optional.empty(), at());
        }
        T result = database.write(work);
        assertThat(terms()).doesNotContain("swordfish");
        return result;
      }
    });
    slow.update();
    assertFinds("first", "other");
  }

  @Test
  void words_that_the_task_removes_leave_the_disk() {
    Sid.Conversation one = says("swordfish");
    index.update();
    // as a process of the version before edits it
    var _ = database.write(sql -> sql.update("""
        UPDATE message SET body = 'other', revision = 1000 WHERE conversation_sid = ?
        """, one.text()));
    var _ = database.write(
        sql -> sql.update("UPDATE conversation SET revision = 1000 WHERE sid = ?", one.text()));
    Counting counting = new Counting(database);
    new SqlSearchIndex(counting).update();
    assertThat(terms()).contains("other").doesNotContain("swordfish");
    assertThat(counting.scrubs).isEqualTo(1);
  }

  private static String words(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append('v').append(i).append(' ');
    }
    return text.toString();
  }

  /** Counts the terms that a transaction adds to the index or removes from it. */
  private static final class Counting extends ForwardingDatabase {
    private long most;
    private int scrubs;

    Counting(Database database) {
      super(database);
    }

    long terms() {
      return read(sql -> sql.first("""
              SELECT COALESCE(sum(length(terms) - length(replace(terms, ' ', '')) + 1), 0) AS terms
              FROM search_document
              """, row -> row.getLong("terms")).orElseThrow());
    }

    @Override
    public <T extends @Nullable Object> T write(Work<T> work) {
      long before = terms();
      T result = super.write(work);
      most = Math.max(most, Math.abs(terms() - before));
      return result;
    }

    @Override
    public void scrubSoon() {
      scrubs++;
      super.scrubSoon();
    }
  }

  @Test
  void a_text_of_a_hidden_desk_is_not_found() {
    Sid.Conversation hidden = says("marlin one");
    Sid.Conversation shown = says("marlin two");
    assertThat(search("marlin")).hasSize(2);
    Sid.Address desk = store.find(account, hidden).orElseThrow().address();
    Sight sight = new Sight(List.of(desk), List.of());
    assertThat(sids(team.search(account, sight, "marlin", Optional.empty())))
        .containsExactly(shown);
  }

  void assertFinds(String... searches) {
    for (String words : searches) {
      assertThat(search(words)).as("search for %s", words).isNotEmpty();
    }
  }

  void assertMisses(String... searches) {
    for (String words : searches) {
      assertThat(search(words)).as("search for %s", words).isEmpty();
    }
  }

  private List<SearchHit> search(String words) {
    return page(words, Optional.empty()).hits();
  }

  private SearchPage page(String words, Optional<Long> after) {
    index.update();
    return team.search(account, Sight.ALL, words, after);
  }

  private static List<Sid.Conversation> sids(SearchPage page) {
    return page.hits().stream().map(hit -> hit.overview().conversation().sid()).toList();
  }

  private static List<String> marked(SearchHit hit) {
    return hit.marks().stream()
        .map(mark -> hit.passage().substring(mark.start(), mark.end()))
        .toList();
  }

  /** All terms of the index. */
  private String terms() {
    return String.join("\n", rows("SELECT terms FROM search_document"));
  }

  private List<String> rows(String query) {
    return database.read(sql -> sql.list(query, row -> row.getString(1)));
  }

  /** A new conversation in which the guest says this. */
  Sid.Conversation says(String text) {
    return begins("Guest", text, Optional.empty());
  }

  private Sid.Conversation begins(String name, String text, Optional<String> greeting) {
    return begins(Sid.Conversation.random(random), name, text, greeting);
  }

  private Sid.Conversation begins(
      Sid.Conversation conversation, String name, String text, Optional<String> greeting) {
    store.create(
        new Conversations.NewConversation(
            conversation,
            account,
            Sid.Address.random(random),
            Sid.Deployment.random(random),
            GUEST,
            name,
            JsonText.EMPTY,
            text.isEmpty()
                ? Optional.empty()
                : Optional.of(new Conversations.FirstMessage(text, Optional.empty())),
            greeting.map(words -> new Conversations.Greeting("Front desk", words))),
        Sid.Participant.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        at());
    return conversation;
  }

  private void says(Sid.Conversation conversation, String text) {
    send(conversation, text);
  }

  Message send(Sid.Conversation conversation, String text, Sid.Media... files) {
    Sent sent = store.send(
        account,
        Sid.Message.next(Instant.EPOCH, random),
        new Conversations.NewMessage(
            conversation,
            new Message.Author(GUEST, ParticipantKind.GUEST, "Ada"),
            Message.Content.of(text),
            new Conversations.Files(GUEST.text(), List.of(files)),
            Optional.empty()),
        at());
    return ((Sent.Added) sent).message();
  }

  private MediaFile uploaded(Sid.Conversation conversation, String name) {
    Media media = MediaService.inFolder(files, database, DiskSpace.unknown(), () -> NOW);
    Sid.Media sid = Sid.Media.random(random);
    byte[] bytes = "content".getBytes(StandardCharsets.UTF_8);
    media.begin(new Media.NewFile(
        sid,
        new MediaFile.Owner(account, Optional.of(conversation), GUEST.text()),
        Optional.empty(),
        "media",
        bytes.length));
    media.append(sid, 0, new Chunk(bytes));
    return ((Media.Finished.Stored) media.finish(sid, name, "")).file();
  }

  private void closes(Sid.Conversation conversation) {
    store.update(
        account,
        conversation,
        Conversations.Update.of(
            Optional.empty(), Optional.of(Conversation.State.CLOSED), Duration.ZERO),
        Optional.of(Instant.EPOCH),
        at());
  }

  Instant at() {
    return NOW.plusSeconds(second++);
  }
}
