package parlour.orchestrator;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.accounts.AccountKey;
import parlour.accounts.Configuration;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.Json;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.Sensitivity;
import parlour.scopedauth.Signal;

/**
 * Makes a browser's fingerprint from the headers of its request, under the account's own key.
 *
 * <p>Every signal is digested at every sensitivity, so that the level can be raised later. If a
 * header should be JSON and is not, its whole text is digested for each signal that it contains.
 */
final class FingerprintMaker {
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
      throw new Problem(ErrorCode.FINGERPRINT_IMPOSSIBLE);
    }
    AccountKey.Digests digests = configuration.accountKey().digests();
    Map<Signal, byte[]> vector = new EnumMap<>(Signal.class);
    values(request)
        .forEach((signal, value) -> vector.put(
            signal,
            digests.of(
                "fingerprint " + signal.name(),
                // The prefix makes an absent header differ from an empty one.
                value.map(present -> "=" + present).orElse(""),
                Fingerprint.DIGEST_BYTES)));
    return Fingerprint.of(sensitivity, vector);
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
