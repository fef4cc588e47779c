package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import parlour.Unavailable;
import parlour.config.Role;
import parlour.process.ServiceDecorators;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.store.Database;
import parlour.store.ForwardingDatabase;

/** The plots of the console, from the calls of guests to the answer for an admin. */
@Timeout(120)
class PlotsTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @ParameterizedTest
  @InBothShapes
  void an_admin_sees_the_calls_of_the_last_minutes_also_after_a_restart(Shape shape) {
    try (Installation installation = Installation.start(shape)) {
      AgentBrowser ann = new AgentBrowser(installation);
      Guest guest = installation.guest().starts();
      guest.reloads();
      guest.says("Hello", "a");
      guest.copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
      assertThat(installation.guest().from("https://evil.example.com").init().code())
          .isEqualTo(45772);
      installation.clock.pass(MINUTE);
      Predicate<Reply> isThere = reply -> numbers(reply, "refreshes", "accepted")
              .contains(1L)
          && numbers(reply, "refreshes", "refused").contains(1L)
          && numbers(reply, "refusals", "from another browser").contains(1L)
          && numbers(reply, "refusals", "the page's origin is not on the list").contains(1L)
          && numbers(reply, "latency", "half of them").stream().anyMatch(time -> time > 0)
          && numbers(reply, "sockets", "open").contains(0L)
          && numbers(reply, "webhooks", "conversations that wait").contains(0L)
          && numbers(reply, "honest", "all").contains(0L);
      Reply shown = awaitPlots(ann, isThere);
      assertThat(numbers(shown, "refreshes", "accepted"))
          .as("the time before the start is a gap")
          .hasSize(60)
          .startsWith(-1L);
      guest.reloads();
      installation.clock.pass(MINUTE);
      awaitPlots(
          ann,
          reply -> numbers(reply, "refreshes", "accepted").stream()
                  .filter(number -> number == 1)
                  .count()
              == 2);
      for (Role role : Role.values()) {
        installation.restart(role);
      }
      assertThat(isThere.test(awaitPlots(ann, reply -> reply.status() == 200))).isTrue();
      assertThat(ann.gets("/console/plots?span=day").status()).isEqualTo(200);
      assertThat(ann.gets("/console/plots?span=year").status()).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @InBothShapes
  void an_installation_with_several_accounts_shows_no_admin_the_numbers_of_all(Shape shape) {
    try (Installation installation = Installation.start(shape)) {
      AgentBrowser ann = new AgentBrowser(installation);
      installation.guest().starts().reloads();
      AgentBrowser other = new AgentBrowser(installation, installation.agentOfAnotherAccount());
      installation.clock.pass(MINUTE);
      for (AgentBrowser admin : List.of(ann, other)) {
        assertThat(admin.gets("/console/plots").json())
            .containsEntry("is_shown", false)
            .containsEntry("plots", List.of());
      }
    }
  }

  @ParameterizedTest
  @InBothShapes
  void a_store_of_samples_that_hangs_or_fails_leaves_the_guests_alone(Shape shape)
      throws InterruptedException {
    HostileSamples hostile = new HostileSamples();
    try (Installation installation = Installation.start(shape, hostile)) {
      AgentBrowser ann = new AgentBrowser(installation);
      hostile.hang();
      installation.clock.pass(MINUTE);
      hostile.awaitCall(); // the sample that hangs
      Guest guest = installation.guest().starts();
      assertThat(guest.reloads().status()).isEqualTo(200);
      guest.says("Hello", "a");
      Thread page = Thread.startVirtualThread(() -> {
        Reply _ = ann.gets("/console/plots"); // hangs, too
      });
      for (int i = 0; i < 5; i++) {
        assertThat(guest.reloads().status()).isEqualTo(200);
      }
      hostile.fail();
      page.join();
      assertThat(ann.gets("/console/plots").status()).isEqualTo(503);
      assertThat(guest.reloads().status()).isEqualTo(200);
      hostile.repair();
      installation.clock.pass(MINUTE);
      // Each edge has begun its first minute before or after some of the refreshes.
      awaitPlots(
          ann,
          reply -> numbers(reply, "refreshes", "accepted").stream()
                  .filter(number -> number > 0)
                  .mapToLong(Long::longValue)
                  .sum()
              == 7);
    }
  }

  /** Makes only the store of samples hang or fail. */
  private static final class HostileSamples implements ServiceDecorators {
    private final CountDownLatch called = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile boolean hangs;
    private volatile boolean fails;

    void hang() {
      hangs = true;
    }

    void fail() {
      fails = true;
      hangs = false;
      released.countDown();
    }

    void repair() {
      fails = false;
    }

    void awaitCall() throws InterruptedException {
      called.await();
    }

    @Override
    public Database database(Role role, Database database) {
      return new ForwardingDatabase(database) {
        @Override
        public <T extends @Nullable Object> T read(Work<T> work) {
          meet(work);
          return super.read(work);
        }

        @Override
        public <T extends @Nullable Object> T write(Work<T> work) {
          meet(work);
          return super.write(work);
        }
      };
    }

    private void meet(Database.Work<?> work) {
      if (!work.getClass().getName().startsWith("parlour.samples.")) {
        return;
      }
      if (hangs) {
        called.countDown();
        try {
          released.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      if (fails) {
        throw new Unavailable("the store of samples", "this test made it fail", null);
      }
    }
  }

  /** A sample is written beside the calls. */
  private static Reply awaitPlots(AgentBrowser admin, Predicate<Reply> isThere) {
    Reply reply = admin.gets("/console/plots");
    while (!isThere.test(reply)) { // until the timeout of the test
      Installation.pause(Duration.ofMillis(50));
      reply = admin.gets("/console/plots");
    }
    return reply;
  }

  private static List<Long> numbers(Reply reply, String plot, String label) {
    List<Long> numbers = new ArrayList<>();
    if (reply.status() == 200) {
      each(reply.json().get("plots"), "name", plot)
          .forEach(found -> each(found.get("series"), "label", label)
              .forEach(line -> ((List<?>) Objects.requireNonNull(line.get("values")))
                  .forEach(value -> numbers.add((Long) value))));
    }
    return numbers;
  }

  private static List<Map<?, ?>> each(@Nullable Object list, String field, String value) {
    List<Map<?, ?>> found = new ArrayList<>();
    for (Object one : (List<?>) Objects.requireNonNull(list)) {
      if (one instanceof Map<?, ?> object && value.equals(object.get(field))) {
        found.add(object);
      }
    }
    return found;
  }
}
