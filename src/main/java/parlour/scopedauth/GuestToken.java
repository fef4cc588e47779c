package parlour.scopedauth;

/**
 * The text that a browser sent as its token, unchecked. {@link ScopedAuth#validate} turns it into a
 * {@link Guest}.
 */
public record GuestToken(String text) {

  /** Whether the text has the form of a token. {@link ScopedAuth#validate} refuses any other. */
  public boolean isWellFormed() {
    return Tokens.isWellFormed(this);
  }

  /** Omits the token. */
  @Override
  public String toString() {
    return "GuestToken[…]";
  }
}
