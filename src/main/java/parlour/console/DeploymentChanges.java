package parlour.console;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.UnaryOperator;
import parlour.Limits;
import parlour.accounts.Accounts;
import parlour.console.Admins.Admin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.events.BusEvent;
import parlour.events.EventBus;

/** Changes deployments of an admin's account as they are, also if others change them at that moment. */
final class DeploymentChanges {
  private final Accounts accounts;
  private final EventBus events;
  private final InstantSource clock;

  DeploymentChanges(Accounts accounts, EventBus events, InstantSource clock) {
    this.accounts = accounts;
    this.events = events;
    this.clock = clock;
  }

  /** A change of the name and the settings. */
  record Values(String name, Accounts.Settings settings) {
    static Values of(Accounts.Deployment deployment) {
      return new Values(deployment.name(), deployment.settings());
    }
  }

  /** A change that was made. */
  record Made(Accounts.Deployment before, Accounts.Deployment after) {}

  /**
   * Makes a change, and repeats it if somebody else has changed the directory since this change read it.
   *
   * @return empty if others changed the directory at every attempt: a conflict, not an outage
   */
  Optional<Made> make(Admin admin, String key, UnaryOperator<Values> change) {
    for (int attempt = 0; attempt < Limits.DIRECTORY_CHANGE_ATTEMPTS; attempt++) {
      long version = accounts.version();
      Accounts.Deployment before = OwnDeployments.read(accounts, admin).find(key);
      Values values = change.apply(Values.of(before));
      Accounts.Deployment after = new Accounts.Deployment(
          before.key(),
          before.account(),
          values.name(),
          values.settings(),
          before.created(),
          clock.instant());
      if (accounts.update(version, after)) {
        events.publish(new BusEvent.DirectoryChanged());
        return Optional.of(new Made(before, after));
      }
      if (accounts.version() == version) {
        throw new Problem(
            ErrorCode.MALFORMED,
            "The field \"address\": your account has no such address; send another one, or none.");
      }
    }
    return Optional.empty();
  }
}
