package parlour.inbox;

import java.net.URI;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.ClockWatch;
import parlour.Durations;
import parlour.Limits;
import parlour.OutageLog;
import parlour.PlainText;
import parlour.RandomHex;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.GeneratedSecrets;
import parlour.config.OidcSettings;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.oidc.Attempt;
import parlour.oidc.Person;
import parlour.oidc.Provider;
import parlour.oidc.ProviderUnavailable;
import parlour.oidc.TokenRefused;
import parlour.trace.SecurityLog;
import parlour.trace.SecurityLog.Event;

/**
 * Authenticates agents by an identity provider: it says who the person is and which groups they
 * are in, and the settings say which role a group gives.
 */
public final class ProviderAuthenticator {
  private static final Logger log = LoggerFactory.getLogger(ProviderAuthenticator.class);
  private static final String UNKNOWN = "unknown";
  private static final int NAME_BYTES = 4;

  private final OidcSettings settings;
  private final Provider provider;
  private final AgentLogins logins;
  private final Accounts accounts;
  private final SecurityLog security;
  private final ClockWatch clock;
  private final SecureRandom random;
  private final OutageLog outages = new OutageLog(log, "agents cannot sign in at oidc.issuer");
  private final OutageLog refusals = new OutageLog(log, "ID tokens of oidc.issuer are refused");
  private final Semaphore calls = new Semaphore(Limits.OIDC_CALLS);
  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();

  public ProviderAuthenticator(
      OidcSettings settings,
      Provider provider,
      AgentLogins logins,
      Accounts accounts,
      SecurityLog security,
      ClockWatch clock,
      SecureRandom random) {
    this.settings = settings;
    this.provider = provider;
    this.logins = logins;
    this.accounts = accounts;
    this.security = security;
    this.clock = clock;
    this.random = random;
  }

  /** Warns if the oldest of several accounts gets all new agents, because no setting names one. */
  public void warnOfSeveralAccounts() {
    if (settings.account().isEmpty() && accounts.accounts().size() > 1) {
      log.warn(
          "there are several accounts, and oidc.account names none: new agents of oidc.issuer belong to"
              + " the oldest account, {}",
          oldestAccount().text());
    }
  }

  /** The provider's name, for the button. */
  String name() {
    return settings.name();
  }

  /**
   * An attempt that has begun.
   *
   * @param url at which the person signs in
   */
  record Begun(URI url, Attempt attempt) {}

  /**
   * Begins to sign a browser in.
   *
   * @throws Problem if the provider does not answer
   */
  Begun begin() {
    Attempt attempt = Attempt.begin(random, clock.instant());
    return waiting(() -> new Begun(provider.authorization(attempt), attempt));
  }

  /**
   * The attempt with which the provider has sent a browser back.
   *
   * @param attempts the attempts whose cookies the browser sent
   * @throws Problem if none of them has this state and is still open
   */
  Attempt attempt(List<Attempt> attempts, String state) {
    Instant now = clock.instant();
    return attempts.stream()
        .filter(one -> one.hasState(state) && one.isOpen(now))
        .findFirst()
        .orElseThrow(() -> refused(ErrorCode.OIDC_ATTEMPT_REFUSED, UNKNOWN));
  }

  /**
   * Signs a browser in with the code that the provider has sent through it, and returns the secret of
   * the browser's new cookie.
   *
   * @throws Problem if the provider does not answer, or if the person is not signed in
   */
  String finish(Attempt attempt, String code, String userAgent) {
    Person person = waiting(() -> {
      try {
        return provider.person(code, attempt);
      } catch (TokenRefused e) {
        if (e.isOfCode()) {
          throw refused(ErrorCode.OIDC_ATTEMPT_REFUSED, UNKNOWN);
        }
        refusals.failed(e.why());
        throw refused(ErrorCode.OIDC_TOKEN_REFUSED, UNKNOWN);
      }
    });
    return signIn(person, attempt, userAgent);
  }

  /**
   * The provider has sent the browser of an attempt back with an error. Only known ones are logged,
   * because a browser can change it.
   */
  Problem refusedByProvider(String error) {
    return switch (error) {
      case "temporarily_unavailable", "server_error" -> {
        outages.failed("it sent a browser back with " + error);
        yield new Problem(ErrorCode.OIDC_UNAVAILABLE);
      }
      case "access_denied",
          "account_selection_required",
          "consent_required",
          "interaction_required",
          "login_required" -> refused(ErrorCode.OIDC_ATTEMPT_REFUSED, UNKNOWN);
      case "invalid_request", "invalid_scope", "unauthorized_client", "unsupported_response_type" ->
        misconfigured(error);
      default -> misconfigured("an unknown error");
    };
  }

  private Problem misconfigured(String error) {
    outages.failed(
        "it sent a browser back with %s: are oidc.client-id, oidc.scopes and the client's"
                .formatted(error)
            + " settings at the provider right?");
    return new Problem(ErrorCode.OIDC_CLIENT_REFUSED);
  }

  private String signIn(Person person, Attempt attempt, String userAgent) {
    Sid.Account account = settings.account().orElseGet(this::oldestAccount);
    AgentLogins.Login login = new AgentLogins.Login(account, person.issuer(), person.subject());
    String name = name(person);
    Agents.Role role = role(person).orElseThrow(() -> {
      int _ = logins.endAll(login); // the person has left the group
      return refused(ErrorCode.OIDC_ROLE_MISSING, name);
    });
    String cookie = GeneratedSecrets.nextCookie(random);
    Agents.Agent fresh = new Agents.Agent(
        name,
        account,
        Agents.Agent.nextIdentity(random),
        displayName(person),
        role,
        clock.instant());
    AgentLogins.Browser browser =
        new AgentLogins.Browser(attempt.digest(), GeneratedSecrets.hexDigest(cookie), userAgent);
    return switch (logins.signIn(login, fresh, otherNames(name), browser)) {
      case SIGNED_IN -> {
        security.write(Event.AGENT_SIGNED_IN, name, "");
        yield cookie;
      }
      case REMOVED -> throw refused(ErrorCode.OIDC_AGENT_REMOVED, name);
      case REPLAYED -> throw refused(ErrorCode.OIDC_ATTEMPT_REFUSED, name);
    };
  }

  private Problem refused(ErrorCode code, String name) {
    security.write(
        switch (code) {
          case OIDC_TOKEN_REFUSED -> Event.AGENT_TOKEN_REFUSED;
          case OIDC_ROLE_MISSING -> Event.AGENT_ROLE_MISSING;
          case OIDC_AGENT_REMOVED -> Event.AGENT_STAYS_OUT;
          default -> Event.AGENT_ATTEMPT_REFUSED;
        },
        name,
        "");
    return new Problem(code);
  }

  /** The highest role that a group of the person has. */
  private Optional<Agents.Role> role(Person person) {
    List<String> words = person.groups().stream()
        .flatMap(group -> Stream.ofNullable(settings.roles().get(group)))
        .toList();
    return Arrays.stream(Agents.Role.values())
        .filter(role -> words.contains(role.word()))
        .findFirst();
  }

  private Sid.Account oldestAccount() {
    return accounts.accounts().stream()
        .min((one, other) -> one.created().compareTo(other.created()))
        .map(Accounts.Account::sid)
        .orElseThrow(() -> {
          outages.failed("there is no account yet: create one (parlour accounts create)");
          return new Problem(ErrorCode.OIDC_UNAVAILABLE);
        });
  }

  /** The name that commands use for the agent. The person does not sign in with it. */
  private static String name(Person person) {
    String plain = Normalizer.normalize(person.username().orElse(""), Normalizer.Form.NFKD)
        .replaceFirst("@.*", "")
        .replaceAll("[^A-Za-z0-9._-]", "")
        .replaceFirst("^[.-]+", ""); // a command would take it for an option
    int longest = Limits.AGENT_NAME_CHARACTERS - 1 - 2 * NAME_BYTES; // room for what follows it
    return plain.isEmpty() ? "agent" : plain.substring(0, Math.min(plain.length(), longest));
  }

  private List<String> otherNames(String name) {
    return Stream.concat(
            IntStream.rangeClosed(2, Limits.OIDC_NAMES).mapToObj(i -> name + "-" + i),
            Stream.of(name + "-" + RandomHex.next(random, NAME_BYTES)))
        .toList();
  }

  private static String displayName(Person person) {
    return person
        .displayName()
        .map(String::strip)
        .filter(name -> Agents.Agent.isDisplayName(name) && PlainText.isPlain(name))
        .orElse("Agent");
  }

  /** A step that calls the provider. */
  private interface Step<T> {
    T result();
  }

  /** Runs a step while not too many others wait for the provider. */
  private <T> T waiting(Step<T> step) {
    if (!calls.tryAcquire()) {
      outages.failed("too many calls already wait for it");
      failed.increment();
      throw new Problem(ErrorCode.OIDC_UNAVAILABLE);
    }
    try {
      T result = step.result();
      outages.worked();
      answered.increment();
      return result;
    } catch (ProviderUnavailable e) {
      outages.failed(e);
      failed.increment();
      throw new Problem(ErrorCode.OIDC_UNAVAILABLE);
    } finally {
      calls.release();
    }
  }

  /** How many steps of sign-ins the provider has answered, and how many it has not, since the start. */
  public Map<String, Double> outcomes() {
    return Map.of("answered", answered.doubleValue(), "failed", failed.doubleValue());
  }

  /** Deletes the attempts that can no longer succeed. */
  public void sweep() {
    int _ = logins.sweep(clock
        .instant()
        .minus(Limits.OIDC_ATTEMPT.plus(Durations.times(Limits.OIDC_CLOCK_SKEW, 2))));
  }
}
