package parlour.orchestrator;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import parlour.accounts.AccountKey;
import parlour.accounts.Configuration;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.Json;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.NetworkDigest;
import parlour.scopedauth.Sensitivity;
import parlour.scopedauth.Signal;

/**
 * Makes a browser's fingerprint from the headers of its request, under the account's own key.
 *
 * <p>Every signal is digested at every sensitivity, so that the level can be raised later. If a
 * header should be JSON and is not, its whole text is digested for each signal that it contains.
 */
final class FingerprintMaker {
  /** The web app of the published client sends this at Init, and the real time from then on. */
  private static final Optional<String> NO_LOGIN_YET = Optional.of("9999999");

  private static final Set<Signal> OF_USER_AGENT =
      Set.of(Signal.BROWSER, Signal.SYSTEM, Signal.USER_AGENT);

  private final UserAgents userAgents;

  FingerprintMaker(UserAgents userAgents) {
    this.userAgents = userAgents;
  }

  /**
   * @throws Problem {@link ErrorCode#FINGERPRINT_IMPOSSIBLE} if all headers that the sensitivity
   *     needs are absent
   */
  Fingerprint make(BrowserRequest request, Configuration configuration) {
    Sensitivity sensitivity = configuration.fingerprintSensitivity();
    if (!isPossible(request, sensitivity)) {
      throw new Problem(ErrorCode.FINGERPRINT_IMPOSSIBLE).ofDeployment(configuration.deployment());
    }
    return Fingerprint.of(sensitivity, digests(values(request), configuration));
  }

  /**
   * Makes the fingerprint of a client that sends no headers of its own with a call, so that only
   * the browser's are known: User-Agent and Accept-Language. A browser, which sends an Origin, has
   * both, so that leaving one out makes it another browser; a program can have neither.
   *
   * @throws Problem {@link ErrorCode#FINGERPRINT_IMPOSSIBLE} if the sensitivity needs one of them
   */
  Fingerprint makeWithoutClient(BrowserRequest request, Configuration configuration) {
    Sensitivity sensitivity = configuration.fingerprintSensitivity();
    boolean isBrowser = request.origin().isPresent();
    boolean userAgent = request.userAgent() != null;
    boolean acceptLanguage = request.acceptLanguage() != null;
    boolean isPossible = switch (sensitivity) {
      case OFF, OBSERVE -> true;
      case LOW, MEDIUM -> userAgent || !isBrowser;
      case HIGH -> userAgent || acceptLanguage;
    };
    if (!isPossible) {
      throw new Problem(ErrorCode.FINGERPRINT_IMPOSSIBLE).ofDeployment(configuration.deployment());
    }
    Set<Signal> said = EnumSet.noneOf(Signal.class);
    if (userAgent || isBrowser) {
      said.addAll(OF_USER_AGENT);
    }
    if (acceptLanguage || isBrowser) {
      said.add(Signal.ACCEPT_LANGUAGE);
    }
    Map<Signal, Optional<String>> values = values(request);
    values.keySet().retainAll(said);
    return Fingerprint.ofSaid(sensitivity, digests(values, configuration));
  }

  private static Map<Signal, byte[]> digests(
      Map<Signal, Optional<String>> values, Configuration configuration) {
    AccountKey.Digests digests = configuration.accountKey().digests();
    Map<Signal, byte[]> vector = new EnumMap<>(Signal.class);
    values.forEach((signal, value) -> vector.put(
        signal,
        signal == Signal.LOGIN_TIMESTAMP && value.equals(NO_LOGIN_YET)
            ? Fingerprint.noLoginYet()
            : digests.of(
                "fingerprint " + signal.name(),
                // The prefix makes an absent header differ from an empty one.
                value.map(present -> "=" + present).orElse(""),
                Fingerprint.DIGEST_BYTES)));
    return vector;
  }

  /**
   * Digests the network of a call, by which ScopedAuth counts how often signals differ. Empty if
   * nothing is counted: the browser proves that it holds its session's key, or the deployment's level
   * is not one at which a difference can be an accident.
   */
  Optional<NetworkDigest> network(BrowserRequest request, Configuration configuration) {
    return request.proof().isPresent()
            || !configuration.fingerprintSensitivity().hasBudget()
        ? Optional.empty()
        : request
            .network()
            .map(network -> NetworkDigest.of(
                configuration.accountKey().digests().of("network", network, NetworkDigest.BYTES)));
  }

  private static boolean isPossible(BrowserRequest request, Sensitivity sensitivity) {
    boolean userAgent = request.userAgent() != null;
    boolean userSettings = request.userSettings() != null;
    return switch (sensitivity) {
      case OFF, OBSERVE -> true;
      case LOW -> userAgent;
      case MEDIUM -> userAgent || userSettings;
      case HIGH ->
        userAgent
            || userSettings
            || request.acceptLanguage() != null
            || request.decoders() != null
            || request.webchatInfo() != null;
    };
  }

  private Map<Signal, Optional<String>> values(BrowserRequest request) {
    Optional<UserAgents.Family> family =
        Optional.ofNullable(request.userAgent()).map(userAgents::family);
    Members settings = Members.of(request.userSettings());
    Members info = Members.of(request.webchatInfo());
    Map<Signal, Optional<String>> values = new EnumMap<>(Signal.class);
    for (Signal signal : Signal.values()) {
      values.put(
          signal,
          switch (signal) {
            case BROWSER -> family.map(UserAgents.Family::browser);
            case SYSTEM -> family.map(UserAgents.Family::system);
            case LANGUAGE -> settings.member("language");
            case COOKIES -> settings.member("cookieEnabled");
            case TIME_ZONE -> settings.member("userTimezone");
            case USER_AGENT -> Optional.ofNullable(request.userAgent());
            case ACCEPT_LANGUAGE -> Optional.ofNullable(request.acceptLanguage());
            case DECODERS -> Optional.ofNullable(request.decoders());
            case LOGIN_TIMESTAMP -> info.member("loginTimestamp");
          });
    }
    return values;
  }

  /** A header that should be a JSON object. If it is not, each member is the whole header. */
  private record Members(Optional<String> header, Optional<Map<String, @Nullable Object>> object) {

    static Members of(@Nullable String header) {
      Optional<String> given = Optional.ofNullable(header);
      return new Members(given, given.flatMap(Json::object));
    }

    Optional<String> member(String name) {
      return object.isEmpty()
          ? header
          : object.map(members -> members.get(name)).map(Object::toString);
    }
  }
}
