package parlour.proof;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.function.LongSupplier;
import parlour.Limits;

/** Remembers the nonces that this process saw. No jump of the clock makes it forget one early. */
public final class MemoryNonces implements Nonces {
  private static final int SECRET_BYTES = 16;

  private final NonceFilter forOneAnswer;
  private final NonceFilter repeatable;
  private final Instant start;

  /**
   * @param start when this process started to answer. It does not know the nonces of before
   */
  public MemoryNonces(Instant start, SecureRandom random) {
    this(start, secret(random), System::nanoTime, Limits.NONCE_PARTS);
  }

  /**
   * @param nanos the uptime
   * @param parts of the filter for proofs that are good for one answer
   */
  MemoryNonces(Instant start, byte[] secret, LongSupplier nanos, int parts) {
    this.start = Instant.ofEpochSecond(start.getEpochSecond()); // as exact as a proof's time
    this.forOneAnswer = new NonceFilter(parts, secret, nanos);
    this.repeatable = new NonceFilter(Limits.REPEATED_NONCE_PARTS, secret, nanos);
  }

  private static byte[] secret(SecureRandom random) {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return secret;
  }

  @Override
  public Use use(String session, Proof.Nonce nonce) {
    Instant created = nonce.created();
    if (created.isBefore(start) && !created.isBefore(start.minus(Limits.PROOF_WINDOW))) {
      return Use.UNKNOWN; // older proofs are valid only if the clock was set back since
    }
    return forOneAnswer.add(session, nonce.text()) ? Use.FIRST : Use.SEEN;
  }

  @Override
  public boolean isRepeated(String session, Proof.Nonce nonce) {
    return !repeatable.add(session, nonce.text());
  }
}
