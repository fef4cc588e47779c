package parlour.scopedauth;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.StartupError;
import parlour.Unavailable;
import parlour.http.json.Json;
import parlour.proof.P256;

/** The key pair for push services, sealed by the master key in the store. */
public final class StoredPushKeys implements PushKeys {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final SqlPushKey store;
  private final Keys tokenKeys;
  private final Supplier<MasterKey> masterKeys;
  private final InstantSource clock;
  private final SecureRandom random;

  @GuardedBy("this")
  private @Nullable Opened opened;

  /**
   * @param tokenKeys the new key is sealed by the master key of these, which every process has
   * @param masterKeys reads the master key, which an operator can replace
   */
  public StoredPushKeys(
      SqlPushKey store,
      Keys tokenKeys,
      Supplier<MasterKey> masterKeys,
      InstantSource clock,
      SecureRandom random) {
    this.store = store;
    this.tokenKeys = tokenKeys;
    this.masterKeys = masterKeys;
    this.clock = clock;
    this.random = random;
  }

  private record Opened(String publicKey, PrivateKey privateKey) {}

  record Header(String typ, String alg) {}

  record Claims(String aud, long exp, String sub) {}

  @Override
  public String publicKey() {
    return opened().publicKey();
  }

  @Override
  public PushAuthorization sign(String audience, String contact, Instant expires) {
    if (expires.isAfter(clock.instant().plus(Limits.PUSH_AUTHORIZATION_MAX))) {
      throw new IllegalArgumentException("an authorization of a push expires at most a day away");
    }
    Opened key = opened();
    String signed = part(new Header("JWT", "ES256")) + "."
        + part(new Claims(audience, expires.getEpochSecond(), contact));
    try {
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(key.privateKey(), random);
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return new PushAuthorization("vapid t=%s.%s, k=%s"
          .formatted(signed, BASE64.encodeToString(signature.sign()), key.publicKey()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has ECDSA", e);
    }
  }

  private static String part(Record json) {
    return BASE64.encodeToString(Json.write(json));
  }

  /**
   * Seals the key pair under the newest master key.
   *
   * @return whether there is one that was under another master key
   * @throws WrongMasterKey if no master key opens it
   */
  public static boolean reseal(SqlPushKey store, MasterKey masterKey) {
    for (int i = 0; i < Limits.KEY_RING_ATTEMPTS; i++) {
      SqlPushKey.Stored stored = store.find().orElse(null);
      if (stored == null || masterKey.isNewestOfSecret(stored.sealed())) {
        return false;
      }
      try {
        byte[] secret = masterKey.openSecret(stored.sealed());
        if (store.reseal(stored.sealed(), masterKey.sealSecret(secret))) {
          return true;
        }
      } catch (GeneralSecurityException e) {
        throw new WrongMasterKey(e);
      }
    }
    throw new Unavailable("ScopedAuthService", "the push key is changing all the time", null);
  }

  private synchronized Opened opened() {
    Opened known = opened;
    if (known == null) {
      known = read();
      opened = known;
    }
    return known;
  }

  private Opened read() {
    try {
      SqlPushKey.Stored stored = storedOrMade();
      MasterKey masterKey = masterKeys.get();
      PrivateKey privateKey = KeyFactory.getInstance("EC")
          .generatePrivate(new PKCS8EncodedKeySpec(masterKey.openSecret(stored.sealed())));
      return new Opened(stored.publicKey(), privateKey);
    } catch (GeneralSecurityException | StartupError e) {
      throw new Unavailable(
          "ScopedAuthService", "the master key does not open the key for push services", e);
    }
  }

  private SqlPushKey.Stored storedOrMade() throws GeneralSecurityException {
    for (int i = 0; i < Limits.KEY_RING_ATTEMPTS; i++) {
      Optional<SqlPushKey.Stored> stored = store.find();
      if (stored.isPresent()) {
        return stored.get();
      }
      // If another process adds one first, or seals the token keys again, the next attempt finds
      // that.
      List<Keys.SealedKey> seen = tokenKeys.all();
      store.add(made(masterKeys.get(), seen.getLast()), clock.instant(), seen);
    }
    throw new Unavailable("ScopedAuthService", "the token keys are changing all the time", null);
  }

  private SqlPushKey.Stored made(MasterKey masterKey, Keys.SealedKey newest)
      throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(P256.PARAMETERS, random);
    KeyPair pair = generator.generateKeyPair();
    return new SqlPushKey.Stored(
        P256.text((ECPublicKey) pair.getPublic()),
        masterKey.sealSecretLike(newest.sealed(), pair.getPrivate().getEncoded()));
  }
}
