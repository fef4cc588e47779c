package parlour.conversations;

import java.util.Optional;
import parlour.Sid;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonText;
import parlour.http.json.JsonType;

/** The internal calls of {@link Conversations} about messages. */
final class MessageCalls {
  static final InternalCalls<Conversations> CALLS = new InternalCalls<>(ConversationsHttp.ROOT);

  private MessageCalls() {}

  record Send(Sid.Account account, Conversations.NewMessage message) {}

  static final InternalCalls<Conversations>.Call<Send, Sent> SEND = CALLS
      .declare(
          "/send",
          Send.class,
          "sent",
          Sent.class,
          (service, call) -> service.send(call.account(), call.message()))
      .reservingItsAnswer();

  record Edit(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes) {}

  static final InternalCalls<Conversations>.Call<Edit, Optional<Message>> EDIT = CALLS.declare(
      "/edit",
      Edit.class,
      "message",
      new JsonType<>() {},
      (service, call) -> service.edit(
          call.account(), call.conversation(), call.message(), call.body(), call.attributes()));

  record Remove(Sid.Account account, Sid.Conversation conversation, Sid.Message message) {}

  static final InternalCalls<Conversations>.Call<Remove, Optional<Message>> REMOVE = CALLS.declare(
      "/remove",
      Remove.class,
      "message",
      new JsonType<>() {},
      (service, call) -> service.remove(call.account(), call.conversation(), call.message()));

  record FindMessage(Sid.Account account, Sid.Conversation conversation, Sid.Message message) {}

  static final InternalCalls<Conversations>.Call<FindMessage, Optional<Message>> MESSAGE =
      CALLS.declare(
          "/message",
          FindMessage.class,
          "message",
          new JsonType<>() {},
          (service, call) -> service.message(call.account(), call.conversation(), call.message()));

  record FindMessages(Sid.Account account, Sid.Conversation conversation, PageOfMessages page) {}

  static final InternalCalls<Conversations>.Call<FindMessages, Optional<Page<Message>>> MESSAGES =
      CALLS.declare(
          "/messages",
          FindMessages.class,
          "page",
          new JsonType<>() {},
          (service, call) -> service.messages(call.account(), call.conversation(), call.page()));
}
