package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.spec.Installation.Shape;

/** The traces are exported by OTLP, the same in each shape, and without any secret of the guest. */
@Timeout(120)
class TelemetryTest {
  private static final String REFRESH = "POST /v2/Webchat/Token/Refresh {deploymentKey, token}";

  /** A span, with the service that its resource names. */
  private record Received(String service, Span span) {}

  /** An endpoint that decodes all that it receives. */
  private static final class Collector implements AutoCloseable {
    private final HttpServer server;
    private final List<Received> spans = new CopyOnWriteArrayList<>();
    private final List<String> bodies = Collections.synchronizedList(new ArrayList<>());

    Collector() {
      try {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      server.createContext("/v1/traces", exchange -> {
        byte[] body = exchange.getRequestBody().readAllBytes();
        bodies.add(new String(body, StandardCharsets.ISO_8859_1));
        decode(body);
        exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
      });
      server.start();
    }

    private void decode(byte[] body) throws InvalidProtocolBufferException {
      ExportTraceServiceRequest.parseFrom(body).getResourceSpansList().forEach(of -> {
        String service = of.getResource().getAttributesList().stream()
            .filter(one -> one.getKey().equals("service.name"))
            .map(one -> one.getValue().getStringValue())
            .findFirst()
            .orElseThrow();
        of.getScopeSpansList()
            .forEach(scope ->
                scope.getSpansList().forEach(span -> spans.add(new Received(service, span))));
      });
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<Received> ofTrace(String shortId) {
      return spans.stream()
          .filter(one -> hex(one.span().getTraceId()).startsWith(shortId))
          .toList();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  private static String hex(com.google.protobuf.ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }

  @ParameterizedTest
  @EnumSource(names = {"ONE_PROCESS", "A_PROCESS_PER_ROLE"})
  void a_refused_refresh_is_a_span_for_each_call_of_the_diagram(Shape shape) {
    try (Collector collector = new Collector();
        Installation installation = Installation.start(
            shape, ServiceDecorators.NONE, Map.of(Setting.OTLP_ENDPOINT, collector.url()))) {
      assertThat(Http.send(Http.request(installation.edge().resolve("/v2/Webchat/Nothing"))
                  .build())
              .statusCode())
          .isEqualTo(404);
      Guest guest = installation.guest().starts();
      Guest thief = guest.copiedTo(Browser.FIREFOX_ON_LINUX);
      Guest.Reply refused = thief.refreshes(guest.token());
      assertThat(refused.status()).isEqualTo(403);
      String id = Objects.requireNonNull(String.valueOf(refused.json().get("trace_id")));
      until(() -> collector.ofTrace(id).size() >= 4);

      assertThat(tree(collector.ofTrace(id), "", ""))
          .containsExactly(
              "starship: " + REFRESH,
              "  orchestrator: " + REFRESH,
              "    federated-auth: POST /v1/Accounts/{AccountSid}/Tokens/refresh {fingerprint, token}",
              "      scoped-auth: POST /v1/ScopedAuthTokens/validate {token, fingerprint}");
      assertThat(events(collector.ofTrace(id), "scoped-auth"))
          .containsExactly("checks the token: good, then the fingerprint: differs");
      assertThat(events(collector.ofTrace(id), "orchestrator"))
          .containsExactly(
              "finds the account sid of the deployment key", "reads the account's configuration");
      assertThat(events(collector.ofTrace(id), "starship"))
          .containsExactly("lets Access-Control-Allow-Origin through, or sets it to *");
      assertThat(collector.spans)
          .extracting(one -> one.span().getName())
          .as("calls to unknown paths")
          .noneMatch(name -> name.contains("unknown"));
      assertThat(attributes(collector.ofTrace(id)))
          .containsExactly("http.response.status_code", "parlour.answer");
      assertThat(collector.bodies).allSatisfy(body -> {
        for (String secret : List.of(
            guest.token(),
            "Firefox/",
            "Chrome/",
            "127.0.0.1",
            installation.internalSecret(),
            guest.conversation())) {
          assertThat(body).doesNotContain(secret);
        }
      });
    }
  }

  /** The spans as lines, each below the one that called it. */
  private static List<String> tree(List<Received> spans, String parent, String indent) {
    List<String> lines = new ArrayList<>();
    for (Received one : spans) {
      if (hex(one.span().getParentSpanId()).equals(parent)) {
        lines.add(indent + one.service() + ": " + one.span().getName());
        lines.addAll(tree(spans, hex(one.span().getSpanId()), indent + "  "));
      }
    }
    return lines;
  }

  private static List<String> events(List<Received> spans, String service) {
    return spans.stream()
        .filter(one -> one.service().equals(service))
        .flatMap(one -> one.span().getEventsList().stream())
        .map(Span.Event::getName)
        .toList();
  }

  private static Set<String> attributes(List<Received> spans) {
    return spans.stream()
        .flatMap(one -> one.span().getAttributesList().stream())
        .map(one -> one.getKey())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void an_endpoint_that_hangs_or_is_gone_costs_guests_nothing_and_the_loss_is_counted()
      throws IOException {
    int port = Ports.free();
    try (Installation installation = Installation.start(
        Shape.ONE_PROCESS,
        ServiceDecorators.NONE,
        Map.of(Setting.OTLP_ENDPOINT, "http://127.0.0.1:" + port))) {
      Guest guest = installation.guest();
      try (ServerSocket _ = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
        guest.starts();
        guest.says("while it hangs", "a");
      }
      assertThat(guest.reloads().status()).as("while it refuses").isEqualTo(200);
      URI metrics = installation.internal(Role.STARSHIP).resolve("/metrics");
      until(() -> !new String(Http.bytes(metrics), StandardCharsets.UTF_8)
          .contains("parlour_spans_total{outcome=\"dropped\"} 0.0"));
    }
  }
}
