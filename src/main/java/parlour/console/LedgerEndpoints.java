package parlour.console;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;
import parlour.Durations;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.console.Admins.Admin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.ledger.LedgerEntry;
import parlour.ledger.LedgerNote;
import parlour.ledger.LedgerQuery;
import parlour.ledger.LedgerStore;
import parlour.trace.Arrow;
import parlour.trace.Trace;
import parlour.trace.Traces;

/** The endpoints that read the ledger, and the request of an entry. */
final class LedgerEndpoints {
  private static final String DEFAULT_AGE = "1d";
  private static final Pattern TRACE = Pattern.compile("[0-9a-f]{8,32}");

  private final LedgerStore ledger;
  private final Traces traces;
  private final Accounts accounts;
  private final InstantSource clock;
  private final OutageLog outages = new OutageLog(
      LoggerFactory.getLogger(LedgerEndpoints.class), "a request is shown without its entries");

  LedgerEndpoints(LedgerStore ledger, Traces traces, Accounts accounts, InstantSource clock) {
    this.ledger = ledger;
    this.traces = traces;
    this.accounts = accounts;
    this.clock = clock;
  }

  /**
   * The newest entries.
   *
   * @param hasMore whether there may be older ones
   */
  record ListAnswer(List<EntryForm> entries, boolean hasMore) {}

  /** Takes {@code since} (15m, 2h, 7d), {@code deployment}, {@code cause} and {@code all}. */
  ApiResponse list(Admin admin, ApiRequest call) {
    RequestFields query = call.query();
    OwnDeployments own = OwnDeployments.read(accounts, admin);
    Optional<List<Sid.Deployment>> only = query
        .optional("deployment")
        .map(key -> List.of(own.find(key).key()))
        .or(() -> own.readable(accounts));
    LedgerQuery asked = new LedgerQuery(
        clock.instant().minus(age(query.optional("since").orElse(DEFAULT_AGE))),
        LedgerQuery.Scope.of(only),
        query.optional("cause"),
        !query.flag("all"),
        Limits.LEDGER_PAGE,
        Optional.of(admin.account()));
    List<LedgerEntry> entries = search(asked);
    return ApiResponse.json(
        200, new ListAnswer(forms(own, entries), entries.size() == Limits.LEDGER_PAGE));
  }

  /** The store runs only {@link Limits#SEARCHES_AT_ONCE} searches at once. */
  private List<LedgerEntry> search(LedgerQuery query) {
    try {
      return ledger.newest(query);
    } catch (TooManyRequests later) {
      throw new Problem(
              ErrorCode.TOO_MANY_REQUESTS,
              "Another search of the refusals is running. Try again in a few seconds.")
          .retryAfter(later.retryAfter());
    }
  }

  private static Duration age(String since) {
    try {
      return Durations.min(Durations.parse(since), Duration.ofDays(Limits.MAX_LEDGER_DAYS));
    } catch (IllegalArgumentException e) {
      throw new Problem(ErrorCode.MALFORMED, "The field \"since\": " + e.getMessage() + ".");
    }
  }

  /**
   * A request.
   *
   * @param isRecorded whether the arrows are those that this process has recorded, or follow from an
   *     entry
   * @param isLedgerDown whether the entries are missing because the ledger cannot be read now
   */
  record TraceAnswer(
      String trace,
      boolean isRecorded,
      boolean isLedgerDown,
      List<ArrowForm> arrows,
      List<EntryForm> entries) {}

  /** An arrow between two participants, with their names. */
  record ArrowForm(String from, String to, String text, String detail) {
    static ArrowForm of(Arrow arrow) {
      // Why a call failed can name hosts, which only operators need to know.
      String detail = arrow.text().equals(Trace.NO_ANSWER) ? "" : arrow.detail();
      return new ArrowForm(arrow.from().fullName(), arrow.to().fullName(), arrow.text(), detail);
    }
  }

  /** A request by at least the first 8 digits of its trace id, if the admin can read of it. */
  ApiResponse trace(Admin admin, ApiRequest call) {
    String digits = call.parameter("Trace").toLowerCase(Locale.ROOT);
    if (!TRACE.matcher(digits).matches()) {
      throw new Problem(ErrorCode.MALFORMED, "A trace id has 8 to 32 hex digits.");
    }
    OwnDeployments own = OwnDeployments.read(accounts, admin);
    Optional<Set<Sid.Deployment>> readable = own.readable(accounts).map(Set::copyOf);
    Optional<Traces.Entry> inMemory = readable.isEmpty() ? traces.find(digits) : Optional.empty();
    Optional<List<LedgerEntry>> read = entries(digits, inMemory.isPresent());
    List<LedgerEntry> all = read.orElse(List.of());
    List<LedgerEntry> owned = all.stream()
        .filter(entry -> readable.isEmpty()
            || entry.note().deployment().filter(readable.get()::contains).isPresent())
        .toList();
    List<LedgerEntry> entries =
        all.stream().filter(entry -> owned.contains(entry) || isOutage(entry)).toList();
    Optional<Traces.Entry> recorded = readable.isEmpty() ? inMemory : recordedOf(owned, traces);
    if (recorded.isEmpty() && entries.isEmpty()) {
      throw new Problem(
          ErrorCode.NOT_FOUND,
          "There is no such request: the ledger keeps refusals for weeks, and a process its last"
              + " successes until it stops.");
    }
    List<Arrow> arrows =
        recorded.map(one -> one.trace().arrows()).orElseGet(() -> fromEntries(entries));
    return ApiResponse.json(
        200,
        new TraceAnswer(
            recorded.map(one -> one.trace().shortId()).orElse(digits),
            recorded.isPresent(),
            read.isEmpty(),
            arrows.stream().map(ArrowForm::of).toList(),
            forms(own, entries)));
  }

  /** Empty if the ledger cannot be read now, and the request can be shown without it. */
  private Optional<List<LedgerEntry>> entries(String digits, boolean canBeShownWithout) {
    try {
      return Optional.of(ledger.ofTrace(digits));
    } catch (Unavailable outage) {
      if (!canBeShownWithout) {
        throw outage;
      }
      outages.failed(outage, Trace.current().id());
      return Optional.empty();
    }
  }

  /**
   * The recorded request of one of these entries, by its whole id. Arrows do not say whose request it
   * was, and the first digits of another account's request can be the same.
   */
  static Optional<Traces.Entry> recordedOf(List<LedgerEntry> entries, Traces traces) {
    return entries.stream()
        .map(LedgerEntry::trace)
        .distinct()
        .flatMap(id -> traces.find(id).stream())
        .findFirst();
  }

  private static List<Arrow> fromEntries(List<LedgerEntry> entries) {
    return entries.stream()
        .map(EntryDiagram::of)
        .filter(arrows -> !arrows.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  private static List<EntryForm> forms(OwnDeployments own, List<LedgerEntry> entries) {
    var lists = own.all().stream()
        .collect(
            Collectors.toMap(Accounts.Deployment::key, one -> one.settings().allowedOrigins()));
    return entries.stream()
        .map(entry -> EntryForm.of(
            entry,
            isOfOrigin(entry)
                && entry
                    .note()
                    .deployment()
                    .flatMap(key -> Optional.ofNullable(lists.get(key)))
                    .filter(list -> canAllow(list, entry.note().page().orElse("")))
                    .isPresent()))
        .toList();
  }

  /** It says which part failed, which every admin may know. */
  private static boolean isOutage(LedgerEntry entry) {
    return entry.note().event().equals(LedgerNote.OUTAGE);
  }

  private static boolean isOfOrigin(LedgerEntry entry) {
    return entry.note().code() == ErrorCode.ORIGIN_NOT_ALLOWED.code();
  }

  /** An empty list lets every page in. */
  private static boolean canAllow(AllowedOrigins list, String page) {
    return !list.isEmpty() && !list.allows(page) && AllowedOrigins.canList(page);
  }
}
