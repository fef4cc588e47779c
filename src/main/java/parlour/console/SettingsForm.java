package parlour.console;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import parlour.Durations;
import parlour.Limits;
import parlour.Sha256;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.Lifetimes;
import parlour.accounts.ProofRule;
import parlour.accounts.TokenRules;
import parlour.console.DeploymentChanges.Values;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.RequestFields;
import parlour.scopedauth.Sensitivity;

/**
 * The settings of a deployment as texts, in the words of the command's options.
 *
 * @param version differs after each change of one of them; names what the admin has seen
 * @param address the sid of an address, or {@code none}
 * @param sessionTtl {@code default}, or a time
 * @param idleTtl as {@code sessionTtl}
 * @param keep {@code forever}, or a time
 * @param reopen {@code off}, or a time
 */
record SettingsForm(
    String deploymentKey,
    String version,
    List<String> allowedOrigins,
    String name,
    String address,
    String sensitivity,
    String proof,
    String revokeOnReplay,
    String realtime,
    String tokenTtl,
    String sessionTtl,
    String idleTtl,
    String keep,
    String reopen) {
  static final String NO_ADDRESS = "none";
  private static final String ON = "on";
  private static final String OFF = "off";
  private static final int VERSION_BYTES = 16;

  static SettingsForm of(Accounts.Deployment deployment) {
    TokenRules rules = deployment.settings().rules();
    Lifetimes lifetimes = deployment.settings().lifetimes();
    return new SettingsForm(
        deployment.key().text(),
        version(Values.of(deployment)),
        deployment.settings().allowedOrigins().patterns(),
        deployment.name(),
        deployment.settings().address().map(Sid::text).orElse(NO_ADDRESS),
        rules.sensitivity().word(),
        rules.proof().word(),
        rules.revokeOnReplay() ? ON : OFF,
        rules.realtime() ? ON : OFF,
        Durations.text(lifetimes.token()),
        lifetimes.session().map(Durations::text).orElse(Lifetimes.USUAL),
        lifetimes.idle().map(Durations::text).orElse(Lifetimes.USUAL),
        lifetimes.keep().map(Durations::text).orElse(Lifetimes.FOREVER),
        lifetimes.reopen().isZero() ? Lifetimes.OFF : Durations.text(lifetimes.reopen()));
  }

  /** The settings that differ from those before, with their values now. */
  Map<String, String> changedSince(SettingsForm before) {
    Map<String, String> changed = new TreeMap<>(values());
    changed.entrySet().removeAll(before.values().entrySet());
    return changed;
  }

  private Map<String, String> values() {
    return Map.ofEntries(
        Map.entry("name", name),
        Map.entry("address", address),
        Map.entry("sensitivity", sensitivity),
        Map.entry("proof", proof),
        Map.entry("revoke_on_replay", revokeOnReplay),
        Map.entry("realtime", realtime),
        Map.entry("token_ttl", tokenTtl),
        Map.entry("session_ttl", sessionTtl),
        Map.entry("idle_ttl", idleTtl),
        Map.entry("keep", keep),
        Map.entry("reopen", reopen));
  }

  /** The list of origins has a form of its own, so a change of it is not a conflict. */
  static String version(Values values) {
    Accounts.Settings settings = values.settings();
    String text = String.join(
        "\n",
        values.name(),
        settings.address().toString(),
        settings.rules().toString(),
        settings.lifetimes().toString());
    return HexFormat.of().formatHex(Sha256.of(text), 0, VERSION_BYTES);
  }

  /**
   * The settings after the fields of a call; one that was not sent stays.
   *
   * @throws Problem that names the field and the remedy
   */
  static Values changed(Values before, RequestFields fields) {
    Accounts.Settings settings = before.settings();
    return new Values(
        fields.optional("name").map(SettingsForm::name).orElse(before.name()),
        new Accounts.Settings(
            fields.optional("address").map(SettingsForm::address).orElse(settings.address()),
            settings.allowedOrigins(),
            rules(settings.rules(), fields),
            lifetimes(settings.lifetimes(), fields)));
  }

  private static TokenRules rules(TokenRules before, RequestFields fields) {
    return new TokenRules(
        word(fields, "sensitivity", Sensitivity::of, "off, observe, low, medium or high")
            .orElse(before.sensitivity()),
        word(fields, "proof", ProofRule::of, "off, prefer or require").orElse(before.proof()),
        isOn(fields, "revoke_on_replay").orElse(before.revokeOnReplay()),
        isOn(fields, "realtime").orElse(before.realtime()));
  }

  private static Optional<Boolean> isOn(RequestFields fields, String field) {
    return word(
        fields,
        field,
        text ->
            text.equals(ON) || text.equals(OFF) ? Optional.of(text.equals(ON)) : Optional.empty(),
        "on or off");
  }

  private static <T> Optional<T> word(
      RequestFields fields, String field, Function<String, Optional<T>> parser, String words) {
    return fields
        .optional(field)
        .map(text -> parser
            .apply(text)
            .orElseThrow(() -> new Problem(
                ErrorCode.MALFORMED, "The field \"%s\": send %s.".formatted(field, words))));
  }

  private static Lifetimes lifetimes(Lifetimes before, RequestFields fields) {
    try {
      return new Lifetimes(
          fields.optional("token_ttl").map(text -> time("token_ttl", text)).orElse(before.token()),
          time(fields, "session_ttl", Lifetimes.USUAL, before.session()),
          time(fields, "idle_ttl", Lifetimes.USUAL, before.idle()),
          time(fields, "keep", Lifetimes.FOREVER, before.keep()),
          time(fields, "reopen", Lifetimes.OFF, Optional.of(before.reopen()))
              .orElse(Duration.ZERO));
    } catch (IllegalArgumentException e) {
      throw new Problem(ErrorCode.MALFORMED, "Nothing was saved: %s.".formatted(e.getMessage()));
    }
  }

  private static Duration time(String field, String text) {
    try {
      return Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw wrong(field, e);
    }
  }

  private static Optional<Duration> time(
      RequestFields fields, String field, String none, Optional<Duration> before) {
    try {
      return Lifetimes.parsed(fields.optional(field), none, before);
    } catch (IllegalArgumentException e) {
      throw wrong(field, e);
    }
  }

  private static Optional<Sid.Address> address(String text) {
    try {
      return text.equals(NO_ADDRESS) ? Optional.empty() : Optional.of(new Sid.Address(text));
    } catch (IllegalArgumentException e) {
      throw new Problem(
          ErrorCode.MALFORMED, "The field \"address\": send the sid of an address, IG…, or none.");
    }
  }

  private static String name(String text) {
    String name = text.strip();
    if (name.isEmpty()
        || name.length() > Limits.DEPLOYMENT_NAME_CHARACTERS
        || name.chars().anyMatch(Character::isISOControl)) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"name\": a name is one line of 1 to %d characters."
              .formatted(Limits.DEPLOYMENT_NAME_CHARACTERS));
    }
    return name;
  }

  private static Problem wrong(String field, IllegalArgumentException why) {
    return new Problem(
        ErrorCode.MALFORMED, "The field \"%s\": %s.".formatted(field, why.getMessage()));
  }
}
