package parlour.proof;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import parlour.Sha256;

/**
 * The costs of a bound session: its agreement once, and with each call the reading of the signature
 * and its verification; beside it the verification of a signature by ECDSA, which DPoP has.
 */
@State(Scope.Benchmark)
public class ProofBenchmark {
  private static final Instant NOW = Instant.ofEpochSecond(1_764_280_000);
  private static final String LIST =
      "(\"@method\" \"@path\" \"content-digest\" \"authorization\" \"webchat-deployment-key\")";

  private final SecureRandom random = new SecureRandom();
  private final KeyAgreement agreement = new KeyAgreement(random);
  private final byte[] secret = new byte[ProofKey.BYTES];
  private String browserKey;
  private Map<String, List<String>> headers;
  private Proof proof;
  private MemoryNonces nonces;
  private long readings;
  private KeyPair pair;
  private byte[] signature;

  @Setup
  public void sign() throws GeneralSecurityException {
    random.nextBytes(secret);
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(P256.PARAMETERS, random);
    pair = generator.generateKeyPair();
    browserKey = P256.text((ECPublicKey) pair.getPublic());
    headers = headers();
    String text = call().proof(NOW).orElseThrow().signed();
    proof = new Proof(text, CanonicalBase64.url(Sha256.keyed(secret, text)), Optional.empty());
    nonces = new MemoryNonces(Instant.EPOCH, random);
    Signature signing = Signature.getInstance("SHA256withECDSA");
    signing.initSign(pair.getPrivate());
    signing.update(text.getBytes(StandardCharsets.UTF_8));
    signature = signing.sign();
  }

  private static Map<String, List<String>> headers() {
    String bytes = Base64.getEncoder().encodeToString(Sha256.of("any 32 bytes"));
    String parameters = ";created=%d;nonce=\"0123456789abcdefghij-_\";alg=\"hmac-sha256\""
        .formatted(NOW.getEpochSecond());
    return Map.of(
        "Signature", List.of("p=:" + bytes + ":"),
        "Signature-Input", List.of("p=" + LIST + parameters),
        "Content-Digest", List.of("sha-256=:" + bytes + ":"),
        "Authorization", List.of("Bearer plr1." + "x".repeat(850)),
        "Webchat-Deployment-Key", List.of("CV" + "0123456789abcdef".repeat(2)));
  }

  private SignedCall call() {
    return new SignedCall(
        "POST", "/v2/Webchat/Messages", "", name -> headers.getOrDefault(name, List.of()), true);
  }

  /** The costs that a key adds to a new chat. */
  @Benchmark
  public Object agreed() {
    return agreedBy(agreement);
  }

  /** The same for the first chat of {@link parlour.Limits#KEY_PAIR_USE}. */
  @Benchmark
  public Object agreedWithANewPair() {
    return agreedBy(new KeyAgreement(random));
  }

  private Object agreedBy(KeyAgreement agreement) {
    return agreement.agree(BrowserKey.parse(browserKey), "CH" + "0123456789abcdef".repeat(2));
  }

  @Benchmark
  public Object read() {
    return call().proof(NOW);
  }

  @Benchmark
  public boolean verified() {
    return ProofKey.of(secret).proves(proof);
  }

  /** Each session reads two pages. */
  @Benchmark
  public Object nonceUsed() {
    long reading = readings++;
    return nonces.use("IS" + reading / 2, new Proof.Nonce("nonce " + reading, NOW, true));
  }

  @Benchmark
  public boolean verifiedByEcdsa() throws GeneralSecurityException {
    Signature verifying = Signature.getInstance("SHA256withECDSA");
    verifying.initVerify(pair.getPublic());
    verifying.update(proof.signed().getBytes(StandardCharsets.UTF_8));
    return verifying.verify(signature);
  }
}
