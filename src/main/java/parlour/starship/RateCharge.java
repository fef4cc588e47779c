package parlour.starship;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import parlour.http.server.AddressRates;
import parlour.rates.Rate;
import parlour.rates.RateLimiter.Reserved;

/**
 * The charge of a call to the rates of its client address. A call takes what the length that it
 * announces costs, and gets back what did not arrive. So a client that announces long bodies, and
 * sends none, does not use up what the other clients of its address have.
 */
sealed interface RateCharge {
  /** A rate allows no such call before this time has passed. */
  record Refused(Duration retryAfter) implements RateCharge {}

  /**
   * Takes drops of each rate, or of none if one of them refuses. A body of unknown length counts as
   * the longest one that is accepted.
   */
  static RateCharge of(List<Rate> rates, AddressRates counted, String client, Request request) {
    List<Charged.Share> shares = new ArrayList<>();
    for (Rate rate : rates) {
      int drops = drops(rate, request);
      switch (counted.reserve(rate, client, drops)) {
        case Reserved.Refused(Duration wait) -> {
          shares.forEach(share -> share.taken().giveBack(share.drops()));
          return new Refused(wait);
        }
        case Reserved.Taken taken -> shares.add(new Charged.Share(rate, drops, taken));
      }
    }
    return new Charged(shares, request);
  }

  private static int drops(Rate rate, Request request) {
    long length = request.getLength();
    return rate.drops(length >= 0 ? length : rate.longestCall());
  }

  /** The call is allowed. */
  final class Charged implements RateCharge {
    private final List<Share> shares;
    private final Request request;
    private final AtomicLong arrived = new AtomicLong();

    /** The drops that were taken of one rate. */
    private record Share(Rate rate, int drops, Reserved.Taken taken) {
      /** The rate of a day bounds what is kept, so a file that is not stored uses nothing of it. */
      int leastUse() {
        return rate == Rate.DAILY_UPLOADS ? 0 : 1;
      }
    }

    private Charged(List<Share> shares, Request request) {
      this.shares = new ArrayList<>(shares);
      // For most calls this removes every share.
      this.shares.removeIf(share -> share.drops() <= share.leastUse());
      this.request = request;
    }

    /** The call; its body is counted while it is read, if that can make a difference. */
    Request request() {
      return shares.isEmpty() ? request : new CountedBody(request, arrived);
    }

    /** Gives back what the call did not use, when it has ended. */
    Callback settling(Response response, Callback callback) {
      return shares.isEmpty()
          ? callback
          : Callback.from(
              () -> {
                boolean isStored = response.getStatus() == HttpStatus.CREATED_201;
                shares.forEach(share -> settle(share, isStored));
              },
              callback);
    }

    private void settle(Share share, boolean isStored) {
      int used = share.leastUse() == 0 && !isStored ? 0 : share.rate().drops(arrived.get());
      if (used < share.drops()) {
        share.taken().giveBack(share.drops() - used);
      }
    }
  }

  /** Counts the bytes of a body that arrive. */
  final class CountedBody extends Request.Wrapper {
    private final AtomicLong arrived;

    private CountedBody(Request request, AtomicLong arrived) {
      super(request);
      this.arrived = arrived;
    }

    @Override
    public Content.@Nullable Chunk read() {
      Content.@Nullable Chunk chunk = super.read();
      if (chunk != null) {
        arrived.addAndGet(chunk.remaining());
      }
      return chunk;
    }
  }
}
