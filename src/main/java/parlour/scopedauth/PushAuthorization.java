package parlour.scopedauth;

/**
 * The value of a header Authorization for a push service: {@code vapid t=…, k=…}.
 */
public record PushAuthorization(String header) {
  /** Omits the value. */
  @Override
  public String toString() {
    return "PushAuthorization[…]";
  }
}
