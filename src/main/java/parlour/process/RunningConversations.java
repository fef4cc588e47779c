package parlour.process;

import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import parlour.Limits;
import parlour.config.Config;
import parlour.conversations.Conversations;
import parlour.conversations.ConversationsHttp;
import parlour.conversations.Followers;
import parlour.conversations.TeamConversations;
import parlour.conversations.TeamConversationsHttp;
import parlour.conversations.WakeUpsHttp;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;
import parlour.media.Media;
import parlour.media.MediaHttp;
import parlour.push.PushRecords;
import parlour.push.PushRecordsHttp;

/**
 * The conversations of a running instance, for a command. Only the process that runs them can close
 * sockets, notify open inboxes and delete files, wherever these are.
 */
public final class RunningConversations implements AutoCloseable {
  private final CommandClient http;
  private final Conversations conversations;
  private final TeamConversations team;
  private final Media media;
  private final PushRecords pushes;

  /**
   * @param addresses of the internal listeners of the processes that run conversations
   * @param secret the internal secret
   */
  public RunningConversations(
      Config config, List<URI> addresses, String secret, InstantSource clock) {
    http = new CommandClient(config, clock);
    InternalClient client = new InternalClient(
        http.client(),
        new Nodes("Conversations", addresses),
        secret,
        Limits.CONVERSATIONS_DEADLINE,
        Limits.CONVERSATIONS_RESPONSE_BYTES);
    conversations =
        new ConversationsHttp(client, new Followers(new WakeUpsHttp(client), new SecureRandom()));
    team = new TeamConversationsHttp(client);
    media = new MediaHttp(client, client);
    pushes = new PushRecordsHttp(client);
  }

  public Conversations conversations() {
    return conversations;
  }

  public TeamConversations team() {
    return team;
  }

  public Media media() {
    return media;
  }

  public PushRecords pushes() {
    return pushes;
  }

  @Override
  public void close() {
    http.close();
  }
}
