package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.jetty.client.HttpClient;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.errors.Errors;
import parlour.http.client.HttpClients;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;
import parlour.http.json.JsonText;
import parlour.http.server.BytePool;
import parlour.http.server.Listener;
import parlour.http.server.Outflow;
import parlour.http.server.Routes;
import parlour.scopedauth.Audience;

/** The internal wire to the conversations. */
class ConversationsHttpTest {
  private static final SecureRandom random = new SecureRandom();

  @Test
  void a_long_message_whose_answer_finds_no_memory_does_not_reach_the_service() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    served(counting(sent), conversations -> {
      Sid.Account account = Sid.Account.random(random);
      try (BytePool.Held _ =
          Outflow.hold("", Limits.RESPONSE_MEMORY, Limits.STORE_TIMEOUT).orElseThrow()) {
        assertThatThrownBy(
                () -> conversations.send(account, message(2 * Limits.RESPONSE_UNRESERVED_BYTES)))
            .isInstanceOf(Unavailable.class);
        assertThat(sent).hasValue(0);
        assertThat(conversations.send(account, message(1))).isEqualTo(new Sent.Closed());
      }
      assertThat(conversations.send(account, message(2 * Limits.RESPONSE_UNRESERVED_BYTES)))
          .isEqualTo(new Sent.Closed());
      assertThat(sent).hasValue(2);
    });
  }

  @Test
  void every_kind_of_change_passes_from_one_process_to_another() throws Exception {
    Version version = new Version(new Revision(7), Instant.parse("2026-01-01T00:00:00Z"));
    Sid.Conversation conversation = Sid.Conversation.random(random);
    Message message = new Message(
        Sid.Message.next(Instant.EPOCH, random),
        conversation,
        MessageIndex.FIRST,
        new Message.Author(new Identity("bot"), ParticipantKind.SYSTEM, "Bot"),
        Optional.empty(),
        Optional.of("a"),
        version,
        version);
    Participant participant = new Participant(
        Sid.Participant.next(Instant.EPOCH, random),
        conversation,
        new Identity("ann"),
        ParticipantKind.AGENT,
        new Participant.Profile("Ann", JsonText.parse("[1]")),
        new Participant.Membership(version.at(), Revision.CREATED, true),
        new Participant.ReadMark(MessageIndex.FIRST, Optional.of(version.at())),
        version);
    Changes changes = new Changes(
        List.of(
            new Changes.Change.OfMessage(message),
            new Changes.Change.OfParticipant(participant),
            new Changes.Change.OfState(
                Conversation.State.CLOSED, version, Optional.of(version.at())),
            new Changes.Change.OfConversation(JsonText.parse("null"), MessageIndex.FIRST, version)),
        version.revision(),
        true);
    Conversations service = answering("changes", Optional.of(changes));
    served(
        service,
        there -> assertThat(
                there.changes(Sid.Account.random(random), conversation, Revision.NONE, 9))
            .contains(changes));
  }

  @Test
  void a_guests_edits_and_their_outcomes_pass_from_one_process_to_another() throws Exception {
    Sid.Message sid = Sid.Message.next(Instant.EPOCH, random);
    EditOutcome full = new EditOutcome.Full();
    var service = (GuestConversations) Proxy.newProxyInstance(
        GuestConversations.class.getClassLoader(),
        new Class<?>[] {GuestConversations.class},
        (_, method, arguments) -> switch (method.getName()) {
          case "edit" -> {
            assertThat(arguments).contains(sid, Optional.of("body"), Optional.empty());
            yield new GuestOutcome.Done<>(full);
          }
          case "remove" -> new GuestOutcome.Done<>(new EditOutcome.NotFound());
          default -> {
            assertThat(arguments).contains(Optional.of("Ada"), Optional.of(JsonText.parse("[1]")));
            yield new GuestOutcome.Done<>(Optional.empty());
          }
        });
    GuestCredentials pass = new OneGuest(
            Sid.Conversation.random(random),
            new Audience(Sid.Account.random(random), Sid.Deployment.random(random), false),
            InstantSource.system())
        .pass();
    served(routes -> GuestConversationsHttp.serve(service, routes), client -> {
      GuestConversations there = new GuestConversationsHttp(client, followers(client));
      assertThat(there.edit(pass, sid, Optional.of("body"), Optional.empty()))
          .isEqualTo(new GuestOutcome.Done<>(full));
      assertThat(there.remove(pass, sid))
          .isEqualTo(new GuestOutcome.Done<>(new EditOutcome.NotFound()));
      assertThat(there.updateMe(pass, Optional.of("Ada"), Optional.of(JsonText.parse("[1]"))))
          .isEqualTo(new GuestOutcome.Done<>(Optional.empty()));
    });
  }

  private static void served(Conversations service, Consumer<Conversations> calls)
      throws Exception {
    served(
        routes -> ConversationsHttp.serve(service, routes),
        client -> calls.accept(new ConversationsHttp(client, followers(client))));
  }

  private static Followers followers(InternalClient client) {
    return new Followers(new WakeUpsHttp(client), random);
  }

  /** Lets a client call a service of another process. */
  private static void served(Consumer<Routes> service, Consumer<InternalClient> calls)
      throws Exception {
    var routes = new Routes(Errors.PLAIN);
    service.accept(routes);
    HttpClient http = HttpClients.start();
    try (Listener listener =
        Listener.start(Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN), routes)) {
      var client = new InternalClient(
          http,
          Nodes.of("the service", URI.create("http://127.0.0.1:" + listener.port())),
          "secret",
          Duration.ofSeconds(10),
          Limits.PAGE_BYTES);
      calls.accept(client);
    } finally {
      http.stop();
    }
  }

  /** A service that has one method. */
  private static Conversations answering(String name, Object answer) {
    return (Conversations) Proxy.newProxyInstance(
        Conversations.class.getClassLoader(),
        new Class<?>[] {Conversations.class},
        (_, method, _) -> {
          assertThat(method.getName()).isEqualTo(name);
          return answer;
        });
  }

  /** A service that counts messages, and takes none. */
  private static Conversations counting(AtomicInteger sent) {
    return (Conversations) Proxy.newProxyInstance(
        Conversations.class.getClassLoader(),
        new Class<?>[] {Conversations.class},
        (_, method, _) -> {
          assertThat(method.getName()).isEqualTo("send");
          sent.incrementAndGet();
          return new Sent.Closed();
        });
  }

  private static Conversations.NewMessage message(int characters) {
    return new Conversations.NewMessage(
        Sid.Conversation.random(random),
        new Message.Author(new Identity("bot"), ParticipantKind.AGENT, "Bot"),
        Message.Content.of("x".repeat(characters)),
        Optional.of("a"));
  }
}
