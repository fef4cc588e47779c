package parlour.process;

import parlour.Limits;
import parlour.config.Role;
import parlour.federatedauth.FederatedAuth;
import parlour.federatedauth.FederatedAuthHttp;
import parlour.federatedauth.FederatedAuthService;
import parlour.scopedauth.RecordedScopedAuth;
import parlour.trace.Participant;

/** FederatedAuthService: the guest tokens of an account. */
final class FederatedAuthRole {
  private FederatedAuthRole() {}

  static void local(SharedParts parts, Services services) {
    FederatedAuth federatedAuth = parts.decorators.federatedAuth(
        new FederatedAuthService(new RecordedScopedAuth(Participant.FAS, services.scopedAuth())));
    FederatedAuthHttp.serve(federatedAuth, parts.internalRoutes);
    services.add(federatedAuth);
  }

  static void remote(SharedParts parts, Services services) {
    services.add(new FederatedAuthHttp(
        parts.client(Role.FEDERATED_AUTH, "FederatedAuthService", Limits.FEDERATED_AUTH_DEADLINE)));
  }
}
