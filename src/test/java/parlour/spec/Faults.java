package parlour.spec;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.config.Role;
import parlour.conversations.Conversations;
import parlour.conversations.GuestConversations;
import parlour.federatedauth.FederatedAuth;
import parlour.federatedauth.NewGuest;
import parlour.federatedauth.Outcome;
import parlour.federatedauth.Validity;
import parlour.process.ServiceDecorators;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Fingerprint;
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
import parlour.scopedauth.TokenAudience;
import parlour.scopedauth.TokenGeneration;
import parlour.scopedauth.Verdict;
import parlour.store.Database;
import parlour.store.Outage;

/** Faults of services and stores, which a test switches on and off while the system runs. */
public final class Faults implements ServiceDecorators {
  private final Set<Role> storesDown = ConcurrentHashMap.newKeySet();
  private final Set<Role> storesFull = ConcurrentHashMap.newKeySet();
  private final Set<Role> slow = ConcurrentHashMap.newKeySet();
  private final AtomicInteger calls = new AtomicInteger();
  private volatile Duration pause = Duration.ZERO;
  private volatile @Nullable Role broken;
  private volatile Supplier<Throwable> bug = IllegalStateException::new;

  public void storeDown(Role role) {
    storesDown.add(role);
  }

  /** The store of a role takes no more writes, as on a full disk or on a standby; reads work. */
  void storeFull(Role role) {
    storesFull.add(role);
  }

  /** Delays each call of a role. */
  void slow(Role role, Duration pause) {
    this.pause = pause;
    slow.add(role);
  }

  /** Makes each call of a role throw an unexpected exception. */
  public void broken(Role role, Supplier<Throwable> bug) {
    this.bug = bug;
    this.broken = role;
  }

  public void repair() {
    storesDown.clear();
    storesFull.clear();
    slow.clear();
    broken = null;
  }

  /** How often any of the decorated services was called. */
  int calls() {
    return calls.get();
  }

  private void pass(Role role) {
    calls.incrementAndGet();
    if (slow.contains(role)) {
      Installation.pause(pause);
    }
    if (role == broken) {
      throwUnchecked(bug.get());
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // to throw any exception
  private static <T extends Throwable> void throwUnchecked(Throwable thrown) throws T {
    throw (T) thrown;
  }

  @Override
  public Database database(Role role, Database database) {
    return new Outage(database, () -> storesDown.contains(role), () -> storesFull.contains(role));
  }

  @Override
  public ScopedAuth scopedAuth(ScopedAuth scopedAuth) {
    return new FaultyScopedAuth(scopedAuth);
  }

  @Override
  public FederatedAuth federatedAuth(FederatedAuth federatedAuth) {
    return new FederatedAuth() {
      @Override
      public Outcome.Issued create(NewGuest guest) {
        pass(Role.FEDERATED_AUTH);
        return federatedAuth.create(guest);
      }

      @Override
      public Outcome refresh(Audience audience, Presented presented, Duration tokenTtl) {
        pass(Role.FEDERATED_AUTH);
        return federatedAuth.refresh(audience, presented, tokenTtl);
      }

      @Override
      public Validity validate(Audience audience, Presented presented) {
        pass(Role.FEDERATED_AUTH);
        return federatedAuth.validate(audience, presented);
      }

      @Override
      public Optional<TokenAudience> audienceOf(GuestToken token) {
        pass(Role.FEDERATED_AUTH);
        return federatedAuth.audienceOf(token);
      }
    };
  }

  @Override
  public Conversations conversations(Conversations decorated) {
    return before(Conversations.class, decorated);
  }

  @Override
  public GuestConversations guestConversations(GuestConversations decorated) {
    return before(GuestConversations.class, decorated);
  }

  /** Decorates an interface: each call passes the faults first. */
  private <T> T before(Class<T> type, T decorated) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          pass(Role.CONVERSATIONS);
          try {
            return method.invoke(decorated, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        }));
  }

  private final class FaultyScopedAuth implements ScopedAuth {
    private final ScopedAuth scopedAuth;

    FaultyScopedAuth(ScopedAuth scopedAuth) {
      this.scopedAuth = scopedAuth;
    }

    @Override
    public Verdict validate(Presented presented, Audience audience, Purpose purpose) {
      pass(Role.SCOPED_AUTH);
      return scopedAuth.validate(presented, audience, purpose);
    }

    @Override
    public IssuedToken generate(NewSession session) {
      pass(Role.SCOPED_AUTH);
      return scopedAuth.generate(session);
    }

    @Override
    public IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl) {
      pass(Role.SCOPED_AUTH);
      return scopedAuth.generate(guest, fingerprint, tokenTtl);
    }

    @Override
    public Optional<TokenAudience> audienceOf(GuestToken token) {
      pass(Role.SCOPED_AUTH);
      return scopedAuth.audienceOf(token);
    }

    @Override
    public boolean revoke(Sid.Session session, String why) {
      pass(Role.SCOPED_AUTH);
      return scopedAuth.revoke(session, why);
    }

    @Override
    public int revokeAllOf(Sid.Conversation conversation, String why) {
      pass(Role.SCOPED_AUTH);
      return scopedAuth.revokeAllOf(conversation, why);
    }

    @Override
    public List<TokenGeneration> superseded(List<TokenGeneration> generations) {
      return scopedAuth.superseded(generations); // called by the scheduler
    }

    @Override
    public List<Revocation> revokedAfter(Revocation revocation) {
      return scopedAuth.revokedAfter(revocation); // called by the scheduler, not for a guest
    }

    @Override
    public List<RefusedToken> refusedSince(Sid.Account account, Instant since) {
      return scopedAuth.refusedSince(account, since); // a poll, without a request
    }

    @Override
    public boolean isLive(Sid.Session session) {
      pass(Role.SCOPED_AUTH);
      return scopedAuth.isLive(session);
    }

    @Override
    public List<Session> sessionsOf(List<Sid.Conversation> conversations) {
      pass(Role.SCOPED_AUTH);
      return scopedAuth.sessionsOf(conversations);
    }

    @Override
    public List<Session> everySessionOf(Sid.Conversation conversation) {
      pass(Role.SCOPED_AUTH);
      return scopedAuth.everySessionOf(conversation);
    }
  }
}
