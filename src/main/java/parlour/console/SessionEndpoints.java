package parlour.console;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.accounts.Accounts;
import parlour.console.Admins.Admin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;
import parlour.scopedauth.GuestSessions;
import parlour.scopedauth.Session;
import parlour.scopedauth.SessionPage;
import parlour.scopedauth.SessionQuery;

/** The endpoints for the sessions of the guests of an admin's account. */
final class SessionEndpoints {
  private static final Pattern PLACE = Pattern.compile("([0-9]{1,15})-(GS[0-9a-f]{32})");
  private static final String WHY = "by an admin";

  private final GuestSessions sessions;
  private final Accounts accounts;
  private final Ledger notes;
  private final InstantSource clock;

  SessionEndpoints(GuestSessions sessions, Accounts accounts, Ledger notes, InstantSource clock) {
    this.sessions = sessions;
    this.accounts = accounts;
    this.notes = notes;
    this.clock = clock;
  }

  /**
   * A session, with what became of it and why.
   *
   * @param state {@code live}, {@code revoked} or {@code over}
   * @param bound whether it is bound to a key that its browser cannot give away
   */
  record SessionForm(
      String sid,
      String state,
      String deploymentKey,
      String conversationSid,
      boolean bound,
      long generation,
      String created,
      String lastSeen,
      String expires,
      @Nullable String revoked,
      @Nullable String revokedWhy,
      int refusals,
      @Nullable String lastRefused,
      @Nullable String lastRefusedWhy,
      int replays,
      int observed,
      @Nullable String lastObservedWhy) {}

  record ListAnswer(List<SessionForm> sessions) {}

  /** Finds sessions by {@code id}: of a session (GS…), or of a conversation (CH…). */
  ApiResponse find(Admin admin, ApiRequest call) {
    String id = call.query().required("id").strip();
    Optional<Session> found = id.startsWith("CH")
        ? sessions.newestOf(parsed(id, Sid.Conversation::new))
        : sessions.find(parsed(id, Sid.Session::new));
    SessionForm own = found
        .filter(session -> session.owner().account().equals(admin.account()))
        .map(this::form)
        .orElseThrow(SessionEndpoints::unknown);
    return ApiResponse.json(200, new ListAnswer(List.of(own)));
  }

  /**
   * Sessions of a deployment, newest first.
   *
   * @param next the {@code before} of the next page; null if there is none
   */
  record PageAnswer(List<SessionForm> sessions, @Nullable String next) {}

  /**
   * Takes {@code deployment}, {@code state} (all, live, revoked, refused), {@code binding} (any,
   * bound, unbound) and {@code before}.
   */
  ApiResponse list(Admin admin, ApiRequest call) {
    RequestFields query = call.query();
    SessionQuery asked = new SessionQuery(
        OwnDeployments.read(accounts, admin).find(query.required("deployment")).key(),
        word(query, "state", SessionQuery.State.ALL, SessionQuery.State.values()),
        word(query, "binding", SessionQuery.Binding.ANY, SessionQuery.Binding.values()),
        query.optional("before").map(SessionEndpoints::place),
        Limits.SESSION_PAGE,
        admin.account());
    SessionPage page = search(asked);
    return ApiResponse.json(
        200,
        new PageAnswer(
            page.sessions().stream().map(this::form).toList(),
            page.next().map(SessionEndpoints::text).orElse(null)));
  }

  private SessionPage search(SessionQuery query) {
    try {
      return sessions.page(query);
    } catch (TooManyRequests later) {
      throw new Problem(
              ErrorCode.TOO_MANY_REQUESTS,
              "Another search of the sessions is running. Try again in a few seconds.")
          .retryAfter(later.retryAfter());
    }
  }

  private static <E extends Enum<E>> E word(RequestFields query, String name, E usual, E[] all) {
    Optional<String> given = query.optional(name);
    if (given.isEmpty()) {
      return usual;
    }
    return Stream.of(all)
        .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(given.get()))
        .findFirst()
        .orElseThrow(() -> new Problem(
            ErrorCode.MALFORMED,
            "The field \"%s\" is one of: %s."
                .formatted(
                    name,
                    Stream.of(all)
                        .map(one -> one.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", ")))));
  }

  private static String text(SessionQuery.Place place) {
    return place.created().toEpochMilli() + "-" + place.session().text();
  }

  private static SessionQuery.Place place(String text) {
    Matcher parts = PLACE.matcher(text);
    if (!parts.matches()) {
      throw new Problem(
          ErrorCode.MALFORMED, "The field \"before\" is the \"next\" of the page before.");
    }
    return new SessionQuery.Place(
        Instant.ofEpochMilli(Long.parseLong(parts.group(1))), new Sid.Session(parts.group(2)));
  }

  record LiveAnswer(long live) {}

  /** Counts the live sessions of {@code deployment}. */
  ApiResponse live(Admin admin, ApiRequest call) {
    Sid.Deployment key = OwnDeployments.read(accounts, admin)
        .find(call.query().required("deployment"))
        .key();
    return ApiResponse.json(200, new LiveAnswer(sessions.countLive(key)));
  }

  /** Revokes a session; one that was revoked before stays as it is. */
  ApiResponse revoke(Admin admin, ApiRequest call) {
    Sid.Session sid =
        parsed(call.fields(Limits.SMALL_BODY).required("sessionSid"), Sid.Session::new);
    Session session = own(admin, sid);
    if (sessions.revoke(sid, WHY)) {
      notes.add(LedgerNote.of(LedgerNote.CONSOLE, "session revoked")
          .ofGuest(Optional.of(sid), Optional.of(session.owner().deployment()))
          .by(admin.name(), sid.text()));
    }
    return ApiResponse.json(200, form(own(admin, sid)));
  }

  private Session own(Admin admin, Sid.Session sid) {
    return sessions
        .find(sid)
        .filter(session -> session.owner().account().equals(admin.account()))
        .orElseThrow(SessionEndpoints::unknown);
  }

  /**
   * Some sessions were ended.
   *
   * @param hasMore whether the same call must be repeated to end the rest
   */
  record EndAnswer(int ended, boolean hasMore) {}

  /** Ends live sessions of a deployment, a bounded number of them. */
  ApiResponse end(Admin admin, ApiRequest call) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    Sid.Deployment key = OwnDeployments.read(accounts, admin)
        .find(fields.required("deploymentKey"))
        .key();
    int ended = sessions.end(key, WHY);
    if (ended > 0) {
      notes.add(LedgerNote.of(LedgerNote.CONSOLE, "sessions ended")
          .ofGuest(Optional.empty(), Optional.of(key))
          .by(admin.name(), ended == 1 ? "1 session" : ended + " sessions"));
    }
    return ApiResponse.json(200, new EndAnswer(ended, ended == Limits.SWEEP_BATCH));
  }

  private SessionForm form(Session session) {
    Session.Incidents incidents = session.incidents();
    return new SessionForm(
        session.sid().text(),
        state(session),
        session.owner().deployment().text(),
        session.owner().conversation().text(),
        session.bound().isPresent(),
        session.generation().number(),
        session.created().toString(),
        session.lastSeen().toString(),
        session.expires().toString(),
        time(session.revoked()),
        why(session.revoked()),
        incidents.refusals(),
        time(incidents.lastRefusal()),
        why(incidents.lastRefusal()),
        incidents.replays(),
        incidents.observed(),
        incidents.lastObserved().orElse(null));
  }

  private String state(Session session) {
    if (session.revoked().isPresent()) {
      return "revoked";
    }
    return clock.instant().isBefore(session.expires()) ? "live" : "over";
  }

  private static @Nullable String time(Optional<Session.Event> event) {
    return event.map(done -> done.at().toString()).orElse(null);
  }

  private static @Nullable String why(Optional<Session.Event> event) {
    return event.map(Session.Event::why).orElse(null);
  }

  private static <S extends Sid> S parsed(String id, Function<String, S> kind) {
    try {
      return kind.apply(id);
    } catch (IllegalArgumentException e) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The id of a session is GS and 32 hex digits, that of a conversation CH and 32 hex digits.");
    }
  }

  private static Problem unknown() {
    return new Problem(
        ErrorCode.NOT_FOUND,
        "Your account has no such session; sessions are kept for %d days."
            .formatted(Limits.SESSION_RETENTION.toDays()));
  }
}
