package parlour.scopedauth;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.Key;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.util.SecretBytes;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import parlour.Limits;
import parlour.Unavailable;

/**
 * The key ring: one primary key that seals new tokens, and the older ones that still open theirs.
 *
 * <p>The store is the truth; what is held here is a snapshot of it, read again every second and at
 * the first sight of a key id that it does not know. A key that {@link #rotate} adds becomes
 * primary only {@link Limits#KEY_DISTRIBUTION} later, when every node has it.
 */
public final class TokenKeys {
  /** Tink's output prefix: a version byte and the key id. */
  private static final int PREFIX_BYTES = 5;

  private static final Instant NEVER = Instant.ofEpochMilli(Long.MAX_VALUE);

  /** The key ring as it was read at one moment. */
  private record Ring(Aead aead, Set<Integer> ids, int primary, Instant read) {}

  private final Keys keys;
  private final MasterKey masterKey;
  private final InstantSource clock;
  private final SecureRandom random;
  private final AtomicReference<Ring> ring;
  private final ReentrantLock rereading = new ReentrantLock();

  /**
   * Reads the ring, and makes its first key where there is none.
   *
   * @throws WrongMasterKey when there are keys and the master key opens them not
   */
  public TokenKeys(Keys keys, MasterKey masterKey, InstantSource clock, SecureRandom random) {
    this.keys = keys;
    this.masterKey = masterKey;
    this.clock = clock;
    this.random = random;
    if (keys.all().isEmpty()) {
      Instant now = clock.instant();
      keys.add(newKey(now, now), Instant.EPOCH);
    }
    this.ring = new AtomicReference<>(read());
  }

  byte[] seal(byte[] plaintext, byte[] associatedData) {
    try {
      return ring.get().aead().encrypt(plaintext, associatedData);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("could not seal a token", e);
    }
  }

  /**
   * @throws GeneralSecurityException when no key of the ring sealed it, or it was changed since
   */
  byte[] open(byte[] sealed, byte[] associatedData) throws GeneralSecurityException {
    Ring now = ring.get();
    if (sealed.length <= PREFIX_BYTES) {
      throw new GeneralSecurityException("too short");
    }
    if (!now.ids().contains(ByteBuffer.wrap(sealed, 1, Integer.BYTES).getInt())
        && now.read().plus(Limits.KEY_RING_AGE).isBefore(clock.instant())) {
      now = rereadSince(now);
    }
    return now.aead().decrypt(sealed, associatedData);
  }

  /** Adds a key that becomes primary shortly, without waiting for the primary to grow old. */
  public void rotate() {
    rotateUnlessMadeAfter(NEVER);
  }

  /** The same when the newest key is older than this; one of many nodes does it. */
  public boolean rotateIfOlderThan(Duration age) {
    return rotateUnlessMadeAfter(clock.instant().minus(age));
  }

  /** Deletes keys that no valid token can have been sealed with. */
  public void retire() {
    List<Keys.SealedKey> all = keys.all();
    Instant noTokenBefore = clock.instant().minus(Limits.KEY_RETIREMENT);
    for (int i = 0; i + 1 < all.size(); i++) {
      Instant superseded = all.get(i + 1).primaryFrom();
      if (superseded.isBefore(noTokenBefore)) {
        keys.delete(all.get(i).id());
      }
    }
    reload();
  }

  /** Reads the ring again. */
  public void reload() {
    ring.set(read());
  }

  /** For the operator: the id of the key that seals now. */
  public int primary() {
    return ring.get().primary();
  }

  /** Has Tink make itself ready, which takes some tens of milliseconds, before it is needed. */
  public static void load() {
    registerCiphers();
  }

  /** Tink knows no cipher before it is told to. */
  static void registerCiphers() {
    try {
      AeadConfig.register();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM cannot do AES-256-GCM", e);
    }
  }

  static AesGcmParameters parameters(AesGcmParameters.Variant variant)
      throws GeneralSecurityException {
    return AesGcmParameters.builder()
        .setKeySizeBytes(32)
        .setIvSizeBytes(12)
        .setTagSizeBytes(16)
        .setVariant(variant)
        .build();
  }

  private boolean rotateUnlessMadeAfter(Instant instant) {
    Instant now = clock.instant();
    boolean added = keys.add(newKey(now, now.plus(Limits.KEY_DISTRIBUTION)), instant);
    reload();
    return added;
  }

  /** Another node may have rotated a moment ago. Many forged ids at once cost one read. */
  private Ring rereadSince(Ring seen) {
    try {
      // While the store hangs, those behind the first wait as long as for a read, and not in turn.
      if (!rereading.tryLock(Limits.STORE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new Unavailable("ScopedAuthService", "the key ring cannot be read now", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("ScopedAuthService", "interrupted", e);
    }
    try {
      if (ring.get().read().equals(seen.read())) {
        reload();
      }
      return ring.get();
    } finally {
      rereading.unlock();
    }
  }

  private Ring read() {
    Instant now = clock.instant();
    List<Keys.SealedKey> all = keys.all();
    Map<Integer, Key> opened = new LinkedHashMap<>();
    int primary = all.getFirst().id();
    for (Keys.SealedKey sealed : all) {
      opened.put(sealed.id(), open(sealed));
      if (!sealed.primaryFrom().isAfter(now)) {
        primary = sealed.id();
      }
    }
    return new Ring(aead(opened, primary), Set.copyOf(opened.keySet()), primary, now);
  }

  private Key open(Keys.SealedKey sealed) {
    try {
      return masterKey.open(sealed.sealed()).getPrimary().getKey();
    } catch (GeneralSecurityException e) {
      throw new WrongMasterKey(e);
    }
  }

  private static Aead aead(Map<Integer, Key> keys, int primary) {
    KeysetHandle.Builder builder = KeysetHandle.newBuilder();
    keys.forEach((id, key) -> {
      KeysetHandle.Builder.Entry entry = KeysetHandle.importKey(key).withFixedId(id);
      builder.addEntry(id == primary ? entry.makePrimary() : entry);
    });
    try {
      return builder.build().getPrimitive(RegistryConfiguration.get(), Aead.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "the token keys %s make no key ring"
              .formatted(
                  keys.keySet().stream().map(String::valueOf).collect(Collectors.joining(", "))),
          e);
    }
  }

  @AccessesPartialKey
  private Keys.SealedKey newKey(Instant created, Instant primaryFrom) {
    int id = random.nextInt();
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    try {
      AesGcmKey key = AesGcmKey.builder()
          .setParameters(parameters(AesGcmParameters.Variant.TINK))
          .setIdRequirement(id)
          .setKeyBytes(SecretBytes.copyFrom(bytes, InsecureSecretKeyAccess.get()))
          .build();
      KeysetHandle handle = KeysetHandle.newBuilder()
          .addEntry(KeysetHandle.importKey(key).withFixedId(id).makePrimary())
          .build();
      return new Keys.SealedKey(id, created, primaryFrom, masterKey.seal(handle));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("could not make a token key", e);
    }
  }
}
