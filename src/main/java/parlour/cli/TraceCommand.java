package parlour.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import parlour.Limits;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.http.InternalProtocol;
import parlour.http.tls.Tls;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "trace",
    header = "Prints the sequence diagram of what really happened to a call.",
    description = "In Mermaid's words, with which check failed, and which signal differed.",
    footer = {
      "",
      "The id is in the answer's header Parlour-Trace-Id, in the trace_id of an error,",
      "and in the log. A running instance keeps the last " + Limits.TRACES_KEPT + " that failed,",
      "and the last " + Limits.GOOD_TRACES_KEPT + " that did not.",
      "",
      "Example:",
      "  parlour trace 4bf92f3577b3",
    })
final class TraceCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8,32}");

  private final Terminal terminal;

  @Parameters(paramLabel = "ID", description = "The trace id, or at least 8 first digits of it.")
  private String id = "";

  @Mixin
  private final ConfigOptions options = new ConfigOptions();

  @Mixin
  private final OutputOptions shown = new OutputOptions();

  TraceCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  record TraceItem(String id, String diagram) {}

  @Override
  public Integer call() {
    String wanted = id.strip().toLowerCase(Locale.ROOT);
    if (!ID.matcher(wanted).matches()) {
      throw new UserError("a trace id has 8 to 32 hex digits, not \"" + id + '"');
    }
    Config config = options.read(terminal);
    String diagram = ask(address(config), config, terminal.clock(), wanted);
    terminal.show(shown, new TraceItem(wanted, diagram), diagram.stripTrailing());
    return 0;
  }

  /** The process that runs Starship holds the whole picture, whatever runs elsewhere. */
  private static URI address(Config config) {
    return DataFolder.existing(config.data())
        .address(Role.STARSHIP)
        .orElseThrow(() -> new UserError(
            "no process has run starship over the folder %s: name the one where it runs (--data DIR)"
                .formatted(config.data())));
  }

  static String secret(Config config) {
    return config
        .internalSecret()
        .or(() -> DataFolder.secret(config.internalSecretFile()))
        .orElseThrow(() -> new UserError(
            "there is no internal secret: %s is missing, and the setting internal.secret is not set"
                .formatted(config.internalSecretFile())));
  }

  static String ask(URI address, Config config, InstantSource clock, String id) {
    HttpRequest request = HttpRequest.newBuilder(address.resolve("/v1/Traces/" + id))
        .timeout(PATIENCE)
        .header(InternalProtocol.SECRET_HEADER, secret(config))
        .build();
    var tls = Tls.ofCaller(config.internalAuthorities(), config.internalTls(), clock);
    try (HttpClient http = HttpClient.newBuilder()
        .connectTimeout(PATIENCE)
        .sslContext(tls.context())
        .build()) {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.headers().firstValue(InternalProtocol.TRACE_HEADER).isEmpty()) {
        throw new UserError("the server at %s does not accept the internal secret: is it the same"
                .formatted(address)
            + " there (internal.secret), and the right folder (--data DIR)?");
      }
      if (answer.statusCode() != 200) {
        throw new UserError(
            "there is no trace %s: they are kept in memory only, the last %d that failed"
                    .formatted(id, Limits.TRACES_KEPT)
                + " and %d that did not, since the start; compare"
                    .formatted(Limits.GOOD_TRACES_KEPT)
                + " the id with the answer's Parlour-Trace-Id");
      }
      return answer.body();
    } catch (SSLException e) {
      throw new UserError(
          "%s is not who it should be, or does not take us (%s): its certificate must"
                  .formatted(address, e.getMessage())
              + " name that host (internal.host), and be signed by internal.tls.ca");
    } catch (IOException e) {
      throw new UserError(
          "nothing answers at %s (%s): traces are kept in memory, so the instance must run"
              .formatted(address, e.getClass().getSimpleName()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError("interrupted");
    }
  }
}
