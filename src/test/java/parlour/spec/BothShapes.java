package parlour.spec;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import parlour.config.Config.Setting;
import parlour.process.ServiceDecorators;
import parlour.spec.Installation.Shape;

/** One installation in each shape, for all tests of a class; each test brings its own guests. */
final class BothShapes implements AutoCloseable {
  private final ServiceDecorators decorators;
  private final Map<Setting, String> settings;
  private final Map<Shape, Installation> started = new EnumMap<>(Shape.class);

  BothShapes() {
    this(ServiceDecorators.NONE, Map.of());
  }

  BothShapes(ServiceDecorators decorators, Map<Setting, String> settings) {
    this.decorators = decorators;
    this.settings = settings;
  }

  Installation in(Shape shape) {
    return started.computeIfAbsent(shape, s -> Installation.start(s, decorators, settings));
  }

  /** Those that were started. */
  void each(Consumer<Installation> action) {
    started.values().forEach(action);
  }

  @Override
  public void close() {
    started.values().forEach(Installation::close);
  }
}
