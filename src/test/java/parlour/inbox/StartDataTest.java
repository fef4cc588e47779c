package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.http.json.JsonText;

class StartDataTest {
  private static Optional<String> page(String data) {
    return StartData.of(JsonText.parse(data)).page();
  }

  private static Optional<String> language(String data) {
    return StartData.of(JsonText.parse(data)).language();
  }

  @ParameterizedTest
  @CsvSource({
    "https://shop.example/cart, https://shop.example/cart",
    "https://shop.example, https://shop.example/",
    "http://localhost:8080/a%20b/|c, http://localhost:8080/a%20b/|c",
    "https://[2001:db8::1]:8443/x, https://[2001:db8::1]:8443/x",
    "https://shop.example/reset?token=secret, https://shop.example/reset",
    "https://shop.example/#access_token=secret, https://shop.example/",
    "https://shop.example?a=/b, https://shop.example/",
    "https://ann:secret@shop.example/cart, https://shop.example/cart",
    "https://shop.example/a@b, https://shop.example/a@b",
  })
  void an_agent_sees_origin_and_path_and_never_what_can_be_a_secret(String sent, String shown) {
    assertThat(page("{\"location\":\"" + sent + "\"}")).contains(shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[\"location\"]",
        "{\"location\":7}",
        "{\"location\":null}",
        "{\"location\":{\"href\":\"https://shop.example/\"}}",
        "{\"location\":\"javascript:alert(1)\"}",
        "{\"location\":\"data:text/html,x\"}",
        "{\"location\":\"//shop.example/\"}",
        "{\"location\":\"https:///cart\"}",
        "{\"location\":\"https://shop.example/a b\"}",
        "{\"location\":\"https://shop.example/\\u202ecart\"}",
        "{\"location\":\"https://shop.example/\\n\"}",
        "{\"location\":\"https://shop.example/<b>\"}",
        "{\"location\":\"https://shop.example\\\\@evil.example/\"}",
        "{\"location\":\"https://sh\\u043ep.example/\"}",
        "{\"place\":{\"location\":\"https://shop.example/\"}}",
      })
  void anything_but_an_address_of_the_web_is_not_shown(String data) {
    assertThat(page(data)).isEmpty();
  }

  @Test
  void the_bound_of_an_address_does_not_count_its_query() {
    String longest = "https://shop.example/";
    longest += "a".repeat(Limits.PAGE_ADDRESS_CHARACTERS - longest.length());
    assertThat(page("{\"location\":\"" + longest + "?" + "b".repeat(9_000) + "\"}"))
        .contains(longest);
    assertThat(page("{\"location\":\"" + longest + "a\"}")).isEmpty();
  }

  @Test
  void an_agent_sees_the_languages_of_the_widget_and_no_others() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("browser/src/widget/languages"))) {
      Set<String> codes = files
          .map(file -> file.getFileName().toString().replace(".ts", ""))
          .filter(name -> !name.equals("wording"))
          .collect(Collectors.toSet());
      codes.add("en"); // in the code
      assertThat(StartData.LANGUAGES).isEqualTo(codes).hasSize(12);
    }
    for (String code : StartData.LANGUAGES) {
      assertThat(language("{\"language\":\"" + code + "\"}")).contains(code);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[\"language\"]",
        "{\"language\":7}",
        "{\"language\":null}",
        "{\"language\":\"\"}",
        "{\"language\":\"SV\"}",
        "{\"language\":\"tlh\"}",
        "{\"language\":\"sv-x-attack\"}",
        "{\"language\":\"<b>sv</b>\"}",
        "{\"page\":{\"language\":\"sv\"}}",
      })
  void anything_but_a_language_of_the_widget_is_not_shown(String data) {
    assertThat(language(data)).isEmpty();
  }
}
