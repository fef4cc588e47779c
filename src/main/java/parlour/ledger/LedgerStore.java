package parlour.ledger;

import java.util.List;

/**
 * The ledger of the installation: the store of ScopedAuthService, here or elsewhere. Every method
 * throws {@link parlour.Unavailable}.
 */
public interface LedgerStore extends LedgerSink {
  /**
   * The newest entries, latest first ({@code POST /v1/Ledger/newest}).
   *
   * @param query between processes, with a limit of at most {@link parlour.Limits#LEDGER_PAGE}
   */
  List<LedgerEntry> newest(LedgerQuery query);

  /**
   * The entries of the requests whose trace begins with these digits, in order, at most {@link
   * parlour.Limits#LEDGER_OF_TRACE} ({@code POST /v1/Ledger/trace}).
   *
   * @param digits lower-case hex digits
   */
  List<LedgerEntry> ofTrace(String digits);
}
