package parlour.http.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.avaje.jsonb.Json.Naming;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

public class JsonTest {

  @io.avaje.jsonb.Json(naming = Naming.LowerUnderscore)
  public record Validated(
      boolean authorized,
      @Nullable String message,
      @Nullable Account authAccount,
      @Nullable List<Account> others) {}

  @io.avaje.jsonb.Json(naming = Naming.LowerUnderscore)
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

  /** Whatever its length and its escapes, wherever a buffer ends. */
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

  @Test
  void what_may_be_absent_may_be_absent() {
    assertThat(read("{'authorized':false,'more':{'x':[1]}}"))
        .isEqualTo(new Validated(false, null, null, null));
  }

  @Test
  void an_absent_boolean_is_not_false() {
    missing("{}", "authorized");
    missing("{'Authorised':true}", "authorized");
  }

  @Test
  void a_needed_field_is_needed_in_nested_records_too() {
    missing("{'authorized':true,'auth_account':{'since':1}}", "accountSid");
    missing("{'authorized':true,'auth_account':{'account_sid':'AC1'}}", "since");
    missing("{'authorized':true,'others':[{'account_sid':'AC1'}]}", "since");
  }

  @Test
  void a_value_of_another_type_does_not_fit() {
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
  void any_text_can_be_asked_whether_it_is_json() {
    assertThat(Json.isJson("{\"a\":[1,null]}")).isTrue();
    assertThat(Json.isJson("\"x\"")).isTrue();
    assertThat(Json.isJson("{a:1}")).isFalse();
    assertThat(Json.isJson("")).isFalse();
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
