package parlour.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import parlour.Limits;
import parlour.StartupError;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.http.InternalProtocol;
import parlour.http.tls.Tls;
import parlour.ledger.LedgerEntry;
import parlour.store.SchemaMismatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "trace",
    header = "Prints the sequence diagram of a call, or why it was refused.",
    description =
        "The diagram is in Mermaid's syntax, with the check that failed and the signals that"
            + " differed. If no running instance has the trace, prints its entry in the ledger.",
    footer = {
      "",
      "The id is in the answer's header Parlour-Trace-Id, in the trace_id of an error,",
      "and in the log. A running instance keeps the traces of the last " + Limits.TRACES_KEPT
          + " refused calls,",
      "the last " + Limits.TRACES_KEPT + " other failures, and the last " + Limits.GOOD_TRACES_KEPT
          + " successes. The ledger keeps",
      "refusals, and some of the calls that were answered 503, for weeks (ledger-days),",
      "across restarts and of all nodes.",
      "",
      "Example:",
      "  parlour trace 4bf92f3577b3",
    })
final class TraceCommand implements Callable<Integer> {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8,32}");

  private final Terminal terminal;

  @Parameters(paramLabel = "ID", description = "The trace id, or at least its first 8 digits.")
  private String id = "";

  @Mixin
  private final ConfigOptions options = new ConfigOptions();

  @Mixin
  private final OutputOptions output = new OutputOptions();

  TraceCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  record TraceItem(String id, String diagram) {}

  record LedgerItem(String id, List<Map<String, Object>> refusals) {}

  @Override
  public Integer call() {
    String wanted = id.strip().toLowerCase(Locale.ROOT);
    if (!ID.matcher(wanted).matches()) {
      throw new UserError("a trace id has 8 to 32 hex digits, not \"" + id + '"');
    }
    Config config = options.read(terminal);
    String diagram;
    try {
      diagram = fetch(address(config), config, terminal.clock(), wanted);
    } catch (UserError | StartupError notFetched) {
      reportLedger(config, wanted, notFetched);
      return 0;
    }
    terminal.report(output, new TraceItem(wanted, diagram), diagram.stripTrailing());
    return 0;
  }

  /**
   * Reports the entries of the trace in the ledger, which can be read also if no process can be called.
   *
   * @param notFetched why there is no diagram; thrown if there is no entry either
   */
  private void reportLedger(Config config, String wanted, RuntimeException notFetched) {
    List<LedgerEntry> entries = inLedger(config, wanted);
    if (entries.isEmpty()) {
      throw notFetched;
    }
    if (!(notFetched instanceof NotInMemory)) {
      terminal.complain("only the entry in the ledger: " + notFetched.getMessage());
    }
    Fields<LedgerEntry> fields = LedgerFields.all();
    terminal.report(
        output,
        new LedgerItem(wanted, entries.stream().map(fields::json).toList()),
        entries.stream().map(fields::lines).collect(Collectors.joining("\n\n")));
  }

  /** The entries of the trace; none if the ledger is in another folder. */
  private static List<LedgerEntry> inLedger(Config config, String id) {
    try {
      return new Instance(config).ledger(ledger -> ledger.ofTrace(id));
    } catch (SchemaMismatch | StartupError notHere) {
      return List.of();
    }
  }

  /** No running instance has the trace; the ledger can have it. */
  private static final class NotInMemory extends UserError {
    private static final long serialVersionUID = 1L;

    NotInMemory(String message) {
      super(message);
    }
  }

  /** The process that runs Starship has the whole trace, also of roles in other processes. */
  private static URI address(Config config) {
    return DataFolder.existing(config.data())
        .address(Role.STARSHIP)
        .orElseThrow(() -> new NotInMemory(
            "no process has run starship over the folder %s, and its ledger does not have this trace:"
                    .formatted(config.data())
                + " name the folder of starship, or that of scoped-auth (--data DIR)"));
  }

  static String secret(Config config) {
    return config
        .internalSecret()
        .or(() -> DataFolder.secret(config.internalSecretFile()))
        .orElseThrow(() -> new UserError(
            "there is no internal secret: %s is missing, and the setting internal.secret is not set"
                .formatted(config.internalSecretFile())));
  }

  static String fetch(URI address, Config config, InstantSource clock, String id) {
    HttpRequest request = HttpRequest.newBuilder(address.resolve("/v1/Traces/" + id))
        .timeout(TIMEOUT)
        .header(InternalProtocol.SECRET_HEADER, secret(config))
        .build();
    var tls = Tls.ofCaller(config.internalAuthorities(), config.internalTls(), clock);
    try (HttpClient http = HttpClient.newBuilder()
        .connectTimeout(TIMEOUT)
        .sslContext(tls.context())
        .build()) {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.headers().firstValue(InternalProtocol.TRACE_HEADER).isEmpty()) {
        throw new UserError("the server at %s does not accept the internal secret: is it the same"
                .formatted(address)
            + " there (internal.secret), and the right folder (--data DIR)?");
      }
      if (answer.statusCode() != 200) {
        throw new NotInMemory(
            "there is no trace %s: the process keeps only the last %d refused calls, %d other"
                    .formatted(id, Limits.TRACES_KEPT, Limits.TRACES_KEPT)
                + " failures and %d successes since its start, and the ledger of this folder does not"
                    .formatted(Limits.GOOD_TRACES_KEPT)
                + " have it; compare the id with the answer's Parlour-Trace-Id, or name the folder of"
                + " scoped-auth (--data DIR)");
      }
      return answer.body();
    } catch (SSLException e) {
      throw new UserError(
          "no TLS connection to %s (%s): its certificate must name that host (internal.host) and"
                  .formatted(address, e.getMessage())
              + " be signed by internal.tls.ca, and ours by its internal.tls.client-ca");
    } catch (IOException e) {
      throw new NotInMemory(
          "nothing answers at %s (%s), and the ledger of this folder does not have this trace: start"
                  .formatted(address, e.getClass().getSimpleName())
              + " the instance, or name scoped-auth's folder with --data DIR");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError("interrupted");
    }
  }
}
