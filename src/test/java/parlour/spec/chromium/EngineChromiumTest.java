package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.spec.chromium.ChatWalkthrough.is;
import static parlour.spec.chromium.ChatWalkthrough.opens;
import static parlour.spec.chromium.ChatWalkthrough.says;
import static parlour.spec.chromium.ChatWalkthrough.starts;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.LongForm;
import parlour.spec.Installation.Shape;

/** Chromium, in a class of its own, so that the engines are tested at the same time. */
class EngineChromiumTest extends EngineContract {
  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AutoClose
  private static final Engine.Started started = new Engine.Started();

  EngineChromiumTest() {
    super(Engine.CHROMIUM, scene, started);
  }

  /** Here only: the page itself replaces the database's opening, whatever the engine. */
  @ParameterizedTest
  @ValueSource(strings = {"hangs", "fails"})
  @LongForm(instead = "keys.test.ts and chat.test.ts")
  void a_chat_begins_without_a_key_if_the_database(String fault) {
    starts(window, shop + "?" + fault);
    says(window, "Hello");
    assertThat(session().bound()).isEmpty();
    window.reloads();
    opens(window);
    is(window, "live");
  }
}
