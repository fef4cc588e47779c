package parlour.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.orchestrator.TestOrchestrator;

/** The pages that may use a deployment. */
class AllowedOriginsTest {

  @ParameterizedTest
  @CsvSource({
    "https://shop.example.com, https://shop.example.com",
    "https://shop.example.com:443, https://shop.example.com",
    "http://shop.example.com:80, http://shop.example.com",
    "https://shop.example.com:8443, https://shop.example.com:8443",
    "https://shop.example.com/, https://shop.example.com",
    "' HTTPS://Shop.Example.COM ', https://shop.example.com",
    "http://localhost:3000, http://localhost:3000",
    "http://127.0.0.1:3000, http://127.0.0.1:3000",
    "http://[::1]:3000, http://[::1]:3000",
    "https://xn--mnchen-3ya.de, https://xn--mnchen-3ya.de",
    "https://wildcard.example.com, https://wildcard.example.com",
    "https://my_shop.example.com, https://my_shop.example.com",
    "http://_dev.localhost:3000, http://_dev.localhost:3000",
    "https://*.my_shop.example.com, https://a.my_shop.example.com",
    "https://*.example.com, https://shop.example.com",
    "https://*.example.com, https://a.b.c.example.com",
    "https://*.example.com, https://xn--mnchen-3ya.example.com",
    "https://*.example.com, https://my_shop.example.com",
    "https://*.example.com:443, https://shop.example.com",
    "https://*.example.com:8443, https://shop.example.com:8443",
    "http://*.localhost:3000, http://a.localhost:3000",
  })
  void a_page_that_is_listed_is_let_in(String entry, String origin) {
    assertThat(allowing(entry).allows(origin)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    // another scheme, port or host
    "https://shop.example.com, http://shop.example.com",
    "http://shop.example.com, https://shop.example.com",
    "https://shop.example.com, https://shop.example.com:8443",
    "https://shop.example.com:8443, https://shop.example.com",
    "https://shop.example.com, https://shop.example.org",
    "https://shop.example.com, https://example.com",
    "https://shop.example.com, https://a.shop.example.com",
    // names that only look alike
    "https://shop.example.com, https://shop.example.com.evil.net",
    "https://shop.example.com, https://shop.example.com:443.evil.net",
    "https://shop.example.com, https://shop.example.com@evil.net",
    "https://shop.example.com, https://shop-example.com",
    "https://shop.example.com, https://shopxexample.com",
    "https://shop.example.com, https://shop.example.com.",
    "https://shop.example.com, https://shop.example.com/",
    "https://shop.example.com, https://shop.example.com/x",
    "https://shop.example.com, 'https://shop.example.com '",
    "https://shop.example.com, 'https://shop.example.com https://evil.net'",
    "https://shop.example.com, 'https://shop.example.com,https://evil.net'",
    // a wildcard stands for whole labels in front, and for nothing else
    "https://*.example.com, https://example.com",
    "https://*.example.com, https://.example.com",
    "https://*.example.com, https://evil-example.com",
    "https://*.example.com, https://evilexample.com",
    "https://*.example.com, https://shop.example.com.evil.net",
    "https://*.example.com, https://shop.example.com.",
    "https://*.example.com, http://shop.example.com",
    "https://*.example.com, https://shop.example.com:8443",
    "https://*.example.com:8443, https://shop.example.com",
    "https://*.example.com, https://evil.net/.example.com",
    "https://*.example.com, https://evil.net?.example.com",
    "https://*.example.com, https://evil.net#.example.com",
    "https://*.example.com, https://evil.net:80.example.com",
    "https://*.example.com, https://evil@.example.com",
    "https://*.example.com, 'https://evil.net .example.com'",
    "https://*.example.com, https://evil.net\\.example.com",
    "https://*.example.com, https://-.example.com",
    "https://*.example.com, https://a..example.com",
    "https://*.example.com, https://*.a.example.com",
    "https://*.example.com, https://[::1].example.com",
    "https://*.example.com, https://SHOP.example.com",
    "https://*.example.com, https://*.example.com",
    // no pages
    "https://*.example.com, null",
    "https://shop.example.com, null",
    "https://shop.example.com, ''",
    "https://shop.example.com, file://",
    "https://shop.example.com, *",
    "http://[::1]:3000, http://[::1]",
    "http://[::1]:3000, http://[::2]:3000",
  })
  void any_other_origin_is_refused(String entry, String origin) {
    assertThat(allowing(entry).allows(origin)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "https://münchen.de, https://xn--mnchen-3ya.de",
    "https://*.münchen.de:8443, https://*.xn--mnchen-3ya.de:8443",
    "http://köln.example, http://xn--kln-sna.example",
  })
  void a_name_that_is_not_ascii_is_refused_with_what_browsers_send_for_it(
      String entry, String sent) {
    assertThatThrownBy(() -> allowing(entry))
        .hasMessageContaining("browsers send this name as " + sent);
    assertThat(allowing(sent).patterns()).containsExactly(sent);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "*",
        "null",
        "shop.example.com",
        "//shop.example.com",
        "https://",
        "https://*",
        "https://*.",
        "https://*.*.example.com",
        "https://shop.*.com",
        "https://*shop.example.com",
        "https://shop.example.com/path",
        "https://shop.example.com?x",
        "https://shop.example.com#x",
        "https://user@shop.example.com",
        "https://shop.example.com.",
        "https://shop.example.com:99999",
        "https://shop.example.com:x",
        "https://münchen.de",
        "ftp://shop.example.com",
        "file:///",
        "chrome-extension://abcdef",
        "https://a b.example.com",
        "https://shop.example.com https://other.example.com",
        "https://shop.example.com,https://other.example.com",
        "javascript:alert(1)",
      })
  void an_entry_that_is_not_an_origin_is_refused_with_an_example(String entry) {
    assertThatThrownBy(() -> allowing(entry))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("https://shop.example.com");
  }

  @Test
  void ten_entries_fit_and_eleven_do_not() {
    List<String> eleven = IntStream.range(0, Limits.ALLOWED_ORIGINS + 1)
        .mapToObj(i -> "https://shop%d.example.com".formatted(i))
        .toList();
    AllowedOrigins ten = new AllowedOrigins(eleven.subList(0, Limits.ALLOWED_ORIGINS));
    assertThat(eleven.stream().filter(ten::allows)).hasSize(10);
    assertThatThrownBy(() -> new AllowedOrigins(eleven))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("wildcard");
  }

  @Test
  void an_entry_that_is_on_a_full_list_can_be_added_again() {
    AllowedOrigins full = new AllowedOrigins(IntStream.range(0, Limits.ALLOWED_ORIGINS)
        .mapToObj(i -> "https://shop%d.example.com".formatted(i))
        .toList());
    assertThat(full.changed(List.of("https://SHOP3.example.com"), List.of())).isEqualTo(full);
    List<String> another = List.of("https://other.example.com");
    assertThatThrownBy(() -> full.changed(another, List.of())).hasMessageContaining("wildcard");
    assertThat(full.changed(another, List.of("https://shop3.example.com")).patterns())
        .hasSize(Limits.ALLOWED_ORIGINS)
        .containsAll(another);
  }

  @Test
  void a_stored_list_reads_back_unchanged() {
    AllowedOrigins list = new AllowedOrigins(
        List.of("HTTPS://Shop.example.com:443", "https://*.example.com", "http://[::1]:3000"));
    assertThat(new AllowedOrigins(list.patterns())).isEqualTo(list);
    assertThat(new AllowedOrigins(Collections.nCopies(3, "https://a.example.com")).patterns())
        .containsExactly("https://a.example.com");
  }

  @Test
  void a_hostile_origin_is_judged_at_once() {
    AllowedOrigins list = allowing("https://*.example.com");
    String hostile = "https://" + "a-".repeat(8_000) + "!.example.com";
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long began = threads.getCurrentThreadCpuTime();
    assertThat(list.allows(hostile)).isFalse();
    assertThat(list.allows("https://" + "a.".repeat(8_000) + ".example.com")).isFalse();
    assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - began))
        .isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void a_page_on_the_list_receives_its_own_origin_and_caches_learn_that_it_varies() {
    Map<String, String> answer = new HashMap<>();
    assertThat(TestOrchestrator.request(Map.of("Origin", "https://shop.example.com"), answer)
            .mayUse(allowing("https://*.example.com")))
        .isTrue();
    assertThat(answer)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("Access-Control-Allow-Origin", "https://shop.example.com", "Vary", "Origin"));
  }

  @Test
  void a_page_that_is_not_on_the_list_may_not_use_it_and_caches_learn_that_it_varies() {
    for (Map<String, String> headers : List.of(
        Map.of("Origin", "https://evil.net"), Map.of("Origin", "null"), Map.<String, String>of())) {
      Map<String, String> answer = new HashMap<>();
      assertThat(
              TestOrchestrator.request(headers, answer).mayUse(allowing("https://*.example.com")))
          .isFalse();
      assertThat(answer).containsExactly(Map.entry("Vary", "Origin"));
    }
  }

  @Test
  void where_nothing_is_listed_any_page_may_and_the_edge_says_so() {
    Map<String, String> answer = new HashMap<>();
    for (Map<String, String> headers :
        List.of(Map.of("Origin", "https://any.net"), Map.<String, String>of())) {
      assertThat(TestOrchestrator.request(headers, answer).mayUse(AllowedOrigins.any()))
          .isTrue();
    }
    assertThat(answer).isEmpty();
  }

  private static AllowedOrigins allowing(String entry) {
    return new AllowedOrigins(List.of(entry));
  }
}
