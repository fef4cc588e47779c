package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import parlour.http.server.Wire;
import parlour.spec.Installation.Shape;

/** Our own pages, as a browser loads them. */
class PagesTest {
  private static final Pattern FILE = Pattern.compile("(?:href|src)=\"(/[a-z]+\\.[a-z]+)\"");

  private static final Pattern CHUNK = Pattern.compile("webchat-[\\w-]+-[0-9a-f]{8}\\.js");

  private static final Pattern TAG = Pattern.compile("ETag: (\"[0-9a-f]+\")");

  private static final List<String> PAGES = List.of(
      "/",
      "/demo",
      "/demo.css",
      "/demo.js",
      "/console",
      "/console.css",
      "/console.js",
      "/icon.svg",
      "/inbox",
      "/inbox.css",
      "/inbox.js",
      "/inbox-worker.js",
      "/push-worker.js",
      "/webchat.js");

  @Test
  void everything_that_a_page_names_is_there_and_an_icon_is_among_it() {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      for (String page : List.of("/", "/console", "/demo", "/inbox")) {
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

  @Test
  void the_worker_of_the_inbox_calls_its_server_alone_and_the_inbox_alone_can_start_it() {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      HttpResponse<String> worker = get(installation.edge().resolve("/inbox-worker.js"));
      assertThat(worker.headers().firstValue("Content-Security-Policy"))
          .contains("default-src 'none'; connect-src 'self'");
      assertThat(worker.headers().firstValue("Cache-Control")).contains("no-cache");
      assertThat(worker.headers().firstValue("Cross-Origin-Resource-Policy"))
          .contains("same-origin");
      for (String page : List.of("/", "/console", "/demo", "/inbox")) {
        String policy = get(installation.edge().resolve(page))
            .headers()
            .firstValue("Content-Security-Policy")
            .orElseThrow();
        assertThat(policy)
            .as(page)
            .contains("require-trusted-types-for 'script'")
            .endsWith("trusted-types " + (page.equals("/inbox") ? "parlour-worker" : "'none'"));
      }
    }
  }

  @Test
  void a_page_that_the_browser_has_is_not_sent_again_whatever_a_proxy_made_of_its_tag()
      throws IOException {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      int port = installation.edge().getPort();
      for (String page : PAGES) {
        Matcher tag = TAG.matcher(get(port, page, ""));
        assertThat(tag.find()).as(page).isTrue();
        String strong = tag.group(1);
        for (String same : List.of(
            strong,
            "W/" + strong,
            "*",
            " * ",
            "\"other\", W/" + strong,
            ",, \"\",\t" + strong + " ,",
            "\"a,b\"," + strong,
            "\"other\"\r\nIf-None-Match: W/" + strong)) {
          assertThat(get(port, page, "If-None-Match: " + same + "\r\n"))
              .as("%s, %s", page, same)
              .startsWith("HTTP/1.1 304")
              .contains("ETag: " + strong)
              .endsWith("\r\n\r\n");
        }
        String digest = strong.replace("\"", "");
        for (String other : List.of(
            "",
            digest,
            "w/" + strong,
            "W/ " + strong,
            "\"unclosed",
            "abc\"def",
            "\"" + digest,
            strong + strong,
            strong + " \"x\"",
            "\"x\\\", " + strong + "\"",
            "*, " + strong,
            "W/\"x\"",
            "\"\u00e9\"",
            "\"" + digest.toUpperCase(Locale.ROOT) + "\"")) {
          assertThat(get(port, page, "If-None-Match: " + other + "\r\n"))
              .as("%s, %s", page, other)
              .startsWith("HTTP/1.1 200");
        }
      }
    }
  }

  @Test
  void no_oddly_quoted_header_of_a_proxy_or_a_browser_keeps_a_page_from_being_sent()
      throws IOException {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      for (String header : List.of(
          "Accept-Encoding",
          "If-None-Match",
          "If-Match",
          "If-Modified-Since",
          "If-Range",
          "Range",
          "Cache-Control",
          "Accept",
          "Accept-Language",
          "Cookie",
          "Via",
          "Forwarded",
          "X-Forwarded-For",
          "X-Forwarded-Proto",
          "Connection",
          "TE",
          "Origin")) {
        for (String value : List.of("\"unclosed", "abc\"def", "W/\"x\"", "a;q=\"", "\"\\", ",;=")) {
          assertThat(
                  get(installation.edge().getPort(), "/webchat.js", header + ": " + value + "\r\n"))
              .as("%s: %s", header, value)
              .startsWith("HTTP/1.1 200");
        }
      }
    }
  }

  @Test
  void the_address_alone_is_a_page_that_says_what_this_is_and_where_to_go() {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      HttpResponse<String> home = get(installation.edge().resolve("/"));
      assertThat(home.statusCode()).isEqualTo(200);
      assertThat(home.headers().firstValue("Content-Type")).contains("text/html;charset=utf-8");
      assertThat(home.body()).contains("Parlour is running", "href=\"/inbox\"", "href=\"/demo\"");
    }
  }

  @Test
  void the_parts_of_the_widget_can_be_kept_for_ever_and_imported_by_pages_of_every_site() {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      String widget = get(installation.edge().resolve("/webchat.js")).body();
      List<String> names =
          CHUNK.matcher(widget).results().map(MatchResult::group).distinct().toList();
      assertThat(names).hasSize(2 + 11); // the window, the files, the languages but English
      for (String name : names) {
        HttpResponse<String> chunk = get(installation.edge().resolve("/" + name));
        assertThat(chunk.statusCode()).as(name).isEqualTo(200);
        assertThat(chunk.headers().firstValue("Content-Type"))
            .contains("text/javascript;charset=utf-8");
        assertThat(chunk.headers().firstValue("Cache-Control"))
            .contains("public, max-age=31536000, immutable");
        assertThat(chunk.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
        assertThat(chunk.headers().firstValue("Cross-Origin-Resource-Policy"))
            .contains("cross-origin");
      }
      assertThat(get(installation.edge().resolve("/webchat-files-00000000.js")).statusCode())
          .isEqualTo(404);
      assertThat(
              get(installation.edge().resolve("/webchat.js")).headers().firstValue("Cache-Control"))
          .contains("no-cache");
    }
  }

  private static String get(int port, String page, String headers) throws IOException {
    return Wire.exchange(
        port, "GET " + page + " HTTP/1.1\r\nHost: x\r\n" + headers + "Connection: close\r\n\r\n");
  }

  private static HttpResponse<String> get(URI address) {
    return Http.send(Http.request(address).GET().build());
  }
}
