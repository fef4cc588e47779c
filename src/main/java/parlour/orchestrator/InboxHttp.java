package parlour.orchestrator;

import io.avaje.jsonb.Json;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.Changes;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Message;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Participant;
import parlour.http.Answer;
import parlour.http.Call;
import parlour.http.Endpoint;
import parlour.http.ErrorCode;
import parlour.http.Errors;
import parlour.http.Fields;
import parlour.http.Problem;
import parlour.http.Routes;

/**
 * The wire of the agents' inbox. A browser is known by a cookie that scripts can not read; what
 * changes anything must come from a page of ours, which no other page can pretend.
 */
public final class InboxHttp {
  private static final String API = "/inbox/api";
  private static final String ONE = API + "/conversations/{ConversationSid}";
  private static final String COOKIE = "parlour_agent";
  private static final Pattern IN_HEADER =
      Pattern.compile("(?:^|;\\s*)" + COOKIE + "=([0-9a-f]{32})(?:;|$)");

  private final AgentSignIn signIn;
  private final Conversations conversations;
  private final Inbox inbox;

  private final OpenSockets<String> sockets = new OpenSockets<>();
  private final boolean https;

  private InboxHttp(
      AgentSignIn signIn, Conversations conversations, boolean https, InstantSource clock) {
    this.signIn = signIn;
    this.https = https;
    this.conversations = conversations;
    this.inbox = new Inbox(conversations, clock);
  }

  /**
   * @param publicUrl where browsers find the inbox, as far as that is configured
   */
  public static void serve(
      AgentSignIn signIn,
      Conversations conversations,
      Optional<String> publicUrl,
      InstantSource clock,
      Routes routes) {
    InboxHttp http = new InboxHttp(
        signIn, conversations, publicUrl.filter(InboxHttp::isHttps).isPresent(), clock);
    routes.post(API + "/sign-in", fromOurPage(http::signIn), Errors.PLAIN);
    routes.post(API + "/sign-out", fromOurPage(http::signOut), Errors.PLAIN);
    routes.get(API + "/me", http.signedIn(http::me), Errors.PLAIN);
    routes.get(API + "/conversations", http.signedIn(http::list), Errors.PLAIN);
    routes.get(ONE, http.signedIn(http::open), Errors.PLAIN);
    routes.get(ONE + "/messages", http.signedIn(http::messages), Errors.PLAIN);
    routes.get(ONE + "/changes", http.signedIn(http::changes), Errors.PLAIN);
    routes.post(ONE + "/messages", fromOurPage(http.signedIn(http::send)), Errors.PLAIN);
    routes.post(ONE + "/typing", fromOurPage(http.signedIn(http::typing)), Errors.PLAIN);
    routes.post(ONE + "/read", fromOurPage(http.signedIn(http::read)), Errors.PLAIN);
    routes.post(ONE + "/close", fromOurPage(http.signedIn(http::close)), Errors.PLAIN);
    routes.socket(
        API + "/stream",
        call -> {
          demandOurPage(call);
          String cookie = cookie(call).orElseThrow(() -> new Problem(ErrorCode.NOT_SIGNED_IN));
          InboxStream stream = new InboxStream(
              agent(signIn, cookie),
              () -> signIn.signedIn(cookie).isPresent(),
              http.inbox,
              conversations);
          return socket -> http.sockets.within(cookie, () -> stream.run(socket));
        },
        Errors.PLAIN);
  }

  // ---- who calls, and from where

  /** A page of another origin can send no such call without the browser saying so. */
  private static Endpoint fromOurPage(Endpoint endpoint) {
    return call -> {
      demandOurPage(call);
      return endpoint.answer(call);
    };
  }

  private static void demandOurPage(Call call) {
    String site = call.header("Sec-Fetch-Site");
    String origin = call.header("Origin");
    boolean ours = site != null
        ? site.equals("same-origin")
        : origin != null && authority(origin).equals(call.header("Host"));
    if (!ours) {
      throw new Problem(
          ErrorCode.ORIGIN_NOT_ALLOWED, "This call is for the inbox's own page, and no other.");
    }
  }

  private static String authority(String origin) {
    try {
      return String.valueOf(URI.create(origin).getRawAuthority());
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private Endpoint signedIn(BiFunction<Agents.Agent, Call, Answer> endpoint) {
    return call -> {
      String cookie = cookie(call).orElseThrow(() -> new Problem(ErrorCode.NOT_SIGNED_IN));
      return endpoint.apply(agent(signIn, cookie), call);
    };
  }

  private static Agents.Agent agent(AgentSignIn signIn, String cookie) {
    return signIn.signedIn(cookie).orElseThrow(() -> new Problem(ErrorCode.NOT_SIGNED_IN));
  }

  private static Optional<String> cookie(Call call) {
    String cookies = call.header("Cookie");
    Matcher found = IN_HEADER.matcher(cookies == null ? "" : cookies);
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
  }

  // ---- signing in and out

  @Json(naming = Json.Naming.LowerUnderscore)
  record Me(String name, String identity, String accountSid) {
    static Me of(Agents.Agent agent) {
      return new Me(agent.name(), agent.identity(), agent.account().text());
    }
  }

  private Answer signIn(Call call) {
    Fields fields = call.fields(Limits.REFRESH_BODY);
    AgentSignIn.SignedIn signedIn = signIn
        .signIn(fields.required("name"), fields.required("password"))
        .orElseThrow(() -> new Problem(ErrorCode.SIGN_IN_REFUSED));
    return Answer.json(200, Me.of(signedIn.agent()))
        .with("Set-Cookie", cookie(call, signedIn.cookie(), Limits.AGENT_SESSION.toSeconds()));
  }

  private Answer signOut(Call call) {
    cookie(call).ifPresent(signIn::signOut);
    return Answer.empty(204).with("Set-Cookie", cookie(call, "", 0));
  }

  /**
   * RFC 6265bis: no script reads it, no other site sends it, and https keeps it to itself: where the
   * public address is one, the call came by it, or the page says that it does.
   */
  private String cookie(Call call, String value, long seconds) {
    String origin = call.header("Origin");
    boolean secure = https || call.isEncrypted() || (origin != null && isHttps(origin));
    return "%s=%s; Path=%s; Max-Age=%d; HttpOnly; SameSite=Strict%s"
        .formatted(COOKIE, value, API, seconds, secure ? "; Secure" : "");
  }

  private static boolean isHttps(String address) {
    return address.toLowerCase(Locale.ROOT).startsWith("https:");
  }

  private Answer me(Agents.Agent agent, Call call) {
    return Answer.json(200, Me.of(agent));
  }

  // ---- conversations

  @Json(naming = Json.Naming.LowerUnderscore)
  record ListAnswer(List<Inbox.Summary> conversations, boolean hasMore) {}

  private Answer list(Agents.Agent agent, Call call) {
    Fields query = call.query();
    List<Inbox.Summary> page = inbox.list(agent, state(query), place(query));
    return Answer.json(200, new ListAnswer(page, page.size() == Limits.PAGE_DEFAULT));
  }

  private static Conversation.State state(Fields query) {
    try {
      return query.optional("state").map(Conversation.State::of).orElse(Conversation.State.ACTIVE);
    } catch (IllegalArgumentException e) {
      throw new Problem(ErrorCode.MALFORMED, "The state must be active or closed.");
    }
  }

  /** The page begins after {@code active} and {@code sid}, those of the last one shown. */
  private static Optional<Conversations.Place> place(Fields query) {
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

  private Answer open(Agents.Agent agent, Call call) {
    return Answer.json(200, inbox.open(agent, conversation(call)).orElseThrow(InboxHttp::unknown));
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record MessagesAnswer(List<MessageForm> messages, boolean hasMore) {}

  private Answer messages(Agents.Agent agent, Call call) {
    PageOfMessages page = GuestHttp.page(call.query());
    List<MessageForm> messages = conversations
        .messages(agent.account(), conversation(call), page)
        .map(MessageForm::of)
        .orElseThrow(InboxHttp::unknown);
    return Answer.json(
        200,
        new MessagesAnswer(messages, !messages.isEmpty() && messages.getFirst().index() > 0));
  }

  @Json
  record ChangesAnswer(
      long revision,
      List<MessageForm> messages,
      List<ParticipantForm> participants,
      boolean more) {}

  private Answer changes(Agents.Agent agent, Call call) {
    long after = call.query()
        .number("after")
        .orElseThrow(() -> new Problem(
            ErrorCode.MALFORMED,
            "The field \"after\" is missing; send the revision that you know."));
    Changes changes = conversations
        .changes(agent.account(), conversation(call), after, Limits.FOLLOWED_AT_ONCE)
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
    return Answer.json(
        200,
        new ChangesAnswer(
            changes.upTo(),
            MessageForm.of(messages),
            ParticipantForm.of(participants),
            changes.more()));
  }

  private Answer send(Agents.Agent agent, Call call) {
    Fields fields = call.fields(Limits.MESSAGE_CALL_BODY);
    return GuestHttp.sent(inbox.send(
        agent,
        conversation(call),
        GuestHttp.body(fields.required("body")),
        GuestHttp.clientId(fields.required("clientId"))));
  }

  private Answer typing(Agents.Agent agent, Call call) {
    if (!inbox.typing(agent, conversation(call))) {
      throw unknown();
    }
    return Answer.empty(204);
  }

  private Answer read(Agents.Agent agent, Call call) {
    long index = GuestHttp.index(call.fields(Limits.REFRESH_BODY));
    if (!conversations.read(agent.account(), conversation(call), agent.identity(), index)) {
      throw unknown();
    }
    return Answer.empty(204);
  }

  private Answer close(Agents.Agent agent, Call call) {
    if (conversations.close(agent.account(), conversation(call)).isEmpty()) {
      throw unknown();
    }
    return Answer.empty(204);
  }

  private static Sid.Conversation conversation(Call call) {
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
