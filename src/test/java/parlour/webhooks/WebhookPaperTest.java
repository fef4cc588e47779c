package parlour.webhooks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.Identity;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.Responder;
import parlour.accounts.WebhookSecret;
import parlour.conversations.Conversation;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Participant;
import parlour.conversations.ParticipantKind;
import parlour.conversations.Revision;
import parlour.conversations.Version;
import parlour.http.Header;
import parlour.http.client.PostingHttpClient;
import parlour.http.json.Json;
import parlour.http.json.JsonText;
import parlour.media.Attachment;

/** The examples in docs/webhooks are exactly what is sent, and its code accepts only that. */
class WebhookPaperTest {
  private static final Path PAPER = Path.of("docs/webhooks.md");
  private static final Path EXAMPLES = Path.of("docs/webhooks");
  private static final Instant NOW = Instant.parse("2026-01-01T09:00:05Z");
  private static final String URL = "https://bot.example.com/parlour?from=chat";
  private static final String SECRET = "whsec_an-example-that-nobody-uses";
  private static final String DIGITS = "0123456789abcdef0123456789abcdef";

  @AutoClose
  private static final PostingHttpClient client = new PostingHttpClient();

  private static final WebhookRequest request = new WebhookRequest(client, () -> NOW);
  private static final Responder.Webhook webhook =
      new Responder.Webhook(URI.create(URL), new WebhookSecret(SECRET));

  private static final Accounts.Address address = new Accounts.Address(
      new Sid.Address("IG" + DIGITS), new Sid.Account("AC" + DIGITS), "Bot", NOW);
  private static final Sid.Conversation conversationSid = new Sid.Conversation("CH" + DIGITS);

  private static final List<Attachment> FILES = List.of(new Attachment(
      new Sid.Media("ME" + DIGITS), "media", "label.jpg", "image/jpeg", 482_133, true));

  @TempDir
  Path folder;

  static List<WebhookEvent> events() {
    Conversation active = conversation(Conversation.State.ACTIVE, 1);
    Participant guest = participant("a1b2c3", ParticipantKind.GUEST, "Ada", 1, 1, true);
    Participant agent = participant("ann", ParticipantKind.AGENT, "Ann", 4, 4, true);
    Participant gone = participant("ann", ParticipantKind.AGENT, "Ann", 4, 7, false);
    return List.of(
        WebhookEvent.created(active, guest),
        WebhookEvent.added(active, message("Where is my order?", 3, false)),
        WebhookEvent.joined(active, agent),
        WebhookEvent.changed(active, message("Where is order 4711?", 5, false)),
        WebhookEvent.changed(active, message("", 6, true)),
        WebhookEvent.left(active, gone),
        WebhookEvent.state(
            conversation(Conversation.State.CLOSED, 8), Conversation.State.CLOSED, new Revision(8)),
        WebhookEvent.state(
            conversation(Conversation.State.ACTIVE, 9), Conversation.State.ACTIVE, new Revision(9)),
        WebhookEvent.test(address, address.sid().text() + "-test-0123456789abcdef"));
  }

  @ParameterizedTest
  @MethodSource("events")
  void each_example_equals_the_request_that_is_sent(WebhookEvent event) throws IOException {
    assertThat(Files.readString(EXAMPLES.resolve(event.type().text() + ".http")))
        .isEqualTo(example(event));
  }

  @Test
  void each_example_is_of_an_event_that_is_sent() throws IOException {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              events().stream().map(event -> event.type().text() + ".http").toList());
    }
    assertThat(Files.readString(PAPER))
        .contains(events().stream()
            .map(event -> "webhooks/" + event.type().text() + ".http")
            .toList());
  }

  @Test
  void the_code_for_node_accepts_only_signed_requests() throws Exception {
    Files.writeString(folder.resolve("verify.mjs"), block("js"));
    Files.writeString(folder.resolve("run.mjs"), """
        import { verified } from './verify.mjs';
        const [secret, url, signature, body, now] = process.argv.slice(2);
        console.log(verified(secret, url, signature, Buffer.from(body, 'base64'), Number(now)));
        """);
    assertVerifies(List.of("node", "run.mjs"));
  }

  @Test
  void the_code_for_java_accepts_only_signed_requests() throws Exception {
    Files.writeString(folder.resolve("ParlourSignature.java"), block("java"));
    Files.writeString(folder.resolve("Run.java"), """
        class Run {
          public static void main(String[] a) {
            System.out.println(ParlourSignature.verified(
                a[0], a[1], a[2], java.util.Base64.getDecoder().decode(a[3]), Long.parseLong(a[4])));
          }
        }
        """);
    int compiled = ToolProvider.findFirst("javac")
        .orElseThrow()
        .run(
            System.out,
            System.err,
            "-d",
            folder.toString(),
            folder.resolve("ParlourSignature.java").toString(),
            folder.resolve("Run.java").toString());
    assertThat(compiled).isZero();
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    assertVerifies(List.of(java, "-XX:TieredStopAtLevel=1", "-cp", ".", "Run"));
  }

  private void assertVerifies(List<String> command) throws Exception {
    byte[] body = Json.write(events().get(1));
    byte[] changed = new String(body, UTF_8).replace("order", "0rder").getBytes(UTF_8);
    String signature = webhook.secret().signature(NOW, URL, body);
    long now = NOW.getEpochSecond();
    assertThat(outputOf(command, SECRET, URL, signature, body, now)).isEqualTo("true");
    assertThat(outputOf(command, SECRET, URL, signature + ",v2=later", body, now + 299))
        .isEqualTo("true");
    assertThat(outputOf(command, SECRET, URL, signature, body, now + 301)).isEqualTo("false");
    assertThat(outputOf(command, SECRET, URL, signature, body, now - 301)).isEqualTo("false");
    assertThat(outputOf(command, SECRET, URL, signature, changed, now)).isEqualTo("false");
    assertThat(outputOf(command, SECRET + "x", URL, signature, body, now)).isEqualTo("false");
    assertThat(outputOf(command, SECRET, URL + "x", signature, body, now)).isEqualTo("false");
    assertThat(outputOf(command, SECRET, URL, "nothing", body, now)).isEqualTo("false");
    assertThat(outputOf(command, SECRET, URL, signature.substring(0, 40), body, now))
        .isEqualTo("false");
  }

  private String outputOf(
      List<String> command, String secret, String url, String signature, byte[] body, long now)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(
        secret,
        url,
        signature,
        java.util.Base64.getEncoder().encodeToString(body),
        String.valueOf(now)));
    Process process = new ProcessBuilder(all)
        .directory(folder.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output;
  }

  /** The first code block of the document in a language. */
  private static String block(String language) throws IOException {
    Matcher block = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(PAPER));
    assertThat(block.find()).isTrue();
    return block.group(1);
  }

  private static String example(WebhookEvent event) {
    byte[] body = Json.write(event);
    StringBuilder example = new StringBuilder("POST " + URL.replace("https://bot.example.com", ""))
        .append(" HTTP/1.1\nHost: bot.example.com\nContent-Type: application/json\n")
        .append("User-Agent: Parlour\n");
    for (Header header : request.headers(webhook, event, body)) {
      example.append(header.name()).append(": ").append(header.value()).append('\n');
    }
    return example.append('\n').append(new String(body, UTF_8)).append('\n').toString();
  }

  private static Conversation conversation(Conversation.State state, long stateRevision) {
    return new Conversation(
        conversationSid,
        address.account(),
        address.sid(),
        Optional.empty(),
        new Conversation.Details(
            JsonText.parse("{\"order\":\"4711\"}"),
            JsonText.EMPTY,
            MessageIndex.NONE,
            Revision.CREATED),
        new Conversation.Status(state, new Version(new Revision(stateRevision), NOW)),
        new Conversation.Activity(new MessageIndex(2), 2, true, NOW),
        Instant.parse("2026-01-01T09:00:00Z"),
        new Version(new Revision(8), NOW));
  }

  private static Participant participant(
      String identity,
      ParticipantKind kind,
      String name,
      long joinedRevision,
      long revision,
      boolean joined) {
    return new Participant(
        new Sid.Participant("MB" + DIGITS),
        conversationSid,
        new Identity(identity),
        kind,
        new Participant.Profile(name, JsonText.EMPTY),
        new Participant.Membership(
            Instant.parse("2026-01-01T09:00:00Z"), new Revision(joinedRevision), joined),
        Participant.ReadMark.NONE,
        new Version(new Revision(revision), NOW));
  }

  private static Message message(String body, long revision, boolean removed) {
    return new Message(
        new Sid.Message("IM" + DIGITS),
        conversationSid,
        new MessageIndex(1),
        new Message.Author(new Identity("a1b2c3"), ParticipantKind.GUEST, "Ada"),
        removed ? Optional.empty() : Optional.of(new Message.Content(body, JsonText.EMPTY, FILES)),
        Optional.of("5f0c7d0e-6b5e-4c59-9d5c-0c3a3f5b7a11"),
        new Version(new Revision(3), Instant.parse("2026-01-01T09:00:04Z")),
        new Version(new Revision(revision), Instant.parse("2026-01-01T09:00:04Z")));
  }
}
