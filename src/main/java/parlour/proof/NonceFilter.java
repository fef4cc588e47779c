package parlour.proof;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * Bloom filters of nonces, one for each minute: memory that has a bound and forgets nothing early,
 * however many nonces come. With their number grows only the chance that a new one is taken for a
 * used one. Time is the uptime, which nobody can set. Safe for use by several threads.
 */
final class NonceFilter {
  private final Part[] parts;
  private final byte[] secret;
  private final LongSupplier nanos;

  /**
   * @param parts a power of two
   * @param secret decides where a nonce is stored
   * @param nanos the uptime
   */
  NonceFilter(int parts, byte[] secret, LongSupplier nanos) {
    this.secret = secret.clone();
    this.nanos = nanos;
    this.parts = Stream.generate(() -> new Part(slice())).limit(parts).toArray(Part[]::new);
  }

  /** Adds a nonce; returns whether it was new. Of many calls with one nonce, one gets true. */
  boolean add(String session, String nonce) {
    NonceBits bits = NonceBits.of(secret, session, nonce);
    return parts[bits.part(parts.length)].add(bits, slice());
  }

  private long slice() {
    return Math.floorDiv(nanos.getAsLong(), Limits.NONCE_SLICE.toNanos());
  }

  /** The filters of the last minutes for some of the nonces. */
  private static final class Part {
    @GuardedBy("this")
    private final long[] @Nullable [] slices = new long[Limits.NONCE_SLICES][];

    /** The number of the newest slice. */
    @GuardedBy("this")
    private long newest;

    Part(long newest) {
      this.newest = newest;
    }

    synchronized boolean add(NonceBits bits, long slice) {
      for (; newest < slice; newest++) { // another thread may be ahead of this one
        slices[Math.floorMod(newest + 1, Limits.NONCE_SLICES)] = null;
      }
      for (long @Nullable [] known : slices) {
        if (known != null && hasAll(known, bits)) {
          return false;
        }
      }
      int now = Math.floorMod(newest, Limits.NONCE_SLICES);
      long @Nullable [] filter = slices[now];
      if (filter == null) {
        filter = new long[Limits.NONCE_PART_BITS / Long.SIZE];
        slices[now] = filter;
      }
      for (int i = 0; i < Limits.NONCE_BITS; i++) {
        int bit = bits.bit(i);
        filter[bit / Long.SIZE] |= 1L << bit; // modulo 64
      }
      return true;
    }

    private static boolean hasAll(long[] filter, NonceBits bits) {
      for (int i = 0; i < Limits.NONCE_BITS; i++) {
        int bit = bits.bit(i);
        if ((filter[bit / Long.SIZE] & 1L << bit) == 0) {
          return false;
        }
      }
      return true;
    }
  }
}
