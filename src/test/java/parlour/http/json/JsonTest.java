package parlour.http.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import parlour.Sid;

public class JsonTest {

  public record Validated(
      boolean authorized,
      @Nullable String message,
      @Nullable Account authAccount,
      @Nullable List<Account> others) {}

  public record Account(String accountSid, long since) {}

  @Test
  void a_record_is_read_as_it_was_written() {
    var one = new Account("AC1", 1L << 52);
    var value = new Validated(true, "é😀\u0001", one, List.of(one, new Account("AC2", -1)));
    assertThat(Json.read(Json.write(value), Validated.class)).isEqualTo(value);
  }

  @Test
  void a_long_string_with_escapes_is_read() {
    var value = new Validated(true, "\n".repeat(100_000), null, null);
    assertThat(Json.read(Json.write(value), Validated.class)).isEqualTo(value);
  }

  /** Also if an escape crosses the end of a buffer. */
  @Test
  void any_text_is_written_and_read_as_it_is() {
    String[] alphabets = {"a", "\n", "ü", "\"z", "\u0001", "😀", "a\u0001ü😀\\"};
    for (String alphabet : alphabets) {
      for (int length = 1; length < 40_000; length = length * 3 / 2 + 1) {
        var value = new Validated(true, alphabet.repeat(length), new Account(alphabet, 1), null);
        assertThat(Json.read(Json.write(value), Validated.class)).isEqualTo(value);
      }
    }
  }

  private record Envelope(int number, WrittenJson letters, boolean sealed) {}

  @Test
  void JSON_that_was_written_before_is_written_unchanged() {
    for (int length : new int[] {0, 1, 1_000, 40_000}) { // also longer than a buffer
      List<Account> letters = Collections.nCopies(length, new Account("ü\"", 1));
      WrittenJson written = WrittenJson.of(letters);
      assertThat(new String(Json.write(new Envelope(1, written, true)), StandardCharsets.UTF_8))
          .isEqualTo("{\"number\":1,\"letters\":%s,\"sealed\":true}"
              .formatted(new String(Json.write(letters), StandardCharsets.UTF_8)));
    }
  }

  @Test
  void a_nullable_or_optional_component_may_be_absent() {
    assertThat(read("{'authorized':false,'more':{'x':[1]}}"))
        .isEqualTo(new Validated(false, null, null, null));
  }

  @Test
  void an_absent_boolean_is_not_false() {
    missing("{}", "authorized");
    missing("{'Authorised':true}", "authorized");
  }

  @Test
  void a_required_field_is_required_in_nested_records_too() {
    missing("{'authorized':true,'auth_account':{'since':1}}", "accountSid");
    missing("{'authorized':true,'auth_account':{'account_sid':'AC1'}}", "since");
    missing("{'authorized':true,'others':[{'account_sid':'AC1'}]}", "since");
  }

  @Test
  void a_value_of_another_type_is_refused() {
    for (String document : List.of(
        "{'authorized':'true'}",
        "{'authorized':null}",
        "{'authorized':1}",
        "{'authorized':true,'message':1}",
        "{'authorized':true,'auth_account':[]}",
        "{'authorized':true,'others':{}}",
        "{'authorized':true,'auth_account':{'account_sid':'AC1','since':1.5}}",
        "[]",
        "",
        "{'authorized':true,'authorized':true}",
        "<html>")) {
      assertThatThrownBy(() -> read(document)).as(document).isInstanceOf(Json.Malformed.class);
    }
  }

  @Test
  void a_repeated_name_is_refused_in_a_nested_record_too() {
    for (String twice : List.of(
        "{'authorized':true,'auth_account':{'account_sid':'AC1','since':1,'since':1}}",
        "{'authorized':true,'auth_account':null,'auth_account':{'account_sid':'AC1','since':1}}",
        "{'authorized':true,'more':1,'more':2}")) {
      assertThatThrownBy(() -> read(twice)).hasMessageContaining("is given twice");
    }
  }

  enum Size {
    SMALL,
    VERY_LARGE
  }

  sealed interface Outcome<T> {
    record Done<T>(T value) implements Outcome<T> {}

    record NotFound<T>() implements Outcome<T> {}
  }

  record Version(long number) {
    Version {
      if (number < 1) {
        throw new IllegalArgumentException("a version must be positive");
      }
    }
  }

  record Everything(
      Sid.Account account,
      Sid.Deployment deployment,
      List<Sid.Session> sessions,
      Instant since,
      Duration patience,
      Size size,
      Version version,
      Optional<Account> first,
      Outcome<Account> outcome,
      Outcome<Long> other,
      Map<Sid.Account, Long> counts,
      @Nullable Integer number) {}

  private static final String EVERYTHING = """
      {"account_sid":"AC00000000000000000000000000000000",\
      "deployment_key":"CV00000000000000000000000000000000",\
      "session_sids":["GS00000000000000000000000000000000"],\
      "since":"2026-01-01T06:00:00.001Z","patience":1500,"size":"very_large","version":7,\
      "outcome":{"type":"done","value":{"account_sid":"AC1","since":1}},\
      "other":{"type":"not_found"},\
      "counts":{"AC00000000000000000000000000000000":3},"number":null}\
      """;

  @Test
  void each_type_is_written_in_one_form() {
    Sid.Account account = new Sid.Account("AC" + "0".repeat(32));
    var value = new Everything(
        account,
        new Sid.Deployment("CV" + "0".repeat(32)),
        List.of(new Sid.Session("GS" + "0".repeat(32))),
        Instant.parse("2026-01-01T06:00:00.001Z"),
        Duration.ofMillis(1500),
        Size.VERY_LARGE,
        new Version(7),
        Optional.empty(),
        new Outcome.Done<>(new Account("AC1", 1)),
        new Outcome.NotFound<>(),
        Map.of(account, 3L),
        null);
    assertThat(new String(Json.write(value), StandardCharsets.UTF_8)).isEqualTo(EVERYTHING);
    assertThat(everything(EVERYTHING)).isEqualTo(value);
    String otherwise = EVERYTHING
        .replace("\"outcome\"", "\"first\":null,\"outcome\"")
        .replace(",\"number\":null", "");
    assertThat(everything(otherwise)).isEqualTo(value);
  }

  @Test
  void a_text_that_its_type_refuses_is_refused() {
    for (String[] change : new String[][] {
      {"AC0000", "AC000g"},
      {"2026-01-01T06:00:00.001Z", "yesterday"},
      {"1500", "\"1500\""},
      {"1500", "99999999999999999999"},
      {"very_large", "VERY_LARGE"},
      {"\"version\":7", "\"version\":\"7\""},
      {"\"version\":7", "\"version\":0"},
      {"\"version\":7", "\"version\":{\"number\":7}"},
      {"not_found", "lost"},
      {"{\"type\":\"not_found\"}", "{}"},
      {"{\"type\":\"not_found\"}", "{\"Type\":\"not_found\"}"},
      {"\"number\":null", "\"number\":4294967296"},
      {"[\"GS00000000000000000000000000000000\"]", "[null]"},
    }) {
      String document = EVERYTHING.replace(change[0], change[1]);
      assertThat(document).isNotEqualTo(EVERYTHING);
      assertThatThrownBy(() -> everything(document))
          .as(document)
          .isInstanceOf(Json.Malformed.class)
          .hasMessageStartingWith("the body does not fit: ");
    }
  }

  @Test
  void a_repeated_type_of_an_object_is_refused() {
    String twice = EVERYTHING.replace(
        "{\"type\":\"not_found\"}", "{\"type\":\"not_found\",\"type\":\"done\"}");
    assertThatThrownBy(() -> everything(twice))
        .isInstanceOf(Json.Malformed.class)
        .hasMessage("the field \"type\" is given twice");
  }

  @Test
  void a_type_without_a_codec_is_not_blamed_on_the_document() {
    record Odd(Thread thread) {}
    byte[] document = "{\"thread\":1}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Json.read(document, Odd.class))
        .isNotInstanceOf(Json.Malformed.class)
        .hasMessageContaining("no JSON for class java.lang.Thread");
  }

  @Test
  void a_component_from_the_path_is_not_read_from_the_document() {
    record Asked(Sid.Account account, long number) {}
    Sid.Account account = new Sid.Account("AC" + "1".repeat(32));
    var asked = new Asked(account, 1);
    byte[] document = Json.write(asked, Set.of("account"));
    assertThat(new String(document, StandardCharsets.UTF_8)).isEqualTo("{\"number\":1}");
    assertThat(Json.text(asked, "account")).isEqualTo(account.text());
    assertThat(Json.read(document, Asked.class, Map.of("account", account.text())))
        .isEqualTo(asked);
    Sid.Account other = new Sid.Account("AC" + "2".repeat(32));
    assertThat(Json.read(Json.write(asked), Asked.class, Map.of("account", other.text())))
        .isEqualTo(new Asked(other, 1));
  }

  @Test
  void the_only_member_of_an_answer_must_be_present() {
    JsonType<Optional<Long>> type = new JsonType<>() {};
    assertThat(member("{'found':3}", type)).hasValue(3L);
    assertThat(member("{'more':{},'found':null}", type)).isEmpty();
    for (String odd : List.of("{}", "{'found':3,'found':3}", "{'found':'3'}", "[]", "3", "")) {
      assertThatThrownBy(() -> member(odd, type)).as(odd).isInstanceOf(Json.Malformed.class);
    }
    assertThatThrownBy(() -> member("{'found':null}", JsonType.of(Long.class)))
        .isInstanceOf(Json.Malformed.class);
  }

  private static <T> T member(String document, JsonType<T> type) {
    return Json.read(document.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "found", type);
  }

  private static Everything everything(String document) {
    return Json.read(document.getBytes(StandardCharsets.UTF_8), Everything.class);
  }

  private static Validated read(String document) {
    return Json.read(document.replace('\'', '"').getBytes(StandardCharsets.UTF_8), Validated.class);
  }

  private static void missing(String document, String field) {
    assertThatThrownBy(() -> read(document))
        .isInstanceOf(Json.Malformed.class)
        .hasMessage("the field \"" + field + "\" is missing");
  }
}
