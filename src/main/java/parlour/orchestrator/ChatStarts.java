package parlour.orchestrator;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import parlour.ClockWatch;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.accounts.Configuration;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.scopedauth.BindingRequest;

/**
 * Chooses the identity, the conversation and the session of a chat that starts.
 *
 * <p>All three are random, unless the caller sends an idempotency key: then they are derived from
 * the key and from all other content of the call, so that a repeated call finds the chat that the
 * first one created. The key is never stored. Anybody who knows it and repeats the call gets a
 * token for that conversation, so it is accepted only for {@link Limits#IDEMPOTENCY_KEY_TTL}, and
 * only while the conversation is active.
 */
final class ChatStarts {
  private final Conversations conversations;
  private final Identities identities;
  private final ClockWatch clock;
  private final SecureRandom random;

  ChatStarts(Conversations conversations, InstantSource clock, SecureRandom random) {
    this.conversations = conversations;
    this.identities = new Identities(random);
    this.clock = ClockWatch.of(clock);
    this.random = random;
  }

  /** The guest who starts the chat, its conversation, and the session that its tokens belong to. */
  record ChatStart(Identity identity, Sid.Conversation conversation, Sid.Session session) {}

  /**
   * @param binding present if the session will be bound to the key of the browser
   */
  ChatStart of(
      FlexWebchatOrchestrator.ChatRequest chat,
      Optional<BindingRequest> binding,
      Configuration configuration) {
    Optional<Identity> known = chat.identity()
        .filter(identity -> identities.issued(identity, configuration))
        .map(Identity::new);
    if (chat.idempotencyKey().isEmpty()) {
      return new ChatStart(
          known.orElseGet(() -> identities.issue(configuration)),
          Sid.Conversation.random(random),
          Sid.Session.random(random));
    }
    String content = content(chat, binding, chat.idempotencyKey().get());
    Sid.Conversation conversation =
        new Sid.Conversation("CH" + hex(derived("conversation", content, configuration)));
    refuseIfClosedOrOld(configuration.account(), conversation);
    return new ChatStart(
        known.orElseGet(
            () -> identities.issue(configuration, derived("identity", content, configuration))),
        conversation,
        new Sid.Session("GS" + hex(derived("session", content, configuration))));
  }

  /**
   * Joins the parts of the call. Each has its length, so that different calls have different texts.
   * The key of the browser is one only if the session is bound to it, so that a repeated call finds
   * no session of the other kind.
   */
  private static String content(
      FlexWebchatOrchestrator.ChatRequest chat, Optional<BindingRequest> binding, String key) {
    StringBuilder text = new StringBuilder();
    for (String part : new String[] {
      key,
      chat.customerFriendlyName().orElse(""),
      chat.preEngagementData().orElse(""),
      chat.firstMessage().map(Conversations.FirstMessage::body).orElse(""),
      chat.firstMessage().flatMap(Conversations.FirstMessage::clientId).orElse(""),
      chat.identity().orElse("")
    }) {
      text.append(part.length()).append(' ').append(part);
    }
    binding
        .map(BindingRequest::proofKey)
        .ifPresent(part -> text.append(part.length()).append(' ').append(part));
    return text.toString();
  }

  private static byte[] derived(String part, String content, Configuration configuration) {
    return configuration
        .accountKey()
        .digests()
        .of(
            "start %s %s".formatted(part, configuration.deployment().text()),
            content,
            Identities.RANDOM_BYTES);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private void refuseIfClosedOrOld(Sid.Account account, Sid.Conversation sid) {
    Optional<Conversation> found = conversations.find(account, sid);
    if (found.isPresent()
        && (found.get().state() == Conversation.State.CLOSED || isOld(found.get()))) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"idempotencyKey\" was used for a chat that ended or began more than"
              + " %d minutes ago; send a new one."
                  .formatted(Limits.IDEMPOTENCY_KEY_TTL.toMinutes()));
    }
  }

  /**
   * @throws Unavailable if it seems old, but the clock may be wrong
   */
  private boolean isOld(Conversation conversation) {
    boolean isOld =
        conversation.created().plus(Limits.IDEMPOTENCY_KEY_TTL).isBefore(clock.instant());
    if (isOld && clock.isInDoubt()) {
      throw new Unavailable("the orchestrator", "the clock has jumped, and may be wrong", null);
    }
    return isOld;
  }
}
