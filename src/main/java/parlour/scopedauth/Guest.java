package parlour.scopedauth;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;

/**
 * A guest whose token and fingerprint were valid. Only this package can make one: {@link
 * ScopedAuthService} from a valid token, {@link ScopedAuthHttp} from the answer of another process.
 */
public final class Guest {
  /** The permissions of every guest in their own conversation, and nowhere else. */
  public static final List<String> GRANTS = List.of("conversation.read", "conversation.write");

  private final SessionOwner owner;
  private final List<String> grants;
  private final TokenGeneration token;
  private final Generation nextGeneration;
  private final Instant tokenExpires;
  private final Instant sessionExpires;
  private final Optional<Binding> binding;
  private final Optional<KeptSignals> kept;
  private final Source source;

  /** The process that has found the token and the fingerprint valid. */
  enum Source {
    /** This process has opened the token, and the binding in it. */
    JUDGED_HERE,
    /** Another process, which has the internal secret, but no key that opens tokens. */
    OTHER_PROCESS
  }

  /** Signals whose digests the successor of the token takes from this fingerprint. */
  record KeptSignals(List<Signal> signals, Fingerprint fingerprint) {}

  Guest(
      SessionOwner owner,
      List<String> grants,
      TokenGeneration token,
      Generation nextGeneration,
      Instant tokenExpires,
      Instant sessionExpires,
      Optional<Binding> binding,
      Optional<KeptSignals> kept,
      Source source) {
    this.owner = owner;
    this.grants = grants;
    this.token = token;
    this.nextGeneration = nextGeneration;
    this.tokenExpires = tokenExpires;
    this.sessionExpires = sessionExpires;
    this.binding = binding;
    this.kept = kept;
    this.source = source;
  }

  SessionOwner owner() {
    return owner;
  }

  public Sid.Account account() {
    return owner.account();
  }

  public Sid.Deployment deployment() {
    return owner.deployment();
  }

  public Identity identity() {
    return owner.identity();
  }

  public Sid.Conversation conversation() {
    return owner.conversation();
  }

  /** The permissions of the guest, in the words of {@link #GRANTS}. */
  List<String> grants() {
    return grants;
  }

  public Sid.Session session() {
    return token.session();
  }

  /** The session, and the generation of the token that was presented. */
  public TokenGeneration token() {
    return token;
  }

  /** The generation of this token's successor. */
  Generation nextGeneration() {
    return nextGeneration;
  }

  /** The instant from which the token that was presented is no longer valid. */
  public Instant tokenExpires() {
    return tokenExpires;
  }

  /** The absolute end: the instant from which no token of the session is valid. */
  public Instant sessionExpires() {
    return sessionExpires;
  }

  /** Whether the session is bound to a key, which the browser has proven to hold. */
  public boolean isBound() {
    return binding.isPresent();
  }

  Optional<KeptSignals> kept() {
    return kept;
  }

  /** The key to which the session is bound, which every successor of the token carries. */
  Optional<Binding> binding() {
    return binding;
  }

  /** The binding, if nobody has opened it in this process: it can be of another session. */
  Optional<Binding> uncheckedBinding() {
    return switch (source) {
      case JUDGED_HERE -> Optional.empty();
      case OTHER_PROCESS -> binding;
    };
  }
}
