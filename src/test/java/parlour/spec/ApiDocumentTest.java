package parlour.spec;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.errors.ErrorCode;
import parlour.spec.ApiDocument.Operation;

/** docs/api/openapi.yaml says what the code does: its routes, its answers, the examples of docs/wire. */
class ApiDocumentTest {
  private static final Path SOURCES = Path.of("src/main/java/parlour");

  /** The classes whose routes are public and made for programs of others. */
  private static final List<String> WITH_ROUTES = List.of(
      "orchestrator/FlexWebchatOrchestratorHttp",
      "guests/GuestHttp",
      "guests/GuestFiles",
      "guests/GuestPush",
      "guests/GuestStream",
      "serverapi/ServerHttp");

  private static final Pattern TEXT = Pattern.compile("String (\\w+) = ([^;]+);");
  private static final Pattern ANY = Pattern.compile("routes\\s*\\.\\w+\\(");
  private static final Pattern ROUTE = Pattern.compile("routes\\s*\\.(\\w+)\\(\\s*([^,]+),");
  private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

  /** Errors that only the inbox and the console have. */
  private static final List<ErrorCode> OF_AGENTS = List.of(
      ErrorCode.NOT_SIGNED_IN,
      ErrorCode.SIGN_IN_REFUSED,
      ErrorCode.ASSIGNEE_CHANGED,
      ErrorCode.ROLE_TOO_LOW,
      ErrorCode.WRONG_OLD_PASSWORD,
      ErrorCode.NOT_A_MEMBER,
      ErrorCode.SECOND_FACTOR_NEEDED,
      ErrorCode.SECOND_FACTOR_REFUSED,
      ErrorCode.SECOND_FACTOR_REQUIRED,
      ErrorCode.OIDC_UNAVAILABLE,
      ErrorCode.OIDC_ATTEMPT_REFUSED,
      ErrorCode.OIDC_TOKEN_REFUSED,
      ErrorCode.OIDC_ROLE_MISSING,
      ErrorCode.OIDC_AGENT_REMOVED,
      ErrorCode.OIDC_CLIENT_REFUSED,
      ErrorCode.SETTINGS_CHANGED,
      ErrorCode.OWN_AGENT,
      ErrorCode.AGENT_OF_PROVIDER,
      ErrorCode.AGENT_NAME_TAKEN,
      ErrorCode.ONLY_MEMBER_OF_DESK);

  /** Errors of the published client's own calls. */
  private static final List<ErrorCode> OF_THE_PUBLISHED_CLIENT =
      List.of(ErrorCode.CLIENT_TOKEN_EXPIRED, ErrorCode.CLIENT_TOKEN_REFUSED);

  private static final String HEX = "0123456789abcdef0123456789abcdef";
  private static final Map<String, String> VALUES = Map.ofEntries(
      Map.entry("deploymentKey", "CV" + HEX),
      Map.entry("accountSid", "AC" + HEX),
      Map.entry("conversationSid", "CH" + HEX),
      Map.entry("nextConversationSid", "CH" + HEX),
      Map.entry("messageSid", "IM" + HEX),
      Map.entry("participantSid", "MB" + HEX),
      Map.entry("mediaSid", "ME" + HEX),
      Map.entry("serviceSid", "IS" + HEX),
      Map.entry("identity", "guest_" + HEX + "_" + HEX),
      Map.entry("linkOfMedia", "/media/a.txt"),
      Map.entry("expiration", "2026-11-28T12:00:00Z"),
      Map.entry("begun", "2026-11-28T12:00:00Z"),
      Map.entry("instant", "2026-11-28T12:00:00Z"));

  private static final ApiDocument document = new ApiDocument();

  @Test
  void the_calls_are_the_routes_of_the_code() throws IOException {
    TreeSet<String> routes = new TreeSet<>();
    for (String name : WITH_ROUTES) {
      routes.addAll(routes(Files.readString(SOURCES.resolve(name + ".java"))));
    }
    TreeSet<String> calls =
        document.operations().stream().map(Operation::toString).collect(toCollection(TreeSet::new));
    assertThat(calls).isEqualTo(routes);
  }

  /** OpenAPI does not describe WebSockets, so they are left out. */
  private static List<String> routes(String source) {
    Map<String, String> texts = new HashMap<>();
    TEXT.matcher(source)
        .results()
        .filter(one -> one.group(2).matches("[\\w\\s+\"/{}]+"))
        .forEach(one -> texts.put(one.group(1), joined(one.group(2), texts)));
    List<String> routes = new ArrayList<>();
    Matcher route = ROUTE.matcher(source);
    int found = 0;
    while (route.find()) {
      found++;
      if (!route.group(1).equals("socket")) {
        routes.add(route.group(1).toUpperCase(Locale.ROOT) + " " + joined(route.group(2), texts));
      }
    }
    assertThat(found).isPositive().isEqualTo((int) ANY.matcher(source).results().count());
    return routes;
  }

  private static String joined(String expression, Map<String, String> texts) {
    StringBuilder joined = new StringBuilder();
    for (String part : expression.split("\\+", -1)) {
      String one = part.strip();
      joined.append(
          one.startsWith("\"")
              ? one.substring(1, one.length() - 1)
              : Objects.requireNonNull(
                  texts.getOrDefault(
                      one, one.equals("ServerHttp.ALL") ? "/v1/Conversations" : null),
                  one));
    }
    return joined.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "Conversation,     parlour.serverapi.ServerForms$ConversationResource",
    "Message,          parlour.serverapi.ServerForms$MessageResource",
    "Participant,      parlour.serverapi.ServerForms$ParticipantResource",
    "Receipt,          parlour.serverapi.ServerForms$ReceiptResource",
    "Meta,             parlour.serverapi.ServerForms$Meta",
    "ConversationPage, parlour.serverapi.ServerForms$ConversationPage",
    "MessagePage,      parlour.serverapi.ServerForms$MessagePage",
    "ParticipantPage,  parlour.serverapi.ServerForms$ParticipantPage",
    "ReceiptPage,      parlour.serverapi.ServerForms$ReceiptPage",
    "File,             parlour.media.MediaForm",
    "Attachment,       parlour.media.Attachment",
    "Session,          parlour.orchestrator.FlexWebchatOrchestratorHttp$InitAnswer",
    "Refreshed,        parlour.orchestrator.FlexWebchatOrchestratorHttp$RefreshAnswer",
    "Availability,     parlour.orchestrator.FlexWebchatOrchestratorHttp$AvailabilityAnswer",
    "History,          parlour.guests.GuestHttp$HistoryAnswer",
    "ReadIndex,        parlour.guests.GuestHttp$ReadAnswer",
    "ChatState,        parlour.guests.GuestHttp$StateAnswer",
    "GuestMessage,     parlour.conversations.Forms$MessageForm",
    "GuestParticipant, parlour.conversations.Forms$ParticipantForm"
  })
  void an_answer_has_the_members_of_its_record(String schema, String record)
      throws ClassNotFoundException {
    assertThat(document.members(schema)).isEqualTo(members(Class.forName(record)));
  }

  @Test
  void an_error_has_the_members_of_its_record_and_the_codes_of_the_code()
      throws ClassNotFoundException {
    Set<String> members = members(Class.forName("parlour.errors.Errors$BodyWithValid"));
    members.remove("assignee"); // only the inbox answers with it
    assertThat(document.members("Error")).isEqualTo(members);
    assertThat(document.codes().stream().map(String::valueOf).toList())
        .containsExactlyElementsOf(Arrays.stream(ErrorCode.values())
            .filter(one -> !OF_AGENTS.contains(one) && !OF_THE_PUBLISHED_CLIENT.contains(one))
            .map(one -> String.valueOf(one.code()))
            .distinct()
            .sorted()
            .toList());
  }

  private static Set<String> members(Class<?> record) {
    return Arrays.stream(record.getRecordComponents())
        .map(RecordComponent::getName)
        .map(name -> name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT))
        .collect(toCollection(TreeSet::new));
  }

  static List<WireFile> examples() {
    return WireFile.all().stream()
        .filter(file -> file.note("to").isEmpty() || file.note("to").get().startsWith("an edge"))
        .filter(file -> !isOfOtherInterface(file))
        .toList();
  }

  /** Calls of agents and of the published client, and answers to calls that do not exist. */
  private static boolean isOfOtherInterface(WireFile file) {
    String start = file.requestHead().getFirst();
    boolean isForNothing = file.note("error")
        .filter(one -> one.equals("NOT_FOUND") || one.equals("METHOD_NOT_ALLOWED"))
        .isPresent();
    return isForNothing
        || start.startsWith("OPTIONS ")
        || start.contains(" /inbox/")
        || file.requestHead().stream().anyMatch(line -> line.startsWith("X-Twilio-Token: "));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void an_example_fits_the_document(WireFile file) {
    String[] start = file.requestHead().getFirst().split(" ", -1);
    Operation call = document
        .operation(start[0], filled(start[1]).split("\\?", 2)[0])
        .orElseThrow(() -> new AssertionError("the document has no " + start[0] + " " + start[1]));
    assertThat(document.errorsOfAnswer(call, file.status(), filled(file.body())))
        .isEmpty();
    List<String> errors = document.errorsOfRequest(call, type(file), filled(file.requestBody()));
    boolean isMalformed = file.note("error")
        .filter(
            List.of("MALFORMED", "REQUEST_TIMEOUT", "TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")
                ::contains)
        .isPresent();
    if (!isMalformed) {
      assertThat(errors).isEmpty();
    } else if (!file.name().equals("refresh-proof-malformed")) { // its header is malformed
      assertThat(errors).isNotEmpty();
    }
  }

  private static String type(WireFile file) {
    return file.requestHead().stream()
        .filter(line -> line.startsWith("Content-Type: "))
        .map(line -> line.substring("Content-Type: ".length()))
        .findFirst()
        .orElse("");
  }

  private static String filled(String text) {
    return PLACE
        .matcher(text.replaceAll("\"number \\{\\{\\w+}}\"", "1763800000"))
        .replaceAll(place -> Matcher.quoteReplacement(
            VALUES.getOrDefault(place.group(1), "a value of " + place.group(1))));
  }

  @Test
  void the_checks_see_a_member_too_few_one_too_many_and_a_wrong_value() {
    Operation call = document.operation("POST", "/v2/Webchat/Read").orElseThrow();
    String json = "application/json";
    assertThat(document.errorsOfAnswer(call, 200, "{\"read_index\": 1}")).isEmpty();
    assertThat(document.errorsOfAnswer(call, 200, "{}")).isNotEmpty();
    assertThat(document.errorsOfAnswer(call, 200, "{\"read_index\": 1, \"more\": 1}"))
        .isNotEmpty();
    assertThat(document.errorsOfAnswer(call, 200, "{\"read_index\": \"1\"}")).isNotEmpty();
    assertThat(document.errorsOfAnswer(call, 201, "{\"read_index\": 1}")).isNotEmpty();
    assertThat(document.errorsOfRequest(call, json, "{\"Index\": 1}")).isEmpty();
    assertThat(document.errorsOfRequest(call, json, "{\"index\": -1}")).isNotEmpty();
    assertThat(document.errorsOfRequest(call, "text/plain", "1")).isNotEmpty();
    assertThat(document.operation("PUT", "/v2/Webchat/Read")).isEqualTo(Optional.empty());
  }
}
