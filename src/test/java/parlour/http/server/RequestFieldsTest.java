package parlour.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestFieldsTest {

  @ParameterizedTest
  @ValueSource(strings = {"deploymentKey", "DeploymentKey", "deployment_key", "DEPLOYMENT_KEY"})
  void a_name_matches_whatever_its_spelling(String spelling) {
    assertThat(json("{'" + spelling + "':'CV1'}").required("deploymentKey")).isEqualTo("CV1");
    assertThat(form(spelling + "=CV1").required("DeploymentKey")).isEqualTo("CV1");
  }

  @Test
  void unknown_fields_may_be_anything() {
    var fields =
        json("{'x':{'a':[1,{'b':null}],'a':2},'y':-1.5e3,'y':[],'z':'\\ud800\\u0000','token':'t'}");
    assertThat(fields.required("token")).isEqualTo("t");
  }

  @Test
  void only_the_escapes_of_rfc_8259_are_read() {
    assertThat(
            json("{'\\u0074oken':'\\\"\\\\\\/\\n\\r\\t\\u00e9\\ud83d\\ude00é'}").required("token"))
        .isEqualTo("\"\\/\n\r\té😀é");
  }

  @Test
  void an_absent_a_null_and_an_empty_field_are_the_same() {
    for (var fields :
        new RequestFields[] {json("{}"), json("{'token':null}"), json("{'token':''}")}) {
      assertThat(fields.optional("token")).isEmpty();
      refused(() -> fields.required("token"))
          .hasMessage("The field \"token\" is missing or empty; send it as a string.");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "true", "{}", "[]"})
  void a_field_that_is_not_a_string_is_named(String value) {
    refused(() -> json("{'token':" + value + "}").optional("token"))
        .hasMessage("The field \"token\" is not a string; send a string.");
  }

  @Test
  void a_field_given_twice_is_named_even_in_two_spellings() {
    refused(() -> json("{'token':'a','token':'a'}").required("token"))
        .hasMessage("The field \"token\" is given twice; send it once.");
    refused(() -> json("{'token':'a','Token':'b'}").optional("token"))
        .hasMessage("The field \"token\" is given twice; send it once.");
    refused(() -> form("token=a&to_ken=b").optional("token"))
        .hasMessage("The field \"token\" is given twice; send it once.");
    assertThat(json("{'x':1,'X':2,'token':'a'}").required("token")).isEqualTo("a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\u0001", "\\b", "\\f", "\\u001f", "\\u007f", "\\u009f"})
  void a_control_character_is_refused_by_the_fields_name_and_the_remedy(String value) {
    refused(() -> json("{'token':'a" + value + "'}").optional("token"))
        .hasMessage("The field \"token\" has a control character; of these, only tab, line feed and"
            + " carriage return are allowed.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\u0000", "\\ud800", "\\udc00x", "\\ude00\\ud83d"})
  void a_text_that_no_database_accepts_is_refused_by_the_fields_name(String value) {
    refused(() -> json("{'token':'a" + value + "'}").required("token"))
        .hasMessageStartingWith("The field \"token\" has a NUL or half a surrogate pair");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "1",
        "'a'",
        "null",
        "{",
        "{'a'",
        "{'a':",
        "{'a':1",
        "{'a':1,",
        "{'a':1,}",
        "{,'a':1}",
        "{'a':1 'b':2}",
        "{'a':1}}",
        "{'a':1} x",
        "{a:1}",
        "{'a':01}",
        "{'a':1.}",
        "{'a':.5}",
        "{'a':1e}",
        "{'a':+1}",
        "{'a':-}",
        "{'a':tru}",
        "{'a':True}",
        "{'a':NaN}",
        "{'a':[1,]}",
        "{'a':[1 2]}",
        "{'a':'\\x'}",
        "{'a':'\\u12'}",
        "{'a':'\\u12g4'}",
        "{'a':'\\u１234'}",
        "{'a':'b",
        "{'a':'\\",
        "{'a':'\\u",
        "{'a':'\t'}",
        "{'a':'\0'}",
        "{'a':1}\0",
        " ",
        "{'a'\u00a0:1}"
      })
  void a_document_that_is_not_a_json_object_is_refused_with_the_reason(String body) {
    refused(() -> json(body)).message().startsWith("The body cannot be read: ");
  }

  @Test
  void each_error_of_encoding_is_reported() {
    refused(() -> RequestFields.ofJson(new byte[0])).message().contains("is empty");
    refused(() -> json("\ufeff{}")).message().contains("byte order mark");
    for (int[] flaw : new int[][] {{0xff}, {0xc0, 0x80}, {0xed, 0xa0, 0x80}, {0xc3}}) {
      byte[] body = "{\"a\":\"......\"}".getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < flaw.length; i++) {
        body[8 + i] = (byte) flaw[i];
      }
      refused(() -> RequestFields.ofJson(body)).message().contains("not valid UTF-8");
    }
  }

  @Test
  void deep_nesting_is_answered_400() {
    String deep = "[".repeat(31) + "]".repeat(31);
    assertThat(json("{'x':" + deep + ",'token':'t'}").required("token")).isEqualTo("t");
    refused(() -> json("{'x':[" + deep + "]}")).message().contains("nested deeper");
    refused(() -> json("{'x':" + "[".repeat(90_000))).message().contains("nested deeper");
    refused(() -> json("{'x':".repeat(20_000))).message().contains("nested deeper");
  }

  @Test
  void a_huge_number_costs_nothing() {
    assertThat(json("{'x':1e999999999,'y':" + "9".repeat(900) + ",'token':'t'}").required("token"))
        .isEqualTo("t");
    refused(() -> json("{'y':" + "9".repeat(90_000) + ",'token':'t'}"))
        .message()
        .contains("digits");
  }

  @Test
  void a_form_is_decoded_as_utf_8() {
    var fields = form("Token=a%2Bb+c%C3%A9&x&y=&=z");
    assertThat(fields.required("token")).isEqualTo("a+b cé");
    assertThat(fields.optional("y")).isEmpty();
    assertThat(form("token=é😀").required("token")).isEqualTo("é😀");
    refused(() -> form("token=a%00").required("token")).message().contains("NUL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"token=%", "token=%4", "token=%zz", "token=%ff", "token=%c3"})
  void a_form_that_is_not_percent_encoded_utf_8_is_refused(String body) {
    refused(() -> form(body)).hasMessage("The form is not percent-encoded UTF-8.");
  }

  @Test
  void a_form_of_too_many_fields_is_refused() {
    refused(() -> form("a=1&".repeat(101))).message().contains("more than 100 fields");
  }

  private static RequestFields json(String body) {
    return RequestFields.ofJson(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private static RequestFields form(String body) {
    return RequestFields.ofForm(body.getBytes(StandardCharsets.UTF_8));
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RefusedRequest.class, refused -> assertThat(refused.status()).isEqualTo(400));
  }
}
