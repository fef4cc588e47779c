package parlour.oidc;

import parlour.Unavailable;

/** The identity provider did not decide: it is down, slow, or not what the settings say. */
public final class ProviderUnavailable extends Unavailable {
  private static final long serialVersionUID = 1L;

  ProviderUnavailable(String why) {
    super("the identity provider", why, null);
  }
}
