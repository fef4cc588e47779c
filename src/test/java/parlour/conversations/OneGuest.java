package parlour.conversations;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.Generation;
import parlour.scopedauth.Guest;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.IssuedToken;
import parlour.scopedauth.NewSession;
import parlour.scopedauth.Presented;
import parlour.scopedauth.Purpose;
import parlour.scopedauth.RefusedToken;
import parlour.scopedauth.Revocation;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.Session;
import parlour.scopedauth.SessionOwner;
import parlour.scopedauth.TestGuests;
import parlour.scopedauth.TokenAudience;
import parlour.scopedauth.TokenGeneration;
import parlour.scopedauth.Verdict;

/** A ScopedAuth with one guest, whose answers the test sets. */
final class OneGuest implements ScopedAuth {
  private static final Fingerprint FINGERPRINT = Fingerprint.parse("f1.medium." + "A".repeat(96));

  final Sid.Session session = Sid.Session.random(new SecureRandom());
  private final SessionOwner owner;
  private final Audience audience;
  private final InstantSource clock;
  final List<Revocation> revoked = new CopyOnWriteArrayList<>();
  final List<TokenGeneration> superseded = new CopyOnWriteArrayList<>();
  final AtomicInteger refusalsRead = new AtomicInteger();
  final List<RefusedToken> refused = new CopyOnWriteArrayList<>();
  final AtomicInteger asked = new AtomicInteger(); // whether a session is good
  Sid.Session newest = session; // of the conversation
  volatile boolean isDown;
  volatile Runnable hangs = () -> {}; // while it is asked that
  Verdict verdict;

  OneGuest(Sid.Conversation conversation, Audience audience, InstantSource clock) {
    this.owner = new SessionOwner(
        audience.account(), audience.deployment(), new Identity("guest_1"), conversation);
    this.audience = audience;
    this.clock = clock;
    verdict = new Verdict.Authorized(TestGuests.guest(
        owner,
        new TokenGeneration(session, new Generation(1)),
        clock.instant().plus(Duration.ofHours(6)),
        clock.instant().plus(Duration.ofHours(24))));
  }

  /** The credentials of the guest, which this ScopedAuth does not check. */
  GuestCredentials pass() {
    return new GuestCredentials(new Presented(new GuestToken("plr1.x"), FINGERPRINT), audience);
  }

  @Override
  public Verdict validate(Presented presented, Audience asked, Purpose purpose) {
    return verdict;
  }

  @Override
  public IssuedToken generate(NewSession wanted) {
    throw new UnsupportedOperationException("nobody asks for it here");
  }

  @Override
  public IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl) {
    throw new UnsupportedOperationException("nobody asks for it here");
  }

  @Override
  public Optional<TokenAudience> audienceOf(GuestToken token) {
    throw new UnsupportedOperationException("nobody asks for it here");
  }

  @Override
  public boolean revoke(Sid.Session ended, String why) {
    return revoked.add(new Revocation(clock.instant().plusMillis(revoked.size()), ended, true));
  }

  @Override
  public int revokeAllOf(Sid.Conversation ended, String why) {
    answers();
    revoke(session, why);
    if (!newest.equals(session)) {
      revoke(newest, why);
    }
    return 1;
  }

  @Override
  public List<TokenGeneration> superseded(List<TokenGeneration> generations) {
    answers();
    return generations.stream().filter(superseded::contains).toList();
  }

  @Override
  public List<Revocation> revokedAfter(Revocation revocation) {
    answers();
    return revoked.stream()
        .filter(one -> one.at().isAfter(revocation.at()))
        .limit(Limits.REVOCATIONS_LISTED)
        .toList();
  }

  @Override
  public List<RefusedToken> refusedSince(Sid.Account account, Instant since) {
    refusalsRead.incrementAndGet();
    return refused.stream().filter(one -> one.at().isAfter(since)).toList();
  }

  @Override
  public boolean isLive(Sid.Session one) {
    answers();
    asked.incrementAndGet();
    hangs.run();
    return revoked.stream().noneMatch(ended -> ended.session().equals(one));
  }

  @Override
  public List<Session> sessionsOf(List<Sid.Conversation> conversations) {
    answers();
    return List.of(TestGuests.session(newest, owner, clock.instant()));
  }

  @Override
  public List<Session> everySessionOf(Sid.Conversation conversation) {
    return sessionsOf(List.of(conversation));
  }

  private void answers() {
    if (isDown) {
      throw new Unavailable("ScopedAuthService", "down", null);
    }
  }
}
