package parlour.orchestrator;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.http.ErrorCode;
import parlour.http.Json;
import parlour.http.Problem;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.Sensitivity;
import parlour.scopedauth.Signal;

/**
 * Makes a browser's fingerprint from what its request says, under the account's own key.
 *
 * <p>Every signal is digested, whatever the sensitivity, so that the level may be raised later. A
 * header that should be JSON and is not is digested as it is, for each signal that it stands for.
 */
final class FingerprintMaker {
  private final UserAgents userAgents;

  FingerprintMaker(UserAgents userAgents) {
    this.userAgents = userAgents;
  }

  /** Throws {@link ErrorCode#FINGERPRINT_IMPOSSIBLE} when every header that it needs is absent. */
  Fingerprint make(Visit visit, Configuration configuration) {
    Sensitivity sensitivity = configuration.fingerprintSensitivity();
    if (!isPossible(visit, sensitivity)) {
      throw new Problem(ErrorCode.FINGERPRINT_IMPOSSIBLE);
    }
    AccountKey.Digests digests = configuration.accountKey().digests();
    Map<Signal, byte[]> vector = new EnumMap<>(Signal.class);
    values(visit)
        .forEach((signal, value) -> vector.put(
            signal,
            digests.of(
                "fingerprint " + signal.name(),
                // An absent header is no value that a header can have.
                value.map(present -> "=" + present).orElse(""),
                Fingerprint.DIGEST_BYTES)));
    return Fingerprint.of(sensitivity, vector);
  }

  private static boolean isPossible(Visit visit, Sensitivity sensitivity) {
    boolean userAgent = visit.userAgent() != null;
    boolean userSettings = visit.userSettings() != null;
    return switch (sensitivity) {
      case OFF, OBSERVE -> true;
      case LOW -> userAgent;
      case MEDIUM -> userAgent || userSettings;
      case HIGH ->
        userAgent
            || userSettings
            || visit.acceptLanguage() != null
            || visit.decoders() != null
            || visit.webchatInfo() != null;
    };
  }

  private Map<Signal, Optional<String>> values(Visit visit) {
    Map<Signal, Optional<String>> values = new EnumMap<>(Signal.class);
    for (Signal signal : Signal.values()) {
      values.put(signal, Optional.ofNullable(value(visit, signal)));
    }
    return values;
  }

  private @Nullable String value(Visit visit, Signal signal) {
    return switch (signal) {
      case BROWSER -> family(visit).map(UserAgents.Family::browser).orElse(null);
      case SYSTEM -> family(visit).map(UserAgents.Family::system).orElse(null);
      case LANGUAGE -> member(visit.userSettings(), "language");
      case COOKIES -> member(visit.userSettings(), "cookieEnabled");
      case TIME_ZONE -> member(visit.userSettings(), "userTimezone");
      case USER_AGENT -> visit.userAgent();
      case ACCEPT_LANGUAGE -> visit.acceptLanguage();
      case DECODERS -> visit.decoders();
      case LOGIN_TIMESTAMP -> member(visit.webchatInfo(), "loginTimestamp");
    };
  }

  private Optional<UserAgents.Family> family(Visit visit) {
    return Optional.ofNullable(visit.userAgent()).map(userAgents::family);
  }

  /** A member of a header's JSON object in words; of a header that is none, all of it. */
  private static @Nullable String member(@Nullable String header, String name) {
    if (header == null) {
      return null;
    }
    Optional<Map<String, @Nullable Object>> object = Json.object(header);
    if (object.isEmpty()) {
      return header;
    }
    Object member = object.get().get(name);
    return member == null ? null : member.toString();
  }
}
