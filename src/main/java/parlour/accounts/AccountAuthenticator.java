package parlour.accounts;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.accounts.ApiKeys.Scope;
import parlour.trace.SecurityLog;
import parlour.trace.SecurityLog.Event;

/**
 * Authenticates an account's servers: HTTP Basic (RFC 7617) with the account's sid and auth token, or
 * with an API key's sid and secret.
 */
public final class AccountAuthenticator {
  private static final byte[] NOBODY = new byte[32];

  private final Accounts accounts;
  private final ApiKeys keys;
  private final SecurityLog security;
  private final ClockWatch clock;

  /** The days of uses that are not recorded yet. */
  private final Map<Sid.ApiKey, LocalDate> used = new ConcurrentHashMap<>();

  public AccountAuthenticator(
      Accounts accounts, ApiKeys keys, SecurityLog security, InstantSource clock) {
    this.accounts = accounts;
    this.keys = keys;
    this.security = security;
    this.clock = ClockWatch.of(clock);
  }

  /** The outcome of {@link #authenticate}. */
  public sealed interface Outcome {
    record Authenticated(ApiCaller caller) implements Outcome {}

    /** The header is missing or wrong. */
    record Refused() implements Outcome {}

    /** The secret is right, but the API key has expired. */
    record Expired() implements Outcome {}
  }

  /** Logs an action of a program. */
  public void did(Event event, ApiCaller caller, Sid object) {
    security.write(event, caller.actor(), object.text());
  }

  /** Whether the program may make a call of this scope. A refusal is logged. */
  public boolean permits(ApiCaller caller, Scope scope) {
    if (caller.scopes().contains(scope)) {
      return true;
    }
    security.write(Event.API_KEY_SCOPE_MISSING, caller.actor(), scope.word());
    return false;
  }

  /**
   * Finds out which program calls.
   *
   * @param authorization the header as it was received
   * @throws Unavailable if only the clock says that an API key has expired, and it has just jumped
   */
  public Outcome authenticate(@Nullable String authorization) {
    if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      return new Outcome.Refused();
    }
    try {
      String pair = new String(
          Base64.getDecoder().decode(authorization.substring(6).strip()), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      String user = colon < 0 ? "" : pair.substring(0, colon);
      byte[] given = GeneratedSecrets.digest(pair.substring(colon + 1));
      return Sid.ApiKey.isMeant(user)
          ? withKey(new Sid.ApiKey(user), given)
          : withAuthToken(new Sid.Account(user), given);
    } catch (IllegalArgumentException e) {
      return refused(Event.ACCOUNT_REFUSED, "unknown");
    }
  }

  /**
   * Records the days on which keys were used, after the calls: none of them waits for that, or fails
   * with it.
   */
  public void recordUses() {
    used.forEach((key, day) -> {
      keys.recordUse(key, day);
      used.remove(key, day);
    });
  }

  // An unknown account or key is compared, too, so that the time does not reveal which exist.

  private Outcome withAuthToken(Sid.Account account, byte[] given) {
    Optional<byte[]> known = accounts.authTokenDigest(account);
    return MessageDigest.isEqual(known.orElse(NOBODY), given)
        ? new Outcome.Authenticated(ApiCaller.withAuthToken(account))
        : refused(Event.ACCOUNT_REFUSED, known.isPresent() ? account.text() : "unknown");
  }

  private Outcome withKey(Sid.ApiKey sid, byte[] given) {
    Optional<ApiKeys.Stored> known = keys.find(sid);
    boolean isRight =
        MessageDigest.isEqual(known.map(ApiKeys.Stored::secretDigest).orElse(NOBODY), given);
    if (known.isEmpty() || !isRight) {
      return refused(Event.API_KEY_REFUSED, known.isPresent() ? sid.text() : "unknown");
    }
    ApiKeys.ApiKey key = known.get().key();
    Instant now = clock.instant();
    if (key.hasExpired(now)) {
      if (clock.isInDoubt()) {
        throw new Unavailable(
            "the server-side API", "the clock has jumped, and may be wrong", null);
      }
      security.write(Event.API_KEY_EXPIRED, sid.text(), "");
      return new Outcome.Expired();
    }
    noteUse(key, LocalDate.ofInstant(now, ZoneOffset.UTC));
    return new Outcome.Authenticated(ApiCaller.with(key));
  }

  private Outcome refused(Event event, String actor) {
    security.write(event, actor, "");
    return new Outcome.Refused();
  }

  /** Not while the clock may be wrong: a day in the future would stay. */
  private void noteUse(ApiKeys.ApiKey key, LocalDate today) {
    boolean isRecorded = key.lastUsed().filter(day -> !day.isBefore(today)).isPresent();
    if (!isRecorded && !clock.isInDoubt() && used.size() < Limits.API_KEYS_REMEMBERED) {
      used.put(key.sid(), today);
    }
  }
}
