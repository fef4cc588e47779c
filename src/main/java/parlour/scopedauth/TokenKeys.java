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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import parlour.Limits;
import parlour.StartupError;
import parlour.Unavailable;

/**
 * The key ring: the primary key seals new tokens, and older keys still open their tokens.
 *
 * <p>It is a snapshot of the store, reloaded every second and when a token has an unknown key id. A
 * key that {@link #rotate} adds becomes primary only {@link Limits#KEY_DISTRIBUTION} later, when
 * every node has it.
 */
public final class TokenKeys {
  /** The length of Tink's prefix of a sealed text: a version byte and the key id. */
  private static final int PREFIX_BYTES = 5;

  /** The keys as they were read at one instant. */
  private record Ring(
      Aead aead, Set<Integer> ids, int primary, Optional<Aead> secrets, Instant read) {}

  private final Keys keys;
  private final Supplier<MasterKey> masterKeys;
  private final AtomicReference<MasterKey> masterKey;
  private final InstantSource clock;
  private final SecureRandom random;
  private final AtomicReference<Ring> ring;

  /**
   * Guards no memory: lets one thread at a time read the keys again, so that many calls cause one
   * read.
   */
  private final ReentrantLock reloading = new ReentrantLock();

  /**
   * Reads the keys, and makes a token key if there is none.
   *
   * @throws Unavailable if other processes change or delete the keys all the time
   * @throws WrongMasterKey if the master key does not open the keys of the store
   */
  public TokenKeys(Keys keys, MasterKey masterKey, InstantSource clock, SecureRandom random) {
    this(keys, () -> masterKey, clock, random);
  }

  /**
   * The same with a master key that an operator can replace while the process runs.
   *
   * @param masterKeys reads the master key; called again when the current one does not open the keys
   */
  public TokenKeys(
      Keys keys, Supplier<MasterKey> masterKeys, InstantSource clock, SecureRandom random) {
    this.keys = keys;
    this.masterKeys = masterKeys;
    this.masterKey = new AtomicReference<>(masterKeys.get());
    this.clock = clock;
    this.random = random;
    addFirst();
    this.ring = new AtomicReference<>(read());
  }

  /** Adds a token key if there is none. Of several nodes only one adds it; the others read it. */
  private void addFirst() {
    for (int i = 0; i < Limits.KEY_RING_ATTEMPTS; i++) {
      Opened opened = opened();
      if (!ofTokens(opened.sealed()).isEmpty()) {
        return;
      }
      Instant now = clock.instant();
      // The key for secrets can be there without a token key: an operator has deleted the others.
      Keys.SealedKey key = newKey(now, now, opened::sealLikeTheOthers);
      if (keys.add(key, Instant.EPOCH, opened.sealed()) == Keys.Addition.ADDED) {
        return;
      }
    }
    throw changesAllTheTime();
  }

  byte[] seal(byte[] plaintext, byte[] associatedData) {
    try {
      return ring.get().aead().encrypt(plaintext, associatedData);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("could not seal a token", e);
    }
  }

  /**
   * @throws GeneralSecurityException if no key of the ring sealed it, or if it was changed
   */
  byte[] open(byte[] sealed, byte[] associatedData) throws GeneralSecurityException {
    Ring now = ring.get();
    if (sealed.length <= PREFIX_BYTES) {
      throw new GeneralSecurityException("too short");
    }
    if (!now.ids().contains(ByteBuffer.wrap(sealed, 1, Integer.BYTES).getInt())
        && now.read().plus(Limits.KEY_RING_AGE).isBefore(clock.instant())) {
      now = reloadedSince(now);
    }
    return now.aead().decrypt(sealed, associatedData);
  }

  /** Seals a secret of another role under the key for secrets, which it makes if there is none. */
  byte[] sealSecret(byte[] plaintext, byte[] associatedData) {
    try {
      return ring.get()
          .secrets()
          .orElseGet(this::madeForSecrets)
          .encrypt(plaintext, associatedData);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("could not seal a secret", e);
    }
  }

  /**
   * @throws GeneralSecurityException if the key for secrets did not seal it, or if it was changed
   */
  byte[] openSecret(byte[] sealed, byte[] associatedData) throws GeneralSecurityException {
    Ring now = ring.get();
    try {
      return openSecret(now, sealed, associatedData);
    } catch (GeneralSecurityException e) {
      // Another node may have made another key for secrets a moment ago.
      return openSecret(reloadedSince(now), sealed, associatedData);
    }
  }

  private static byte[] openSecret(Ring ring, byte[] sealed, byte[] associatedData)
      throws GeneralSecurityException {
    return ring.secrets()
        .orElseThrow(() -> new GeneralSecurityException("there is no key for secrets"))
        .decrypt(sealed, associatedData);
  }

  /** Of several nodes only one adds the key; the others read it. */
  private Aead madeForSecrets() {
    for (int i = 0; i < Limits.KEY_RING_ATTEMPTS; i++) {
      Opened opened = opened();
      if (opened.sealed().stream().noneMatch(Keys.SealedKey::isForSecrets)) {
        // Made at the epoch, because the age of the newest key decides when token keys rotate.
        var _ = keys.add(
            newKey(Instant.EPOCH, Keys.SealedKey.NEVER, opened::sealLikeTheOthers),
            Keys.SealedKey.NEVER,
            opened.sealed());
      }
      reload();
      Optional<Aead> made = ring.get().secrets();
      if (made.isPresent()) {
        return made.get();
      }
    }
    throw changesAllTheTime();
  }

  /** Adds a key that becomes primary shortly, whatever the age of the current one. */
  public void rotate() {
    rotateUnlessMadeAfter(Keys.SealedKey.NEVER);
  }

  /**
   * Adds a key that becomes primary shortly, if this one is the newest.
   *
   * @return false if another one is
   * @throws Unavailable if this process does not have the master key of the keys
   */
  boolean rotateAfter(int newest) {
    try {
      for (int i = 0; i < Limits.KEY_RING_ATTEMPTS; i++) {
        Opened opened = opened();
        List<Keys.SealedKey> ofTokens = ofTokens(opened.sealed());
        if (ofTokens.isEmpty() || ofTokens.getLast().id() != newest) {
          return false;
        }
        if (add(opened, Keys.SealedKey.NEVER) == Keys.Addition.ADDED) {
          reload();
          return true;
        }
      }
    } catch (WrongMasterKey e) {
      throw new Unavailable("ScopedAuthService", Objects.toString(e.getMessage()), e);
    }
    throw changesAllTheTime();
  }

  /** Does the same as {@link #rotate} if the newest key is older than this. Of several nodes only one does it. */
  public boolean rotateIfOlderThan(Duration age) {
    return rotateUnlessMadeAfter(clock.instant().minus(age));
  }

  /**
   * Seals all keys under the newest master key.
   *
   * @return how many of them were under another one
   * @throws WrongMasterKey if no master key opens one of them; then it changes none
   */
  public int reseal() {
    for (int i = 0; i < Limits.KEY_RING_ATTEMPTS; i++) {
      Opened now = opened();
      List<Keys.SealedKey> resealed = now.resealed();
      if (resealed.isEmpty() || keys.reseal(now.sealed(), resealed)) {
        reload();
        return resealed.size();
      }
    }
    throw changesAllTheTime();
  }

  /** Deletes the keys whose tokens have all expired. */
  public void retire() {
    List<Keys.SealedKey> all = ofTokens(keys.all());
    Instant noTokenBefore = clock.instant().minus(Limits.KEY_RETIREMENT);
    for (int i = 0; i + 1 < all.size(); i++) {
      Instant superseded = all.get(i + 1).primaryFrom();
      if (superseded.isBefore(noTokenBefore)) {
        keys.delete(all.get(i).id());
      }
    }
    reload();
  }

  /**
   * Reads the keys again.
   *
   * @throws Unavailable if another thread has been reading them for too long, if this process does
   *     not have their master key, or if there is no token key; it goes on with the keys that it has
   */
  public void reload() {
    reloadUnless(_ -> false);
  }

  /** The id of the key that seals new tokens. */
  public int primary() {
    return ring.get().primary();
  }

  /** Initializes Tink before it is needed, because that takes some tens of milliseconds. */
  public static void load() {
    registerCiphers();
  }

  /** Registers the ciphers with Tink, which has none at first. */
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
    for (int i = 0; i < Limits.KEY_RING_ATTEMPTS; i++) {
      Keys.Addition addition = add(opened(), instant);
      if (addition != Keys.Addition.CHANGED_MEANWHILE) {
        reload();
        return addition == Keys.Addition.ADDED;
      }
    }
    throw changesAllTheTime();
  }

  private Keys.Addition add(Opened opened, Instant unlessMadeAfter) {
    Instant now = clock.instant();
    // Not under the newest master key: other processes may not have it yet.
    Keys.SealedKey key = newKey(now, now.plus(Limits.KEY_DISTRIBUTION), opened::sealLikeTheOthers);
    return keys.add(key, unlessMadeAfter, opened.sealed());
  }

  /**
   * Reloads the keys, because another node may have added one a moment ago. Of many calls with
   * unknown ids at once, only the first one reads.
   */
  private Ring reloadedSince(Ring seen) {
    return reloadUnless(now -> !now.read().equals(seen.read()));
  }

  /** One thread after the other, so that no older ring replaces a newer one. */
  private Ring reloadUnless(Predicate<Ring> isGood) {
    try {
      // If the store hangs, each waiting call ends after the time of one read.
      if (!reloading.tryLock(Limits.STORE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new Unavailable("ScopedAuthService", "the token keys cannot be read now", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("ScopedAuthService", "interrupted", e);
    }
    try {
      if (!isGood.test(ring.get())) {
        ring.set(read());
      }
      return ring.get();
    } catch (WrongMasterKey | StartupError e) {
      throw new Unavailable("ScopedAuthService", Objects.toString(e.getMessage()), e);
    } finally {
      reloading.unlock();
    }
  }

  private Ring read() {
    Instant now = clock.instant();
    Opened opened = opened();
    List<Keys.SealedKey> ofTokens = ofTokens(opened.sealed());
    if (ofTokens.isEmpty()) { // somebody has deleted them; the next rotation adds one
      throw new Unavailable("ScopedAuthService", "the store has no token key", null);
    }
    int primary = ofTokens.getFirst().id();
    for (Keys.SealedKey sealed : ofTokens) {
      if (!sealed.primaryFrom().isAfter(now)) {
        primary = sealed.id();
      }
    }
    Map<Integer, Key> all = opened.keys();
    Optional<Aead> secrets = opened.sealed().stream()
        .filter(Keys.SealedKey::isForSecrets)
        .findFirst()
        .map(key -> aead(Map.of(key.id(), Objects.requireNonNull(all.get(key.id()))), key.id()));
    opened.sealed().stream()
        .filter(Keys.SealedKey::isForSecrets)
        .forEach(key -> all.remove(key.id()));
    return new Ring(aead(all, primary), Set.copyOf(all.keySet()), primary, secrets, now);
  }

  private static List<Keys.SealedKey> ofTokens(List<Keys.SealedKey> all) {
    return all.stream().filter(key -> !key.isForSecrets()).toList();
  }

  /** All keys of the store, with the master key that opens them. */
  private record Opened(
      List<Keys.SealedKey> sealed, Map<Integer, KeysetHandle> handles, MasterKey masterKey) {

    static Opened by(MasterKey masterKey, List<Keys.SealedKey> sealed)
        throws GeneralSecurityException {
      Map<Integer, KeysetHandle> handles = new LinkedHashMap<>();
      for (Keys.SealedKey key : sealed) {
        handles.put(key.id(), masterKey.open(key.sealed()));
      }
      return new Opened(sealed, handles, masterKey);
    }

    Map<Integer, Key> keys() {
      Map<Integer, Key> keys = new LinkedHashMap<>();
      handles.forEach((id, handle) -> keys.put(id, handle.getPrimary().getKey()));
      return keys;
    }

    /** Seals under the master key of the other keys; under the newest one if there are none. */
    byte[] sealLikeTheOthers(KeysetHandle key) throws GeneralSecurityException {
      return sealed.isEmpty()
          ? masterKey.seal(key)
          : masterKey.sealLike(sealed.getLast().sealed(), key);
    }

    /** Those that are sealed under another master key than the newest, sealed under that one. */
    List<Keys.SealedKey> resealed() {
      List<Keys.SealedKey> resealed = new ArrayList<>();
      for (Keys.SealedKey key : sealed) {
        if (!masterKey.isNewest(key.sealed())) {
          resealed.add(key.resealed(masterKey.seal(Objects.requireNonNull(handles.get(key.id())))));
        }
      }
      return resealed;
    }
  }

  /** Reads the keys, and the master key as well if it does not open them: it may be a new one. */
  private Opened opened() {
    try {
      return Opened.by(masterKey.get(), keys.all());
    } catch (GeneralSecurityException replaced) {
      masterKey.set(masterKeys.get());
      try {
        return Opened.by(masterKey.get(), keys.all());
      } catch (GeneralSecurityException e) {
        throw new WrongMasterKey(e);
      }
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
          "the token keys %s do not make a key ring"
              .formatted(
                  keys.keySet().stream().map(String::valueOf).collect(Collectors.joining(", "))),
          e);
    }
  }

  @FunctionalInterface
  private interface Sealing {
    byte[] seal(KeysetHandle key) throws GeneralSecurityException;
  }

  private static Unavailable changesAllTheTime() {
    return new Unavailable(
        "ScopedAuthService", "other processes change the token keys at the same time", null);
  }

  @AccessesPartialKey
  private Keys.SealedKey newKey(Instant created, Instant primaryFrom, Sealing sealing) {
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
      return new Keys.SealedKey(id, created, primaryFrom, sealing.seal(handle));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("could not make a token key", e);
    }
  }
}
