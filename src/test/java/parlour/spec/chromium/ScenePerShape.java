package parlour.spec.chromium;

import java.util.EnumMap;
import java.util.Map;
import parlour.spec.Installation.Shape;

/** A scene for each shape, for all tests of a class. */
final class ScenePerShape implements AutoCloseable {
  private final Map<Shape, Scene> started = new EnumMap<>(Shape.class);

  Scene in(Shape shape) {
    return started.computeIfAbsent(shape, Scene::new);
  }

  @Override
  public void close() {
    started.values().forEach(Scene::close);
  }
}
