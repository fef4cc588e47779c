package parlour.spec;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import parlour.Limits;
import parlour.RandomHex;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.ApiKeys;
import parlour.accounts.Attendance;
import parlour.accounts.GeneratedSecrets;
import parlour.accounts.Lifetimes;
import parlour.accounts.OpeningHours;
import parlour.accounts.SqlAccounts;
import parlour.accounts.SqlApiKeys;
import parlour.accounts.TokenRules;
import parlour.accounts.WeeklyHours;
import parlour.config.Role;
import parlour.conversations.SqlConversationStore;
import parlour.http.json.Json;
import parlour.inbox.Agents;
import parlour.media.MediaForm;
import parlour.scopedauth.Fingerprint;
import parlour.store.Database;

/** Creates the state that a golden file assumes in a running system, and returns the values of its names. */
final class Situations {
  /** Two different fingerprints of no real browser; callers treat them as opaque text. */
  private static final String FINGERPRINT = "f1.medium." + "A".repeat(96);

  private static final String OTHER_FINGERPRINT = "f1.medium." + "B".repeat(96);

  private final Installation installation;
  private final Faults faults;
  private Optional<GuestKey> key = Optional.empty();

  Situations(Installation installation, Faults faults) {
    this.installation = installation;
    this.faults = faults;
  }

  /** The key of the guest's browser, if the session is bound to one. */
  Optional<GuestKey> key() {
    return key;
  }

  /** Values for the places of a file, of a situation of its own. */
  Map<String, String> given(String words) {
    return switch (words) {
      case "a deployment" -> deployment(installation.defaults());
      case "a deployment that lists no origins" -> deployment(withOrigins(List.of()));
      case "a deployment whose desk is closed" -> closed(deployment(installation.defaults()));
      case "a deployment whose agents are away" -> {
        var _ = installation.agent();
        installation.clock.pass(Limits.INBOX_UNKNOWN_TTL.plus(Limits.INBOX_OPEN_TTL));
        yield deployment(installation.defaults());
      }
      case "a deployment that a program answers" -> ofProgram();
      case "a deployment without an address" ->
        deployment(new Accounts.Settings(
            Optional.empty(),
            new AllowedOrigins(List.of(Installation.ORIGIN)),
            TokenRules.DEFAULT,
            Lifetimes.DEFAULT));
      case "no deployment" -> with(new HashMap<>(), "deploymentKey", "CV" + "0".repeat(32));
      case "a chat", "a chat whose files are scanned" -> chat(installation);
      case "a chat in which something was said" ->
        after(chat(installation), guest -> guest.says("Is it open on Sundays?", "0b3f7c1e-1"));
      case "a chat that is bound to a key" -> bound(installation.defaults());
      case "a chat that is bound to a key, and its token has expired" -> {
        Map<String, String> chat = bound(withLifetimes(Lifetimes.ofTokens(Limits.MIN_TOKEN_TTL)));
        installation.clock.pass(Limits.MIN_TOKEN_TTL.plusSeconds(1));
        yield with(chat, "created", now());
      }
      case "a chat that has ended" ->
        after(chat(installation), guest -> guest.posts("/v2/Webchat/End", "{}"));
      case "a chat that has ended for good" ->
        after(
            chat(
                installation,
                deployment(withLifetimes(Lifetimes.DEFAULT.reopening(Duration.ZERO)))),
            guest -> guest.posts("/v2/Webchat/End", "{}"));
      case "a chat in a deployment that lists no origins" ->
        chat(installation, deployment(withOrigins(List.of())));
      case "a chat that began in another browser" -> chatOf(Browser.FIREFOX_ON_LINUX);
      case "a chat that is full" -> full(chat(installation));
      case "a chat whose files have no more room" -> fullOfFiles(chat(installation));
      case "a chat whose token has expired" -> expired();
      case "a chat whose token was refused many times" -> refusedManyTimes();
      case "a chat, and a service behind is down" -> broken(chat(installation), Role.SCOPED_AUTH);
      case "a deployment, and a service behind is down" ->
        broken(deployment(installation.defaults()), Role.CONVERSATIONS);
      case "a deployment, and the configuration store is down" ->
        withoutConfiguration(deployment(installation.defaults()));
      case "a server of the account" -> serverOf(deployment(installation.defaults()));
      case "a server of the account, and a chat" -> serverOf(chat(installation));
      case "a program with an API key, and a chat" -> ofProgramWithKey(chat(installation));
      case "a program with an API key that has expired" -> ofProgramWithExpiredKey();
      case "an agent, and a chat" ->
        agentIn(chat(installation), installation.agent(Agents.Role.AGENT));
      case "an agent with a second factor" -> agentWithSecondFactor();
      case "an agent without the second factor that the account requires" -> agentWithoutFactor();
      case "an auditor, and a chat" ->
        agentIn(chat(installation), installation.agent(Agents.Role.AUDITOR));
      case "an agent, and a chat of a desk of which another agent is not a member" -> ofDesk();
      case "an agent, and a chat that another agent has claimed" ->
        claimed(agentIn(chat(installation), installation.agent(Agents.Role.AGENT)));
      case "a session", "a session of a conversation of its own" -> session();
      case "a session that was revoked" -> revoked(session());
      case "a session, and a service that fails as nobody expected" -> {
        Map<String, String> session = session();
        faults.broken(Role.SCOPED_AUTH, IllegalStateException::new);
        yield session;
      }
      default -> givenAdmin(words);
    };
  }

  private Map<String, String> givenAdmin(String words) {
    return switch (words) {
      case "an admin" -> admin();
      case "an admin, and a deployment that another admin has changed" -> adminOfChanged();
      case "an admin, and the only member of a desk" -> adminAndMember();
      default -> throw new IllegalArgumentException("nobody knows the situation: " + words);
    };
  }

  private Map<String, String> agentIn(Map<String, String> chat, Installation.NewAgent agent) {
    with(chat, "cookie", new AgentBrowser(installation, agent).cookie());
    return with(chat, "agent", agent.identity().text());
  }

  private Map<String, String> agentWithSecondFactor() {
    Installation.NewAgent agent = installation.agent();
    AgentBrowser browser = new AgentBrowser(installation, agent);
    String secret = browser
        .posts("/second-factor/begin", "{\"old\":\"%s\"}".formatted(agent.password()))
        .text("secret");
    AuthenticatorApp app = new AuthenticatorApp(installation.clock, secret);
    var _ = browser.posts("/second-factor/confirm", "{\"code\":\"%s\"}".formatted(app.code(0)));
    return with(with(new HashMap<>(), "agentName", agent.name()), "password", agent.password());
  }

  private Map<String, String> agentWithoutFactor() {
    Installation.NewAgent agent = installation.agentOfAnotherAccount();
    String cookie = new AgentBrowser(installation, agent).cookie();
    installation.agents(agents -> {
      Sid.Account account = agents.find(agent.name()).orElseThrow().account();
      installation.accounts(accounts -> accounts.requireSecondFactor(account, true));
    });
    return with(new HashMap<>(), "cookie", cookie);
  }

  private Map<String, String> claimed(Map<String, String> values) {
    AgentBrowser other = new AgentBrowser(installation);
    var _ = other.posts(
        values.getOrDefault("conversationSid", ""),
        "assignee",
        "{\"assignee\":\"%s\",\"from\":\"\"}".formatted(other.identity()));
    return with(values, "otherAgent", other.identity());
  }

  private Map<String, String> ofDesk() {
    Sid.Address desk = newAddress(installation.account, Attendance.ALWAYS);
    Installation.NewAgent member = installation.agent(Agents.Role.AGENT);
    installation.desks(members -> members.add(desk, member.name()));
    Map<String, String> deployment =
        of(desk, deployment(installation.defaults()), installation.account);
    return with(
        agentIn(chat(installation, deployment), member),
        "otherAgent",
        installation.agent(Agents.Role.AGENT).identity().text());
  }

  private Map<String, String> admin() {
    Installation.NewAgent admin = installation.agent();
    String cookie = new AgentBrowser(installation, admin).cookie();
    return with(with(new HashMap<>(), "cookie", cookie), "agentName", admin.name());
  }

  private Map<String, String> adminOfChanged() {
    Installation.NewAgent admin = installation.agent();
    AgentBrowser browser = new AgentBrowser(installation, admin);
    Map<String, String> values = deployment(installation.defaults());
    Map<?, ?> settings = (Map<?, ?>) Objects.requireNonNull(browser
        .gets("/console/deployments/settings?deployment=" + values.get("deploymentKey"))
        .json()
        .get("settings"));
    with(values, "version", String.valueOf(settings.get("version")));
    with(values, "addressSid", String.valueOf(settings.get("address")));
    return with(values, "cookie", browser.cookie());
  }

  private Map<String, String> adminAndMember() {
    Sid.Address desk = newAddress(installation.account, Attendance.ALWAYS);
    Installation.NewAgent member = installation.agent(Agents.Role.AGENT);
    installation.desks(members -> members.add(desk, member.name()));
    return with(with(admin(), "otherAgentName", member.name()), "addressSid", desk.text());
  }

  private Map<String, String> serverOf(Map<String, String> values) {
    String pair = installation.account.text() + ":" + installation.authToken();
    return with(values, "basic", basic(pair));
  }

  private Map<String, String> ofProgramWithExpiredKey() {
    Map<String, String> program = ofProgramWithKey(deployment(installation.defaults()));
    installation.clock.pass(Limits.API_KEY_TTL);
    return program;
  }

  private Map<String, String> ofProgramWithKey(Map<String, String> values) {
    SecureRandom random = new SecureRandom();
    String secret = RandomHex.next(random, 16);
    ApiKeys.ApiKey key = ApiKeys.ApiKey.next(
        Sid.ApiKey.random(random),
        installation.account,
        "A report",
        Set.of(ApiKeys.Scope.READ),
        installation.clock.instant(),
        Limits.API_KEY_TTL);
    try (Database database = installation.database(SqlAccounts.SCHEMA)) {
      new SqlApiKeys(database).create(key, GeneratedSecrets.digest(secret));
    }
    return with(values, "basic", basic(key.sid().text() + ":" + secret));
  }

  private static String basic(String pair) {
    return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII));
  }

  static Map<String, String> chat(Installation installation) {
    return chat(installation, deployment(installation, installation.defaults()));
  }

  private static Map<String, String> chat(Installation installation, Map<String, String> values) {
    return chat(values, installation.guest());
  }

  private Map<String, String> after(Map<String, String> chat, Consumer<Guest> action) {
    action.accept(installation
        .guest()
        .of(new Sid.Deployment(chat.getOrDefault("deploymentKey", "")))
        .holding(chat.getOrDefault("token", "")));
    return chat;
  }

  private Map<String, String> chatOf(Browser browser) {
    return chat(deployment(installation.defaults()), installation.guest(browser));
  }

  private static Map<String, String> chat(Map<String, String> values, Guest guest) {
    guest.of(new Sid.Deployment(values.getOrDefault("deploymentKey", "")));
    Guest.Reply reply = guest.begins();
    with(values, "token", reply.text("token"));
    with(values, "identity", reply.text("identity"));
    return with(values, "conversationSid", reply.text("conversation_sid"));
  }

  private Map<String, String> full(Map<String, String> chat) {
    try (Database database = installation.database(SqlConversationStore.SCHEMA)) {
      int filled = database.write(sql -> sql.update(
          "UPDATE conversation SET message_bytes = ? WHERE sid = ?",
          Limits.CONVERSATION_BYTES,
          chat.get("conversationSid")));
      if (filled != 1) {
        throw new IllegalStateException("there is no such conversation");
      }
    }
    return chat;
  }

  private Map<String, String> fullOfFiles(Map<String, String> chat) {
    try (Database database = installation.database(SqlConversationStore.SCHEMA)) {
      var _ = database.write(sql -> sql.update(
          """
              INSERT INTO media (sid, account_sid, conversation_sid, author, message_sid, file_name,
                category, state, content_type, file_bytes, preview_bytes, created_at)
              SELECT ?, account_sid, sid, 'agent', ?, 'film.mp4', 'media', 'stored', 'video/mp4',
                ?, 0, created_at
              FROM conversation WHERE sid = ?
              """,
          "ME" + RandomHex.next(new SecureRandom(), 16),
          "IM" + "0".repeat(32),
          Limits.MEDIA_CONVERSATION_BYTES,
          chat.get("conversationSid")));
    }
    return chat;
  }

  private Map<String, String> bound(Accounts.Settings settings) {
    GuestKey agreed = GuestKey.next();
    key = Optional.of(agreed);
    Map<String, String> chat = chat(deployment(settings), installation.guest().withKey(agreed));
    with(chat, "nonce", GuestKey.nonce());
    return with(chat, "created", now());
  }

  private String now() {
    return String.valueOf(installation.clock.instant().getEpochSecond());
  }

  private Accounts.Settings withLifetimes(Lifetimes lifetimes) {
    Accounts.Settings defaults = installation.defaults();
    return new Accounts.Settings(
        defaults.address(), defaults.allowedOrigins(), defaults.rules(), lifetimes);
  }

  private Map<String, String> expired() {
    Map<String, String> chat =
        chat(installation, deployment(withLifetimes(Lifetimes.ofTokens(Limits.MIN_TOKEN_TTL))));
    with(chat, "serviceSid", MediaForm.service(installation.account));
    installation.clock.pass(Limits.MIN_TOKEN_TTL.plusSeconds(1));
    return chat;
  }

  private Map<String, String> refusedManyTimes() {
    Map<String, String> chat = chatOf(Browser.FIREFOX_ON_LINUX);
    Guest thief = installation
        .guest()
        .of(new Sid.Deployment(chat.getOrDefault("deploymentKey", "")))
        .holding(chat.getOrDefault("token", ""));
    for (int i = 0; i < 2 * Limits.REFUSALS_PER_SESSION; i++) {
      if (thief.reloads().status() == 429) {
        return chat;
      }
    }
    throw new IllegalStateException("a thief may ask as often as he likes");
  }

  private Map<String, String> broken(Map<String, String> values, Role role) {
    faults.storeDown(role);
    return values;
  }

  private Map<String, String> withoutConfiguration(Map<String, String> values) {
    faults.storeDown(Role.ORCHESTRATOR); // no one has asked for the deployment before
    return values;
  }

  /** Its hours begin in three days. */
  private Map<String, String> closed(Map<String, String> values) {
    DayOfWeek day = OffsetDateTime.ofInstant(installation.clock.instant(), ZoneOffset.UTC)
        .plusDays(3)
        .getDayOfWeek();
    String line = day.getDisplayName(TextStyle.SHORT, Locale.ENGLISH) + " 09:00-17:00";
    Attendance attendance = new Attendance(
        Optional.of(new OpeningHours(
            OpeningHours.zone("UTC"),
            WeeklyHours.parse(List.of(line)),
            Collections.emptySortedSet())),
        Optional.of("We are back after the weekend."));
    return of(newAddress(installation.account, attendance), values, installation.account);
  }

  /** Of an account without agents: a server answers, by the server-side API. */
  private Map<String, String> ofProgram() {
    Sid.Account account = Sid.Account.random(new SecureRandom());
    installation.accounts(accounts -> accounts.create(
        new Accounts.Account(account, "Bot", installation.clock.instant()),
        new byte[32],
        new AccountKey(new byte[AccountKey.BYTES])));
    return of(newAddress(account, Attendance.ALWAYS), new HashMap<>(), account);
  }

  private Sid.Address newAddress(Sid.Account account, Attendance attendance) {
    Sid.Address sid = Sid.Address.random(new SecureRandom());
    installation.accounts(accounts -> accounts.create(
        new Accounts.Address(sid, account, "Desk", installation.clock.instant()).with(attendance)));
    return sid;
  }

  /** A deployment of an address. */
  private Map<String, String> of(
      Sid.Address address, Map<String, String> values, Sid.Account account) {
    Accounts.Settings defaults = installation.defaults();
    Sid.Deployment key = Sid.Deployment.random(new SecureRandom());
    Instant now = installation.clock.instant();
    installation.accounts(accounts -> {
      Accounts.Settings settings = new Accounts.Settings(
          Optional.of(address), defaults.allowedOrigins(), defaults.rules(), defaults.lifetimes());
      accounts.create(new Accounts.Deployment(key, account, "Test", settings, now, now));
    });
    return with(values, "deploymentKey", key.text());
  }

  private Accounts.Settings withOrigins(List<String> origins) {
    Accounts.Settings defaults = installation.defaults();
    return new Accounts.Settings(
        defaults.address(), new AllowedOrigins(origins), defaults.rules(), defaults.lifetimes());
  }

  private Map<String, String> deployment(Accounts.Settings settings) {
    return deployment(installation, settings);
  }

  private static Map<String, String> deployment(
      Installation installation, Accounts.Settings settings) {
    Map<String, String> values = new HashMap<>();
    values.put("deploymentKey", installation.deploy(settings).text());
    values.put("accountSid", installation.account.text());
    values.put("addressSid", installation.address.text());
    values.put("manyLetters", "a".repeat(17 * 1024));
    return values;
  }

  /** A session as FederatedAuthService opens it, and what validation says of it. */
  private Map<String, String> session() {
    Map<String, String> values = deployment(installation.defaults());
    with(values, "internalSecret", installation.internalSecret());
    with(values, "fingerprint", Fingerprint.parse(FINGERPRINT).text());
    with(values, "otherFingerprint", Fingerprint.parse(OTHER_FINGERPRINT).text());
    with(values, "conversationSid", Sid.Conversation.random(new SecureRandom()).text());
    with(values, "identity", "guest_" + "2".repeat(32) + "_" + "3".repeat(32));
    String deploymentKey = values.getOrDefault("deploymentKey", "");
    Map<String, String> opened = ask("/v1/ScopedAuthTokens/generate/internal", """
        {"account_sid":"%s","deployment_key":"%s","identity":"%s","conversation_sid":"%s",
         "grants":["conversation.read","conversation.write"],"fingerprint":"%s",
         "token_ttl_seconds":21600,"session_ttl_seconds":86400,
         "session_sid":"%s"}
        """.formatted(
            installation.account.text(),
            deploymentKey,
            values.get("identity"),
            values.get("conversationSid"),
            FINGERPRINT,
            Sid.Session.random(new SecureRandom()).text()));
    with(values, "newSessionSid", Sid.Session.random(new SecureRandom()).text());
    with(values, "token", opened.getOrDefault("token", ""));
    Map<String, String> validated = ask("/v1/ScopedAuthTokens/validate", """
        {"token":"%s","fingerprint":"%s","account_sid":"%s","deployment_key":"%s",
         "revoke_on_replay":false}
        """.formatted(
            values.get("token"), FINGERPRINT, installation.account.text(), deploymentKey));
    with(values, "sessionSid", validated.getOrDefault("session.sid", ""));
    with(values, "tokenExpires", validated.getOrDefault("session.token_expires", ""));
    return with(values, "sessionExpires", validated.getOrDefault("session.expires", ""));
  }

  private Map<String, String> revoked(Map<String, String> session) {
    installation.clock.pass(
        Duration.ofMinutes(1)); // so that earlier revocations are not listed again
    String now = installation.clock.instant().toString();
    ask(
        "/v1/ScopedAuthTokens/revoke",
        "{\"session_sid\":\"%s\",\"why\":\"test\"}".formatted(session.get("sessionSid")));
    return with(session, "revokedAt", now);
  }

  private Map<String, String> ask(String path, String body) {
    URI service = installation.internal(Role.SCOPED_AUTH).resolve(path);
    HttpResponse<String> response = Http.post(service, installation.internalSecret(), body);
    Map<String, String> members = new HashMap<>();
    Json.object(response.body())
        .orElseThrow(() -> new IllegalStateException(response.body()))
        .forEach((name, value) -> {
          members.put(name, String.valueOf(value));
          if (value instanceof Map<?, ?> inner) {
            inner.forEach((part, of) -> members.put(name + "." + part, String.valueOf(of)));
          }
        });
    return members;
  }

  private static Map<String, String> with(Map<String, String> values, String name, String value) {
    values.put(name, value);
    return values;
  }
}
