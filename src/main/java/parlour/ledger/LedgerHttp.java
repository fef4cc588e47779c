package parlour.ledger;

import java.util.List;
import java.util.regex.Pattern;
import parlour.Limits;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;
import parlour.http.server.Routes;

/** Both ends of the ledger over HTTP: the endpoints of the internal listener, and their client. */
public final class LedgerHttp implements LedgerStore {
  private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{8,32}");

  private static final String ROOT = "/v1/Ledger";

  private static final InternalCalls<LedgerSink> ENTRIES = new InternalCalls<>(ROOT);
  private static final InternalCalls<LedgerStore> READS = new InternalCalls<>(ROOT);

  record Store(List<LedgerEntry> entries) {
    Store {
      if (entries.size() > Limits.LEDGER_GROUP) {
        throw new IllegalArgumentException("too many entries");
      }
    }
  }

  private static final InternalCalls<LedgerSink>.Call<Store, Integer> STORE =
      ENTRIES.declare("/entries", Store.class, "stored", Integer.class, (service, request) -> {
        service.store(request.entries());
        return request.entries().size();
      });

  record Newest(LedgerQuery query) {
    Newest {
      if (query.limit() > Limits.LEDGER_PAGE) {
        throw new IllegalArgumentException("more entries than an answer has room for");
      }
    }
  }

  private static final InternalCalls<LedgerStore>.Call<Newest, List<LedgerEntry>> NEWEST =
      READS.declare(
          "/newest",
          Newest.class,
          "entries",
          new JsonType<>() {},
          (service, request) -> service.newest(request.query()));

  record OfTrace(String digits) {
    OfTrace {
      if (!DIGITS.matcher(digits).matches()) {
        throw new IllegalArgumentException("not the digits of a trace");
      }
    }
  }

  private static final InternalCalls<LedgerStore>.Call<OfTrace, List<LedgerEntry>> OF_TRACE =
      READS.declare(
          "/trace",
          OfTrace.class,
          "entries",
          new JsonType<>() {},
          (service, request) -> service.ofTrace(request.digits()));

  private final InternalClient client;

  /**
   * @param client of ScopedAuthService, or of FederatedAuthService, which passes the calls on
   */
  public LedgerHttp(InternalClient client) {
    this.client = client;
  }

  /** Serves the ledger of this process, or passes the calls on. */
  public static void serve(LedgerStore ledger, Routes routes) {
    serveEntries(ledger, routes);
    READS.serve(ledger, routes);
  }

  /** Takes entries, and lets nobody read: for callers that browsers reach. */
  public static void serveEntries(LedgerSink ledger, Routes routes) {
    ENTRIES.serve(ledger, routes);
  }

  @Override
  public void store(List<LedgerEntry> entries) {
    STORE.ask(client, new Store(entries));
  }

  @Override
  public List<LedgerEntry> newest(LedgerQuery query) {
    return NEWEST.ask(client, new Newest(query));
  }

  @Override
  public List<LedgerEntry> ofTrace(String digits) {
    return OF_TRACE.ask(client, new OfTrace(digits));
  }
}
