package parlour.spec;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import parlour.config.Setting;
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

  /** Runs an action for each started installation. */
  void each(Consumer<Installation> action) {
    started.values().forEach(action);
  }

  /** Stops all at the same time, because each may wait for balancers. */
  @Override
  public void close() {
    List<Installation> all = List.copyOf(started.values());
    var _ = AtOnce.run(all.size(), i -> {
      all.get(i).close();
      return i;
    });
  }
}
