package parlour.inbox;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Origin;
import parlour.conversations.Changes;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Message;
import parlour.conversations.MessageAnswers;
import parlour.conversations.MessageFields;
import parlour.conversations.MessageIndex;
import parlour.conversations.Page;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Participant;
import parlour.conversations.Revision;
import parlour.conversations.StateChanges;
import parlour.conversations.UpdateOutcome;
import parlour.errors.ErrorCode;
import parlour.errors.Errors;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Endpoint;
import parlour.http.server.RequestFields;
import parlour.http.server.Routes;
import parlour.http.websocket.OpenSockets;
import parlour.http.websocket.SocketHandler;

/**
 * The wire of the agents' inbox. A browser is known by a cookie that scripts can not read; what
 * changes anything must come from a page of ours, which no other page can pretend.
 */
public final class InboxHttp {
  private static final String API = "/inbox/api";
  private static final String ONE = API + "/conversations/{ConversationSid}";

  private final AgentAuthenticator signIn;
  private final Conversations conversations;
  private final Inbox inbox;
  private final AgentCookies cookies;
  private final InboxPage page;
  private final OpenSockets<String> sockets = new OpenSockets<>();

  private InboxHttp(
      AgentAuthenticator signIn,
      Conversations conversations,
      Optional<Origin> publicOrigin,
      InstantSource clock) {
    this.signIn = signIn;
    this.conversations = conversations;
    this.inbox = new Inbox(conversations, clock);
    this.cookies = new AgentCookies(publicOrigin);
    this.page = new InboxPage(publicOrigin, cookies);
  }

  /**
   * Serves the inbox at several listeners, with one count of its sockets.
   *
   * @param publicUrl where browsers find the inbox, as far as that is configured
   */
  public static void serve(
      AgentAuthenticator signIn,
      Conversations conversations,
      Optional<String> publicUrl,
      InstantSource clock,
      List<Routes> listeners) {
    InboxHttp http = new InboxHttp(signIn, conversations, publicUrl.flatMap(Origin::of), clock);
    listeners.forEach(http::serve);
  }

  private void serve(Routes routes) {
    routes.post(API + "/sign-in", fromOurPage(this::signIn), Errors.PLAIN);
    routes.post(API + "/sign-out", fromOurPage(this::signOut), Errors.PLAIN);
    routes.post(API + "/sign-out-others", fromOurPage(this::signOutOthers), Errors.PLAIN);
    routes.post(API + "/here", acting((_, _) -> ApiResponse.empty(204)), Errors.PLAIN);
    routes.get(API + "/me", this::me, Errors.PLAIN);
    routes.get(API + "/origin", signedIn(this::origin), Errors.PLAIN);
    routes.get(API + "/conversations", signedIn(this::list), Errors.PLAIN);
    routes.get(ONE, signedIn(this::open), Errors.PLAIN);
    routes.get(ONE + "/messages", signedIn(this::messages), Errors.PLAIN);
    routes.get(ONE + "/changes", signedIn(this::changes), Errors.PLAIN);
    routes.post(ONE + "/messages", acting(this::send), Errors.PLAIN);
    routes.post(ONE + "/typing", acting(this::typing), Errors.PLAIN);
    routes.post(ONE + "/read", fromOurPage(signedIn(this::read)), Errors.PLAIN);
    routes.post(ONE + "/close", acting(this::close), Errors.PLAIN);
    routes.post(ONE + "/reopen", acting(this::reopen), Errors.PLAIN);
    routes.socket(API + "/stream", this::stream, Errors.PLAIN);
  }

  private SocketHandler stream(ApiRequest call) {
    page.demand(call);
    Browser browser = browser(call);
    InboxStream stream = new InboxStream(
        browser.agent(),
        call.client(),
        () -> signIn.signedIn(browser.secret()).isPresent(),
        inbox,
        conversations);
    return socket -> sockets.within(browser.secret(), () -> stream.run(socket));
  }

  // ---- who calls, and from where

  /** A page of another origin can send no such call without the browser saying so. */
  private Endpoint fromOurPage(Endpoint endpoint) {
    return call -> {
      page.demand(call);
      return endpoint.answer(call);
    };
  }

  private Endpoint signedIn(BiFunction<Agents.Agent, ApiRequest, ApiResponse> endpoint) {
    return call -> endpoint.apply(browser(call).agent(), call);
  }

  /**
   * An action of a person at the page. Only this keeps a browser signed in; an open tab does not.
   */
  private Endpoint acting(BiFunction<Agents.Agent, ApiRequest, ApiResponse> endpoint) {
    return fromOurPage(call -> {
      Browser browser = browser(call);
      signIn.isUsed(browser.secret());
      return endpoint.apply(browser.agent(), call);
    });
  }

  /** A browser that is signed in. */
  private record Browser(Agents.Agent agent, String secret) {}

  /**
   * The browser that calls. If it sends two valid secrets, it is refused: somebody else put one of
   * them there.
   */
  private Browser browser(ApiRequest call) {
    List<Browser> good = new ArrayList<>();
    for (AgentCookies.Shown shown : cookies.shown(call)) {
      signIn
          .signedIn(shown.secret())
          .ifPresent(agent -> good.add(new Browser(agent, shown.secret())));
    }
    if (good.size() != 1) {
      throw new Problem(ErrorCode.NOT_SIGNED_IN);
    }
    return good.getFirst();
  }

  // ---- signing in and out

  /** The agent, and how many other browsers are signed in under this name. */
  record Me(String name, Identity identity, String accountSid, int otherBrowsers) {}

  private Me me(Agents.Agent agent, String secret) {
    return new Me(
        agent.name(), agent.identity(), agent.account().text(), signIn.otherBrowsers(secret));
  }

  /** A new sign-in ends the session that the browser had before. */
  private ApiResponse signIn(ApiRequest call) {
    RequestFields fields = call.fields(Limits.REFRESH_BODY);
    AgentAuthenticator.SignedIn signedIn = signIn
        .signIn(fields.required("name"), fields.required("password"))
        .orElseThrow(() -> new Problem(ErrorCode.SIGN_IN_REFUSED));
    cookies.shown(call).forEach(shown -> signIn.signOut(shown.secret()));
    return ApiResponse.json(200, me(signedIn.agent(), signedIn.cookie()))
        .with(
            "Set-Cookie",
            cookies.header(
                call, isSecure(call), signedIn.cookie(), Limits.AGENT_SESSION.toSeconds()));
  }

  private ApiResponse signOut(ApiRequest call) {
    cookies.shown(call).forEach(shown -> signIn.signOut(shown.secret()));
    return ApiResponse.empty(204).with("Set-Cookie", cookies.header(call, isSecure(call), "", 0));
  }

  private ApiResponse signOutOthers(ApiRequest call) {
    signIn.signOutOthers(browser(call).secret());
    return ApiResponse.empty(204);
  }

  /** Returns true also if a proxy terminated TLS and only the page reports https. */
  private boolean isSecure(ApiRequest call) {
    return cookies.isHttps(call)
        || Origin.of(call.header("Origin")).filter(Origin::isHttps).isPresent();
  }

  private ApiResponse me(ApiRequest call) {
    Browser browser = browser(call);
    return ApiResponse.json(200, me(browser.agent(), browser.secret()));
  }

  /** Why a handshake was refused. Browsers do not tell the page, so the page asks here. */
  private ApiResponse origin(Agents.Agent agent, ApiRequest call) {
    page.demand(call.query().optional("origin").orElse(null), call);
    return ApiResponse.empty(204);
  }

  // ---- conversations

  record ListAnswer(List<Inbox.Summary> conversations, boolean hasMore) {}

  private ApiResponse list(Agents.Agent agent, ApiRequest call) {
    RequestFields query = call.query();
    Page<Inbox.Summary> page = inbox.list(agent, state(query), place(query));
    return ApiResponse.json(200, new ListAnswer(page.items(), page.more()));
  }

  private static Conversation.State state(RequestFields query) {
    try {
      return query.optional("state").map(Conversation.State::of).orElse(Conversation.State.ACTIVE);
    } catch (IllegalArgumentException e) {
      throw new Problem(ErrorCode.MALFORMED, "The state must be active or closed.");
    }
  }

  /**
   * The page begins after {@code active} and {@code sid} of the last conversation that was shown.
   */
  private static Optional<Conversations.Place> place(RequestFields query) {
    Optional<String> active = query.optional("active");
    Optional<String> sid = query.optional("sid");
    if (active.isEmpty() || sid.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Conversations.Place(Instant.parse(active.get()), new Sid.Conversation(sid.get())));
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "Send active and sid as the last conversation of the page has them.");
    }
  }

  private ApiResponse open(Agents.Agent agent, ApiRequest call) {
    return ApiResponse.json(
        200, inbox.open(agent, conversation(call)).orElseThrow(InboxHttp::unknown));
  }

  record MessagesAnswer(List<MessageForm> messages, boolean hasMore) {}

  private ApiResponse messages(Agents.Agent agent, ApiRequest call) {
    PageOfMessages page = MessageFields.page(call.query());
    Page<Message> found = conversations
        .messages(agent.account(), conversation(call), page)
        .orElseThrow(InboxHttp::unknown);
    return ApiResponse.json(200, new MessagesAnswer(MessageForm.of(found.items()), found.more()));
  }

  record ChangesAnswer(
      Revision revision,
      List<MessageForm> messages,
      List<ParticipantForm> participants,
      boolean more) {}

  private ApiResponse changes(Agents.Agent agent, ApiRequest call) {
    Revision after = call.query()
        .number("after")
        .map(Revision::orNone)
        .orElseThrow(() -> new Problem(
            ErrorCode.MALFORMED,
            "The field \"after\" is missing; send the revision that you know."));
    Changes changes = conversations
        .changes(agent.account(), conversation(call), after, Limits.FOLLOW_BATCH)
        .orElseThrow(InboxHttp::unknown);
    List<Message> messages = new ArrayList<>();
    List<Participant> participants = new ArrayList<>();
    for (Changes.Change change : changes.changes()) {
      switch (change) {
        case Changes.Change.OfMessage(Message message) -> messages.add(message);
        case Changes.Change.OfParticipant(Participant one) -> participants.add(one);
        case Changes.Change.OfState state -> {} // the summary has it
      }
    }
    return ApiResponse.json(
        200,
        new ChangesAnswer(
            changes.upTo(),
            MessageForm.of(messages),
            ParticipantForm.of(participants),
            changes.more()));
  }

  private ApiResponse send(Agents.Agent agent, ApiRequest call) {
    RequestFields fields = call.fields(Limits.MESSAGE_CALL_BODY);
    String body = MessageFields.body(fields.required("body"));
    String clientId = MessageFields.clientId(fields.required("clientId"));
    MessageAnswers.reserveAnswer(call, body, "{}");
    return MessageAnswers.sentByAgent(inbox.send(agent, conversation(call), body, clientId));
  }

  private ApiResponse typing(Agents.Agent agent, ApiRequest call) {
    if (!inbox.typing(agent, conversation(call))) {
      throw unknown();
    }
    return ApiResponse.empty(204);
  }

  private ApiResponse read(Agents.Agent agent, ApiRequest call) {
    MessageIndex index = MessageFields.index(call.fields(Limits.REFRESH_BODY));
    if (!conversations.read(agent.account(), conversation(call), agent.identity(), index)) {
      throw unknown();
    }
    return ApiResponse.empty(204);
  }

  private ApiResponse close(Agents.Agent agent, ApiRequest call) {
    return become(agent, call, Conversation.State.CLOSED);
  }

  private ApiResponse reopen(Agents.Agent agent, ApiRequest call) {
    return become(agent, call, Conversation.State.ACTIVE);
  }

  private ApiResponse become(Agents.Agent agent, ApiRequest call, Conversation.State state) {
    return switch (conversations.update(
        agent.account(), conversation(call), Conversations.Update.to(state))) {
      case UpdateOutcome.Updated done -> {
        signIn.did(StateChanges.event(state), agent, conversation(call));
        yield ApiResponse.empty(204);
      }
      case UpdateOutcome.NotReopened() -> throw StateChanges.notReopened();
      case UpdateOutcome.NotFound() -> throw unknown();
    };
  }

  private static Sid.Conversation conversation(ApiRequest call) {
    return sid(call.parameter("ConversationSid")).orElseThrow(InboxHttp::unknown);
  }

  private static Optional<Sid.Conversation> sid(@Nullable String text) {
    try {
      return Optional.of(new Sid.Conversation(text == null ? "" : text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Problem unknown() {
    return new Problem(ErrorCode.NOT_FOUND, "There is no such conversation.");
  }
}
