package parlour.serverapi;

import java.security.SecureRandom;
import java.util.Optional;
import parlour.Sid;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.media.Media;
import parlour.media.MediaFile;
import parlour.media.MediaForm;
import parlour.media.MediaLinks;
import parlour.media.Uploads;

/**
 * {@code /v1/Services/{ServiceSid}/Media}: a server uploads files, which its messages can take, and
 * reads the files of its account.
 */
final class MediaEndpoints {
  private final Media media;
  private final Uploads uploads;
  private final MediaLinks links;
  private final SecureRandom random;

  MediaEndpoints(Media media, MediaLinks links, SecureRandom random) {
    this.media = media;
    this.uploads = new Uploads(media);
    this.links = links;
    this.random = random;
  }

  ApiResponse upload(ServerCall call) {
    check(call);
    RequestFields query = call.request().query();
    MediaFile file = uploads.receive(
        call.request(),
        new Uploads.Announced(
            Sid.Media.random(random),
            Optional.empty(),
            query.optional("filename"),
            Uploads.category(query)),
        upload -> media.begin(upload.by(
            new MediaFile.Owner(call.account(), Optional.empty(), MediaFile.Owner.SERVER))));
    return ApiResponse.json(201, form(call, file));
  }

  ApiResponse find(ServerCall call) {
    check(call);
    return ApiResponse.json(
        200, form(call, media.find(call.account(), call.media()).orElseThrow(ServerCall::unknown)));
  }

  /** The service of another account does not exist for this one. */
  private static void check(ServerCall call) {
    if (!call.request().parameter("ServiceSid").equals(MediaForm.service(call.account()))) {
      throw ServerCall.unknown();
    }
  }

  private MediaForm form(ServerCall call, MediaFile file) {
    return MediaForm.of(
        file,
        call.host() + "/v1/Services/" + MediaForm.service(call.account()) + "/Media/"
            + file.sid().text(),
        (one, part) -> links.link(call.host(), one, part));
  }
}
