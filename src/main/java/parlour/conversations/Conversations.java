package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.media.MediaFile;
import parlour.scopedauth.Session;

/**
 * Conversations for an account: its agents, its servers, and the orchestrator when a guest starts a
 * chat. Guests use {@link GuestConversations}.
 *
 * <p>Every method throws {@link parlour.Unavailable} in an outage. A conversation of another account
 * does not exist here. A change is durable before it is published.
 */
public interface Conversations {

  /**
   * A conversation that a guest starts.
   *
   * @param sid chosen by the caller, so that a repeated call creates nothing twice
   * @param address the point of contact whose responder answers it
   * @param deployment the deployment in which it starts, which decides how long it is kept
   * @param identity the guest, who becomes its first participant
   * @param preEngagementData the JSON that the page passed
   * @param firstMessage the guest's text from the form before the chat: message 0
   * @param greeting added after the guest's first message, if there is one
   */
  record NewConversation(
      Sid.Conversation sid,
      Sid.Account account,
      Sid.Address address,
      Sid.Deployment deployment,
      Identity identity,
      String customerFriendlyName,
      JsonText preEngagementData,
      Optional<FirstMessage> firstMessage,
      Optional<Greeting> greeting,
      JsonText attributes) {

    /** A conversation without attributes. */
    public NewConversation(
        Sid.Conversation sid,
        Sid.Account account,
        Sid.Address address,
        Sid.Deployment deployment,
        Identity identity,
        String customerFriendlyName,
        JsonText preEngagementData,
        Optional<FirstMessage> firstMessage,
        Optional<Greeting> greeting) {
      this(
          sid,
          account,
          address,
          deployment,
          identity,
          customerFriendlyName,
          preEngagementData,
          firstMessage,
          greeting,
          JsonText.EMPTY);
    }
  }

  /**
   * The message that a guest sends by starting a chat. It is stored in the transaction that creates
   * the conversation, so there is neither a conversation without it nor a second copy of it.
   *
   * @param clientId the sender's own id of the message, as for any other message
   */
  record FirstMessage(String body, Optional<String> clientId) {}

  /** The message that a new guest finds in the conversation. */
  record Greeting(String authorName, String body) {

    /** The author of greetings. */
    public static final Identity AUTHOR = new Identity("greeter");
  }

  /**
   * A message to be added.
   *
   * @param author a participant, or a program that speaks for the account; a guest's message gets
   *     the name of the guest's participant, whatever name is given here
   * @param content its files are not read
   * @param clientId the sender's own id of it: a repeated call with the same id adds nothing
   */
  record NewMessage(
      Sid.Conversation conversation,
      Message.Author author,
      Message.Content content,
      Files files,
      Optional<String> clientId) {

    /** A message without files. */
    public NewMessage(
        Sid.Conversation conversation,
        Message.Author author,
        Message.Content content,
        Optional<String> clientId) {
      this(conversation, author, content, Files.NONE, clientId);
    }
  }

  /**
   * The uploaded files that a message takes.
   *
   * @param uploader as in {@link parlour.media.MediaFile.Owner#author}
   */
  record Files(String uploader, List<Sid.Media> sids) {
    public static final Files NONE = new Files(MediaFile.Owner.SERVER, List.of());
  }

  /**
   * A conversation in a list.
   *
   * @param guest the guest who started it
   * @param unread messages of the guest that no agent has read
   */
  record Overview(
      Conversation conversation,
      Optional<Participant> guest,
      Optional<Message> lastMessage,
      long unread,
      Teamwork teamwork) {}

  /**
   * A change of a conversation; empty fields stay as they are.
   *
   * @param within how long after its end a closed one can become active; zero: not at all
   * @param by the agent who makes it; empty if the account's own server does
   */
  record Update(
      Optional<JsonText> attributes,
      Optional<Conversation.State> state,
      Duration within,
      Optional<Identity> by) {
    public static final Update CLOSE = new Update(
        Optional.empty(), Optional.of(Conversation.State.CLOSED), Duration.ZERO, Optional.empty());

    /** Changes the attributes only. */
    public static Update of(JsonText attributes) {
      return of(Optional.of(attributes), Optional.empty(), Duration.ZERO);
    }

    /**
     * Reopens it.
     *
     * @param within how long after its end that is allowed
     */
    public static Update reopening(Duration within) {
      return of(Optional.empty(), Optional.of(Conversation.State.ACTIVE), within);
    }

    /** A change by the account's own server. */
    public static Update of(
        Optional<JsonText> attributes, Optional<Conversation.State> state, Duration within) {
      return new Update(attributes, state, within, Optional.empty());
    }

    /** This change, made by an agent. */
    public Update by(Identity agent) {
      return new Update(attributes, state, within, Optional.of(agent));
    }
  }

  /**
   * A position in a list of conversations; the next page begins after it.
   *
   * @param at the instant by which the list is ordered
   */
  record Place(Instant at, Sid.Conversation sid) {}

  /**
   * Creates the conversation with the guest in it, or finds it there already ({@code POST
   * /v1/Accounts/{AccountSid}/Conversations}).
   */
  void create(NewConversation conversation);

  Optional<Conversation> find(Sid.Account account, Sid.Conversation conversation);

  /**
   * The conversations of an account, the newest first. No change disturbs this order; see {@link
   * Page}.
   */
  Page<Overview> list(
      Sid.Account account, Optional<Conversation.State> state, Optional<Place> after, int limit);

  /** A page of a list of the inbox, without the conversations of hidden desks. */
  InboxPage inbox(
      Sid.Account account, Sight sight, InboxList list, Optional<Place> after, int limit);

  /**
   * The number of conversations in each of these lists of the inbox, in their order. Lists of a label or a filter are not
   * counted.
   *
   * @param max the number for this many or more
   */
  List<Integer> counts(Sid.Account account, Sight sight, List<InboxList> lists, int max);

  /**
   * The number of unread messages of guests in these lists of the inbox together, which have no conversation in common.
   *
   * @param conversations how many of each list are counted, from its beginning
   */
  int unread(Sid.Account account, Sight sight, List<InboxList> lists, int conversations);

  Optional<Overview> overview(Sid.Account account, Sid.Conversation conversation);

  /**
   * The conversations that a guest takes part in, the newest first; also those in which the guest
   * has not said anything yet.
   */
  Page<Overview> ofGuest(Sid.Account account, Identity guest, Optional<Place> after, int limit);

  /** All sessions of a conversation; none if it is not one of the account. */
  List<Session> everySessionOf(Sid.Account account, Sid.Conversation conversation);

  /** The sessions of these conversations' guests, if they have one. */
  List<Session> sessionsOf(Sid.Account account, List<Sid.Conversation> conversations);

  /** Adds a message; see {@link Sent}. */
  Sent send(Sid.Account account, NewMessage message);

  /** Changes a message; empty fields stay as they are. Empty if there is no such message. */
  Optional<Message> edit(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes);

  /** Removes a message's content; its place stays. Empty if there is no such message. */
  Optional<Message> remove(Sid.Account account, Sid.Conversation conversation, Sid.Message message);

  Optional<Message> message(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message);

  /** Messages by index, see {@link Page}; empty if there is no such conversation. */
  Optional<Page<Message>> messages(
      Sid.Account account, Sid.Conversation conversation, PageOfMessages page);

  /** Everybody who is or was in it; empty if there is no such conversation. */
  Optional<List<Participant>> participants(Sid.Account account, Sid.Conversation conversation);

  /**
   * A participant who joins.
   *
   * @param kind for one who was never in it
   * @param name as the others see it; if empty, an existing name stays, and a new participant gets
   *     the identity
   * @param attributes if empty, those of an earlier time stay
   */
  record NewParticipant(
      Identity identity,
      ParticipantKind kind,
      Optional<String> name,
      Optional<JsonText> attributes) {}

  /**
   * Adds a participant, or adds one again who has left, with the kind that they had. Once a
   * conversation has had {@link parlour.Limits#CONVERSATION_PARTICIPANTS}, only these can be added.
   */
  JoinOutcome join(Sid.Account account, Sid.Conversation conversation, NewParticipant participant);

  /** Adds a participant without attributes. */
  default JoinOutcome join(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantKind kind,
      Optional<String> name) {
    return join(account, conversation, new NewParticipant(identity, kind, name, Optional.empty()));
  }

  /** False if there is no such participant, or they have left. */
  boolean leave(Sid.Account account, Sid.Conversation conversation, Sid.Participant participant);

  /**
   * Changes a participant who has not left; of an agent or a program, a read index moves that of all
   * agents, too.
   *
   * @return the participant after that; empty if there is none
   */
  Optional<Participant> updateParticipant(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantUpdate update);

  /**
   * Records that an agent has read up to an index. Messages that another agent works on stay unread.
   * False if there is no such conversation.
   */
  boolean read(
      Sid.Account account, Sid.Conversation conversation, Identity identity, MessageIndex index);

  /**
   * Shows the others for some seconds that a participant is typing. False if there is no such
   * participant, or they have left.
   */
  boolean typing(Sid.Account account, Sid.Conversation conversation, Identity identity);

  /**
   * Changes a conversation completely or not at all. A closed one is reopened only within the time
   * after its end that the update allows, and while its guest's session is valid: otherwise the
   * guest could neither read nor write in it.
   */
  UpdateOutcome update(Sid.Account account, Sid.Conversation conversation, Update update);

  /** The other conversations of a guest, the newest first, at most {@code limit}. */
  Page<Overview> othersOf(Sid.Account account, Sid.Conversation conversation, int limit);

  /**
   * Erases a conversation with all its messages, and ends every session of the conversation; false
   * if there is none. If the sessions cannot be ended now, it throws {@link parlour.Unavailable}; a
   * repeated call ends them.
   */
  boolean erase(Sid.Account account, Sid.Conversation conversation);

  /**
   * Erases conversations of a deployment in which nothing has happened since, as {@link #erase}
   * does. If their sessions cannot be ended now, it erases none of them, and throws {@link
   * parlour.Unavailable}.
   *
   * @param max how many, the oldest first
   * @return how many were erased
   */
  int eraseQuiet(Sid.Account account, Sid.Deployment deployment, Instant since, int max);

  /** Erases quiet conversations of an address, whatever their deployment is. */
  int eraseQuiet(Sid.Account account, Sid.Address address, Instant since, int max);

  /** The changes after a revision; empty if there is no such conversation. */
  Optional<Changes> changes(
      Sid.Account account, Sid.Conversation conversation, Revision after, int limit);

  /** The cursor of a subscriber that receives only later changes. */
  AccountCursor watchFromNow(Sid.Account account);

  /**
   * Waits for changes in the conversations of an account.
   *
   * @param timeout the longest wait
   * @param amount maximum JSON of the overviews
   */
  AccountNews watch(Sid.Account account, AccountCursor cursor, Duration timeout, Amount amount);
}
