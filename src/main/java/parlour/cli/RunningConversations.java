package parlour.cli;

import java.net.URI;
import java.util.List;
import org.eclipse.jetty.client.HttpClient;
import parlour.Limits;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.conversations.Conversations;
import parlour.conversations.ConversationsHttp;
import parlour.conversations.TeamConversations;
import parlour.conversations.TeamConversationsHttp;
import parlour.http.client.HttpClients;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;
import parlour.http.tls.Tls;
import parlour.media.Media;
import parlour.media.MediaHttp;

/**
 * The conversations of a running instance. A command calls the process that runs them, and does not
 * open their store: only this process can close sockets, notify open inboxes and delete files, wherever
 * these are.
 */
final class RunningConversations implements AutoCloseable {
  private final HttpClient http;
  private final Conversations conversations;
  private final TeamConversations team;
  private final Media media;

  RunningConversations(Config config, Terminal terminal) {
    Logs.write(config.logFormat(), config.logLevel()); // the client logs, which must not go to stdout
    List<URI> addresses = addresses(config);
    String secret = TraceCommand.secret(config);
    http = HttpClients.start(
        Tls.ofCaller(config.internalAuthorities(), config.internalTls(), terminal.clock())
            .factory());
    Nodes nodes = new Nodes("Conversations", addresses);
    InternalClient client = new InternalClient(
        http, nodes, secret, Limits.CONVERSATIONS_DEADLINE, Limits.CONVERSATIONS_RESPONSE_BYTES);
    conversations = new ConversationsHttp(client, client);
    team = new TeamConversationsHttp(client);
    media = new MediaHttp(client, client);
  }

  /** The process of this folder, or the processes that the settings name if it runs elsewhere. */
  private static List<URI> addresses(Config config) {
    if (!config.runs(Role.CONVERSATIONS)) {
      return config.addressesOf(Role.CONVERSATIONS);
    }
    return DataFolder.existing(config.data())
        .address(Role.CONVERSATIONS)
        .map(List::of)
        .orElseThrow(() -> new UserError(
            "no process has run conversations over the folder %s: start Parlour, or name the folder of"
                    .formatted(config.data())
                + " conversations (--data DIR), or use the settings of the orchestrator (--config FILE)"));
  }

  Conversations conversations() {
    return conversations;
  }

  TeamConversations team() {
    return team;
  }

  Media media() {
    return media;
  }

  @Override
  public void close() {
    try {
      http.stop();
    } catch (Exception e) {
      // The process ends in any case.
    }
  }
}
