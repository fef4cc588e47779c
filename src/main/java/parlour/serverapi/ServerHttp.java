package parlour.serverapi;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.AccountAuthenticator;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.DisplayName;
import parlour.conversations.JoinOutcome;
import parlour.conversations.Message;
import parlour.conversations.MessageAnswers;
import parlour.conversations.MessageFields;
import parlour.conversations.MessageIndex;
import parlour.conversations.Page;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Participant;
import parlour.conversations.ParticipantKind;
import parlour.conversations.Sent;
import parlour.conversations.UpdateOutcome;
import parlour.errors.ErrorCode;
import parlour.errors.Errors;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Endpoint;
import parlour.http.server.RequestFields;
import parlour.http.server.Routes;
import parlour.inbox.Inbox;
import parlour.inbox.InboxHttp;
import parlour.serverapi.ServerForms.ConversationPage;
import parlour.serverapi.ServerForms.ConversationResource;
import parlour.serverapi.ServerForms.MessagePage;
import parlour.serverapi.ServerForms.MessageResource;
import parlour.serverapi.ServerForms.Meta;
import parlour.serverapi.ServerForms.ParticipantPage;
import parlour.serverapi.ServerForms.ParticipantResource;
import parlour.trace.SecurityLog.Event;

/**
 * The API for an account's own servers: the resources, names and statuses of the public
 * Conversations REST API, v1. Conversations begin in the widget; here they are read, answered,
 * closed and erased.
 */
public final class ServerHttp {
  private static final String ALL = "/v1/Conversations";
  private static final String ONE = ALL + "/{ConversationSid}";
  private static final String MESSAGES = ONE + "/Messages";
  private static final String PARTICIPANTS = ONE + "/Participants";

  /** Far beyond what anybody reads; the number of the page after it still fits an int. */
  private static final int MAX_PAGE = 1 << 30;

  /** Who says what a server says without a name. */
  private static final String SYSTEM = "system";

  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]{1,5})?");

  private final AccountAuthenticator signIn;
  private final Conversations conversations;
  private final Optional<String> publicUrl;

  private ServerHttp(
      AccountAuthenticator signIn, Conversations conversations, Optional<String> publicUrl) {
    this.signIn = signIn;
    this.conversations = conversations;
    this.publicUrl = publicUrl;
  }

  /**
   * @param publicUrl what addresses in answers begin with; where it is not set, as was called
   */
  public static void serve(
      AccountAuthenticator signIn,
      Conversations conversations,
      Optional<String> publicUrl,
      Routes routes) {
    ServerHttp http = new ServerHttp(signIn, conversations, publicUrl);
    routes.get(ALL, http.server(http::list), Errors.PLAIN);
    routes.get(ONE, http.server(http::fetch), Errors.PLAIN);
    routes.post(ONE, http.server(http::update), Errors.PLAIN);
    routes.delete(ONE, http.server(http::erase), Errors.PLAIN);
    routes.get(MESSAGES, http.server(http::messages), Errors.PLAIN);
    routes.post(MESSAGES, http.server(http::send), Errors.PLAIN);
    routes.get(MESSAGES + "/{MessageSid}", http.server(http::message), Errors.PLAIN);
    routes.post(MESSAGES + "/{MessageSid}", http.server(http::edit), Errors.PLAIN);
    routes.delete(MESSAGES + "/{MessageSid}", http.server(http::remove), Errors.PLAIN);
    routes.get(PARTICIPANTS, http.server(http::participants), Errors.PLAIN);
    routes.post(PARTICIPANTS, http.server(http::join), Errors.PLAIN);
    routes.get(PARTICIPANTS + "/{ParticipantSid}", http.server(http::participant), Errors.PLAIN);
    routes.post(PARTICIPANTS + "/{ParticipantSid}", http.server(http::read), Errors.PLAIN);
    routes.delete(PARTICIPANTS + "/{ParticipantSid}", http.server(http::leave), Errors.PLAIN);
  }

  /** A call of a server that signed in. */
  private record Served(ApiRequest call, Sid.Account account, String base) {
    Sid.Conversation conversation() {
      return known(Sid.Conversation::new, call.parameter("ConversationSid"));
    }

    Sid.Message message() {
      return known(Sid.Message::new, call.parameter("MessageSid"));
    }

    RequestFields fields() {
      return call.fieldsIfAny(Limits.MESSAGE_CALL_BODY);
    }

    private static <T> T known(Function<String, T> sid, String text) {
      try {
        return sid.apply(text);
      } catch (IllegalArgumentException e) {
        throw unknown();
      }
    }
  }

  private Endpoint server(Function<Served, ApiResponse> endpoint) {
    return call -> {
      Sid.Account account = signIn
          .signedIn(call.header("Authorization"))
          .orElseThrow(() -> new Problem(ErrorCode.SERVER_NOT_AUTHENTICATED)
              .withHeader("WWW-Authenticate", "Basic realm=\"Parlour\""));
      return endpoint.apply(
          new Served(call, account, publicUrl.orElseGet(() -> asCalled(call)) + ALL));
    };
  }

  /**
   * The address for answers if public.url is not set: the caller's Host, if it is this machine. Any
   * other Host is refused, because a client library calls addresses from answers with its password.
   */
  private static String asCalled(ApiRequest call) {
    String host = Objects.requireNonNullElse(call.header("Host"), "localhost");
    if (!LOOPBACK.matcher(host).matches()) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "This server does not know its own address, which answers must contain: its operator must"
              + " set public.url.");
    }
    return (call.isEncrypted() ? "https://" : "http://") + host;
  }

  // ---- conversations

  private ApiResponse list(Served served) {
    RequestFields query = served.call().query();
    demandNoDates(query);
    int size = size(query);
    Page<Conversations.Overview> page =
        conversations.list(served.account(), state(query), place(query), size);
    List<Conversations.Overview> shown = page.items();
    return ApiResponse.json(
        200,
        new ConversationPage(
            meta(
                served.base(),
                "conversations",
                query,
                size,
                page.more() ? token(shown.getLast().conversation()) : null),
            shown.stream()
                .map(one -> ConversationResource.of(one, served.base()))
                .toList()));
  }

  /**
   * The position of the end of a page, after which the next one begins, whatever changes meanwhile.
   */
  private static String token(Conversation last) {
    return last.created().toEpochMilli() + "-" + last.sid().text();
  }

  private ApiResponse fetch(Served served) {
    return ApiResponse.json(
        200,
        ConversationResource.of(
            conversations
                .overview(served.account(), served.conversation())
                .orElseThrow(ServerHttp::unknown),
            served.base()));
  }

  private ApiResponse update(Served served) {
    RequestFields fields = served.fields();
    Optional<Conversation.State> wanted = state(fields);
    UpdateOutcome outcome = conversations.update(
        served.account(),
        served.conversation(),
        new Conversations.Update(
            fields
                .optional("attributes")
                .map(text -> MessageFields.attributes(text, Limits.CONVERSATION_ATTRIBUTES_BYTES)),
            wanted));
    return switch (outcome) {
      case UpdateOutcome.Updated(Conversation updated) -> {
        wanted.ifPresent(
            state -> signIn.did(InboxHttp.event(state), served.account(), served.conversation()));
        yield ApiResponse.json(
            200,
            ConversationResource.of(
                updated,
                conversations
                    .overview(served.account(), served.conversation())
                    .flatMap(Conversations.Overview::guest),
                served.base()));
      }
      case UpdateOutcome.NotReopened() -> throw Inbox.notReopened();
      case UpdateOutcome.NotFound() -> throw unknown();
    };
  }

  private ApiResponse erase(Served served) {
    if (!conversations.erase(served.account(), served.conversation())) {
      throw unknown();
    }
    signIn.did(Event.CONVERSATION_ERASED, served.account(), served.conversation());
    return ApiResponse.empty(204);
  }

  // ---- messages

  private ApiResponse messages(Served served) {
    RequestFields query = served.call().query();
    int size = size(query);
    boolean newestFirst =
        query.optional("order").filter("desc"::equalsIgnoreCase).isPresent();
    Optional<MessageIndex> token = query.number("pageToken").map(MessageIndex::orNone);
    PageOfMessages page = newestFirst
        ? new PageOfMessages.Before(token.orElse(MessageIndex.END), size)
        : new PageOfMessages.After(token.orElse(MessageIndex.NONE), size);
    Page<Message> found = conversations
        .messages(served.account(), served.conversation(), page)
        .orElseThrow(ServerHttp::unknown);
    List<Message> ordered = newestFirst ? found.items().reversed() : found.items();
    return ApiResponse.json(
        200,
        new MessagePage(
            meta(
                served.base() + "/" + served.conversation().text() + "/Messages",
                "messages",
                query,
                size,
                found.more() ? String.valueOf(ordered.getLast().index().number()) : null),
            ordered.stream()
                .filter(message -> !message.removed())
                .map(message -> resource(served, message))
                .toList()));
  }

  private ApiResponse send(Served served) {
    RequestFields fields = served.fields();
    String author = fields.optional("author").orElse(SYSTEM);
    String body = MessageFields.body(fields.required("body"));
    String attributes = MessageFields.attributes(fields.optional("attributes"));
    MessageAnswers.reserveAnswer(served.call(), body, attributes);
    Optional<Participant> known = conversations
        .participants(served.account(), served.conversation())
        .orElseThrow(ServerHttp::unknown)
        .stream()
        .filter(one -> one.identity().text().equals(author))
        .findFirst();
    Sent sent = conversations.send(
        served.account(),
        new Conversations.NewMessage(
            served.conversation(),
            new Identity(name(author)),
            known.map(Participant::kind).orElse(ParticipantKind.SYSTEM),
            known.map(Participant::name).orElse(author),
            body,
            attributes,
            // One of ours where there is none: a call that is repeated inside is not said twice.
            fields
                .optional("clientId")
                .map(MessageFields::clientId)
                .or(() -> Optional.of(UUID.randomUUID().toString()))));
    return switch (sent) {
      case Sent.Added(Message message) -> ApiResponse.json(201, resource(served, message));
      case Sent.Duplicate(Message message) -> ApiResponse.json(200, resource(served, message));
      case Sent.Closed() -> throw new Problem(ErrorCode.CONVERSATION_CLOSED);
      case Sent.Full() -> throw new Problem(ErrorCode.CONVERSATION_FULL);
      case Sent.NotFound() -> throw unknown();
    };
  }

  private ApiResponse message(Served served) {
    return answer(
        served,
        200,
        conversations
            .message(served.account(), served.conversation(), served.message())
            .filter(message -> !message.removed()));
  }

  private ApiResponse edit(Served served) {
    RequestFields fields = served.fields();
    return answer(
        served,
        200,
        conversations.edit(
            served.account(),
            served.conversation(),
            served.message(),
            fields.optional("body").map(MessageFields::body),
            fields
                .optional("attributes")
                .map(attributes -> MessageFields.attributes(Optional.of(attributes)))));
  }

  private ApiResponse remove(Served served) {
    if (conversations
        .remove(served.account(), served.conversation(), served.message())
        .isEmpty()) {
      throw unknown();
    }
    signIn.did(Event.MESSAGE_REMOVED, served.account(), served.message());
    return ApiResponse.empty(204);
  }

  private static ApiResponse answer(Served served, int status, Optional<Message> message) {
    return ApiResponse.json(status, resource(served, message.orElseThrow(ServerHttp::unknown)));
  }

  private static MessageResource resource(Served served, Message message) {
    return MessageResource.of(message, served.account(), served.base());
  }

  // ---- participants

  private ApiResponse participants(Served served) {
    RequestFields query = served.call().query();
    List<ParticipantResource> all = joined(served).stream()
        .map(one -> ParticipantResource.of(one, served.account(), served.base()))
        .toList();
    return ApiResponse.json(
        200,
        new ParticipantPage(
            meta(
                served.base() + "/" + served.conversation().text() + "/Participants",
                "participants",
                query,
                Math.max(all.size(), size(query)),
                null),
            all));
  }

  private ApiResponse join(Served served) {
    RequestFields fields = served.fields();
    JoinOutcome outcome = conversations.join(
        served.account(),
        served.conversation(),
        new Identity(name(fields.required("identity"))),
        ParticipantKind.AGENT,
        fields.optional("friendlyName").map(ServerHttp::name));
    return switch (outcome) {
      case JoinOutcome.Joined(Participant one) ->
        ApiResponse.json(201, ParticipantResource.of(one, served.account(), served.base()));
      case JoinOutcome.AlreadyThere before -> throw new Problem(ErrorCode.PARTICIPANT_EXISTS);
      case JoinOutcome.Full() ->
        throw new Problem(
            ErrorCode.CONVERSATION_FULL,
            "The field \"identity\" names one participant too many: a conversation has at most "
                + Limits.CONVERSATION_PARTICIPANTS
                + ", including those who left. Add one of them again, or send messages without adding"
                + " their author.");
      case JoinOutcome.NotFound() -> throw unknown();
    };
  }

  private ApiResponse participant(Served served) {
    return ApiResponse.json(
        200, ParticipantResource.of(theOne(served), served.account(), served.base()));
  }

  private ApiResponse read(Served served) {
    Participant participant = theOne(served);
    served
        .fields()
        .number("lastReadMessageIndex")
        .map(MessageIndex::orNone)
        .ifPresent(index -> conversations.read(
            served.account(), served.conversation(), participant.identity(), index));
    return participant(served);
  }

  private ApiResponse leave(Served served) {
    if (!conversations.leave(
        served.account(), served.conversation(), theOne(served).sid())) {
      throw unknown();
    }
    return ApiResponse.empty(204);
  }

  /** By sid or by identity, as the public API takes both. */
  private Participant theOne(Served served) {
    String asked = decoded(served.call().parameter("ParticipantSid"));
    return joined(served).stream()
        .filter(one -> one.sid().text().equals(asked) || one.identity().text().equals(asked))
        .findFirst()
        .orElseThrow(ServerHttp::unknown);
  }

  /** In an address an identity is percent-encoded (RFC 3986 §2.1); one with / or % goes by its sid. */
  private static String decoded(String segment) {
    return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private List<Participant> joined(Served served) {
    return conversations
        .participants(served.account(), served.conversation())
        .orElseThrow(ServerHttp::unknown)
        .stream()
        .filter(Participant::joined)
        .toList();
  }

  // ---- pages, and what is in fields

  private static Meta meta(
      String url, String key, RequestFields query, int size, @Nullable String nextToken) {
    int page = page(query);
    StringBuilder kept = new StringBuilder("?PageSize=" + size);
    query.optional("order").ifPresent(order -> kept.append("&Order=").append(word(order)));
    query.optional("state").ifPresent(state -> kept.append("&State=").append(word(state)));
    return new Meta(
        page,
        size,
        url + kept + "&Page=0",
        null, // pages go on from a place, and have no way back
        url + kept + "&Page=" + page,
        nextToken == null ? null : url + kept + "&Page=" + (page + 1) + "&PageToken=" + nextToken,
        key);
  }

  /** The number is only repeated: the token decides where a page begins. */
  private static int page(RequestFields query) {
    long page = query.number("page").orElse(0L);
    if (page < 0 || page > MAX_PAGE) {
      throw new Problem(ErrorCode.MALFORMED, "The Page must be from 0 to %d.".formatted(MAX_PAGE));
    }
    if (page > 0 && query.optional("pageToken").isEmpty()) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "Page %d cannot be found by its number; follow next_page_url from the first page."
              .formatted(page));
    }
    return Math.toIntExact(page);
  }

  /** What may stand in an address as it is. */
  private static String word(String text) {
    return text.replaceAll("[^A-Za-z]", "");
  }

  /** A list that is longer than was asked for would be taken for what was asked for. */
  private static void demandNoDates(RequestFields query) {
    for (String field : List.of("StartDate", "EndDate")) {
      if (query
          .optional(Character.toLowerCase(field.charAt(0)) + field.substring(1))
          .isPresent()) {
        throw new Problem(
            ErrorCode.MALFORMED,
            "%s is not supported: leave it out, and compare each date_created.".formatted(field));
      }
    }
  }

  private static int size(RequestFields query) {
    long size = query.number("pageSize").orElse((long) Limits.PAGE_DEFAULT);
    if (size < 1) {
      throw new Problem(ErrorCode.MALFORMED, "The PageSize must be 1 or more.");
    }
    return (int) Math.min(size, Limits.MAX_PAGE);
  }

  private static Optional<Conversation.State> state(RequestFields fields) {
    try {
      return fields.optional("state").map(Conversation.State::of);
    } catch (IllegalArgumentException e) {
      throw new Problem(ErrorCode.MALFORMED, "The State must be active or closed.");
    }
  }

  private static Optional<Conversations.Place> place(RequestFields query) {
    return query.optional("pageToken").map(token -> {
      try {
        int dash = token.indexOf('-');
        return new Conversations.Place(
            Instant.ofEpochMilli(Long.parseLong(token.substring(0, Math.max(dash, 0)))),
            new Sid.Conversation(token.substring(dash + 1)));
      } catch (IllegalArgumentException | DateTimeException e) {
        throw new Problem(ErrorCode.MALFORMED, "The PageToken is none of ours.");
      }
    });
  }

  private static String name(String name) {
    if (name.length() > Limits.FRIENDLY_NAME_CHARACTERS) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "A name or identity may have %d characters.".formatted(Limits.FRIENDLY_NAME_CHARACTERS));
    }
    String fit = DisplayName.of(name);
    if (fit.isEmpty() && !name.isEmpty()) {
      throw new Problem(ErrorCode.MALFORMED, "A name or identity needs visible characters.");
    }
    return fit;
  }

  private static Problem unknown() {
    return new Problem(ErrorCode.NO_SUCH_RESOURCE);
  }
}
