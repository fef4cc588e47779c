package parlour.process;

import java.time.InstantSource;
import java.util.List;
import parlour.Limits;
import parlour.config.Config;
import parlour.config.Role;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;
import parlour.ledger.LedgerEntry;
import parlour.ledger.LedgerHttp;

/** The ledger of a running instance, for a command that runs where its store is not. */
public final class RunningLedger {
  private RunningLedger() {}

  /**
   * Stores entries along the arrow that the process of these settings uses. Throws {@link
   * parlour.Unavailable} in an outage.
   *
   * @param secret the internal secret
   */
  public static void store(
      Config config, String secret, InstantSource clock, List<LedgerEntry> entries) {
    Role next = config.runs(Role.FEDERATED_AUTH) || config.runs(Role.CONVERSATIONS)
        ? Role.SCOPED_AUTH
        : Role.FEDERATED_AUTH;
    Nodes nodes = new Nodes(next.word(), config.addressesOf(next));
    try (var http = new CommandClient(config, clock)) {
      new LedgerHttp(new InternalClient(
              http.client(),
              nodes,
              secret,
              Limits.FEDERATED_AUTH_DEADLINE,
              Limits.AUTH_RESPONSE_BYTES))
          .store(entries);
    }
  }
}
