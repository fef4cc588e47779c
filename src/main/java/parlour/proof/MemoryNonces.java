package parlour.proof;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sha256;

/**
 * Remembers the nonces that this process saw. While the clock runs evenly, none is forgotten before
 * the end of its proof: at a bound, a further nonce is {@link Use#UNKNOWN}.
 */
public final class MemoryNonces implements Nonces {
  private final ConcurrentHashMap<String, Remembered> sessions = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicReference<Instant> swept;
  private final Instant start;

  /**
   * @param start when this process started to answer. It does not know the nonces of before
   */
  public MemoryNonces(Instant start) {
    this.start = Instant.ofEpochSecond(start.getEpochSecond()); // as exact as a proof's time
    this.swept = new AtomicReference<>(start);
  }

  @Override
  public Use use(String session, Proof.Once once, Instant now) {
    sweepIfDue(now);
    Instant created = once.created();
    if (created.isBefore(start) && !created.isBefore(start.minus(Limits.PROOF_WINDOW))) {
      return Use.UNKNOWN; // older proofs are valid only if the clock was set back since
    }
    long nonce = ByteBuffer.wrap(Sha256.of(once.nonce())).getLong();
    Remembered after = sessions.compute(session, (_, known) -> {
      Remembered before = known == null ? Remembered.NONE : known;
      boolean isRoom = count.get() < Limits.PROOF_NONCES;
      return counted(before, before.use(nonce, created, now, isRoom));
    });
    return after == null ? Use.UNKNOWN : after.last();
  }

  /** The number of nonces that are remembered. */
  int size() {
    return count.get();
  }

  /** The number of sessions that have one. */
  int sessions() {
    return sessions.size();
  }

  /** Forgets the sessions that were not used since; those that are used forget by themselves. */
  private void sweepIfDue(Instant now) {
    Instant last = swept.get();
    boolean isDue = Duration.between(last, now).abs().compareTo(Limits.PROOF_NONCE_SWEEP) > 0;
    if (!isDue || !swept.compareAndSet(last, now)) {
      return;
    }
    for (String session : sessions.keySet()) {
      sessions.computeIfPresent(session, (_, before) -> counted(before, before.at(now)));
    }
  }

  /** Null if nothing is left to remember. */
  private @Nullable Remembered counted(Remembered before, Remembered after) {
    count.addAndGet(after.size() - before.size());
    return after.size() == 0 ? null : after;
  }

  /**
   * The nonces of one session, which never change. Few sessions have more than one or two, so they
   * are arrays and not a table.
   */
  private static final class Remembered {
    static final Remembered NONE = new Remembered(new long[0], new long[0], Use.FIRST);

    private final long[] nonces;
    /** The second after which the proof of each is out of time. */
    private final long[] ends;

    private final Use last;

    private Remembered(long[] nonces, long[] ends, Use last) {
      this.nonces = nonces;
      this.ends = ends;
      this.last = last;
    }

    int size() {
      return nonces.length;
    }

    Use last() {
      return last;
    }

    Remembered use(long nonce, Instant created, Instant now, boolean isRoom) {
      Remembered current = at(now);
      if (Arrays.stream(current.nonces).anyMatch(known -> known == nonce)) {
        return new Remembered(current.nonces, current.ends, Use.SEEN);
      }
      int size = current.size();
      if (!isRoom || size == Limits.PROOF_NONCES_PER_SESSION) {
        return new Remembered(current.nonces, current.ends, Use.UNKNOWN);
      }
      long[] nonces = Arrays.copyOf(current.nonces, size + 1);
      long[] ends = Arrays.copyOf(current.ends, size + 1);
      nonces[size] = nonce;
      ends[size] = created.plus(Limits.PROOF_WINDOW).getEpochSecond();
      return new Remembered(nonces, ends, Use.FIRST);
    }

    /** Without those whose proofs are out of time, also because the clock was set far back. */
    Remembered at(Instant now) {
      long earliest = now.getEpochSecond();
      long latest = now.plus(Limits.PROOF_WINDOW.multipliedBy(3)).getEpochSecond();
      int[] left = IntStream.range(0, size())
          .filter(i -> ends[i] >= earliest && ends[i] <= latest)
          .toArray();
      if (left.length == size()) {
        return this;
      }
      return new Remembered(
          Arrays.stream(left).mapToLong(i -> nonces[i]).toArray(),
          Arrays.stream(left).mapToLong(i -> ends[i]).toArray(),
          last);
    }
  }
}
