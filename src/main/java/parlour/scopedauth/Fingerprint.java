package parlour.scopedauth;

import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The identification of a browser: one keyed digest for each {@link Signal}. It holds none of their
 * values.
 *
 * <p>FlexWebchatOrchestratorService makes it, and only ScopedAuthService compares it. On the wire:
 * {@code f1.<sensitivity>.<base64url of 9 digests of 8 bytes>}. Where a client does not send every
 * signal, the fingerprint is incomplete, and names the signals that it has: {@code
 * f2.<sensitivity>.<their places>.<the same, with zeros for the others>}. A token always has a
 * complete one.
 */
public final class Fingerprint {
  public static final int DIGEST_BYTES = 8;

  private static final String COMPLETE = "f1";
  private static final String INCOMPLETE = "f2";
  private static final int VECTOR_BYTES = Signal.values().length * DIGEST_BYTES;

  private final Sensitivity sensitivity;
  private final Set<Signal> said;
  private final byte[] vector;

  private Fingerprint(Sensitivity sensitivity, Set<Signal> said, byte[] vector) {
    this.sensitivity = sensitivity;
    this.said = said;
    this.vector = vector;
  }

  /**
   * A complete fingerprint.
   *
   * @param digests for each signal, a digest of {@link #DIGEST_BYTES} bytes
   */
  public static Fingerprint of(Sensitivity sensitivity, Map<Signal, byte[]> digests) {
    for (Signal signal : Signal.values()) {
      if (!digests.containsKey(signal)) {
        throw new IllegalArgumentException("no digest of " + signal);
      }
    }
    return ofSaid(sensitivity, digests);
  }

  /**
   * A fingerprint of the signals that a client has sent. The others are not compared.
   *
   * @param digests of these signals, {@link #DIGEST_BYTES} bytes each
   */
  public static Fingerprint ofSaid(Sensitivity sensitivity, Map<Signal, byte[]> digests) {
    byte[] vector = new byte[VECTOR_BYTES];
    Set<Signal> said = EnumSet.noneOf(Signal.class);
    digests.forEach((signal, digest) -> {
      if (digest.length != DIGEST_BYTES) {
        throw new IllegalArgumentException("no digest of " + DIGEST_BYTES + " bytes: " + signal);
      }
      said.add(signal);
      System.arraycopy(digest, 0, vector, signal.place() * DIGEST_BYTES, DIGEST_BYTES);
    });
    return new Fingerprint(sensitivity, said, vector);
  }

  /**
   * Reads {@link #text}.
   *
   * @throws IllegalArgumentException if it is not a fingerprint of these versions; the message does
   *     not repeat the text
   */
  public static Fingerprint parse(String text) {
    String[] part = text.split("\\.", -1);
    return switch (part[0]) {
      case COMPLETE -> parse(part, 3, EnumSet.allOf(Signal.class));
      case INCOMPLETE -> parse(part, 4, part.length == 4 ? said(part[2]) : Set.of());
      default -> throw new IllegalArgumentException("not a fingerprint of a known version");
    };
  }

  private static Fingerprint parse(String[] part, int parts, Set<Signal> said) {
    if (part.length != parts) {
      throw new IllegalArgumentException("not a fingerprint of version " + part[0]);
    }
    Sensitivity sensitivity = Sensitivity.of(part[1])
        .orElseThrow(() -> new IllegalArgumentException("a fingerprint of unknown sensitivity"));
    byte[] vector = Base64.getUrlDecoder().decode(part[parts - 1]);
    if (vector.length != VECTOR_BYTES) {
      throw new IllegalArgumentException("a fingerprint of " + vector.length + " bytes");
    }
    return new Fingerprint(sensitivity, said, vector);
  }

  private static Set<Signal> said(String places) {
    Set<Signal> said = EnumSet.noneOf(Signal.class);
    for (Signal signal : Signal.values()) {
      if (places.indexOf('0' + signal.place()) >= 0) {
        said.add(signal);
      }
    }
    if (!places.equals(places(said)) || said.size() == Signal.values().length) {
      throw new IllegalArgumentException("a fingerprint that does not say which signals it has");
    }
    return said;
  }

  /** The places of the signals in their order, a digit each. */
  private static String places(Set<Signal> signals) {
    return signals.stream()
        .map(signal -> String.valueOf(signal.place()))
        .collect(Collectors.joining());
  }

  /** The form on the wire and in a token. */
  public String text() {
    String digests = Base64.getUrlEncoder().withoutPadding().encodeToString(vector);
    return isComplete()
        ? COMPLETE + "." + sensitivity.word() + "." + digests
        : INCOMPLETE + "." + sensitivity.word() + "." + places(said) + "." + digests;
  }

  /**
   * Stands for the digest of a login timestamp that the browser does not know yet. A token with it
   * is good with any login timestamp, and its successor has the digest of the real one.
   */
  public static byte[] noLoginYet() {
    return new byte[DIGEST_BYTES];
  }

  private boolean hasNoLoginYet() {
    int from = Signal.LOGIN_TIMESTAMP.place() * DIGEST_BYTES;
    return Arrays.equals(vector, from, from + DIGEST_BYTES, noLoginYet(), 0, DIGEST_BYTES);
  }

  /** Whether it has every signal. */
  boolean isComplete() {
    return said.size() == Signal.values().length;
  }

  /** The signals that it does not have. */
  Set<Signal> unsaid() {
    Set<Signal> unsaid = EnumSet.allOf(Signal.class);
    unsaid.removeAll(said);
    return unsaid;
  }

  public Sensitivity sensitivity() {
    return sensitivity;
  }

  /**
   * Returns the signals of another fingerprint that are not the ones of this; takes the same time
   * whichever they are.
   */
  Set<Signal> differences(Fingerprint other) {
    Set<Signal> differing = EnumSet.noneOf(Signal.class);
    for (Signal signal : Signal.values()) {
      if (differs(signal.place() * DIGEST_BYTES, other)) {
        differing.add(signal);
      }
    }
    differing.retainAll(other.said);
    if (hasNoLoginYet()) {
      differing.remove(Signal.LOGIN_TIMESTAMP);
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
    return new Fingerprint(sensitivity, said, mixed);
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
