package parlour.scopedauth;

import parlour.Sid;

/**
 * The rules for the signals of a deployment, for an operator, and what was counted. The caller checks
 * whose deployment it is. Every method throws {@link parlour.Unavailable}.
 */
public interface SignalRules {
  /** The signals of a deployment ({@code POST /v1/SignalRules/read}). */
  ListedSignals read(Sid.Deployment deployment);

  /**
   * Sets the rule for a signal ({@code POST /v1/SignalRules/set}). Every process knows it some seconds later.
   *
   * @return false if it would observe while a signal of another header does; nothing has changed then
   */
  boolean set(Sid.Deployment deployment, Signal signal, SignalRule rule);
}
