package parlour.inbox;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import parlour.Identity;

/** The store of agents' second factors. Every method throws {@link parlour.store.StoreUnavailable}. */
public interface SecondFactors {
  /**
   * The second factor of an agent.
   *
   * @param pending an app that no code has confirmed yet
   * @param sealed the sealed secret of the app whose codes a sign-in needs
   * @param recoveryCodes how many are left
   */
  record Factor(Optional<Pending> pending, Optional<String> sealed, int recoveryCodes) {
    static final Factor NONE = new Factor(Optional.empty(), Optional.empty(), 0);

    boolean isActive() {
      return sealed.isPresent();
    }
  }

  /**
   * An app that no code has confirmed yet.
   *
   * @param sealed its sealed secret
   * @param since when its set-up began
   */
  record Pending(String sealed, Instant since) {}

  /** {@link Factor#NONE} if the agent has none. */
  Factor find(Identity agent);

  /** The agents who have one. */
  Set<Identity> active();

  /** Keeps the sealed secret of an app, until a code confirms that the app has it. */
  void begin(Identity agent, String sealed, Instant now);

  /**
   * Makes the pending secret the one whose codes a sign-in needs, in place of another one and of its
   * recovery codes, and signs the agent's other browsers out.
   *
   * @param pending the sealed secret as it was read
   * @param step of the code that confirms it
   * @param recoveryDigests of the new recovery codes
   * @param browserDigest of the cookie of the browser that stays signed in
   * @return false if another secret is pending by now
   */
  boolean confirm(
      Identity agent,
      String pending,
      long step,
      List<String> recoveryDigests,
      String browserDigest);

  /**
   * Counts a try of a code, before it is compared; false if there were too many within the time, and
   * then it must not be compared.
   */
  boolean tryCode(Identity agent, Instant now);

  /**
   * Uses the code of a time step, once, which ends the count of tries.
   *
   * @param sealed the secret of the code
   * @return false if this code or a later one was used before, or the secret has changed
   */
  boolean useCode(Identity agent, String sealed, long step);

  /** Uses a recovery code, once; false if the agent does not have it. */
  boolean useRecoveryCode(Identity agent, String digest);

  /** Removes the second factor and its recovery codes; false if the agent had none. */
  boolean remove(Identity agent);
}
