package parlour.http.json;

import java.util.Locale;

/** The names of a document's fields: how they are compared, and how a message shows them. */
public final class FieldNames {
  private FieldNames() {}

  /** The one spelling of {@code deploymentKey}, {@code DeploymentKey} and {@code deployment_key}. */
  public static String normal(String name) {
    return name.replace("_", "").toLowerCase(Locale.ROOT);
  }

  /** A name from a caller, fit to be shown: a bounded length and no control characters. */
  public static String quoted(String name) {
    String shown = name.length() > 64 ? name.substring(0, 64) + "…" : name;
    return '"' + shown.replaceAll("[^ -~…]", "?") + '"';
  }
}
