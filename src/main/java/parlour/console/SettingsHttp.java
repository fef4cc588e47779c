package parlour.console;

import java.time.InstantSource;
import java.util.List;
import parlour.accounts.Accounts;
import parlour.events.EventBus;
import parlour.http.server.Routes;
import parlour.ledger.Ledger;
import parlour.scopedauth.SignalRules;

/** The routes of the console about the settings of deployments. */
public final class SettingsHttp {
  private static final String API = ConsoleHttp.API;

  private final Admins admins;
  private final SettingsEndpoints settings;
  private final SignalEndpoints signals;

  /**
   * @param check decides as for guests
   * @param notes where the admins' changes are noted
   */
  public SettingsHttp(
      Admins admins,
      Accounts accounts,
      GuestCheck check,
      SignalRules rules,
      Ledger notes,
      EventBus events,
      InstantSource clock) {
    this.admins = admins;
    this.settings = new SettingsEndpoints(
        accounts, new DeploymentChanges(accounts, events, clock), check, notes);
    this.signals = new SignalEndpoints(accounts, rules, notes);
  }

  /** Adds the routes to several listeners. */
  public void serve(List<Routes> listeners) {
    listeners.forEach(this::serve);
  }

  private void serve(Routes routes) {
    routes.get(API + "/deployments/settings", admins.reading(settings::show));
    routes.post(API + "/deployments/settings", admins.changing(settings::change));
    routes.get(API + "/deployments/signals", admins.reading(signals::show));
    routes.post(API + "/deployments/signals", admins.changing(signals::change));
    routes.post(API + "/deployments/test", admins.changing(settings::test));
  }
}
