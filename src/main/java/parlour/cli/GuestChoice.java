package parlour.cli;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.Conversations;
import parlour.conversations.Page;
import picocli.CommandLine.Option;

/** The options that name a guest, or one conversation of a guest. */
final class GuestChoice {
  @Option(
      names = "--identity",
      paramLabel = "ID",
      description = "All conversations of this guest, guest_….")
  private Optional<Identity> identity = Optional.empty();

  @Option(
      names = "--conversation",
      paramLabel = "CH…",
      description = "Only this conversation: several people can have used one browser, and so have"
          + " one identity.")
  private Optional<Sid.Conversation> conversation = Optional.empty();

  void check() {
    if (identity.isPresent() == conversation.isPresent()) {
      throw new UserError("give --identity or --conversation"
          + (identity.isPresent() ? ", but not both" : ", which names the guest"));
    }
  }

  Optional<Sid.Conversation> conversation() {
    return conversation;
  }

  /**
   * Runs an action for each of the conversations, the newest first, and holds only a page of them in
   * memory. Chats that begin meanwhile are left out.
   */
  void each(Conversations all, Sid.Account account, Consumer<Conversations.Overview> action) {
    if (conversation.isPresent()) {
      all.overview(account, conversation.get()).ifPresent(action);
    } else {
      eachAfter(Optional.empty(), all, account, action);
    }
  }

  /**
   * The same for this one and the older ones, so that chats that began since it was found are left
   * out. The action may erase the conversation.
   */
  void eachFrom(
      Conversations.Place newest,
      Conversations all,
      Sid.Account account,
      Consumer<Conversations.Overview> action) {
    all.overview(account, newest.sid()).ifPresent(action);
    if (conversation.isEmpty()) {
      eachAfter(Optional.of(newest), all, account, action);
    }
  }

  static Conversations.Place placeOf(Conversations.Overview overview) {
    return new Conversations.Place(
        overview.conversation().created(), overview.conversation().sid());
  }

  private void eachAfter(
      Optional<Conversations.Place> newer,
      Conversations all,
      Sid.Account account,
      Consumer<Conversations.Overview> action) {
    Optional<Conversations.Place> after = newer;
    Page<Conversations.Overview> page;
    do {
      page = all.ofGuest(account, identity.orElseThrow(), after, Limits.CONVERSATIONS_OF_A_GUEST);
      List<Conversations.Overview> found = page.items();
      for (Conversations.Overview overview : found) {
        action.accept(overview);
        after = Optional.of(placeOf(overview));
      }
    } while (page.more());
  }

  UserError notFound(Sid.Account account) {
    String what = identity
        .map(guest -> "no conversation of a guest " + guest.text())
        .orElseGet(() -> "no conversation " + conversation.orElseThrow().text());
    return new UserError("the account %s has %s: the server-side API lists its conversations and"
            .formatted(account.text(), what)
        + " their participants (docs/server-api.md)");
  }
}
