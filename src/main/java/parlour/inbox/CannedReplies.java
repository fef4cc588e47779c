package parlour.inbox;

import java.util.List;
import parlour.Sid;

/**
 * The store of the answers that the agents of an account have prepared. Every method throws {@link
 * parlour.store.StoreUnavailable}.
 */
public interface CannedReplies {

  /**
   * A prepared answer.
   *
   * @param title unique in its account, whatever the case of its letters
   * @param text in which {@code {guest}} and {@code {agent}} stand for names, which the page fills in
   */
  record CannedReply(String title, String text) {}

  /**
   * The answers whose titles have, for each of these words, a word that begins with it in any case.
   * Titles that begin with the whole text come first, and then they are in alphabetical order.
   */
  List<CannedReply> find(Sid.Account account, String words, int limit);

  /**
   * Creates an answer, or replaces the one with this title.
   *
   * @param max the number of answers that an account can have
   * @return false if the account has that many others
   */
  boolean put(Sid.Account account, CannedReply reply, int max);

  /**
   * Replaces the text of an answer, unless it was changed meanwhile.
   *
   * @param from the text that the answer has
   * @return false if it has another text, or is gone
   */
  boolean replace(Sid.Account account, CannedReply reply, String from);

  /** Removes the answer with this title; false if there was no such answer. */
  boolean remove(Sid.Account account, String title);
}
