package parlour.spec.wrong.accounts;

import java.util.Arrays;

/** A comparison of secrets that takes longer the more of a guess is right. */
final class Telling {
  private Telling() {}

  static boolean isRight(byte[] secret, byte[] guess) {
    return Arrays.equals(secret, guess);
  }
}
