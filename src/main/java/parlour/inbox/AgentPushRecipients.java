package parlour.inbox;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.inbox.AgentPushes.Candidate;
import parlour.inbox.AgentPushes.Owner;
import parlour.push.PushMessage;
import parlour.push.PushRecipients;
import parlour.push.PushSubscription;
import parlour.push.WaitingPushes.Claim;

/**
 * Pushes to the browsers of agents. Whether a browser is signed in, which desks its agent sees, and
 * which messages are unread is read when a push is due, so that a change counts at once.
 *
 * <p>A browser that had the inbox open after the message gets no push: its page has notified the
 * agent already.
 */
public final class AgentPushRecipients implements PushRecipients<Owner> {
  private static final String DESK = "{desk}";

  private final AgentPushes pushes;
  private final AgentAuthenticator authenticator;
  private final Conversations conversations;
  private final AgentPushWatch watch;

  /**
   * @param watch records the messages that ask for pushes, while this is polled
   */
  public AgentPushRecipients(
      AgentPushes pushes,
      AgentAuthenticator authenticator,
      Conversations conversations,
      AgentPushWatch watch) {
    this.pushes = pushes;
    this.authenticator = authenticator;
    this.conversations = conversations;
    this.watch = watch;
  }

  @Override
  public void beforePoll() {
    watch.watchAll();
  }

  @Override
  public Decision decide(Claim<Owner> claim, Instant now) {
    Optional<Agents.SignedIn> browser =
        authenticator.foundByDigest(claim.owner().digest());
    if (browser.isEmpty()) {
      return new Decision.End();
    }
    if (browser.get().lacksSecondFactor()) {
      return new Decision.Nothing(); // the agent can read nothing before adding one
    }
    @Nullable Instant open = open(claim.owner(), now);
    Optional<Candidate> message = unread(browser.get().agent(), after(claim.owner(), open));
    if (message.isEmpty()) {
      return new Decision.Nothing();
    }
    if (open != null && now.isBefore(open.plus(Limits.AGENT_PUSH_OPEN_WAIT))) {
      // Perhaps it was open when the message came: then it is recorded again until then.
      return new Decision.Later(open.plus(Limits.AGENT_PUSH_OPEN_WAIT));
    }
    return new Decision.Send(message(claim.subscription(), message.get()));
  }

  /** An instant that a clock ahead of this one has recorded says nothing about later messages. */
  private @Nullable Instant open(Owner owner, Instant now) {
    return pushes
        .lastOpen(owner.digest())
        .filter(open -> !open.isAfter(now.plus(Limits.CLOCK_SKEW)))
        .orElse(null);
  }

  /** The instant after which a message was recorded if it can need a push. */
  private static Instant after(Owner owner, @Nullable Instant open) {
    Instant undecided =
        owner.decidedUntil().minus(Limits.CLOCK_SKEW); // another node has recorded it
    return open != null && open.isAfter(undecided) ? open : undecided;
  }

  /**
   * The newest message that the agent must be notified of. If none of very many is unread, it is the
   * newest of all: otherwise a guest who starts and ends chats would keep the pushes about all others
   * away.
   */
  private Optional<Candidate> unread(Agents.Agent agent, Instant after) {
    Optional<Candidate> newest = Optional.empty();
    Optional<Candidate> last = Optional.empty();
    for (int i = 0; i < Limits.AGENT_PUSH_PAGES; i++) {
      List<Candidate> page =
          pushes.candidates(agent.identity(), after, last, Limits.AGENT_PUSH_CANDIDATES);
      Optional<Candidate> found =
          page.stream().filter(one -> isUnread(agent, one)).findFirst();
      if (found.isPresent() || page.size() < Limits.AGENT_PUSH_CANDIDATES) {
        return found;
      }
      newest = newest.or(() -> Optional.of(page.getFirst()));
      last = Optional.of(page.getLast());
    }
    return newest;
  }

  private boolean isUnread(Agents.Agent agent, Candidate one) {
    return conversations
        .overview(agent.account(), one.conversation())
        .filter(overview -> isFor(agent, overview))
        .isPresent();
  }

  private static boolean isFor(Agents.Agent agent, Conversations.Overview overview) {
    return overview.unread() > 0
        && overview.conversation().state() == Conversation.State.ACTIVE
        && overview
            .teamwork()
            .assignee()
            .filter(one -> !one.equals(agent.identity()))
            .isEmpty();
  }

  /** The name of the desk stands where the page wants it, once, so that the length has a bound. */
  private static PushMessage message(PushSubscription subscription, Candidate about) {
    String text = subscription.text();
    int place = text.indexOf(DESK);
    return new PushMessage(
        subscription.title(),
        place < 0
            ? text
            : text.substring(0, place)
                + shortened(about.desk())
                + text.substring(place + DESK.length()),
        about.conversation());
  }

  private static String shortened(String desk) {
    int end = Math.min(desk.length(), Limits.PUSH_TEXT_CHARACTERS);
    boolean isSplit = end < desk.length() && Character.isHighSurrogate(desk.charAt(end - 1));
    return desk.substring(0, isSplit ? end - 1 : end);
  }
}
