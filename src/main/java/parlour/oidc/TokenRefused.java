package parlour.oidc;

/** The provider's answer does not prove who the person is. */
public final class TokenRefused extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean isOfCode;

  private TokenRefused(String why, boolean isOfCode) {
    super(why, null, false, false);
    this.isOfCode = isOfCode;
  }

  /**
   * @param why for the operator; nothing of the token in it
   */
  static TokenRefused because(String why) {
    return new TokenRefused(why, false);
  }

  /** The provider does not accept the code: it expired, was used before, or is of another attempt. */
  static TokenRefused ofCode() {
    return new TokenRefused("the provider does not accept the code", true);
  }

  /** Whether the person only has to begin again. */
  public boolean isOfCode() {
    return isOfCode;
  }

  public String why() {
    return String.valueOf(getMessage());
  }
}
