package parlour.inbox;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.Sight;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;

/**
 * Keeps agents from conversations of desks that they do not see: such a conversation does not exist
 * for them. The store is asked for each call, so that a change counts at once. The desk of a
 * conversation is remembered, because it never changes.
 */
final class Desks {
  private final DeskMembers members;
  private final Conversations conversations;
  private final Cache<Asked, Sid.Address> desks =
      Caffeine.newBuilder().maximumSize(Limits.DESKS_REMEMBERED).build();

  private record Asked(Sid.Account account, Sid.Conversation conversation) {}

  Desks(DeskMembers members, Conversations conversations) {
    this.members = members;
    this.conversations = conversations;
  }

  Sight sight(Agents.Agent agent) {
    return members.sight(agent);
  }

  List<DeskMembers.Desk> seenBy(Agents.Agent agent) {
    return members.seenBy(agent);
  }

  /** Whether there is such a conversation, and its desk is not hidden; true if no desk is hidden. */
  boolean covers(Sight sight, Sid.Account account, Sid.Conversation conversation) {
    return sight.isWhole()
        || deskOf(account, conversation).filter(sight::covers).isPresent();
  }

  /** The desk of a conversation; empty if there is no such conversation. */
  Optional<Sid.Address> deskOf(Sid.Account account, Sid.Conversation conversation) {
    Asked asked = new Asked(account, conversation);
    Sid.Address known = desks.getIfPresent(asked);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<Sid.Address> desk =
        conversations.find(account, conversation).map(Conversation::address);
    desk.ifPresent(one -> desks.put(asked, one));
    return desk;
  }

  /** Throws {@link parlour.errors.Problem} if there is no such conversation for the agent. */
  void check(Agents.Agent agent, Sid.Conversation conversation) {
    if (!covers(sight(agent), agent.account(), conversation)) {
      throw ConversationEndpoints.unknown();
    }
  }

  /** An endpoint for one conversation, which must be one that the agent sees. */
  BiFunction<Agents.Agent, ApiRequest, ApiResponse> ofOne(
      BiFunction<Agents.Agent, ApiRequest, ApiResponse> endpoint) {
    return (agent, call) -> {
      check(agent, ConversationEndpoints.conversation(call));
      return endpoint.apply(agent, call);
    };
  }
}
