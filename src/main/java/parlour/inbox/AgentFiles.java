package parlour.inbox;

import java.security.SecureRandom;
import java.util.Optional;
import parlour.Sid;
import parlour.api.MessageFields;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.media.Media;
import parlour.media.MediaFile;
import parlour.media.MediaForm;
import parlour.media.MediaLinks;
import parlour.media.NewUpload;
import parlour.media.Uploads;

/**
 * Files of agents: they upload a file for a conversation, send it with a reply, and get links to the
 * files of the conversation.
 */
final class AgentFiles {
  private final SignInEndpoints signIn;
  private final Conversations conversations;
  private final Desks desks;
  private final Media media;
  private final Uploads uploads;
  private final MediaLinks links;

  AgentFiles(
      SignInEndpoints signIn,
      Conversations conversations,
      Desks desks,
      Media media,
      MediaLinks links,
      SecureRandom random) {
    this.signIn = signIn;
    this.conversations = conversations;
    this.desks = desks;
    this.media = media;
    this.uploads = new Uploads(media, random);
    this.links = links;
  }

  /**
   * The bytes are the body. The name and the client's id, which makes a repeated upload the same
   * file, are in the query.
   */
  ApiResponse upload(SignInEndpoints.Browser browser, ApiRequest call) {
    Sid.Conversation conversation = ConversationEndpoints.conversation(call);
    desks.check(browser.agent(), conversation);
    String clientId = MessageFields.clientId(call.query().required("clientId"));
    MediaFile file = uploads.receive(
        call, Optional.of(clientId), MediaFile.CATEGORY, new AgentUploader(browser, conversation));
    return ApiResponse.json(201, form(conversation, file));
  }

  /** An agent's browser while it uploads. */
  private final class AgentUploader implements Uploads.Uploader {
    private final SignInEndpoints.Browser browser;
    private final Sid.Conversation conversation;

    AgentUploader(SignInEndpoints.Browser browser, Sid.Conversation conversation) {
      this.browser = browser;
      this.conversation = conversation;
    }

    @Override
    public Media.Begun begin(NewUpload upload) {
      Agents.Agent agent = browser.agent();
      Conversation found = conversations
          .find(agent.account(), conversation)
          .orElseThrow(ConversationEndpoints::unknown);
      if (found.state() == Conversation.State.CLOSED) {
        throw new Problem(ErrorCode.CONVERSATION_CLOSED);
      }
      return media.begin(upload.by(new MediaFile.Owner(
          agent.account(), Optional.of(conversation), agent.identity().text())));
    }

    @Override
    public void confirm() {
      Agents.Agent agent =
          signIn.agentOf(browser).orElseThrow(() -> new Problem(ErrorCode.NOT_SIGNED_IN));
      desks.check(agent, conversation);
    }

    @Override
    public void afterDeletion() {
      confirm();
      var _ = conversations
          .find(browser.agent().account(), conversation)
          .orElseThrow(ConversationEndpoints::unknown);
    }
  }

  ApiResponse find(Agents.Agent agent, ApiRequest call) {
    Sid.Conversation conversation = ConversationEndpoints.conversation(call);
    MediaFile file = Sid.Media.of(call.parameter("MediaSid"))
        .flatMap(sid -> media.find(agent.account(), sid))
        .filter(found -> isVisible(found, conversation, agent))
        .orElseThrow(
            () -> new Problem(ErrorCode.NOT_FOUND, "This file was deleted, or never sent."));
    return ApiResponse.json(200, form(conversation, file));
  }

  /** A file that was sent can be seen by every agent, and one that was not by its uploader. */
  private static boolean isVisible(
      MediaFile file, Sid.Conversation conversation, Agents.Agent agent) {
    return file.owner().conversation().equals(Optional.of(conversation))
        && (file.message().isPresent()
            || file.owner().author().equals(agent.identity().text()));
  }

  /** With paths, because the inbox's page has the same address as its API. */
  private MediaForm form(Sid.Conversation conversation, MediaFile file) {
    return links.form("", InboxHttp.API + "/conversations/" + conversation.text() + "/media", file);
  }
}
