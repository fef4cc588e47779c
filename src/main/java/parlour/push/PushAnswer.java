package parlour.push;

/** The result of a subscription. */
public enum PushAnswer {
  SUBSCRIBED,
  /** Web Push is off in this installation. */
  OFF,
  /** The endpoint belongs to no push service that this installation calls. */
  OTHER_SERVICE,
  /** The conversation was erased. */
  ERASED
}
