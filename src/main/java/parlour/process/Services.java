package parlour.process;

import java.util.Optional;
import org.eclipse.jetty.server.Handler;
import org.jspecify.annotations.Nullable;
import parlour.conversations.Conversations;
import parlour.conversations.GuestConversations;
import parlour.conversations.TeamConversations;
import parlour.federatedauth.FederatedAuth;
import parlour.ledger.LedgerStore;
import parlour.media.Media;
import parlour.samples.SampleStore;
import parlour.scopedauth.GuestSessions;
import parlour.scopedauth.KeyRing;
import parlour.scopedauth.PushKeys;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.SealedSecrets;
import parlour.scopedauth.SignalRules;

/** The services that the roles of one process call, in this process or in another. */
final class Services {
  private @Nullable ScopedAuth scopedAuth;
  private @Nullable PushKeys pushKeys;
  private @Nullable FederatedAuth federatedAuth;
  private @Nullable Conversations conversations;
  private @Nullable GuestConversations guestConversations;
  private @Nullable TeamConversations teamConversations;
  private @Nullable Media media;
  private @Nullable LedgerStore ledger;
  private @Nullable SampleStore samples;
  private @Nullable GuestSessions guestSessions;
  private @Nullable SealedSecrets sealedSecrets;
  private @Nullable KeyRing keyRing;
  private @Nullable SignalRules signalRules;
  private @Nullable Handler orchestrator;
  private @Nullable Handler edge;

  void add(ScopedAuth service) {
    scopedAuth = service;
  }

  void add(PushKeys keys) {
    pushKeys = keys;
  }

  void add(FederatedAuth service) {
    federatedAuth = service;
  }

  void add(
      Conversations forAccounts,
      GuestConversations forGuests,
      TeamConversations forAgents,
      Media files) {
    conversations = forAccounts;
    guestConversations = forGuests;
    teamConversations = forAgents;
    media = files;
  }

  void add(LedgerStore store) {
    ledger = store;
  }

  void addOrchestrator(Handler handler) {
    orchestrator = handler;
  }

  void addEdge(Handler handler) {
    edge = handler;
  }

  ScopedAuth scopedAuth() {
    return started(scopedAuth);
  }

  PushKeys pushKeys() {
    return started(pushKeys);
  }

  FederatedAuth federatedAuth() {
    return started(federatedAuth);
  }

  Conversations conversations() {
    return started(conversations);
  }

  GuestConversations guestConversations() {
    return started(guestConversations);
  }

  TeamConversations teamConversations() {
    return started(teamConversations);
  }

  Media media() {
    return started(media);
  }

  void add(GuestSessions sessions) {
    guestSessions = sessions;
  }

  /** The sessions for an operator; empty if this process neither runs ScopedAuth nor reaches it through another role. */
  Optional<GuestSessions> guestSessions() {
    return Optional.ofNullable(guestSessions);
  }

  void add(SealedSecrets secrets) {
    sealedSecrets = secrets;
  }

  /** The seal of secrets; empty if this process neither runs ScopedAuth nor reaches it through another role. */
  Optional<SealedSecrets> sealedSecrets() {
    return Optional.ofNullable(sealedSecrets);
  }

  void add(KeyRing keys) {
    keyRing = keys;
  }

  /** The keys for an operator; empty if this process neither runs ScopedAuth nor reaches it through another role. */
  Optional<KeyRing> keyRing() {
    return Optional.ofNullable(keyRing);
  }

  void add(SignalRules rules) {
    signalRules = rules;
  }

  /** The rules for signals; empty if this process neither runs ScopedAuth nor reaches it through another role. */
  Optional<SignalRules> signalRules() {
    return Optional.ofNullable(signalRules);
  }

  /** The ledger of the installation; empty if this process neither runs ScopedAuth nor reaches it through another role. */
  Optional<LedgerStore> ledger() {
    return Optional.ofNullable(ledger);
  }

  void add(SampleStore store) {
    samples = store;
  }

  /** The samples of the installation; empty if this process neither runs ScopedAuth nor reaches it through another role. */
  Optional<SampleStore> samples() {
    return Optional.ofNullable(samples);
  }

  Handler orchestrator() {
    return started(orchestrator);
  }

  /** The handler of browsers' calls; empty if this process does not run Starship. */
  Optional<Handler> edge() {
    return Optional.ofNullable(edge);
  }

  private static <T> T started(@Nullable T service) {
    if (service == null) {
      throw new IllegalStateException("RoleOrder starts a role before one that it calls");
    }
    return service;
  }
}
