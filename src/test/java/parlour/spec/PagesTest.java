package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import parlour.spec.Installation.Shape;

/** Our own pages, as a browser loads them. */
class PagesTest {
  private static final Pattern FILE = Pattern.compile("(?:href|src)=\"(/[a-z]+\\.[a-z]+)\"");

  @Test
  void everything_that_a_page_names_is_there_and_an_icon_is_among_it() {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      for (String page : List.of("/demo", "/inbox")) {
        String html = get(installation.edge().resolve(page)).body();
        // Without it browsers would ask for /favicon.ico, and show a failure in their console.
        assertThat(html).contains("rel=\"icon\" type=\"image/svg+xml\" href=\"/icon.svg\"");
        Matcher files = FILE.matcher(html);
        while (files.find()) {
          HttpResponse<String> file = get(installation.edge().resolve(files.group(1)));
          assertThat(file.statusCode()).as(files.group(1)).isEqualTo(200);
        }
      }
      HttpResponse<String> icon = get(installation.edge().resolve("/icon.svg"));
      assertThat(icon.headers().firstValue("Content-Type")).contains("image/svg+xml");
      assertThat(icon.body()).startsWith("<svg");
    }
  }

  private static HttpResponse<String> get(URI address) {
    return Http.send(Http.request(address).GET().build());
  }
}
