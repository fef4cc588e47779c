package parlour.scopedauth;

/**
 * What a browser sent as its token. Nothing is known of it until {@link ScopedAuth#validate} has
 * turned it into a {@link Guest}.
 */
public record GuestToken(String text) {

  /** Never the token. */
  @Override
  public String toString() {
    return "GuestToken[…]";
  }
}
