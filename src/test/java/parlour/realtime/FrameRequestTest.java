package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameRequestTest {
  private static Optional<FrameRequest> of(
      String path, Map<String, Object> params, Map<String, Object> headers, String body) {
    JsonObject header = new JsonObject()
        .with("method", "message")
        .with("id", "TM1")
        .with(
            "http_request",
            Map.of(
                "host", "any", "path", path, "method", "GET", "params", params, "headers",
                headers));
    return FrameRequest.of(
        TwilsockFrame.parse(TwilsockFrame.bytes(header, body.getBytes(StandardCharsets.UTF_8))));
  }

  private static Optional<FrameRequest> of(String path) {
    return of(path, Map.of(), Map.of(), "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v3/Maps/CH1.roster",
        "/webchat.twilio.com/v3/Maps/CH1.roster",
        "/.twilio.com/v3/Maps/CH1.roster",
        "/web_chat~v1.2.twilio.com/v3/Maps/CH1.roster",
        "/v3/%4Daps/CH1%2Eroster",
      })
  void a_path_is_read_without_the_prefix_of_a_site(String path) {
    assertThat(of(path).orElseThrow().path()).containsExactly("v3", "Maps", "CH1.roster");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v3/Maps",
        "",
        "/v3/../Maps",
        "/v3/%2e%2e/Maps",
        "/v3/./Maps",
        "/v3/a%2Fb",
        "/v3/a%5cb",
        "/v3/%252e%252e",
        "/v3/%zz",
        "/v3/%4",
        "/v3/%ff",
        "/v3/%00",
      })
  void a_path_that_climbs_or_is_encoded_twice_leads_nowhere(String path) {
    assertThat(of(path)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/a.twilio.com/b.twilio.com/v3/Maps",
        "/evil.com/v3/Maps",
        "/a+b.twilio.com/v3/Maps"
      })
  void only_one_prefix_of_its_form_is_taken_off(String path) {
    assertThat(of(path).orElseThrow().path()).hasSizeGreaterThan(2);
  }

  @Test
  void the_values_of_a_query_are_decoded_once() {
    FrameRequest request = of(
            "/x",
            Map.of("Key", "a%2Bb%2525", "From", "12", "Twice", List.of("1", "2"), "Bad", "%f"),
            Map.of("X-Twilio-Mutation-Id", "abc"),
            "ChannelSid=CH%31&x=y")
        .orElseThrow();
    assertThat(request.params())
        .containsOnly(Map.entry("Key", "a+b%25"), Map.entry("From", "12"), Map.entry("Twice", "1"));
    assertThat(request.number("From")).contains(12L);
    assertThat(request.number("Key")).isEmpty();
    assertThat(request.header("x-twilio-mutation-id")).contains("abc");
    assertThat(request.formField("ChannelSid")).contains("CH1");
  }

  @Test
  void a_subscription_is_recognised_by_its_path() {
    assertThat(isSubscription("/v4/Subscriptions")).isTrue();
    assertThat(isSubscription("/webchat.twilio.com/v4/Subscriptions")).isTrue();
    assertThat(isSubscription("/v3/Lists/ES1/Items")).isFalse();
  }

  private static boolean isSubscription(String path) {
    return FrameRequest.isSubscription(TwilsockFrame.parse(TwilsockFrame.bytes(
        new JsonObject()
            .with("method", "message")
            .with("id", "TM1")
            .with("http_request", Map.of("path", path, "method", "POST")),
        new byte[0])));
  }

  @Test
  void a_request_does_not_print_its_content() {
    assertThat(of("/x/secret", Map.of(), Map.of(), "secret").orElseThrow().toString())
        .doesNotContain("secret");
  }
}
