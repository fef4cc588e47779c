package parlour.console;

import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.console.Admins.Admin;
import parlour.errors.Conflict;
import parlour.errors.ErrorCode;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;

/** The endpoints for the settings of a deployment, and the test of a page. */
final class SettingsEndpoints {
  private final Accounts accounts;
  private final DeploymentChanges changes;
  private final GuestCheck check;
  private final Ledger notes;

  SettingsEndpoints(Accounts accounts, DeploymentChanges changes, GuestCheck check, Ledger notes) {
    this.accounts = accounts;
    this.changes = changes;
    this.check = check;
    this.notes = notes;
  }

  /** An address that the deployment can have. */
  record Choice(String sid, String name) {}

  record SettingsAnswer(SettingsForm settings, List<Choice> addresses) {}

  /** The settings of {@code deployment}, and the addresses that it can have. */
  ApiResponse show(Admin admin, ApiRequest call) {
    Accounts.Deployment deployment =
        OwnDeployments.read(accounts, admin).find(call.query().required("deployment"));
    return ApiResponse.json(
        200,
        new SettingsAnswer(
            SettingsForm.of(deployment),
            accounts.addresses().stream()
                .filter(one -> one.account().equals(admin.account()))
                .limit(Limits.DEPLOYMENTS_OF_CONSOLE)
                .map(one -> new Choice(one.sid().text(), one.name()))
                .toList()));
  }

  /** Changes the settings that are sent, unless somebody has changed them since the admin read them. */
  ApiResponse change(Admin admin, ApiRequest call) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    String key = fields.required("deployment_key");
    String seen = fields.required("version");
    Sid.Deployment own = OwnDeployments.read(accounts, admin).find(key).key();
    Optional<DeploymentChanges.Made> changed;
    try {
      changed = changes.make(admin, key, before -> {
        if (!SettingsForm.version(before).equals(seen)) {
          throw new Superseded();
        }
        return SettingsForm.changed(before, fields);
      });
    } catch (Superseded e) {
      changed = Optional.empty();
    }
    if (changed.isEmpty()) {
      return conflict(accounts, admin, key);
    }
    SettingsForm now = SettingsForm.of(changed.get().after());
    now.changedSince(SettingsForm.of(changed.get().before()))
        .forEach((setting, value) ->
            notes.add(LedgerNote.of(LedgerNote.CONSOLE, "settings changed: " + setting)
                .ofGuest(Optional.empty(), Optional.of(own))
                .by(admin.name(), key + ": " + value)));
    return ApiResponse.json(200, now);
  }

  /** Ends a change that would replace values that the admin has not seen. */
  private static final class Superseded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Superseded() {
      super(null, null, false, false);
    }
  }

  /** The answer to a change of outdated values, with the current ones. */
  static ApiResponse conflict(Accounts accounts, Admin admin, String key) {
    return Conflict.answer(
        ErrorCode.SETTINGS_CHANGED,
        SettingsForm.of(OwnDeployments.read(accounts, admin).find(key)));
  }

  /** Tests {@code page}, an origin or the address of a page, without a request to it. */
  ApiResponse test(Admin admin, ApiRequest call) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    Accounts.Deployment deployment =
        OwnDeployments.read(accounts, admin).find(fields.required("deployment_key"));
    return ApiResponse.json(200, TestedPage.of(fields.required("page").strip(), deployment, check));
  }
}
