package parlour.scopedauth;

/**
 * The key to which a session is bound, sealed so that only ScopedAuthService can open it. Every
 * token of the session carries it.
 */
public record Binding(String text) {

  /** Omits the sealed key. */
  @Override
  public String toString() {
    return "Binding[…]";
  }
}
