package parlour.scopedauth;

import java.time.Instant;
import java.util.List;
import parlour.Sid;

/**
 * Who a token, checked with its fingerprint, speaks for.
 *
 * @param grants what the guest may do, in the words of {@link #GRANTS}
 * @param generation of the token that was presented
 * @param nextGeneration the generation that this token's successor has
 * @param tokenExpires when this token is no good any more, by itself
 * @param sessionExpires the absolute end: no token of the session is good past it
 */
public record Guest(
    Sid.Account account,
    Sid.Deployment deployment,
    String identity,
    Sid.Conversation conversation,
    List<String> grants,
    Sid.Session session,
    long generation,
    long nextGeneration,
    Instant tokenExpires,
    Instant sessionExpires) {

  /** What every guest is granted in their own conversation, and nowhere else. */
  public static final List<String> GRANTS = List.of("conversation.read", "conversation.write");
}
