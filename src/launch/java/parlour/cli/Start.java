package parlour.cli;

import java.lang.reflect.InvocationTargetException;

/**
 * The jar's main class, compiled for Java 8, so that it can say which Java is missing on an older one
 * instead of printing {@code UnsupportedClassVersionError}. It knows nothing else of Parlour.
 */
public final class Start {
  private static final int NEEDED = 25;

  private Start() {}

  public static void main(String[] arguments) throws ReflectiveOperationException {
    String refusal =
        refusal(System.getProperty("java.specification.version"), System.getProperty("java.home"));
    if (!refusal.isEmpty()) {
      System.err.println("parlour: " + refusal);
      System.exit(1);
    }
    try {
      Class.forName("parlour.cli.Main").getMethod("main", String[].class).invoke(null, (Object)
          arguments);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /**
   * @param version as {@code java.specification.version} has it: 1.8, 17, 25
   * @return what is wrong, or an empty text
   */
  static String refusal(String version, String home) {
    String feature = version.startsWith("1.") ? version.substring(2) : version;
    return Integer.parseInt(feature) >= NEEDED
        ? ""
        : "Java " + NEEDED + " or newer is needed; this is Java " + feature + " (" + home + ")."
            + " Install a JDK or JRE " + NEEDED
            + ", for example Temurin, and start the jar with its"
            + " bin/java.";
  }
}
