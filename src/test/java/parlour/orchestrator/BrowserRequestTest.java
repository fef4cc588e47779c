package parlour.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BrowserRequestTest {
  /** The second time it is remembered. */
  @Test
  void the_page_is_the_same_each_time() {
    for (int i = 0; i < 2; i++) {
      assertThat(page("https://shop.example.com")).contains("https://shop.example.com");
      assertThat(page("https://Shop.example.com:443")).contains("https://shop.example.com");
      assertThat(page("http://shop.example.com:8080")).contains("http://shop.example.com:8080");
      assertThat(page("null")).isEmpty();
      assertThat(page("https://no host")).isEmpty();
      assertThat(page(null)).isEmpty();
    }
  }

  private static Optional<String> page(@Nullable String origin) {
    return new BrowserRequest(
            name -> name.equals("Origin") ? origin : null,
            (name, value) -> {},
            Optional.empty(),
            Optional.empty())
        .page();
  }
}
