package parlour.proof;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import parlour.Limits;
import parlour.Sha256;

/**
 * The place of a nonce in a Bloom filter: its part of the filter, and its bits in that part. They
 * depend on a secret, so that nobody can choose nonces which share their bits with others.
 */
public final class NonceBits {
  private final ByteBuffer digest;

  private NonceBits(ByteBuffer digest) {
    this.digest = digest;
  }

  public static NonceBits of(byte[] secret, String session, String nonce) {
    return new NonceBits(ByteBuffer.wrap(Sha256.keyed(secret, "nonce " + session + " " + nonce)));
  }

  /**
   * The number of the part, from 0.
   *
   * @param parts how many the filter has, a power of two
   */
  public int part(int parts) {
    return digest.getInt(0) & (parts - 1);
  }

  /** The numbers of the bits, each below {@link Limits#NONCE_PART_BITS}. */
  public List<Integer> bits() {
    return IntStream.range(0, Limits.NONCE_BITS).mapToObj(this::bit).toList();
  }

  int bit(int i) {
    return digest.getShort(Integer.BYTES + i * Short.BYTES) & (Limits.NONCE_PART_BITS - 1);
  }
}
