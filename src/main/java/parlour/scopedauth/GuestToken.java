package parlour.scopedauth;

/**
 * What a browser sent as its token. Nothing is known of it until {@link ScopedAuth#validate} has
 * turned it into a {@link Guest}.
 */
public record GuestToken(String text) {

  /** False where {@link ScopedAuth#validate} is sure to refuse it: it needs no key to see that. */
  public boolean isWellFormed() {
    return Tokens.isWellFormed(this);
  }

  /** Never the token. */
  @Override
  public String toString() {
    return "GuestToken[…]";
  }
}
