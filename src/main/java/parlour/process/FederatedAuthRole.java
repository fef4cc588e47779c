package parlour.process;

import parlour.Limits;
import parlour.config.Role;
import parlour.federatedauth.FederatedAuth;
import parlour.federatedauth.FederatedAuthHttp;
import parlour.federatedauth.FederatedAuthService;
import parlour.http.client.InternalClient;
import parlour.ledger.LedgerHttp;
import parlour.samples.SamplesHttp;
import parlour.scopedauth.GuestSessionsHttp;
import parlour.scopedauth.KeyRingHttp;
import parlour.scopedauth.PushKeysHttp;
import parlour.scopedauth.RecordedScopedAuth;
import parlour.scopedauth.SealedSecretsHttp;
import parlour.scopedauth.SignalRulesHttp;
import parlour.trace.Lifeline;

/** FederatedAuthService: the guest tokens of an account. */
final class FederatedAuthRole {
  private FederatedAuthRole() {}

  static void local(SharedParts parts, Services services) {
    FederatedAuth federatedAuth = parts.decorators.federatedAuth(
        new FederatedAuthService(new RecordedScopedAuth(Lifeline.FAS, services.scopedAuth())));
    FederatedAuthHttp.serve(federatedAuth, parts.internalRoutes);
    services.add(federatedAuth);
    if (!parts.config.runs(Role.SCOPED_AUTH)) {
      // Passes the calls of the orchestrator on.
      LedgerHttp.serve(services.ledger().orElseThrow(), parts.internalRoutes);
      SamplesHttp.serve(services.samples().orElseThrow(), parts.internalRoutes);
      GuestSessionsHttp.serve(services.guestSessions().orElseThrow(), parts.internalRoutes);
      PushKeysHttp.serve(services.pushKeys(), parts.internalRoutes);
      SealedSecretsHttp.serve(services.sealedSecrets().orElseThrow(), parts.internalRoutes);
      KeyRingHttp.serve(services.keyRing().orElseThrow(), parts.internalRoutes);
      SignalRulesHttp.serve(services.signalRules().orElseThrow(), parts.internalRoutes);
    }
  }

  static void remote(SharedParts parts, Services services) {
    InternalClient client =
        parts.client(Role.FEDERATED_AUTH, "FederatedAuthService", Limits.FEDERATED_AUTH_DEADLINE);
    services.add(new FederatedAuthHttp(client));
    if (services.ledger().isEmpty()) { // a shorter way may be known
      services.add(new LedgerHttp(client));
      services.add(new SamplesHttp(client));
      services.add(new GuestSessionsHttp(client));
      services.add(new PushKeysHttp(client));
      services.add(new SealedSecretsHttp(client));
      services.add(new KeyRingHttp(client));
      services.add(new SignalRulesHttp(client));
    }
  }
}
