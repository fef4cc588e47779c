package parlour.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import parlour.conversations.SqlConversationStore;
import parlour.spec.chromium.Chromium;
import parlour.store.Database;
import parlour.store.Sqlite;

/**
 * Measures how smoothly the list of the inbox scrolls in Chromium, in a desk with very many conversations: an agent turns the wheel without a
 * pause, so that the page draws new rows in each frame and loads the next pages. Without a GPU the browser also paints on the
 * processors, so the bench prints the time of the page's main thread for each frame beside the intervals between frames.
 *
 * <p>{@code ./dev bench scroll [conversations] [seconds]}
 */
public final class ScrollBench {
  /** At 60 frames a second. */
  private static final double FRAME_MILLIS = 1000 / 60.0;

  private static final int PIXELS_PER_TURN = 120;

  /** Not the scroller of a search's results. */
  private static final String LIST = ".scroller:has(.rows)";

  private static final String WATCH = """
      () => {
        window.frames = [];
        window.longTasks = [];
        new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((one) => one.duration)))
          .observe({ type: 'longtask' });
        const next = (now) => { window.frames.push(now); requestAnimationFrame(next) };
        requestAnimationFrame(next);
      }""";

  private ScrollBench() {}

  public static void main(String[] arguments) throws Exception {
    int conversations = Figures.argument(arguments, 0, 100_000);
    Duration time = Duration.ofSeconds(Figures.argument(arguments, 1, 20));
    try (Shop shop = Shop.open()) {
      fill(shop, conversations);
      try (Subject parlour = Subject.parlour(shop.folder(), Subject.freePort()).awaitPort();
          Chromium chromium = new Chromium();
          BrowserContext context = chromium
              .browser()
              .newContext(new Browser.NewContextOptions().setViewportSize(1200, 800))) {
        Page page = context.newPage();
        page.navigate("http://127.0.0.1:" + parlour.port() + "/inbox");
        page.locator("[name=name]").fill(shop.agent());
        page.locator("[name=password]").fill(shop.password());
        page.locator(".sign-in .go").click();
        page.locator(".tabs button").last().click(); // the closed ones
        page.locator(".rows .item").first().waitFor();
        System.out.printf(
            "%s, Chromium %s; %,d conversations in a desk, %d s of scrolling%n",
            Figures.machine(), chromium.browser().version(), conversations, time.toSeconds());
        turnTheWheel(page, time.dividedBy(4)); // warms both sides up
        report(page, traced(chromium.browser(), page, time));
      }
    }
  }

  private static void fill(Shop shop, int conversations) {
    Path file = shop.folder().resolve("conversations.db");
    try (Database database = Sqlite.open(file, SqlConversationStore.SCHEMA)) {
      ListsBench.fill(database, shop.account(), conversations);
      var _ = database.write(
          sql -> sql.update("UPDATE conversation SET indexed_revision = revision")); // not searched
    }
  }

  private static void turnTheWheel(Page page, Duration time) {
    page.locator(LIST).hover();
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      page.mouse().wheel(0, PIXELS_PER_TURN);
    }
  }

  /** Scrolls, and returns the trace of the browser. */
  private static List<JsonObject> traced(Browser browser, Page page, Duration time) {
    page.evaluate(WATCH);
    browser.startTracing(
        page,
        new Browser.StartTracingOptions()
            .setCategories(List.of(
                "devtools.timeline", "disabled-by-default-devtools.timeline", "__metadata")));
    turnTheWheel(page, time);
    String trace = new String(browser.stopTracing(), StandardCharsets.UTF_8);
    return JsonParser.parseString(trace)
        .getAsJsonObject()
        .getAsJsonArray("traceEvents")
        .asList()
        .stream()
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  private static void report(Page page, List<JsonObject> trace) {
    double[] intervals =
        numbers(page, "window.frames.slice(1).map((at, n) => at - window.frames[n])");
    double[] longTasks = numbers(page, "window.longTasks");
    System.out.printf(
        "scrolled to row %.0f of %.0f loaded%n",
        number(
            page,
            "document.querySelector('" + LIST
                + "').scrollTop / document.querySelector('.rows > li').offsetHeight"),
        number(
            page,
            "document.querySelector('.rows').offsetHeight / document.querySelector('.rows > li').offsetHeight"));
    System.out.printf(
        "%d frames, one each %.1f ms (median); %.2f %% came a frame too late, the longest after %.0f ms; %d tasks over 50 ms%n",
        intervals.length,
        Figures.median(intervals),
        share(intervals, 1.5 * FRAME_MILLIS),
        Arrays.stream(intervals).max().orElse(0),
        longTasks.length);
    List<JsonObject> main = ofMainThread(trace);
    double[] busy = perFrame(main, "dur");
    work("time of the page's main thread for each frame", busy);
    work("processor time of it for each frame", perFrame(main, "tdur"));
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("script of the frame", "FireAnimationFrame");
    parts.put("style", "UpdateLayoutTree");
    parts.put("layout", "Layout");
    parts.put("paint", "Paint");
    parts.forEach((what, name) -> System.out.printf(
        "  %-20s %.2f ms for each frame%n",
        what,
        main.stream()
                .filter(event -> is(event, name))
                .mapToDouble(event -> millis(event, "dur"))
                .sum()
            / busy.length));
  }

  private static void work(String what, double[] millis) {
    Arrays.sort(millis);
    System.out.printf(
        "%s: %d frames, median %.1f ms, 99th percentile %.1f ms, longest %.1f ms; %.2f %% over %.1f ms%n",
        what,
        millis.length,
        Figures.median(millis),
        millis[(int) (millis.length * 0.99)],
        millis[millis.length - 1],
        share(millis, FRAME_MILLIS),
        FRAME_MILLIS);
  }

  /** The tasks from one frame to the next. A frame is a task that calls the page before it paints. */
  private static double[] perFrame(List<JsonObject> main, String duration) {
    double[] frames = main.stream()
        .filter(event -> is(event, "FireAnimationFrame"))
        .mapToDouble(event -> event.get("ts").getAsDouble())
        .toArray();
    List<Double> busy = new ArrayList<>();
    double sum = 0;
    int next = 0;
    for (JsonObject task : main) {
      if (!is(task, "RunTask")) {
        continue;
      }
      sum += millis(task, duration);
      double end = task.get("ts").getAsDouble() + task.get("dur").getAsDouble();
      int first = next;
      while (next < frames.length && frames[next] <= end) {
        next++;
      }
      if (next > first) {
        busy.add(sum);
        sum = 0;
      }
    }
    return busy.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The events of the thread that runs the page, in their order. */
  private static List<JsonObject> ofMainThread(List<JsonObject> trace) {
    JsonObject frame = trace.stream()
        .filter(event -> is(event, "FireAnimationFrame"))
        .findFirst()
        .orElseThrow();
    return trace.stream()
        .filter(event ->
            event.get("pid").equals(frame.get("pid")) && event.get("tid").equals(frame.get("tid")))
        .sorted(Comparator.comparingDouble(event -> event.get("ts").getAsDouble()))
        .toList();
  }

  private static boolean is(JsonObject event, String name) {
    return event.get("name").getAsString().equals(name);
  }

  private static double millis(JsonObject event, String duration) {
    return event.has(duration) ? event.get(duration).getAsDouble() / 1000 : 0;
  }

  /** In percent. */
  private static double share(double[] values, double above) {
    return 100.0 * Arrays.stream(values).filter(value -> value > above).count() / values.length;
  }

  private static double number(Page page, String script) {
    return ((Number) page.evaluate(script)).doubleValue();
  }

  private static double[] numbers(Page page, String script) {
    return ((List<?>) page.evaluate(script))
        .stream().mapToDouble(one -> ((Number) one).doubleValue()).toArray();
  }
}
