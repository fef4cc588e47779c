package parlour.orchestrator;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
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

  /** A header of a browser, from which one or several signals come. */
  private enum Header {
    USER_AGENT,
    USER_SETTINGS,
    ACCEPT_LANGUAGE,
    DECODERS,
    WEBCHAT_INFO
  }

  /**
   * @param text empty where the header is absent
   */
  private record Given(AccountKey account, Header header, Optional<String> text) {
    /** Whether it has the length of an ordinary one. */
    boolean isOrdinary() {
      return text.isEmpty() || text.get().length() <= Limits.USER_AGENT_CHARACTERS;
    }
  }

  private final UserAgents userAgents;

  /** Thousands of guests send the same few headers, and digesting them costs more than a lookup. */
  private final Cache<Given, Map<Signal, byte[]>> ofMany =
      Caffeine.newBuilder().maximumSize(Limits.HEADERS_DIGESTED).build();

  /**
   * Each guest sends their own header with each call of their chat. Remembered apart, so that no
   * number of guests displaces the headers of many.
   */
  private final Cache<Given, Map<Signal, byte[]>> ofOneGuest =
      Caffeine.newBuilder().maximumSize(Limits.GUESTS_DIGESTED).build();

  FingerprintMaker(UserAgents userAgents) {
    this.userAgents = userAgents;
  }

  /**
   * @throws Problem {@link ErrorCode#FINGERPRINT_IMPOSSIBLE} if all headers that the sensitivity
   *     needs are absent
   */
  Fingerprint make(BrowserRequest request, Configuration configuration) {
    Sensitivity sensitivity = configuration.fingerprintSensitivity();
    Map<Header, Optional<String>> headers = headers(request);
    if (!isPossible(headers, sensitivity)) {
      throw new Problem(ErrorCode.FINGERPRINT_IMPOSSIBLE).ofDeployment(configuration.deployment());
    }
    return Fingerprint.of(sensitivity, digests(headers, configuration.accountKey()));
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
    Map<Header, Optional<String>> headers = headers(request);
    boolean userAgent = isGiven(headers, Header.USER_AGENT);
    boolean acceptLanguage = isGiven(headers, Header.ACCEPT_LANGUAGE);
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
    Map<Signal, byte[]> digests = digests(headers, configuration.accountKey());
    digests.keySet().retainAll(said);
    return Fingerprint.ofSaid(sensitivity, digests);
  }

  private Map<Signal, byte[]> digests(Map<Header, Optional<String>> headers, AccountKey account) {
    Map<Signal, byte[]> vector = new EnumMap<>(Signal.class);
    headers.forEach((header, text) -> {
      Given given = new Given(account, header, text);
      vector.putAll(given.isOrdinary() ? known(header).get(given, this::digest) : digest(given));
    });
    return vector;
  }

  private Cache<Given, Map<Signal, byte[]>> known(Header header) {
    return header == Header.WEBCHAT_INFO ? ofOneGuest : ofMany;
  }

  private Map<Signal, byte[]> digest(Given given) {
    AccountKey.Digests digests = given.account().digests();
    Map<Signal, byte[]> vector = new EnumMap<>(Signal.class);
    values(given.header(), given.text())
        .forEach((signal, value) -> vector.put(
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

  private static boolean isPossible(
      Map<Header, Optional<String>> headers, Sensitivity sensitivity) {
    return switch (sensitivity) {
      case OFF, OBSERVE -> true;
      case LOW -> isGiven(headers, Header.USER_AGENT);
      case MEDIUM -> isGiven(headers, Header.USER_AGENT) || isGiven(headers, Header.USER_SETTINGS);
      case HIGH -> headers.values().stream().anyMatch(Optional::isPresent);
    };
  }

  private static boolean isGiven(Map<Header, Optional<String>> headers, Header header) {
    return headers.getOrDefault(header, Optional.empty()).isPresent();
  }

  private static Map<Header, Optional<String>> headers(BrowserRequest request) {
    Map<Header, Optional<String>> headers = new EnumMap<>(Header.class);
    headers.put(Header.USER_AGENT, Optional.ofNullable(request.userAgent()));
    headers.put(Header.USER_SETTINGS, Optional.ofNullable(request.userSettings()));
    headers.put(Header.ACCEPT_LANGUAGE, Optional.ofNullable(request.acceptLanguage()));
    headers.put(Header.DECODERS, Optional.ofNullable(request.decoders()));
    headers.put(Header.WEBCHAT_INFO, Optional.ofNullable(request.webchatInfo()));
    return headers;
  }

  /** The signals of a header, each empty where the header lacks it. */
  private Map<Signal, Optional<String>> values(Header header, Optional<String> text) {
    return switch (header) {
      case USER_AGENT -> {
        Optional<UserAgents.Family> family = text.map(userAgents::family);
        yield Map.of(
            Signal.BROWSER, family.map(UserAgents.Family::browser),
            Signal.SYSTEM, family.map(UserAgents.Family::system),
            Signal.USER_AGENT, text);
      }
      case USER_SETTINGS -> {
        Members settings = Members.of(text);
        yield Map.of(
            Signal.LANGUAGE, settings.member("language"),
            Signal.COOKIES, settings.member("cookieEnabled"),
            Signal.TIME_ZONE, settings.member("userTimezone"));
      }
      case ACCEPT_LANGUAGE -> Map.of(Signal.ACCEPT_LANGUAGE, text);
      case DECODERS -> Map.of(Signal.DECODERS, text);
      case WEBCHAT_INFO ->
        Map.of(Signal.LOGIN_TIMESTAMP, Members.of(text).member("loginTimestamp"));
    };
  }

  /** A header that should be a JSON object. If it is not, each member is the whole header. */
  private record Members(Optional<String> header, Optional<Map<String, @Nullable Object>> object) {

    static Members of(Optional<String> header) {
      return new Members(header, header.flatMap(Json::object));
    }

    Optional<String> member(String name) {
      return object.isEmpty()
          ? header
          : object.map(members -> members.get(name)).map(Object::toString);
    }
  }
}
