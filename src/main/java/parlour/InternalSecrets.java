package parlour;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The shared secret by which the processes of an installation authenticate each other, and while it is
 * changed also another value of it. A process sends and signs with the first, and accepts both.
 *
 * @param sent the value that this process sends
 * @param other the value that some of the other processes send
 */
public record InternalSecrets(String sent, Optional<String> other) {
  public InternalSecrets {
    if (Stream.concat(Stream.of(sent), other.stream()).anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("an empty secret would authenticate everybody");
    }
  }

  /** The secret while it is not changed. */
  public static InternalSecrets of(String secret) {
    return new InternalSecrets(secret, Optional.empty());
  }

  /** Both values, the one that is sent first. */
  public List<String> accepted() {
    return Stream.concat(Stream.of(sent), other.stream()).toList();
  }

  /** The derivations from each accepted value, in their order. */
  public <T> List<T> derived(Function<String, T> derivation) {
    return accepted().stream().map(derivation).toList();
  }

  /** Whether one is equal, in a time that does not depend on which. */
  public static boolean isOneOf(List<byte[]> values, byte[] given) {
    boolean found = false;
    for (byte[] value : values) {
      found |= MessageDigest.isEqual(value, given);
    }
    return found;
  }

  /** The bytes of a value as a key of {@link Sha256#keyed}. */
  public static byte[] key(String secret) {
    return secret.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "InternalSecrets[…]";
  }
}
