package parlour.ledger;

import java.util.List;
import parlour.Limits;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.server.Routes;

/** Both ends of the ledger over HTTP: the endpoint of the internal listener, and its client. */
public final class LedgerHttp implements LedgerSink {
  private static final InternalCalls<LedgerSink> CALLS = new InternalCalls<>("/v1/Ledger");

  record Store(List<LedgerEntry> entries) {
    Store {
      if (entries.size() > Limits.LEDGER_GROUP) {
        throw new IllegalArgumentException("too many entries");
      }
    }
  }

  private static final InternalCalls<LedgerSink>.Call<Store, Integer> STORE =
      CALLS.declare("/entries", Store.class, "stored", Integer.class, (service, request) -> {
        service.store(request.entries());
        return request.entries().size();
      });

  private final InternalClient client;

  /**
   * @param client of ScopedAuthService, or of FederatedAuthService, which passes entries on
   */
  public LedgerHttp(InternalClient client) {
    this.client = client;
  }

  /** Serves the ledger of this process, or passes entries on. */
  public static void serve(LedgerSink sink, Routes routes) {
    CALLS.serve(sink, routes);
  }

  @Override
  public void store(List<LedgerEntry> entries) {
    STORE.ask(client, new Store(entries));
  }
}
