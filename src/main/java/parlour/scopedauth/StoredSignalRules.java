package parlour.scopedauth;

import java.time.InstantSource;
import parlour.Sid;

/** The rules for signals of the store. */
public final class StoredSignalRules implements SignalRules {
  private final SignalVotes votes;
  private final InstantSource clock;

  public StoredSignalRules(SignalVotes votes, InstantSource clock) {
    this.votes = votes;
    this.clock = clock;
  }

  @Override
  public ListedSignals read(Sid.Deployment deployment) {
    return ListedSignals.of(votes.state(deployment), votes.counts(deployment, clock.instant()));
  }

  @Override
  public boolean set(Sid.Deployment deployment, Signal signal, SignalRule rule) {
    return votes.rule(deployment, signal, rule);
  }
}
