package parlour.spec.chromium;

import org.junit.jupiter.api.AutoClose;
import parlour.LongForm;
import parlour.spec.Installation.Shape;

/** WebKitGTK, in a class of its own, so that the engines are tested at the same time. */
@LongForm(instead = "the walks of GuestTest and InterruptedTest, and EngineChromiumTest")
class EngineWebKitTest extends EngineContract {
  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AutoClose
  private static final Engine.Started started = new Engine.Started();

  EngineWebKitTest() {
    super(Engine.WEBKIT, scene, started);
  }
}
