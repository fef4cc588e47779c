package parlour.conversations;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.media.Attachment;
import parlour.search.Passage;
import parlour.search.SearchQuery;
import parlour.store.Sql;
import parlour.store.TermSearch;

/**
 * Finds conversations by what was written in them. The index only proposes texts. Each is read as
 * it is now, so a text that was edited or removed since is not found by words that it no longer
 * has.
 */
final class SqlSearch {
  private static final TermSearch DOCUMENTS =
      new TermSearch("search_document", "id", "conversation_sid", "kind", "number");

  private SqlSearch() {}

  /** The text that a document of the index is made of. */
  enum Kind {
    MESSAGE,
    NOTE,
    GUEST;

    String word() {
      return switch (this) {
        case MESSAGE -> "message";
        case NOTE -> "note";
        case GUEST -> "guest";
      };
    }

    static Kind of(String word) {
      return Stream.of(values())
          .filter(one -> one.word().equals(word))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("no kind of a document: " + word));
    }
  }

  /** A row of the index. */
  private record Document(long id, Sid.Conversation conversation, Kind kind, long number) {}

  private static Document document(ResultSet row) throws SQLException {
    return new Document(
        row.getLong("id"),
        new Sid.Conversation(Sql.text(row, "conversation_sid")),
        Kind.of(Sql.text(row, "kind")),
        row.getLong("number"));
  }

  /** A text as it is now. */
  private record Current(String text, SearchHit.Place place, Instant at) {}

  /**
   * See {@link TeamStore#search}.
   *
   * @param nanoTime the time in nanoseconds, as {@link System#nanoTime} returns it
   */
  static SearchPage page(
      Sql sql,
      Sid.Account account,
      Sight sight,
      String words,
      Optional<Long> after,
      LongSupplier nanoTime)
      throws SQLException {
    SearchQuery query = SearchQuery.of(words);
    if (query.isEmpty()) {
      return new SearchPage(List.of(), Optional.empty());
    }
    List<TermSearch.Term> terms = query.terms().stream()
        .map(
            term -> new TermSearch.Term(SqlSearchIndex.key(account) + term.text(), term.isPrefix()))
        .toList();
    Room room = Amount.PAGE.room();
    Set<Sid.Conversation> decided = new HashSet<>();
    List<SearchHit> hits = new ArrayList<>();
    long top = after.orElse(Long.MAX_VALUE);
    long below = top;
    OptionalLong start = OptionalLong.empty(); // once the index has answered: each page goes on
    for (int examined = 0; examined < Limits.SEARCH_EXAMINED; examined += Limits.SEARCH_BATCH) {
      List<Document> batch =
          sql.search(DOCUMENTS, terms, below, Limits.SEARCH_BATCH, SqlSearch::document);
      long began = start.orElseGet(nanoTime);
      start = OptionalLong.of(began);
      for (Document document : batch) {
        boolean isLate = below < top && nanoTime.getAsLong() - began > Limits.SEARCH_TIME.toNanos();
        if (hits.size() == Limits.SEARCH_PAGE || isLate) {
          return new SearchPage(hits, Optional.of(below));
        }
        if (!decided.contains(document.conversation())) {
          Optional<SearchHit> hit = hit(sql, account, sight, query, document);
          if (hit.isPresent() && !room.takes(hit.get().overview())) {
            return new SearchPage(hits, Optional.of(below));
          }
          if (hit.isPresent()) {
            hits.add(hit.get());
            decided.add(document.conversation());
          }
        }
        below = document.id();
      }
      if (batch.size() < Limits.SEARCH_BATCH) {
        return new SearchPage(hits, Optional.empty());
      }
    }
    return new SearchPage(hits, Optional.of(below));
  }

  private static Optional<SearchHit> hit(
      Sql sql, Sid.Account account, Sight sight, SearchQuery query, Document document)
      throws SQLException {
    Optional<Current> current = current(sql, document);
    Optional<List<Passage.Mark>> marks = current.flatMap(one -> query.in(one.text()));
    if (current.isEmpty() || marks.isEmpty()) {
      return Optional.empty();
    }
    Current found = current.get();
    Passage passage = Passage.around(found.text(), marks.get());
    return SqlOverviews.find(sql, account, document.conversation())
        .filter(overview -> overview.conversation().activity().guestSpoke()) // as in all lists
        .filter(sight::covers)
        .map(overview ->
            new SearchHit(overview, found.place(), found.at(), passage.text(), passage.marks()));
  }

  private static Optional<Current> current(Sql sql, Document document) throws SQLException {
    String conversation = document.conversation().text();
    return switch (document.kind()) {
      case MESSAGE ->
        sql.first(
            """
            SELECT body, files, created_at FROM message
            WHERE conversation_sid = ? AND message_index = ? AND NOT removed
            """,
            row -> new Current(
                text(row),
                new SearchHit.Place.OfMessage(new MessageIndex(document.number())),
                Sql.instant(row, "created_at")),
            conversation,
            document.number());
      case NOTE ->
        SqlNotes.find(sql, document.conversation(), new Revision(document.number()))
            .filter(note -> !note.removed())
            .map(note -> new Current(
                note.body(), new SearchHit.Place.OfNote(note.addedRevision()), note.created()));
      case GUEST ->
        names(sql, document.conversation())
            .map(name -> new Current(name.text(), new SearchHit.Place.OfGuest(), name.joined()));
    };
  }

  /** The body of a message, and the names of its files, each in a line of its own. */
  static String text(ResultSet row) throws SQLException {
    return text(Sql.text(row, "body"), Sql.textOrNull(row, "files"));
  }

  static String text(String body, @Nullable String files) {
    StringBuilder text = new StringBuilder(body);
    if (files != null) {
      for (Attachment file : Attachment.parse(files)) {
        text.append(text.isEmpty() ? "" : "\n").append(file.filename());
      }
    }
    return text.toString();
  }

  /**
   * The names of the guests of a conversation, who are seldom more than one.
   *
   * @param joined when the first of them joined
   */
  record Names(String text, Instant joined) {}

  static Optional<Names> names(Sql sql, Sid.Conversation conversation) throws SQLException {
    List<Names> names = sql.list(
        """
        SELECT friendly_name, joined_at FROM participant
        WHERE conversation_sid = ? AND kind = 'guest' ORDER BY joined_at
        """,
        row -> new Names(Sql.text(row, "friendly_name"), Sql.instant(row, "joined_at")),
        conversation.text());
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(new Names(
            String.join("\n", names.stream().map(Names::text).toList()),
            names.getFirst().joined()));
  }
}
