package parlour.accounts;

import java.util.Optional;
import parlour.Sid;

/** Finds the configuration of a deployment key. Every method throws {@link parlour.Unavailable}. */
public interface Directory {

  /** The account of a deployment (arrow 4); empty if there is no such deployment. */
  Optional<Sid.Account> accountOf(Sid.Deployment deployment);

  /** The configuration of a deployment (arrow 5); empty if it was deleted meanwhile. */
  Optional<Configuration> configurationOf(Sid.Account account, Sid.Deployment deployment);
}
