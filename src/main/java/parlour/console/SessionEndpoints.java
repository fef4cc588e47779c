package parlour.console;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
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

/** The endpoints for the sessions of the guests of an admin's account. */
final class SessionEndpoints {
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
    List<Session> found = id.startsWith("CH")
        ? sessions.of(parsed(id, Sid.Conversation::new))
        : sessions.find(parsed(id, Sid.Session::new)).stream().toList();
    List<SessionForm> own = found.stream()
        .filter(session -> session.owner().account().equals(admin.account()))
        .map(this::form)
        .toList();
    if (own.isEmpty()) {
      throw unknown();
    }
    return ApiResponse.json(200, new ListAnswer(own));
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
        parsed(call.fields(Limits.REFRESH_BODY).required("sessionSid"), Sid.Session::new);
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
    RequestFields fields = call.fields(Limits.REFRESH_BODY);
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
