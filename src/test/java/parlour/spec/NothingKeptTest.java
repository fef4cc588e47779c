package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.slf4j.LoggerFactory;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.store.Postgres;
import parlour.trace.Diagram;

/**
 * No token, signal's value, client address or body is kept in a file of the data folder, in a trace
 * or in a log line, after calls that succeed and calls that fail.
 */
class NothingKeptTest {
  private static final String ADDRESS = "203.0.113.77";
  private static final String LANGUAGE = "tlh-Piqd";
  private static final String ZONE = "987654";
  private static final String TIMESTAMP = "1700000000123";
  private static final String DECODER = "audio/x-nowhere-else";
  private static final String MODEL = "Nowhere-Else-Phone";
  private static final String UNKNOWN_FIELD = "in-a-field-nobody-asked-for";
  private static final String FRIENDLY_NAME = "Ada Nowhere-Else";
  private static final String PRE_ENGAGEMENT = "order-nowhere-else";

  private static final Browser DISTINCT = new Browser(Map.of(
      "User-Agent",
      "Mozilla/5.0 (Linux; Android 16; " + MODEL + ") AppleWebKit/537.36 (KHTML, like Gecko)"
          + " Chrome/142.0.0.0 Mobile Safari/537.36",
      "Accept-Language",
      LANGUAGE,
      "x-twilio-sec-usersettings",
      "{\"language\":\"" + LANGUAGE + "\",\"cookieEnabled\":true,\"userTimezone\":" + ZONE + "}",
      "x-twilio-sec-webchatinfo",
      "{\"loginTimestamp\":" + TIMESTAMP + "}",
      "x-twilio-sec-decoders",
      "{\"audio\":[\"" + DECODER + "\"]}",
      "X-Forwarded-For",
      ADDRESS));

  @ParameterizedTest
  @InBothShapes
  void nothing_of_a_guest_is_found_that_need_not_be_kept(Shape shape) {
    Faults faults = new Faults();
    Map<Setting, String> settings =
        Map.of(Setting.RATE_LIMITS, "on", Setting.TRUSTED_PROXIES, "127.0.0.1/32");
    try (LogLines log = new LogLines();
        WebhookReceiver receiver = new WebhookReceiver().answering(410);
        Installation installation = Installation.start(shape, faults, settings)) {
      installation.answeredBy(receiver.url());
      List<String> secrets = new ArrayList<>(
          List.of(ADDRESS, LANGUAGE, ZONE, TIMESTAMP, DECODER, MODEL, UNKNOWN_FIELD));
      List<Reply> replies = aDay(installation, faults, secrets);
      List<String> alsoNotShown = new ArrayList<>(secrets);
      alsoNotShown.addAll(List.of(FRIENDLY_NAME, PRE_ENGAGEMENT));

      for (Reply reply : replies) {
        assertHoldsNoneOf(
            alsoNotShown, "the trace of a " + reply.status(), picture(installation, reply));
      }
      assertThat(replies).extracting(Reply::status).contains(200, 201, 400, 401, 403, 503);
      assertThat(log.lines()).as("the log is looked at").isNotEmpty();
      for (int i = 0; i < 3_000 && !log.lines().toString().contains("given up"); i++) {
        Installation.pause(Duration.ofMillis(20));
      }
      assertThat(log.lines().toString()).contains("a webhook's event is given up");
      assertHoldsNoneOf(
          List.of("whsec_", receiver.url().getPath()), "the log", log.lines().toString());
      assertHoldsNoneOf(alsoNotShown, "the log", String.join("\n", log.lines()));

      String tokenWithoutPrefix = secrets.getLast().substring(40, 80);
      secrets.add(tokenWithoutPrefix);
      int databases = 0;
      Map<String, String> kept = kept(installation);
      for (Map.Entry<String, String> each : kept.entrySet()) {
        String name = each.getKey();
        // Only Conversations keeps the guest's messages for the agent.
        boolean theirs =
            name.startsWith("conversations.db") || name.startsWith("parlour_conversations.");
        assertHoldsNoneOf(theirs ? secrets : alsoNotShown, name, each.getValue());
        databases += name.endsWith(".db") || name.endsWith(".schema_migration") ? 1 : 0;
      }
      assertThat(databases).isEqualTo(3);
      assertThat(kept.values())
          .as("what is kept on purpose is found, so the search works")
          .anySatisfy(bytes -> assertThat(bytes).contains(PRE_ENGAGEMENT));
    }
  }

  /** Makes a guest go through all outcomes; adds each token to the secrets. */
  private static List<Reply> aDay(Installation installation, Faults faults, List<String> secrets) {
    List<Reply> replies = new ArrayList<>();
    Guest guest = installation.guest(DISTINCT);
    String key = installation.deployment.text();
    Reply begun = guest.post(
        "/v2/Webchat/Init", """
        {"deploymentKey":"%s","customerFriendlyName":"%s",
         "preEngagementData":"{\\"order\\":\\"%s\\"}","other":"%s"}
        """.formatted(key, FRIENDLY_NAME, PRE_ENGAGEMENT, UNKNOWN_FIELD));
    replies.add(begun);
    guest.holding(begun.text("token"));
    String first = guest.token();
    secrets.add(first);
    replies.add(guest.reloads());
    secrets.add(guest.token());
    replies.add(guest.reloads());
    secrets.add(guest.token());

    replies.add(guest.copiedTo(Browser.FIREFOX_ON_LINUX).reloads());
    replies.add(
        guest.copiedTo(DISTINCT.with("Accept-Language", LANGUAGE + "-x")).reloads());
    replies.add(guest.refreshes(guest.token() + "x"));
    replies.add(guest.post(
        "/v2/Webchat/Token/Refresh",
        "{\"deploymentKey\":\"%s\",\"token\":\"%s\",,\"%s\"}"
            .formatted(key, guest.token(), UNKNOWN_FIELD)));
    replies.add(
        guest.post("/v2/Webchat/Init", "{\"preEngagementData\":\"%s\"}".formatted(PRE_ENGAGEMENT)));
    faults.storeDown(Role.SCOPED_AUTH);
    replies.add(guest.reloads());
    faults.repair();
    faults.broken(Role.SCOPED_AUTH, () -> new IllegalStateException("a bug"));
    replies.add(guest.reloads());
    faults.repair();
    installation.clock.pass(Duration.ofMinutes(2));
    replies.add(guest.refreshes(first)); // a replay by now
    return replies;
  }

  private static String picture(Installation installation, Reply reply) {
    String path = "/v1/Traces/" + reply.traceId();
    String kept = Http.get(
            installation.internal(Role.STARSHIP).resolve(path), installation.internalSecret())
        .body();
    assertThat(Diagram.parse(kept).arrows()).isNotEmpty();
    return kept;
  }

  private static void assertHoldsNoneOf(List<String> secrets, String where, String text) {
    for (String secret : secrets) {
      assertThat(text.contains(secret)).as("%s holds %s", where, secret).isFalse();
    }
  }

  /** The content of each file, and of each table if there is a database server. */
  private static Map<String, String> kept(Installation installation) {
    Map<String, String> kept = new HashMap<>();
    files(installation.folder())
        .forEach(file -> kept.put(file.getFileName().toString(), bytes(file)));
    String url = installation.settings().get(Setting.DATABASE_URL);
    if (url != null) {
      kept.putAll(Postgres.contents(url.substring(url.lastIndexOf('/') + 1)));
    }
    return kept;
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String bytes(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All log lines at each level, with their fields. */
  private static final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Logger parlour = (Logger) LoggerFactory.getLogger("parlour");
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();

    LogLines() {
      setContext(parlour.getLoggerContext());
      start();
      parlour.setLevel(Level.TRACE);
      parlour.setAdditive(false);
      parlour.addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
      lines.add("%s %s %s"
          .formatted(
              event.getFormattedMessage(),
              event.getKeyValuePairs(),
              event.getThrowableProxy() == null
                  ? ""
                  : ThrowableProxyUtil.asString(event.getThrowableProxy())));
    }

    List<String> lines() {
      return List.copyOf(lines);
    }

    @Override
    public void close() {
      parlour.detachAppender(this);
      parlour.setAdditive(true);
      parlour.setLevel(null);
      stop();
    }
  }
}
