package parlour.console;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Limits;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.console.Admins.Admin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.events.EventBus;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;

/** The endpoints for the deployments of an admin's account. */
final class DeploymentEndpoints {
  private final Accounts accounts;
  private final Ledger notes;
  private final DeploymentChanges changes;
  private final Optional<String> publicUrl;

  DeploymentEndpoints(
      Accounts accounts,
      Ledger notes,
      EventBus events,
      Optional<String> publicUrl,
      InstantSource clock) {
    this.accounts = accounts;
    this.notes = notes;
    this.changes = new DeploymentChanges(accounts, events, clock);
    this.publicUrl = publicUrl;
  }

  /**
   * A deployment, with its times as the commands write them (6h, 30d).
   *
   * @param allowedOrigins empty: any page can use it
   * @param keep null: for ever
   */
  record DeploymentForm(
      String deploymentKey,
      String name,
      List<String> allowedOrigins,
      String sensitivity,
      String proof,
      boolean revokeOnReplay,
      boolean realtime,
      String tokenTtl,
      String boundSessionTtl,
      String unboundSessionTtl,
      String idleTtl,
      @Nullable String keep) {

    static DeploymentForm of(Accounts.Deployment deployment) {
      TokenRules rules = deployment.settings().rules();
      Lifetimes lifetimes = deployment.settings().lifetimes();
      return new DeploymentForm(
          deployment.key().text(),
          deployment.name(),
          deployment.settings().allowedOrigins().patterns(),
          rules.sensitivity().word(),
          rules.proof().word(),
          rules.revokeOnReplay(),
          rules.realtime(),
          Durations.text(lifetimes.token()),
          Durations.text(lifetimes.sessionTtl(true)),
          Durations.text(lifetimes.sessionTtl(false)),
          Durations.text(lifetimes.idleTtl()),
          lifetimes.keep().map(Durations::text).orElse(null));
    }
  }

  /**
   * The deployments of the account.
   *
   * @param publicUrl where pages load the widget from; null: where the admin opened the console
   */
  record ListAnswer(
      List<DeploymentForm> deployments, @Nullable String publicUrl) {}

  ApiResponse list(Admin admin, ApiRequest call) {
    return ApiResponse.json(
        200,
        new ListAnswer(
            OwnDeployments.read(accounts, admin).all().stream()
                .limit(Limits.DEPLOYMENTS_OF_CONSOLE)
                .map(DeploymentForm::of)
                .toList(),
            publicUrl.orElse(null)));
  }

  /** Adds an origin to a deployment's list; one that is on it stays. */
  ApiResponse addOrigin(Admin admin, ApiRequest call) {
    return change(admin, call, "origin added", true);
  }

  ApiResponse removeOrigin(Admin admin, ApiRequest call) {
    return change(admin, call, "origin removed", false);
  }

  private ApiResponse change(Admin admin, ApiRequest call, String what, boolean isAdded) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    String key = fields.required("deploymentKey");
    List<String> origin = given(fields.required("origin"));
    List<String> added = isAdded ? origin : List.of();
    List<String> removed = isAdded ? List.of() : origin;
    Optional<DeploymentChanges.Made> changed = changes.make(
        admin,
        key,
        before -> new DeploymentChanges.Values(
            before.name(),
            new Accounts.Settings(
                before.settings().address(),
                changed(before.settings().allowedOrigins(), added, removed),
                before.settings().rules(),
                before.settings().lifetimes())));
    if (changed.isEmpty()) {
      return SettingsEndpoints.conflict(accounts, admin, key);
    }
    notes.add(LedgerNote.of(LedgerNote.CONSOLE, what)
        .ofGuest(Optional.empty(), Optional.of(changed.get().after().key()))
        .from(Optional.of(origin.getFirst()))
        .by(admin.name(), key));
    return ApiResponse.json(200, DeploymentForm.of(changed.get().after()));
  }

  /** One origin, in the form in which a list has it. */
  private static List<String> given(String origin) {
    try {
      return new AllowedOrigins(List.of(origin)).patterns();
    } catch (IllegalArgumentException e) {
      throw malformed(e);
    }
  }

  private static AllowedOrigins changed(
      AllowedOrigins before, List<String> added, List<String> removed) {
    try {
      return before.changed(added, removed);
    } catch (IllegalArgumentException e) {
      throw malformed(e);
    }
  }

  private static Problem malformed(IllegalArgumentException why) {
    return new Problem(ErrorCode.MALFORMED, why.getMessage() + ".");
  }
}
