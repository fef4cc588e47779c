package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import parlour.accounts.Accounts;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.spec.Installation.Shape;
import parlour.store.Database;
import parlour.store.ForwardingDatabase;

/** The numbers that a process publishes, as Prometheus and its checker read them. */
@Timeout(120)
class MetricsTest {
  private static final Path MONITORING = Path.of("deploy", "monitoring");
  private static final Pattern SERIES = Pattern.compile("(\\S+?)(\\{.*})? (\\S+)");

  /** Numbers that are there only with Redis, TLS, a scanner or an identity provider. */
  private static final Pattern OF_OPTIONS =
      Pattern.compile("parlour_(redis|certificate|scans|provider)_.*");

  /** On the first day there are no numbers of the day before to compare with. */
  private static final String ALERTS = """
      rule_files: [alerts.yml]
      evaluation_interval: 1m
      tests:
        - name: one of two processes that Prometheus does not know any more
          interval: 1m
          input_series:
            - series: 'up{job="parlour",instance="a"}'
              values: '1x120'
            - series: 'up{job="parlour",instance="b"}'
              values: '1x10'
          promql_expr_test:
            - expr: ALERTS{alertname="ParlourDown",alertstate="firing"}
              eval_time: 20m
              exp_samples:
                - {labels: 'ALERTS{alertname="ParlourDown",alertstate="firing",instance="b",job="parlour"}', value: 1}
            - expr: ALERTS{alertname="ParlourDown",alertstate="firing"}
              eval_time: 100m
              exp_samples: []
        - name: a clock, a certificate, a webhook, Redis, an identity provider and a scanner in trouble
          interval: 1m
          input_series:
            - series: 'parlour_clock_in_doubt{instance="a"}'
              values: '1x30'
            - series: 'parlour_certificate_end_seconds{instance="a",setting="public.tls.certificate"}'
              values: '600000x30'
            - series: 'parlour_webhooks_failing_seconds{instance="a"}'
              values: '0+300x30'
            - series: 'parlour_redis_failures_total{instance="a"}'
              values: '0+120x30'
            - series: 'parlour_provider_calls_total{instance="a",outcome="failed"}'
              values: '0+1x30'
            - series: 'parlour_scans_total{instance="a",outcome="failed"}'
              values: '0+1x30'
            - series: 'up{job="parlour",instance="a"}'
              values: '1x30'
          promql_expr_test:
            - expr: count by (alertname) (ALERTS{alertstate="firing"})
              eval_time: 25m
              exp_samples:
                - {labels: '{alertname="ParlourCertificateEnds"}', value: 1}
                - {labels: '{alertname="ParlourClockInDoubt"}', value: 1}
                - {labels: '{alertname="ParlourProviderFails"}', value: 1}
                - {labels: '{alertname="ParlourRedisSlow"}', value: 1}
                - {labels: '{alertname="ParlourScannerFails"}', value: 1}
                - {labels: '{alertname="ParlourWebhooksWait"}', value: 1}
        - name: a full volume of files beside a disk with room
          interval: 1m
          input_series:
            - series: 'parlour_disk_free_bytes{instance="a",folder="media"}'
              values: '9000x10 1000x10'
            - series: 'parlour_disk_reserved_bytes{instance="a",folder="media"}'
              values: '4000x20'
            - series: 'parlour_disk_free_bytes{instance="a",folder="data"}'
              values: '9000x20'
            - series: 'parlour_disk_reserved_bytes{instance="a",folder="data"}'
              values: '4000x20'
            - series: 'parlour_disk_scarce{instance="a"}'
              values: '0x20'
          promql_expr_test:
            - expr: ALERTS{alertname=~"Parlour.*DiskScarce",alertstate="firing"}
              eval_time: 5m
              exp_samples: []
            - expr: count by (alertname) (ALERTS{alertname=~"Parlour.*DiskScarce",alertstate="firing"})
              eval_time: 15m
              exp_samples:
                - {labels: '{alertname="ParlourFilesDiskScarce"}', value: 1}
        - name: many refusals on the first day
          interval: 1m
          input_series:
            - series: 'parlour_refusals_total{cause="from another browser"}'
              values: '0+1x120'
          promql_expr_test:
            - expr: count(ALERTS{alertname="ParlourRefusesBrowsers",alertstate="firing"})
              eval_time: 2h
              exp_samples: [{value: 1}]
        - name: as many refusals as on the day before
          interval: 1m
          input_series:
            - series: 'parlour_refusals_total{cause="from another browser"}'
              values: '0+1x1600'
          promql_expr_test:
            - expr: count(ALERTS{alertname="ParlourRefusesBrowsers",alertstate="firing"})
              eval_time: 26h
              exp_samples: []
        - name: a push service that is down, until it accepts pushes again
          interval: 1m
          input_series:
            - series: 'parlour_pushes_total{outcome="failed"}'
              values: '0+1x60 60x60'
            - series: 'parlour_pushes_total{outcome="accepted"}'
              values: '0x60 0+1x60'
          promql_expr_test:
            - expr: count(ALERTS{alertname="ParlourPushesFail",alertstate="firing"})
              eval_time: 40m
              exp_samples: [{value: 1}]
            - expr: count(ALERTS{alertname="ParlourPushesFail",alertstate="firing"})
              eval_time: 110m
              exp_samples: []
        - name: hosts of an entry that do not answer, because of a firewall
          interval: 1m
          input_series:
            - series: 'parlour_pushes_total{outcome="unreachable"}'
              values: '0+1x60'
            - series: 'parlour_pushes_total{outcome="failed"}'
              values: '0x60'
            - series: 'parlour_pushes_total{outcome="accepted"}'
              values: '0x60'
          promql_expr_test:
            - expr: count(ALERTS{alertname="ParlourPushesFail",alertstate="firing"})
              eval_time: 40m
              exp_samples: [{value: 1}]
        - name: a push to one guest that fails every 10 minutes, and no other push
          interval: 1m
          input_series:
            - series: 'parlour_pushes_total{outcome="failed"}'
              values: '0x9 1x9 2x9 3x9 4x9 5x9 6x9'
            - series: 'parlour_pushes_total{outcome="accepted"}'
              values: '0x70'
          promql_expr_test:
            - expr: count(ALERTS{alertname="ParlourPushesFail",alertstate="firing"})
              eval_time: 60m
              exp_samples: []
        - name: a push service that is down for agents
          interval: 1m
          input_series:
            - series: 'parlour_agent_pushes_total{outcome="failed"}'
              values: '0+1x60'
            - series: 'parlour_agent_pushes_total{outcome="accepted"}'
              values: '0x60'
          promql_expr_test:
            - expr: count by (alertname) (ALERTS{alertname=~"Parlour.*PushesFail",alertstate="firing"})
              eval_time: 40m
              exp_samples:
                - {labels: '{alertname="ParlourAgentPushesFail"}', value: 1}
        - name: a process that Prometheus does not know any more, and lost entries
          interval: 1m
          input_series:
            - series: 'parlour_ledger_entries_total{outcome="lost",instance="a"}'
              values: '0x10 5x20'
          promql_expr_test:
            - expr: count by (alertname) (ALERTS{alertname=~"ParlourDown|ParlourLedgerLosesEntries",alertstate="firing"})
              eval_time: 15m
              exp_samples:
                - {labels: '{alertname="ParlourDown"}', value: 1}
                - {labels: '{alertname="ParlourLedgerLosesEntries"}', value: 1}
      """;

  @TempDir
  Path folder;

  @ParameterizedTest
  @InBothShapes
  void calls_refusals_and_the_work_of_stores_are_counted(Shape shape)
      throws IOException, InterruptedException {
    try (Installation installation = Installation.start(shape)) {
      Guest guest = installation.guest().starts();
      guest.reloads();
      guest.copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
      installation.configure(settings -> new Accounts.Settings(
          Optional.empty(), settings.allowedOrigins(), settings.rules(), settings.lifetimes()));
      assertThat(installation.guest().init().code()).isEqualTo(45777);
      assertThat(series(scraped(installation, Role.ORCHESTRATOR)))
          .containsEntry(
              "parlour_page_refusals_total{cause=\"the deployment has no address\"}", 1.0)
          .containsEntry(ofDeployment(installation, "the deployment has no address"), 1.0);
      Map<String, Double> edge = series(scraped(installation, Role.STARSHIP));
      assertThat(edge)
          .containsEntry("parlour_calls_total{call=\"init\",status=\"201\"}", 1.0)
          .containsEntry("parlour_calls_total{call=\"init\",status=\"409\"}", 1.0)
          .containsEntry("parlour_call_errors_total{call=\"init\",code=\"45777\"}", 1.0)
          .containsEntry("parlour_call_errors_total{call=\"refresh\",code=\"45779\"}", 1.0)
          .containsEntry("parlour_calls_total{call=\"refresh\",status=\"200\"}", 1.0)
          .containsEntry("parlour_calls_total{call=\"refresh\",status=\"403\"}", 1.0)
          .containsEntry("parlour_call_duration_seconds_count{call=\"refresh\"}", 2.0)
          .containsEntry("parlour_clock_in_doubt", 0.0)
          .containsEntry("parlour_build_info{version=\"unknown\"}", 1.0)
          .satisfies(numbers -> {
            if (shape == Shape.ONE_PROCESS) { // the disk of a PostgreSQL is not known
              assertThat(numbers).containsKey("parlour_disk_free_bytes{folder=\"data\"}");
            }
          })
          .containsEntry("parlour_ready", 1.0);
      assertThat(series(scraped(installation, Role.SCOPED_AUTH)))
          .containsEntry("parlour_refusals_total{cause=\"from another browser\"}", 1.0)
          .containsEntry(ofDeployment(installation, "from another browser"), 1.0)
          .containsEntry("parlour_refusals_total{cause=\"expired\"}", 0.0)
          .containsEntry("parlour_honest_signs_total{sign=\"key: missing\"}", 0.0)
          .containsEntry("parlour_store_reads_waiting{store=\"scoped-auth\"}", 0.0)
          .hasEntrySatisfying(
              "parlour_store_change_duration_seconds_count{store=\"scoped-auth\"}",
              changes -> assertThat(changes).isPositive())
          .containsEntry("parlour_deployments_with_observing_signal", 0.0)
          .hasEntrySatisfying(
              "parlour_store_changes_total{store=\"scoped-auth\"}",
              changes -> assertThat(changes).isPositive());
    }
  }

  private static String ofDeployment(Installation installation, String cause) {
    return "parlour_deployment_refusals_total{cause=\"%s\",deployment=\"%s\"}"
        .formatted(cause, installation.deployment.text());
  }

  @Test
  void the_numbers_reveal_nothing_of_a_guest_and_the_public_listener_has_none()
      throws IOException, InterruptedException {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      Guest guest = installation.guest().starts();
      guest.says("my order is 4711-secret", "a");
      assertThat(scraped(installation, Role.STARSHIP))
          .doesNotContain(
              guest.token(),
              guest.conversation(),
              "4711-secret",
              installation.account.text(),
              installation.internalSecret());
      assertThat(get(installation.edge().resolve("/metrics")).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void a_scrape_is_answered_while_a_store_hangs_and_says_that_the_process_is_not_ready()
      throws IOException, InterruptedException {
    CountDownLatch released = new CountDownLatch(1);
    AtomicBoolean hangs = new AtomicBoolean();
    ServiceDecorators hanging = new ServiceDecorators() {
      @Override
      public Database database(Role role, Database database) {
        return new ForwardingDatabase(database) {
          @Override
          public <T extends @Nullable Object> T read(Work<T> work) {
            if (hangs.get()) {
              awaitUninterruptibly(released);
            }
            return super.read(work);
          }
        };
      }
    };
    try (Installation installation = Installation.start(Shape.ONE_PROCESS, hanging)) {
      assertThat(series(scraped(installation, Role.STARSHIP))).containsEntry("parlour_ready", 1.0);
      hangs.set(true);
      try {
        URI metrics = installation.internal(Role.STARSHIP).resolve("/metrics");
        Map<String, Double> series = Map.of("parlour_ready", 1.0);
        while (!Double.valueOf(0).equals(series.get("parlour_ready"))) {
          series = series(Http.send(HttpRequest.newBuilder(metrics)
                  .timeout(Duration.ofSeconds(20))
                  .build())
              .body());
        }
      } finally {
        hangs.set(false);
        released.countDown();
      }
      assertThat(installation.guest().starts().reloads().status()).isEqualTo(200);
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void scrapers_that_never_read_their_answers_harm_nobody()
      throws IOException, InterruptedException {
    List<Socket> scrapers = new ArrayList<>();
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      URI internal = installation.internal(Role.STARSHIP);
      for (int i = 0; i < 50; i++) {
        Socket scraper = new Socket();
        scraper.setReceiveBufferSize(1024);
        scraper.connect(new InetSocketAddress(internal.getHost(), internal.getPort()));
        scrapers.add(scraper);
        scraper
            .getOutputStream()
            .write("GET /metrics HTTP/1.1\r\nHost: inside\r\n\r\n"
                .repeat(20)
                .getBytes(StandardCharsets.US_ASCII));
      }
      assertThat(scraped(installation, Role.STARSHIP)).contains("parlour_ready 1.0");
      assertThat(installation.guest().starts().reloads().status()).isEqualTo(200);
    } finally {
      for (Socket scraper : scrapers) {
        scraper.close();
      }
    }
  }

  @Test
  void the_checker_of_prometheus_accepts_the_numbers_and_the_rules()
      throws IOException, InterruptedException {
    String promtool = Neighbour.installed("promtool").toString();
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      installation.guest().starts().reloads();
      Path text =
          Files.writeString(folder.resolve("metrics.txt"), scraped(installation, Role.STARSHIP));
      run(new ProcessBuilder(promtool, "check", "metrics").redirectInput(text.toFile()));
    }
    run(new ProcessBuilder(
        promtool, "check", "config", MONITORING.resolve("prometheus.yml").toString()));
  }

  @Test
  void the_alerts_fire_when_they_should() throws IOException, InterruptedException {
    String promtool = Neighbour.installed("promtool").toString();
    Files.copy(MONITORING.resolve("alerts.yml"), folder.resolve("alerts.yml"));
    Path rules = Files.writeString(folder.resolve("test.yml"), ALERTS);
    run(new ProcessBuilder(promtool, "test", "rules", rules.toString()));
  }

  @Test
  void a_prometheus_server_reads_the_numbers() throws IOException, InterruptedException {
    String prometheus = Neighbour.installed("prometheus").toString();
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      installation.guest().starts().reloads();
      String settings = Files.readString(MONITORING.resolve("prometheus.yml"))
          .replace("15s", "200ms")
          .replace("127.0.0.1:8081", installation.internal(Role.STARSHIP).getAuthority());
      Files.copy(MONITORING.resolve("alerts.yml"), folder.resolve("alerts.yml"));
      Path file = Files.writeString(folder.resolve("prometheus.yml"), settings);
      int port = Ports.free();
      try (Neighbour _ = Neighbour.start(
          folder,
          port,
          prometheus,
          "--config.file=" + file,
          "--storage.tsdb.path=" + folder.resolve("tsdb"),
          "--web.listen-address=127.0.0.1:" + port)) {
        String query = "sum(parlour_calls_total{call=\"refresh\",status=\"200\"})";
        URI asked = URI.create("http://127.0.0.1:%d/api/v1/query?query=%s"
            .formatted(port, URLEncoder.encode(query, StandardCharsets.UTF_8)));
        while (!get(asked).body().contains(",\"1\"]")) {
          Installation.pause(Duration.ofMillis(100)); // until the timeout of the test
        }
      }
    }
  }

  /** A rule or a panel about a number that no process publishes would stay silent for ever. */
  @Test
  void rules_and_panels_use_only_numbers_that_exist() throws IOException, InterruptedException {
    String published;
    try (Installation installation = everything()) {
      installation.guest().starts().copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
      hasAnError(installation);
      StringBuilder all = new StringBuilder();
      for (Role role : Role.values()) {
        all.append(scraped(installation, role));
      }
      published = all.toString();
    }
    Set<String> unknown = new TreeSet<>();
    for (String file : List.of("alerts.yml", "grafana.json")) {
      Pattern.compile("\\b(?:parlour|jvm)_[a-z_]+")
          .matcher(Files.readString(MONITORING.resolve(file)))
          .results()
          .map(found -> found.group().replaceAll("_bucket$", ""))
          .filter(name -> !OF_OPTIONS.matcher(name).matches())
          .filter(name -> !published.contains("# TYPE " + name + " "))
          .forEach(unknown::add);
    }
    assertThat(unknown).isEmpty();
  }

  /** The documents name every number of Parlour's own, with what it counts. */
  @Test
  void the_documents_have_every_number() throws IOException, InterruptedException {
    String documented = Files.readString(Path.of("docs", "operating.md"));
    try (Installation installation = everything()) {
      installation.guest().starts();
      hasAnError(installation);
      for (Role role : Role.values()) {
        assertThat(scraped(installation, role).lines())
            .filteredOn(line -> line.startsWith("# TYPE parlour_"))
            .extracting(line -> line.replaceAll("# TYPE (\\S+) .*", "$1"))
            .allSatisfy(name -> assertThat(documented).contains("`" + name));
      }
    }
  }

  /** The codes of errors are published when there are any. */
  private static void hasAnError(Installation installation)
      throws IOException, InterruptedException {
    assertThat(get(installation.edge().resolve("/nowhere")).statusCode()).isEqualTo(404);
  }

  /** An installation in which no role lacks a number because something is off. */
  private static Installation everything() {
    return Installation.start(
        Shape.A_PROCESS_PER_ROLE,
        ServiceDecorators.NONE,
        Map.of(Setting.PUSH_CONTACT, "mailto:ops@example.com"));
  }

  private static String scraped(Installation installation, Role role)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = get(installation.internal(role).resolve("/metrics"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/plain; version=0.0.4");
    return answer.body();
  }

  private static HttpResponse<String> get(URI address) throws IOException, InterruptedException {
    return Http.send(HttpRequest.newBuilder(address).build());
  }

  private static Map<String, Double> series(String text) {
    Map<String, Double> series = new TreeMap<>();
    text.lines()
        .filter(line -> !line.startsWith("#"))
        .map(SERIES::matcher)
        .filter(Matcher::matches)
        .forEach(line -> series.put(
            line.group(1) + (line.group(2) == null ? "" : line.group(2)),
            Double.valueOf(line.group(3))));
    return series;
  }

  private void run(ProcessBuilder command) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process process =
        command.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
  }
}
