package parlour.scopedauth;

import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The identification of a browser: one keyed digest for each {@link Signal}. It holds none of their
 * values.
 *
 * <p>FlexWebchatOrchestratorService makes it, and only ScopedAuthService compares it. On the wire:
 * {@code f1.<sensitivity>.<base64url of 9 digests of 8 bytes>}.
 */
public final class Fingerprint {
  public static final int DIGEST_BYTES = 8;

  private static final String VERSION = "f1";
  private static final int VECTOR_BYTES = Signal.values().length * DIGEST_BYTES;

  private final Sensitivity sensitivity;
  private final byte[] vector;

  private Fingerprint(Sensitivity sensitivity, byte[] vector) {
    this.sensitivity = sensitivity;
    this.vector = vector;
  }

  /**
   * @param digests for each signal, a digest of {@link #DIGEST_BYTES} bytes
   */
  public static Fingerprint of(Sensitivity sensitivity, Map<Signal, byte[]> digests) {
    byte[] vector = new byte[VECTOR_BYTES];
    for (Signal signal : Signal.values()) {
      byte[] digest = digests.get(signal);
      if (digest == null || digest.length != DIGEST_BYTES) {
        throw new IllegalArgumentException("no digest of " + DIGEST_BYTES + " bytes: " + signal);
      }
      System.arraycopy(digest, 0, vector, signal.place() * DIGEST_BYTES, DIGEST_BYTES);
    }
    return new Fingerprint(sensitivity, vector);
  }

  /**
   * Reads {@link #text}.
   *
   * @throws IllegalArgumentException if it is not a fingerprint of this version; the message does
   *     not repeat the text
   */
  public static Fingerprint parse(String text) {
    String[] part = text.split("\\.", -1);
    if (part.length != 3 || !part[0].equals(VERSION)) {
      throw new IllegalArgumentException("not a fingerprint of version " + VERSION);
    }
    Sensitivity sensitivity = Sensitivity.of(part[1])
        .orElseThrow(() -> new IllegalArgumentException("a fingerprint of unknown sensitivity"));
    byte[] vector = Base64.getUrlDecoder().decode(part[2]);
    if (vector.length != VECTOR_BYTES) {
      throw new IllegalArgumentException("a fingerprint of " + vector.length + " bytes");
    }
    return new Fingerprint(sensitivity, vector);
  }

  /** The form on the wire and in a token. */
  public String text() {
    String digests = Base64.getUrlEncoder().withoutPadding().encodeToString(vector);
    return VERSION + "." + sensitivity.word() + "." + digests;
  }

  public Sensitivity sensitivity() {
    return sensitivity;
  }

  /** Returns the signals in which the two differ; takes the same time whichever they are. */
  Set<Signal> differences(Fingerprint other) {
    Set<Signal> differing = EnumSet.noneOf(Signal.class);
    for (Signal signal : Signal.values()) {
      if (differs(signal.place() * DIGEST_BYTES, other)) {
        differing.add(signal);
      }
    }
    return differing;
  }

  /** This fingerprint with the digests of another one for these signals. */
  Fingerprint with(List<Signal> signals, Fingerprint other) {
    byte[] mixed = vector.clone();
    for (Signal signal : signals) {
      int from = signal.place() * DIGEST_BYTES;
      System.arraycopy(other.vector, from, mixed, from, DIGEST_BYTES);
    }
    return new Fingerprint(sensitivity, mixed);
  }

  /** Compares one digest, in the same time whether and where it differs. */
  private boolean differs(int from, Fingerprint other) {
    int difference = 0;
    for (int i = from; i < from + DIGEST_BYTES; i++) {
      difference |= vector[i] ^ other.vector[i];
    }
    return difference != 0;
  }

  /** Omits the digests, because a log must not contain them. */
  @Override
  public String toString() {
    return "Fingerprint[" + sensitivity.word() + "]";
  }
}
