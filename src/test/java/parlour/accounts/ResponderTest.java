package parlour.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;

/** The settings of an address that operators may give: its webhook and its greeting. */
class ResponderTest {

  @ParameterizedTest
  @CsvSource({
    "https://bot.example.com,                 https://bot.example.com/",
    "https://bot.example.com:8443?a=b,        https://bot.example.com:8443/?a=b",
    "https://bot.example.com/parlour?key=%20, https://bot.example.com/parlour?key=%20",
    "https://bot.example.com/grüße,           https://bot.example.com/gr%C3%BC%C3%9Fe",
    "http://localhost:3000/hook,              http://localhost:3000/hook",
    "http://127.0.0.1:3000/hook,              http://127.0.0.1:3000/hook",
    "http://[::1]:3000/hook,                  http://[::1]:3000/hook",
  })
  void an_address_is_kept_as_it_is_sent(String given, String kept) {
    assertThat(Responder.webhookUrl(given, false)).hasToString(kept);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bot.example.com",
        "ftp://bot.example.com/",
        "https:///hook",
        "https://",
        "https://bot.example.com/a b",
        "https://bot.example.com:0/",
        "https://bot.example.com:70000/",
        "https://bot.example.com/#part",
        "https://ann:geheim@bot.example.com/",
        "https://under_score.example.com/",
        "http://bot.example.com/",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://10.0.0.7/",
      })
  void an_unsafe_address_is_refused_and_never_repeated(String given) {
    assertThatThrownBy(() -> Responder.webhookUrl(given, false))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .doesNotContain("geheim", "ann:");
  }

  @Test
  void a_network_of_ones_own_may_be_plain() {
    assertThat(Responder.webhookUrl("http://bot:3000/hook", true))
        .hasToString("http://bot:3000/hook");
    assertThatThrownBy(() -> Responder.webhookUrl("http://bot:3000/hook", false))
        .hasMessageContaining("--plain-http");
  }

  @Test
  void the_address_of_a_webhook_has_a_longest_length() {
    String longest = "https://bot.example.com/".formatted();
    longest += "x".repeat(Limits.WEBHOOK_URL_CHARACTERS - longest.length());
    assertThat(Responder.webhookUrl(longest, false)).hasToString(longest);
    String longer = longest + "x";
    assertThatThrownBy(() -> Responder.webhookUrl(longer, false)).hasMessageContaining("2048");
  }

  @Test
  void a_greeting_says_something_and_fits() {
    Greeter.check("x".repeat(Limits.GREETING_CHARACTERS));
    Greeter.check("{name} {name} {name}");
    assertThatThrownBy(() -> Greeter.check(" ")).hasMessageContaining("--no-greeting");
    assertThatThrownBy(() -> Greeter.check("x".repeat(Limits.GREETING_CHARACTERS + 1)))
        .hasMessageContaining("1001");
    assertThatThrownBy(() -> Greeter.check("{name}".repeat(4))).hasMessageContaining("{name}");
  }

  @Test
  void the_longest_greeting_of_the_longest_name_fits_a_message() {
    String name = "\u20ac".repeat(Limits.FRIENDLY_NAME_CHARACTERS);
    String places = "{name}".repeat(Limits.GREETING_NAMES);
    String text = places + "\u20ac".repeat(Limits.GREETING_CHARACTERS - places.length());
    Greeter.check(text);
    assertThat(new Greeter("Desk", text)
            .greet(name)
            .body()
            .getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .hasSizeLessThanOrEqualTo(Limits.MESSAGE_BODY_BYTES);
  }

  @Test
  void a_secret_is_not_shown() {
    assertThat(new WebhookSecret("whsec_1").toString()).doesNotContain("whsec_1");
  }
}
