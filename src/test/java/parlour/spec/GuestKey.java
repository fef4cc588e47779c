package parlour.spec;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.HKDFParameterSpec;
import org.jspecify.annotations.Nullable;
import parlour.Sha256;

/**
 * The key of one guest's browser: agrees on a secret with the server, signs calls, and answers the
 * challenges of sockets. Written from the public contract, without the server's own classes.
 */
public final class GuestKey {
  private static final SecureRandom random = new SecureRandom();
  private static final Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();

  private final KeyPair pair;
  private byte @Nullable [] secret;

  private GuestKey(KeyPair pair) {
    this.pair = pair;
  }

  public static GuestKey next() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      return new GuestKey(generator.generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A key with a secret that nobody has agreed on. */
  public static GuestKey withSecret(byte[] secret) {
    GuestKey key = next();
    key.secret = secret.clone();
    return key;
  }

  /** The field {@code proofKey} of Init. */
  public String publicKey() {
    ECPoint point = ((ECPublicKey) pair.getPublic()).getW();
    byte[] raw = new byte[65];
    raw[0] = 4;
    put(point.getAffineX(), raw, 33);
    put(point.getAffineY(), raw, 65);
    return url.encodeToString(raw);
  }

  private static void put(BigInteger number, byte[] raw, int end) {
    byte[] bytes = number.toByteArray();
    int length = Math.min(bytes.length, 32);
    System.arraycopy(bytes, bytes.length - length, raw, end - length, length);
  }

  /**
   * Derives the secret of the session.
   *
   * @param serverKey the field {@code proof_key} of the answer to Init
   */
  public void agree(String serverKey, String conversationSid) {
    try {
      byte[] raw = Base64.getUrlDecoder().decode(serverKey);
      AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
      curve.init(new ECGenParameterSpec("secp256r1"));
      ECPoint point = new ECPoint(
          new BigInteger(1, Arrays.copyOfRange(raw, 1, 33)),
          new BigInteger(1, Arrays.copyOfRange(raw, 33, 65)));
      KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
      agreement.init(pair.getPrivate());
      agreement.doPhase(
          KeyFactory.getInstance("EC")
              .generatePublic(
                  new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class))),
          true);
      secret = KDF.getInstance("HKDF-SHA256")
          .deriveData(HKDFParameterSpec.ofExtract()
              .addIKM(agreement.generateSecret())
              .addSalt(conversationSid.getBytes(StandardCharsets.US_ASCII))
              .thenExpand("parlour proof 1".getBytes(StandardCharsets.US_ASCII), 32));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** 22 random characters. */
  public static String nonce() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return url.encodeToString(bytes);
  }

  /**
   * One call, with everything that is signed.
   *
   * @param target the path below {@code public.url}, with the query if there is one
   * @param body empty if the call has none
   * @param headers the call's other headers, of which some are signed
   * @param created in seconds since 1970
   */
  public record Call(
      String method,
      String target,
      String body,
      Map<String, String> headers,
      long created,
      String nonce) {

    public static Call of(
        String method, String target, String body, Map<String, String> headers, Instant now) {
      return new Call(method, target, body, headers, now.getEpochSecond(), GuestKey.nonce());
    }

    private Optional<String> header(String name) {
      return headers.entrySet().stream()
          .filter(header -> header.getKey().equalsIgnoreCase(name))
          .map(Map.Entry::getValue)
          .findFirst();
    }
  }

  /** The headers {@code Content-Digest}, {@code Signature-Input} and {@code Signature} of a call. */
  public Map<String, String> sign(Call call) {
    Map<String, String> signature = new LinkedHashMap<>();
    Map<String, String> components = new LinkedHashMap<>();
    String[] target = call.target().split("\\?", 2);
    components.put("@method", call.method());
    components.put("@path", target[0].toLowerCase(Locale.ROOT));
    if (target.length > 1 && !target[1].isEmpty()) {
      components.put("@query", "?" + target[1]);
    }
    if (!call.body().isEmpty()) {
      signature.put("Content-Digest", digest(call.body()));
      components.put("content-digest", digest(call.body()));
    }
    for (String name : List.of("authorization", "webchat-deployment-key")) {
      call.header(name).ifPresent(value -> components.put(name, value.strip()));
    }
    List<String> names = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    components.forEach((name, value) -> {
      names.add("\"" + name + "\"");
      lines.add("\"" + name + "\": " + value);
    });
    String parameters = "(%s);created=%d;nonce=\"%s\";alg=\"hmac-sha256\""
        .formatted(String.join(" ", names), call.created(), call.nonce());
    lines.add("\"@signature-params\": " + parameters);
    signature.put("Signature-Input", "p=" + parameters);
    signature.put(
        "Signature",
        "p=:" + Base64.getEncoder().encodeToString(mac(String.join("\n", lines))) + ":");
    return signature;
  }

  public static String digest(String body) {
    return "sha-256=:" + Base64.getEncoder().encodeToString(Sha256.of(body)) + ":";
  }

  /**
   * The field {@code proof} of a socket's hello, and of the texts with a newer token.
   *
   * @param nonce of the socket's challenge
   */
  public String answer(String nonce, String token, String deploymentKey) {
    return url.encodeToString(mac(String.join(
        "\n", "parlour socket 1", nonce, url.encodeToString(Sha256.of(token)), deploymentKey)));
  }

  private byte[] mac(String text) {
    return Sha256.keyed(Objects.requireNonNull(secret, "nothing is agreed on yet"), text);
  }
}
