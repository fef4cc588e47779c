package parlour.http.json;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/**
 * A type of which a value is read, also with arguments: {@code new JsonType<Page<Overview>>() {}}.
 */
public abstract class JsonType<T> {
  private final Type type;

  protected JsonType() {
    this.type = ((ParameterizedType) getClass().getGenericSuperclass()).getActualTypeArguments()[0];
  }

  private JsonType(Class<T> type) {
    this.type = type;
  }

  public static <T> JsonType<T> of(Class<T> type) {
    return new JsonType<>(type) {};
  }

  Type type() {
    return type;
  }
}
