package parlour.realtime;

import java.util.List;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.media.MediaForm;

/**
 * The addresses in our answers. The client sends all except those of files back as host and path
 * in frames, so only the paths have a meaning.
 */
final class Links {
  private static final String REST = "https://realtime.parlour";

  /** The label of the Sync part. */
  static final String SYNC = "https://sync.parlour";

  private Links() {}

  /**
   * The answer to the client's first request.
   *
   * @param mediaHost where this server is reachable for browsers, without a path
   */
  static JsonObject configuration(
      Sid.Account account, Sid.Conversation conversation, Identity guest, String mediaHost) {
    String media = mediaHost + "/v1/Services/" + MediaForm.service(account) + "/Media";
    List<String> plainText = List.of("text/plain");
    return new JsonObject()
        .with("identity", guest.text())
        .with("user_sid", SyncObject.userSid(conversation, guest))
        .with(
            "links",
            new JsonObject()
                .with("my_conversations", REST + "/MyConversations")
                .with("conversations", REST + "/Conversations")
                .with("users", REST + "/Users")
                .with("current_user", REST + "/Users/" + guest.text())
                .with("typing", REST + "/Typing")
                .with("media_service", media)
                .with("media_set_service", media + "Set")
                .with("messages_receipts", REST + "/Conversations/%s/Messages/%s/Receipts"))
        .with(
            "sync_objects",
            new JsonObject()
                .with("my_user_info", SyncObject.user(conversation, guest).name())
                .with(
                    "my_conversations",
                    SyncObject.myConversations(conversation, guest).name()))
        .with(
            "options",
            new JsonObject()
                .with("media_attachments_count_limit", Limits.MEDIA_PER_MESSAGE)
                .with("media_attachment_size_limit_in_mb", Limits.MEDIA_FILE_BYTES >> 20)
                .with(
                    "media_attachments_total_size_limit_in_mb",
                    Limits.MEDIA_PER_MESSAGE * (Limits.MEDIA_FILE_BYTES >> 20))
                .with("email_bodies_allowed_mime_types", plainText)
                .with("email_histories_allowed_mime_types", plainText)
                // The client multiplies its seconds by 100 ms: a longer time makes counts stale.
                .with("http_cache_interval", "PT1S")
                .with("consumption_report_interval", "PT5S")
                .with("reachability_enabled", false)
                .with("user_infos_to_subscribe", 100));
  }
}
