package parlour.scopedauth;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import parlour.Identity;
import parlour.Sid;
import parlour.bench.Leftovers;
import parlour.store.SqliteDatabase;

/**
 * A token sealed and opened, and its fingerprint compared. What Tink keeps for a thread, a thread
 * that is new must make first, and each request has a virtual thread of its own: so also on a fresh
 * one, to be read beside what a thread costs that does nothing.
 */
@State(Scope.Benchmark)
public class TokenBenchmark {
  private Tokens tokens;
  private Claims claims;
  private GuestToken token;
  private Fingerprint fingerprint;

  @Setup
  public void open() throws IOException {
    SecureRandom random = new SecureRandom();
    try (SqliteDatabase database =
        SqliteDatabase.open(Leftovers.folder().resolve("keys.db"), SqlSessions.SCHEMA)) {
      tokens = new Tokens(new TokenKeys(
          new SqlKeys(database),
          MasterKey.parse(MasterKey.random(random)),
          InstantSource.system(),
          random));
    }
    fingerprint = fingerprint(random);
    claims = claims(random, fingerprint);
    token = tokens.seal(claims);
  }

  @Benchmark
  public GuestToken sealed() {
    return tokens.seal(claims);
  }

  @Benchmark
  public Object opened() {
    return tokens.open(token);
  }

  @Benchmark
  public void openedAndSealedOnAFreshThread() throws InterruptedException {
    Thread.ofVirtual()
        .start(() -> {
          tokens.open(token);
          tokens.seal(claims);
        })
        .join();
  }

  @Benchmark
  public void aFreshThread() throws InterruptedException {
    Thread.ofVirtual().start(() -> {}).join();
  }

  /** As a token holds it, against the one of now. */
  @Benchmark
  public Set<Signal> fingerprintCompared() {
    return Fingerprint.parse(claims.fingerprint()).differences(fingerprint);
  }

  private static Fingerprint fingerprint(SecureRandom random) {
    Map<Signal, byte[]> digests = new EnumMap<>(Signal.class);
    for (Signal signal : Signal.values()) {
      byte[] digest = new byte[Fingerprint.DIGEST_BYTES];
      random.nextBytes(digest);
      digests.put(signal, digest);
    }
    return Fingerprint.of(Sensitivity.MEDIUM, digests);
  }

  private static Claims claims(SecureRandom random, Fingerprint fingerprint) {
    Instant now = Instant.now();
    SessionOwner owner = new SessionOwner(
        Sid.Account.random(random),
        Sid.Deployment.random(random),
        new Identity("guest_" + "0123456789abcdef".repeat(2) + "_" + "0123456789abcdef".repeat(2)),
        Sid.Conversation.random(random));
    return Claims.of(
        owner,
        Guest.GRANTS,
        new TokenGeneration(Sid.Session.random(random), new Generation(7)),
        fingerprint,
        now,
        now.plus(Duration.ofHours(6)),
        "0123456789abcdef".repeat(2),
        Optional.empty());
  }
}
