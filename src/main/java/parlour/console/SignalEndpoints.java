package parlour.console;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.console.Admins.Admin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;
import parlour.scopedauth.ListedSignals;
import parlour.scopedauth.Signal;
import parlour.scopedauth.SignalRule;
import parlour.scopedauth.SignalRules;

/** The endpoints for the rules of a deployment's signals. */
final class SignalEndpoints {
  private final Accounts accounts;
  private final SignalRules rules;
  private final Ledger notes;

  SignalEndpoints(Accounts accounts, SignalRules rules, Ledger notes) {
    this.accounts = accounts;
    this.rules = rules;
    this.notes = notes;
  }

  /** A signal, in the words of the command. */
  record SignalForm(String signal, String rule, boolean observes, long differing) {}

  /**
   * The signals of a deployment.
   *
   * @param since null unless a signal observes because it differed too often
   */
  record SignalsAnswer(@Nullable String since, long networks, List<SignalForm> signals) {
    static SignalsAnswer of(ListedSignals listed) {
      return new SignalsAnswer(
          listed.since().map(Object::toString).orElse(null),
          listed.networks(),
          listed.signals().stream()
              .map(one -> new SignalForm(
                  one.signal().word(), one.rule().word(), one.observes(), one.differing()))
              .toList());
    }
  }

  /** The signals of {@code deployment}. */
  ApiResponse show(Admin admin, ApiRequest call) {
    Sid.Deployment own = own(admin, call.query().required("deployment"));
    return ApiResponse.json(200, SignalsAnswer.of(rules.read(own)));
  }

  /** Sets the {@code rule} for a {@code signal} of a deployment. */
  ApiResponse change(Admin admin, ApiRequest call) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    Sid.Deployment own = own(admin, fields.required("deployment_key"));
    Signal signal = Signal.decisive(fields.required("signal"))
        .orElseThrow(() -> wrong("signal", Signal.DECISIVE.stream().map(Signal::word)));
    SignalRule rule = Stream.of(SignalRule.values())
        .filter(one -> one.word().equals(fields.required("rule")))
        .findFirst()
        .orElseThrow(() -> wrong("rule", Stream.of(SignalRule.values()).map(SignalRule::word)));
    if (!rules.set(own, signal, rule)) {
      throw new Problem(
          ErrorCode.MALFORMED,
          ("The signal %s cannot observe while a signal of another header does. Let that one decide first, or"
                  + " set the sensitivity to observe, which refuses no browser.")
              .formatted(signal.word()));
    }
    notes.add(LedgerNote.of(LedgerNote.CONSOLE, "signal rule changed: " + signal.word())
        .ofGuest(Optional.empty(), Optional.of(own))
        .by(admin.name(), own.text() + ": " + rule.word()));
    return ApiResponse.json(200, SignalsAnswer.of(rules.read(own)));
  }

  private Sid.Deployment own(Admin admin, String key) {
    return OwnDeployments.read(accounts, admin).find(key).key();
  }

  private static Problem wrong(String field, Stream<String> words) {
    return new Problem(
        ErrorCode.MALFORMED,
        "The field \"%s\": send one of %s."
            .formatted(field, words.collect(Collectors.joining(", "))));
  }
}
