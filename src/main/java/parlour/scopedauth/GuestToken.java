package parlour.scopedauth;

/**
 * What a browser sent as its token. Nothing is known of it until {@link ScopedAuth#validate} has
 * turned it into a {@link Guest}.
 */
public record GuestToken(String text) {

  /** False if {@link ScopedAuth#validate} is sure to refuse it, which needs no key to decide. */
  public boolean isWellFormed() {
    return Tokens.isWellFormed(this);
  }

  /** Never the token. */
  @Override
  public String toString() {
    return "GuestToken[…]";
  }
}
