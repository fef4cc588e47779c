package parlour.cli;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.notices.BusEvent;
import parlour.scopedauth.Session;
import parlour.scopedauth.Sessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "sessions",
    description = "The guests' sessions: how they stand, and what was refused.",
    footer = {
      "",
      "Examples:",
      "  parlour sessions list --deployment CV… --limit 20",
      "  parlour sessions show GS…",
      "  parlour sessions revoke GS… --why \"reported as stolen\"",
      "  parlour sessions end-all --deployment CV…",
    })
final class SessionsCommand {
  private final Terminal terminal;

  SessionsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  record SessionList(List<SessionItem> sessions) {}

  record SessionItem(
      String sid,
      String state,
      String accountSid,
      String deploymentKey,
      String identity,
      String conversationSid,
      long generation,
      String created,
      String lastSeen,
      String expires,
      @Nullable String revoked,
      @Nullable String revokedWhy,
      int refusals,
      int replays,
      int observed,
      @Nullable String lastRefused,
      @Nullable String lastRefusedWhy) {}

  @Command(name = "list", description = "Lists sessions, newest first.")
  int list(
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "50",
              description = "How many at most (default: ${DEFAULT-VALUE}).")
          int limit,
      @Option(names = "--deployment", paramLabel = "CV…", description = "Of this deployment only.")
          Optional<Sid.Deployment> deployment,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions shown) {
    if (limit < 1 || limit > Limits.SESSIONS_LISTED) {
      throw new UserError("--limit is from 1 to " + Limits.SESSIONS_LISTED);
    }
    Sessions.Scope scope = deployment
        .<Sessions.Scope>map(Sessions.Scope.OfDeployment::new)
        .orElseGet(Sessions.Scope.All::new);
    List<Session> sessions =
        new Instance(options.read(terminal)).sessions(all -> all.newest(scope, limit));
    Table table = new Table(
        "no sessions", "SID", "STATE", "GEN", "LAST SEEN", "EXPIRES", "REFUSALS", "LAST REFUSAL");
    for (Session session : sessions) {
      table.row(
          session.sid().text(),
          state(session),
          String.valueOf(session.generation().number()),
          Table.time(session.lastSeen()),
          Table.time(session.expires()),
          String.valueOf(session.refusals()),
          Optional.ofNullable(session.lastRefusedWhy()).orElse("-"));
    }
    terminal.show(shown, new SessionList(sessions.stream().map(this::item).toList()), table);
    return 0;
  }

  @Command(name = "show", description = "Shows all that is kept of a session.")
  int show(
      @Parameters(paramLabel = "SID", description = "The session, GS….") Sid.Session sid,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions shown) {
    Session session =
        new Instance(options.read(terminal)).sessions(sessions -> find(sessions, sid));
    terminal.show(shown, item(session), described(session));
    return 0;
  }

  @Command(
      name = "revoke",
      description = "Ends a session at once: its tokens are refused from the next call on.")
  int revoke(
      @Parameters(paramLabel = "SID", description = "The session, GS….") Sid.Session sid,
      @Option(
              names = "--why",
              paramLabel = "TEXT",
              defaultValue = "by an operator",
              description = "Kept with the session (default: ${DEFAULT-VALUE}).")
          String why,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions shown) {
    record Done(boolean now, Session session) {}
    Instance instance = new Instance(options.read(terminal));
    Done done = instance.sessions(sessions -> {
      find(sessions, sid);
      boolean revoked = sessions.revoke(sid, why, terminal.now());
      return new Done(revoked, find(sessions, sid));
    });
    if (done.now()) {
      instance.publish(new BusEvent.SessionRevoked());
    }
    terminal.show(
        shown,
        item(done.session()),
        done.now()
            ? "revoked " + sid.text()
            : "%s was revoked before, at %s: %s"
                .formatted(
                    sid.text(),
                    Table.time(done.session().revoked()),
                    done.session().revokedWhy()));
    return 0;
  }

  record Ended(long sessionsEnded) {}

  @Command(
      name = "end-all",
      description = "Ends every live session at once, or those of one deployment or account: each"
          + " guest is interrupted and can start a new chat.")
  int endAll(
      @Option(
              names = "--deployment",
              paramLabel = "CV…",
              description = "Only sessions of this deployment.")
          Optional<Sid.Deployment> deployment,
      @Option(
              names = "--account",
              paramLabel = "AC…",
              description = "Only sessions of this account.")
          Optional<Sid.Account> account,
      @Option(
              names = "--why",
              paramLabel = "TEXT",
              defaultValue = "by an operator",
              description = "The reason, stored with each session (default: ${DEFAULT-VALUE}).")
          String why,
      @Option(names = "--yes", description = "Do not ask.") boolean yes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions shown) {
    if (deployment.isPresent() && account.isPresent()) {
      throw new UserError("--deployment and --account contradict each other: give one of them");
    }
    Sessions.Scope scope = deployment
        .<Sessions.Scope>map(Sessions.Scope.OfDeployment::new)
        .or(() -> account.map(Sessions.Scope.OfAccount::new))
        .orElseGet(Sessions.Scope.All::new);
    Instance instance = new Instance(options.read(terminal));
    long live = instance.sessions(sessions -> sessions.countLive(scope, terminal.now()));
    String question = "End %s? Their guests are interrupted.".formatted(counted(live));
    if (live > 0 && !yes && !terminal.confirms(question)) {
      throw new UserError("nothing was ended");
    }
    long ended = endAll(instance, scope, why, terminal);
    terminal.show(shown, new Ended(ended), "ended " + counted(ended));
    return 0;
  }

  /** Ends some sessions at a time, so that a running instance can write in between. */
  static long endAll(Instance instance, Sessions.Scope scope, String why, Terminal terminal) {
    long ended = instance.sessions(sessions -> {
      long all = 0;
      int some;
      do {
        some = sessions.revokeLive(scope, why, terminal.now(), Limits.SWEEP_BATCH);
        all += some;
      } while (some == Limits.SWEEP_BATCH);
      return all;
    });
    if (ended > 0) {
      instance.publish(new BusEvent.SessionRevoked());
    }
    return ended;
  }

  static String counted(long count) {
    return count == 1 ? "1 session" : count + " sessions";
  }

  private static Session find(Sessions sessions, Sid.Session sid) {
    return sessions
        .find(sid)
        .orElseThrow(() -> new UserError(
            "there is no session %s: parlour sessions list shows them; they are kept for %d days"
                .formatted(sid.text(), Limits.SESSION_RETENTION.toDays())));
  }

  private String state(Session session) {
    if (session.revoked() != null) {
      return "revoked";
    }
    return terminal.now().isBefore(session.expires()) ? "live" : "over";
  }

  private String described(Session session) {
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("session", session.sid().text());
    lines.put("state", state(session));
    lines.put("account", session.account().text());
    lines.put("deployment key", session.deployment().text());
    lines.put("identity", session.identity().text());
    lines.put("conversation", session.conversation().text());
    lines.put("token generation", String.valueOf(session.generation().number()));
    lines.put("created", Table.time(session.created()));
    lines.put("last seen", Table.time(session.lastSeen()));
    lines.put("expires", Table.time(session.expires()));
    if (session.revoked() != null) {
      lines.put("revoked", Table.time(session.revoked()) + ", " + session.revokedWhy());
    }
    lines.put("refusals", String.valueOf(session.refusals()));
    if (session.lastRefused() != null) {
      lines.put(
          "last refusal", Table.time(session.lastRefused()) + ", " + session.lastRefusedWhy());
    }
    lines.put("replays", String.valueOf(session.replays()));
    lines.put("observed differences", String.valueOf(session.observed()));
    return Table.pairs(lines);
  }

  private SessionItem item(Session session) {
    return new SessionItem(
        session.sid().text(),
        state(session),
        session.account().text(),
        session.deployment().text(),
        session.identity().text(),
        session.conversation().text(),
        session.generation().number(),
        session.created().toString(),
        session.lastSeen().toString(),
        session.expires().toString(),
        textOrNull(session.revoked()),
        session.revokedWhy(),
        session.refusals(),
        session.replays(),
        session.observed(),
        textOrNull(session.lastRefused()),
        session.lastRefusedWhy());
  }

  private static @Nullable String textOrNull(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
