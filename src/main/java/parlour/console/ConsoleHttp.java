package parlour.console;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import parlour.accounts.Accounts;
import parlour.events.EventBus;
import parlour.http.server.Routes;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerStore;
import parlour.samples.SampleStore;
import parlour.scopedauth.GuestSessions;
import parlour.scopedauth.KeyRing;
import parlour.trace.Traces;

/**
 * The routes of the console. They are below those of the inbox, because a browser sends the cookie of
 * its agent only there.
 */
public final class ConsoleHttp {
  static final String API = "/inbox/api/console";

  private final Admins admins;
  private final WebhookEndpoints webhooks;
  private final KeyEndpoints keys;
  private final LedgerEndpoints ledger;
  private final DeploymentEndpoints deployments;
  private final SessionEndpoints sessions;
  private final PlotEndpoints plots;

  /**
   * @param traces of the calls that this process has served
   * @param notes where the admins' changes are noted
   * @param publicUrl the address of this installation for browsers, if it is configured
   */
  public ConsoleHttp(
      Admins admins,
      Accounts accounts,
      AccountWebhooks webhooks,
      KeyRing keys,
      LedgerStore ledger,
      GuestSessions sessions,
      SampleStore samples,
      Traces traces,
      Ledger notes,
      EventBus events,
      Optional<String> publicUrl,
      InstantSource clock) {
    this.admins = admins;
    this.webhooks = new WebhookEndpoints(webhooks, notes);
    this.keys = new KeyEndpoints(keys, accounts, notes);
    this.ledger = new LedgerEndpoints(ledger, traces, accounts, clock);
    this.sessions = new SessionEndpoints(sessions, accounts, notes, clock);
    this.plots = new PlotEndpoints(samples, accounts, clock);
    this.deployments = new DeploymentEndpoints(accounts, notes, events, publicUrl, clock);
  }

  /** Adds the routes to several listeners. */
  public void serve(List<Routes> listeners) {
    listeners.forEach(this::serve);
  }

  private void serve(Routes routes) {
    routes.get(API + "/ledger", admins.reading(ledger::list));
    routes.get(API + "/traces/{Trace}", admins.reading(ledger::trace));
    routes.get(API + "/plots", admins.reading(plots::read));
    routes.get(API + "/deployments", admins.reading(deployments::list));
    routes.post(API + "/origins", admins.changing(deployments::addOrigin));
    routes.post(API + "/origins/remove", admins.changing(deployments::removeOrigin));
    routes.get(API + "/sessions", admins.reading(sessions::find));
    routes.get(API + "/sessions/list", admins.reading(sessions::list));
    routes.get(API + "/sessions/live", admins.reading(sessions::live));
    routes.post(API + "/sessions/revoke", admins.changing(sessions::revoke));
    routes.post(API + "/sessions/end", admins.changing(sessions::end));
    routes.get(API + "/keys", admins.reading(keys::list));
    routes.post(API + "/keys/rotate", admins.changing(keys::rotate));
    routes.get(API + "/webhooks", admins.reading(webhooks::list));
    routes.post(API + "/webhooks/test", admins.changing(webhooks::test));
    routes.post(API + "/webhooks/again", admins.changing(webhooks::deliverAgain));
  }
}
