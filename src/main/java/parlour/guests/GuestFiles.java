package parlour.guests;

import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.api.GuestUploader;
import parlour.api.MessageFields;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestCredentials;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;
import parlour.media.MediaFile;
import parlour.media.MediaForm;
import parlour.media.MediaLinks;
import parlour.media.Uploads;

/** Files of guests: they upload a file, send it with a message, and get links to what others sent. */
final class GuestFiles {
  private static final String PATH = "/v2/Webchat/Media";

  private final GuestHttp guests;
  private final GuestConversations conversations;
  private final Uploads uploads;
  private final MediaLinks links;

  GuestFiles(
      GuestHttp guests, GuestConversations conversations, Uploads uploads, MediaLinks links) {
    this.guests = guests;
    this.conversations = conversations;
    this.uploads = uploads;
    this.links = links;
  }

  void serve(Routes routes) {
    routes.post(PATH, this::upload);
    routes.get(PATH + "/{MediaSid}", this::find);
  }

  /**
   * The bytes are the body, or in a form. The name and the client's id, which makes a repeated upload
   * the same file, are in the query.
   */
  private ApiResponse upload(ApiRequest call) {
    GuestCredentials credentials = guests.longCallCredentials(call);
    String clientId = MessageFields.clientId(call.query().required("clientId"));
    MediaFile file = uploads.receive(
        call,
        Optional.of(clientId),
        MediaFile.CATEGORY,
        new GuestUploader(conversations, credentials, GuestHttp::refused));
    return ApiResponse.json(201, form(file));
  }

  private ApiResponse find(ApiRequest call) {
    GuestCredentials credentials = guests.credentials(call);
    call.checkBody(Limits.SMALL_BODY);
    Optional<MediaFile> file = Sid.Media.of(call.parameter("MediaSid"))
        .flatMap(sid ->
            GuestHttp.ask("files {media_sid}", () -> conversations.files(credentials, List.of(sid)))
                .stream()
                .findFirst());
    return ApiResponse.json(
        200,
        form(file.orElseThrow(
            () -> new Problem(ErrorCode.NOT_FOUND, "This file was deleted, or never sent."))));
  }

  /** With paths, which a page completes with the address of the server that it uses. */
  private MediaForm form(MediaFile file) {
    return links.form("", PATH, file);
  }
}
