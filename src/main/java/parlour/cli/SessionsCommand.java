package parlour.cli;

import java.util.Map;
import java.util.Optional;
import parlour.Durations;
import parlour.Limits;
import parlour.Sid;
import parlour.events.BusEvent;
import parlour.scopedauth.Session;
import parlour.scopedauth.Sessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "sessions",
    description =
        "Shows and ends the guests' sessions, and shows which of their calls were refused.",
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
  private final Fields<Session> fields = new Fields<Session>("sessions", "no sessions")
      .field("sid", "session", Session::sid)
      .field("state", "state", this::state)
      .field("account_sid", "account", session -> session.owner().account())
      .field("deployment_key", "deployment key", session -> session.owner().deployment())
      .field("identity", "identity", session -> session.owner().identity().text())
      .field("conversation_sid", "conversation", session -> session.owner().conversation())
      .field("generation", "token generation", session -> session.generation().number())
      .field("created", "created", Session::created)
      .field("last_seen", "last seen", Session::lastSeen)
      .member("bound", session -> session.bound().isPresent())
      .line("bound to a key", SessionsCommand::boundWord)
      .member("idle_ttl_seconds", session -> session.bound().map(Session.Bound::idleTtl))
      .member("expires", Session::expires)
      .line(
          "expires", session -> session.bound().isPresent() ? Optional.empty() : session.expires())
      .line("expires when idle", SessionsCommand::idleEnd)
      .member(
          "absolute_end",
          session -> session.bound().map(Session.Bound::ends).orElse(session.expires()))
      .line("expires at the latest", session -> session.bound().map(Session.Bound::ends))
      .member("revoked", session -> session.revoked().map(Session.Event::at))
      .member("revoked_why", session -> session.revoked().map(Session.Event::why))
      .line("revoked", session -> session.revoked().map(SessionsCommand::inWords))
      .field("refusals", "refusals", session -> session.incidents().refusals())
      .member("last_refused", session -> lastRefusal(session).map(Session.Event::at))
      .member("last_refused_why", session -> lastRefusal(session).map(Session.Event::why))
      .line("last refusal", session -> lastRefusal(session).map(SessionsCommand::inWords))
      .field("replays", "replays", session -> session.incidents().replays())
      .field("observed", "observed differences", session -> session.incidents().observed())
      .member("last_observed_why", session -> session.incidents().lastObserved())
      .line("last observed", session -> session.incidents().lastObserved())
      .column("SID", Session::sid)
      .column("STATE", this::state)
      .column("GEN", session -> session.generation().number())
      .column("BOUND", SessionsCommand::boundWord)
      .column("LAST SEEN", Session::lastSeen)
      .column("EXPIRES", Session::expires)
      .column("REFUSALS", session -> session.incidents().refusals())
      .column("LAST REFUSAL", session -> lastRefusal(session).map(Session.Event::why));

  SessionsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(name = "list", description = "Lists sessions, newest first.")
  int list(
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "50",
              description = "The longest list to print (default: ${DEFAULT-VALUE}).")
          int limit,
      @Option(
              names = "--deployment",
              paramLabel = "CV…",
              description = "Only sessions of this deployment.")
          Optional<Sid.Deployment> deployment,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    if (limit < 1 || limit > Limits.SESSIONS_LISTED) {
      throw new UserError("--limit is from 1 to " + Limits.SESSIONS_LISTED);
    }
    Sessions.Scope scope = deployment
        .<Sessions.Scope>map(Sessions.Scope.OfDeployment::new)
        .orElseGet(Sessions.Scope.All::new);
    terminal.list(
        output,
        fields,
        new Instance(options.read(terminal)).sessions(all -> all.newest(scope, limit)));
    return 0;
  }

  @Command(name = "show", description = "Shows what is stored about a session.")
  int show(
      @Parameters(paramLabel = "SID", description = "The session, GS….") Sid.Session sid,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    terminal.show(
        output,
        fields,
        new Instance(options.read(terminal)).sessions(sessions -> find(sessions, sid)));
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
              description = "The reason, stored with the session (default: ${DEFAULT-VALUE}).")
          String why,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    record Done(boolean now, Session session) {}
    Instance instance = new Instance(options.read(terminal));
    Done done = instance.sessions(sessions -> {
      find(sessions, sid);
      boolean revoked = sessions.revoke(sid, why, terminal.now());
      return new Done(revoked, find(sessions, sid));
    });
    if (done.now()) {
      instance.publish(new BusEvent.SessionRevoked()); // before a store of the ledger can be slow
      instance.note(terminal, "sessions revoke", sid.text());
    }
    terminal.report(
        output,
        fields.json(done.session()),
        done.now()
            ? "revoked " + sid.text()
            : "%s was revoked before: %s"
                .formatted(sid.text(), inWords(done.session().revoked().orElseThrow())));
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
      @Option(
              names = "--yes",
              description = "Do not ask; needed if input or output is not a terminal.")
          boolean yes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
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
    if (live > 0 && !yes && !terminal.confirms("sessions end-all", question)) {
      throw new UserError("nothing was ended");
    }
    long ended = endAll(instance, scope, why, terminal);
    terminal.report(output, new Ended(ended), "ended " + counted(ended));
    return 0;
  }

  /** Ends the sessions in batches, so that a running instance can write between two of them. */
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
      instance.publish(new BusEvent.SessionRevoked()); // before a store of the ledger can be slow
      instance.note(terminal, "sessions end-all", counted(ended));
    }
    return ended;
  }

  /** A session as {@code show --json} prints it, without any secret. */
  Map<String, Object> json(Session session) {
    return fields.json(session);
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
    if (session.revoked().isPresent()) {
      return "revoked";
    }
    return terminal.now().isBefore(session.expires()) ? "live" : "over";
  }

  private static String boundWord(Session session) {
    return session.bound().isPresent() ? "yes" : "no";
  }

  private static Optional<String> idleEnd(Session session) {
    return session
        .bound()
        .map(bound -> "%s, unless a new token is used before (%s)"
            .formatted(Table.time(session.expires()), Durations.text(bound.idleTtl())));
  }

  private static Optional<Session.Event> lastRefusal(Session session) {
    return session.incidents().lastRefusal();
  }

  private static String inWords(Session.Event event) {
    return Table.time(event.at()) + ", " + event.why();
  }
}
