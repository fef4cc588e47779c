package parlour.scopedauth;

import parlour.Sid;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.server.Routes;

/** Both ends of {@link SignalRules} over HTTP. */
public final class SignalRulesHttp implements SignalRules {
  private static final InternalCalls<SignalRules> CALLS = new InternalCalls<>("/v1/SignalRules");

  record Read(Sid.Deployment deployment) {}

  private static final InternalCalls<SignalRules>.Call<Read, ListedSignals> READ = CALLS.declare(
      "/read",
      Read.class,
      "signals",
      ListedSignals.class,
      (rules, request) -> rules.read(request.deployment()));

  record Set(Sid.Deployment deployment, Signal signal, SignalRule rule) {
    Set {
      if (!Signal.DECISIVE.contains(signal)) {
        throw new IllegalArgumentException("no rule can change what follows from " + signal);
      }
    }
  }

  private static final InternalCalls<SignalRules>.Call<Set, Boolean> SET = CALLS.declare(
      "/set",
      Set.class,
      "set",
      Boolean.class,
      (rules, request) -> rules.set(request.deployment(), request.signal(), request.rule()));

  private final InternalClient client;

  /**
   * @param client of ScopedAuthService, or of FederatedAuthService, which passes the calls on
   */
  public SignalRulesHttp(InternalClient client) {
    this.client = client;
  }

  /** Serves the rules of this process, or passes the calls on. */
  public static void serve(SignalRules rules, Routes routes) {
    CALLS.serve(rules, routes);
  }

  @Override
  public ListedSignals read(Sid.Deployment deployment) {
    return READ.ask(client, new Read(deployment));
  }

  @Override
  public boolean set(Sid.Deployment deployment, Signal signal, SignalRule rule) {
    return SET.ask(client, new Set(deployment, signal, rule));
  }
}
