package parlour.conversations;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Sid;

/**
 * How the things of a conversation look on a wire, to guests, agents and other parts of Parlour
 * alike. What cannot be made of a form is an IllegalArgumentException or DateTimeException.
 */
public final class Forms {
  private Forms() {}

  public record MessageForm(
      String sid,
      String conversationSid,
      long index,
      String author,
      String authorKind,
      String authorName,
      String body,
      String attributes,
      @Nullable String clientId,
      String dateCreated,
      String dateUpdated,
      long addedRevision,
      long revision,
      boolean removed) {

    public static MessageForm of(Message message) {
      return new MessageForm(
          message.sid().text(),
          message.conversation().text(),
          message.index(),
          message.author(),
          message.authorKind().word(),
          message.authorName(),
          message.body(),
          message.attributes(),
          message.clientId().orElse(null),
          message.created().toString(),
          message.updated().toString(),
          message.addedRevision(),
          message.revision(),
          message.removed());
    }

    public static List<MessageForm> of(List<Message> messages) {
      return messages.stream().map(MessageForm::of).toList();
    }

    Message message() {
      return new Message(
          new Sid.Message(sid),
          new Sid.Conversation(conversationSid),
          index,
          author,
          ParticipantKind.of(authorKind),
          authorName,
          body,
          attributes,
          Optional.ofNullable(clientId),
          Instant.parse(dateCreated),
          Instant.parse(dateUpdated),
          addedRevision,
          revision,
          removed);
    }
  }

  public record ParticipantForm(
      String sid,
      String conversationSid,
      String identity,
      String kind,
      String name,
      long readIndex,
      long joinedRevision,
      long revision,
      String dateCreated,
      boolean joined) {

    public static ParticipantForm of(Participant participant) {
      return new ParticipantForm(
          participant.sid().text(),
          participant.conversation().text(),
          participant.identity(),
          participant.kind().word(),
          participant.name(),
          participant.readIndex(),
          participant.joinedRevision(),
          participant.revision(),
          participant.created().toString(),
          participant.joined());
    }

    public static List<ParticipantForm> of(List<Participant> participants) {
      return participants.stream().map(ParticipantForm::of).toList();
    }

    Participant participant() {
      return new Participant(
          new Sid.Participant(sid),
          new Sid.Conversation(conversationSid),
          identity,
          ParticipantKind.of(kind),
          name,
          readIndex,
          joinedRevision,
          revision,
          Instant.parse(dateCreated),
          joined);
    }
  }

  public record ConversationForm(
      String sid,
      String accountSid,
      String addressSid,
      String state,
      String preEngagementData,
      String attributes,
      long revision,
      long stateRevision,
      long nextIndex,
      long inboxReadIndex,
      boolean guestSpoke,
      String dateCreated,
      String dateUpdated,
      String dateActive) {

    static ConversationForm of(Conversation conversation) {
      return new ConversationForm(
          conversation.sid().text(),
          conversation.account().text(),
          conversation.address().text(),
          conversation.state().word(),
          conversation.preEngagementData(),
          conversation.attributes(),
          conversation.revision(),
          conversation.stateRevision(),
          conversation.nextIndex(),
          conversation.inboxReadIndex(),
          conversation.guestSpoke(),
          conversation.created().toString(),
          conversation.updated().toString(),
          conversation.lastActivity().toString());
    }

    Conversation conversation() {
      return new Conversation(
          new Sid.Conversation(sid),
          new Sid.Account(accountSid),
          new Sid.Address(addressSid),
          Conversation.State.of(state),
          preEngagementData,
          attributes,
          revision,
          stateRevision,
          nextIndex,
          inboxReadIndex,
          guestSpoke,
          Instant.parse(dateCreated),
          Instant.parse(dateUpdated),
          Instant.parse(dateActive));
    }
  }

  /** Exactly one of the three is there. */
  record ChangeForm(
      @Nullable MessageForm message,
      @Nullable ParticipantForm participant,
      @Nullable StateForm state) {

    static ChangeForm of(Changes.Change change) {
      return switch (change) {
        case Changes.Change.OfMessage(Message message) ->
          new ChangeForm(MessageForm.of(message), null, null);
        case Changes.Change.OfParticipant(Participant participant) ->
          new ChangeForm(null, ParticipantForm.of(participant), null);
        case Changes.Change.OfState(Conversation.State state, long revision) ->
          new ChangeForm(null, null, new StateForm(state.word(), revision));
      };
    }

    static List<ChangeForm> of(List<Changes.Change> changes) {
      return changes.stream().map(ChangeForm::of).toList();
    }

    Changes.Change change() {
      if (message != null) {
        return new Changes.Change.OfMessage(message.message());
      }
      if (participant != null) {
        return new Changes.Change.OfParticipant(participant.participant());
      }
      if (state != null) {
        return new Changes.Change.OfState(Conversation.State.of(state.state()), state.revision());
      }
      throw new IllegalArgumentException("a change of nothing");
    }
  }

  record StateForm(String state, long revision) {}

  record TypingForm(ParticipantForm participant, long number) {

    static List<TypingForm> of(List<Typing> typing) {
      return typing.stream()
          .map(one -> new TypingForm(ParticipantForm.of(one.participant()), one.number()))
          .toList();
    }

    Typing typing() {
      return new Typing(participant.participant(), number);
    }
  }

  /** What became of a message: {@code added}, {@code before}, {@code closed}, {@code full} or {@code nowhere}. */
  record SentForm(String outcome, @Nullable MessageForm message) {

    static SentForm of(Sent sent) {
      return switch (sent) {
        case Sent.Added(Message message) -> new SentForm("added", MessageForm.of(message));
        case Sent.Duplicate(Message message) -> new SentForm("before", MessageForm.of(message));
        case Sent.Closed() -> new SentForm("closed", null);
        case Sent.Full() -> new SentForm("full", null);
        case Sent.NotFound() -> new SentForm("nowhere", null);
      };
    }

    Sent sent() {
      return switch (outcome) {
        case "added" -> new Sent.Added(kept());
        case "before" -> new Sent.Duplicate(kept());
        case "closed" -> new Sent.Closed();
        case "full" -> new Sent.Full();
        case "nowhere" -> new Sent.NotFound();
        default -> throw new IllegalArgumentException("an unknown outcome");
      };
    }

    private Message kept() {
      if (message == null) {
        throw new IllegalArgumentException("an outcome without its message");
      }
      return message.message();
    }
  }

  /** {@code before} an index or {@code after} one, exactly one of them. */
  record PageForm(@Nullable Long before, @Nullable Long after, int limit) {

    static PageForm of(PageOfMessages page) {
      return switch (page) {
        case PageOfMessages.Before(long index, int limit) -> new PageForm(index, null, limit);
        case PageOfMessages.After(long index, int limit) -> new PageForm(null, index, limit);
      };
    }

    PageOfMessages page() {
      if (before != null) {
        return new PageOfMessages.Before(before, limit);
      }
      if (after != null) {
        return new PageOfMessages.After(after, limit);
      }
      throw new IllegalArgumentException("a page of nowhere");
    }
  }
}
