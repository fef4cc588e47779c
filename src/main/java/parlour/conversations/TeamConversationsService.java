package parlour.conversations;

import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;

/** {@link TeamConversations} over a store. It commits each change first and publishes it afterwards. */
public final class TeamConversationsService implements TeamConversations {
  private final TeamStore store;
  private final ConversationsService conversations;

  /**
   * @param store of the same database as the conversations
   */
  public TeamConversationsService(TeamStore store, ConversationsService conversations) {
    this.store = store;
    this.conversations = conversations;
  }

  @Override
  public AssignOutcome assign(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity by,
      Optional<Identity> from,
      Optional<Identity> to) {
    return conversations.write(
        account,
        conversation,
        () -> store.assign(account, conversation, by, from, to, conversations.now()),
        outcome -> outcome instanceof AssignOutcome.Assigned);
  }

  @Override
  public LabelOutcome label(
      Sid.Account account, Sid.Conversation conversation, Identity by, String label) {
    return conversations.write(
        account,
        conversation,
        () -> store.label(account, conversation, by, label, conversations.now()),
        outcome -> outcome instanceof LabelOutcome.Done);
  }

  @Override
  public LabelOutcome unlabel(
      Sid.Account account, Sid.Conversation conversation, Identity by, String label) {
    return conversations.write(
        account,
        conversation,
        () -> store.unlabel(account, conversation, by, label, conversations.now()),
        outcome -> outcome instanceof LabelOutcome.Done);
  }

  @Override
  public NoteOutcome addNote(Sid.Account account, Sid.Conversation conversation, NewNote note) {
    return conversations.write(
        account,
        conversation,
        () -> store.addNote(account, conversation, note, conversations.now()),
        outcome -> outcome instanceof NoteOutcome.Added);
  }

  @Override
  public boolean removeNote(
      Sid.Account account, Sid.Conversation conversation, Revision added, Identity author) {
    return conversations.write(
        account,
        conversation,
        () -> store.removeNote(account, conversation, added, author, conversations.now()),
        isRemoved -> isRemoved);
  }

  @Override
  public Page<Note> notes(Sid.Account account, Sid.Conversation conversation, Revision after) {
    return store.notes(account, conversation, after);
  }

  @Override
  public Page<TeamEvent> history(
      Sid.Account account, Sid.Conversation conversation, Revision after) {
    return store.history(account, conversation, after);
  }

  @Override
  public int leaveAll(Sid.Account account, Identity agent) {
    List<Sid.Conversation> joined = store.joinedBy(account, agent, Limits.LEFT_AT_ONCE);
    for (Sid.Conversation one : joined) {
      var _ = conversations.write(
          account,
          one,
          () -> store.leave(account, one, agent, conversations.now()),
          hasLeft -> hasLeft);
    }
    return joined.size();
  }

  @Override
  public List<String> labels(Sid.Account account) {
    return store.labels(account);
  }

  @Override
  public SearchPage search(Sid.Account account, Sight sight, String words, Optional<Long> after) {
    return store.search(account, sight, words, after);
  }
}
