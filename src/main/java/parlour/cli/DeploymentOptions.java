package parlour.cli;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.ProofRule;
import parlour.accounts.TokenRules;
import parlour.scopedauth.Sensitivity;
import picocli.CommandLine.Option;

/**
 * The options of a deployment. An option that is not given changes nothing. docs/settings.md lists
 * them in this order.
 */
final class DeploymentOptions {
  static final String NO_ADDRESS = "none";

  /** The word for conversations that Parlour does not erase by itself. */
  static final String FOREVER = Lifetimes.FOREVER;

  /** The word for chats that cannot be reopened. */
  static final String OFF = Lifetimes.OFF;

  enum Switch {
    ON,
    OFF
  }

  @Option(
      names = "--address",
      paramLabel = "IG…|none",
      description = "The address of new conversations; none: no chat can start. Default: the"
          + " account's only address.")
  private Optional<String> address = Optional.empty();

  @Option(
      names = "--origin",
      paramLabel = "ORIGIN",
      description = "An origin whose pages can use the deployment, such as"
          + " https://shop.example.com or https://*.example.com; replaces the list. Can be"
          + " repeated.")
  private List<String> origins = List.of();

  @Option(
      names = "--add-origin",
      paramLabel = "ORIGIN",
      description = "Adds an origin to the list. Can be repeated.")
  private List<String> added = List.of();

  @Option(
      names = "--remove-origin",
      paramLabel = "ORIGIN",
      description = "Removes an origin from the list. Can be repeated.")
  private List<String> removed = List.of();

  @Option(
      names = "--any-origin",
      description = "Empties the list: any page can use the deployment (the default).")
  private boolean anyOrigin;

  @Option(
      names = "--proof",
      paramLabel = "RULE",
      description = "Whether new sessions are bound to a key that stays in the browser: off;"
          + " prefer (the default), if the browser has one; or require, which refuses to start a"
          + " chat without one.")
  private Optional<ProofRule> proof = Optional.empty();

  @Option(
      names = "--sensitivity",
      paramLabel = "LEVEL",
      description = "How much of the browser must be unchanged where a session is not bound to a"
          + " key: off, observe, low, medium (the default) or high.")
  private Optional<Sensitivity> sensitivity = Optional.empty();

  @Option(
      names = "--revoke-on-replay",
      paramLabel = "on|off",
      description = "Whether a superseded token that is used again ends its session, if this is"
          + " not bound to a key (default: off).")
  private Optional<Switch> revokeOnReplay = Optional.empty();

  @Option(
      names = "--realtime",
      paramLabel = "on|off",
      description =
          "Whether clients other than Parlour's own can open the realtime socket. It admits"
              + " only sessions without a key, and compares fewer signals of the browser (default: off).")
  private Optional<Switch> realtime = Optional.empty();

  @Option(
      names = "--token-ttl",
      paramLabel = "TIME",
      description = "How long each token is valid: 3600, 30m, 6h (the default).")
  private Optional<Duration> tokenTtl = Optional.empty();

  @Option(
      names = "--session-ttl",
      paramLabel = "TIME|default",
      description = "How long after its beginning a session ends, even if it is in use: 12h, 7d."
          + " The default is 30d if the session is bound to a key, and 1d if not.")
  private Optional<String> sessionTtl = Optional.empty();

  @Option(
      names = "--idle-ttl",
      paramLabel = "TIME|default",
      description =
          "How long a session that is bound to a key lives without a new token, or at most"
              + " a 64th longer: 12h, 14d"
              + " (the default).")
  private Optional<String> idleTtl = Optional.empty();

  @Option(
      names = "--keep",
      paramLabel = "TIME|forever",
      description = "Erases conversations when this time has passed since their last change, for"
          + " example 90d; forever (the default) never erases them.")
  private Optional<String> keep = Optional.empty();

  @Option(
      names = "--reopen",
      paramLabel = "TIME|off",
      description =
          "How long after its end a chat can be reopened, while the guest's session lasts:"
              + " 30m, 24h (the default); off, or 0: not at all.")
  private Optional<String> reopen = Optional.empty();

  boolean haveAddress() {
    return address.isPresent();
  }

  /**
   * @throws UserError if the options contradict each other, or the settings before
   */
  Accounts.Settings appliedTo(Accounts.Settings before) {
    try {
      return new Accounts.Settings(
          address.map(DeploymentOptions::address).orElse(before.address()),
          appliedTo(before.allowedOrigins()),
          appliedTo(before.rules()),
          appliedTo(before.lifetimes()));
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  private TokenRules appliedTo(TokenRules before) {
    return new TokenRules(
        sensitivity.orElse(before.sensitivity()),
        proof.orElse(before.proof()),
        revokeOnReplay.map(Switch.ON::equals).orElse(before.revokeOnReplay()),
        realtime.map(Switch.ON::equals).orElse(before.realtime()));
  }

  private Lifetimes appliedTo(Lifetimes before) {
    return new Lifetimes(
        tokenTtl.orElse(before.token()),
        time("--session-ttl", sessionTtl, Lifetimes.USUAL, before.session()),
        time("--idle-ttl", idleTtl, Lifetimes.USUAL, before.idle()),
        time("--keep", keep, FOREVER, before.keep()),
        time("--reopen", reopen, OFF, Optional.of(before.reopen())).orElse(Duration.ZERO));
  }

  /**
   * Reads a time, or the word that stands for none.
   *
   * @param before the value of an option that is not given
   */
  static Optional<Duration> time(
      String option, Optional<String> given, String none, Optional<Duration> before) {
    try {
      return Lifetimes.parsed(given, none, before);
    } catch (IllegalArgumentException e) {
      throw new UserError("%s: %s".formatted(option, e.getMessage()));
    }
  }

  private AllowedOrigins appliedTo(AllowedOrigins before) {
    boolean some = !added.isEmpty() || !removed.isEmpty();
    if (Stream.of(anyOrigin, !origins.isEmpty(), some).filter(given -> given).count() > 1) {
      throw new UserError("--any-origin, --origin and --add-origin or --remove-origin contradict"
          + " each other: empty the list, replace it or change it");
    }
    if (!some) {
      return anyOrigin || !origins.isEmpty() ? new AllowedOrigins(origins) : before;
    }
    return before.changed(added, removed);
  }

  private static Optional<Sid.Address> address(String text) {
    return text.equals(NO_ADDRESS) ? Optional.empty() : Optional.of(new Sid.Address(text));
  }

  static String text(AllowedOrigins origins) {
    return origins.isEmpty() ? "any" : String.join(" ", origins.patterns());
  }
}
