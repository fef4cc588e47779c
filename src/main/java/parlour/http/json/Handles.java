package parlour.http.json;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Calls accessors and constructors of other packages; what they throw is thrown as it is. */
final class Handles {
  private static final MethodType OF_ONE = MethodType.methodType(Object.class, Object.class);
  private static final MethodType OF_ARRAY = MethodType.methodType(Object.class, Object[].class);

  private Handles() {}

  /** Of an accessor, which is called with its record, or of a static method with one parameter. */
  static MethodHandle of(Method method) {
    try {
      method.setAccessible(true);
      return MethodHandles.lookup().unreflect(method).asType(OF_ONE);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Of a constructor with one parameter. */
  static MethodHandle of(Constructor<?> constructor) {
    return unreflect(constructor).asType(OF_ONE);
  }

  /** Of a constructor that is called with an array of its parameters. */
  static MethodHandle ofArray(Constructor<?> constructor, int parameters) {
    return unreflect(constructor).asSpreader(Object[].class, parameters).asType(OF_ARRAY);
  }

  private static MethodHandle unreflect(Constructor<?> constructor) {
    try {
      constructor.setAccessible(true);
      return MethodHandles.lookup().unreflectConstructor(constructor);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  static Object call(MethodHandle handle, Object argument) {
    return Objects.requireNonNull(callOrNull(handle, argument));
  }

  static @Nullable Object callOrNull(MethodHandle handle, Object argument) {
    try {
      return handle.invokeExact(argument);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  static Object call(MethodHandle handle, @Nullable Object[] arguments) {
    try {
      return (Object) handle.invokeExact(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
