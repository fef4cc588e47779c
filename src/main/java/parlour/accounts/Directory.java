package parlour.accounts;

import java.util.Optional;
import parlour.Sid;

/** What a deployment key stands for. Every method throws {@link parlour.Unavailable}. */
public interface Directory {

  /** Whose deployment it is (arrow 4); empty when there is no such deployment. */
  Optional<Sid.Account> accountOf(Sid.Deployment deployment);

  /** What the account configured for it (arrow 5); empty when it was deleted meanwhile. */
  Optional<Configuration> configurationOf(Sid.Account account, Sid.Deployment deployment);
}
