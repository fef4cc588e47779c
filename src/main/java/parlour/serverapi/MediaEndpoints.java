package parlour.serverapi;

import java.security.SecureRandom;
import java.util.Optional;
import parlour.http.server.ApiResponse;
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

  MediaEndpoints(Media media, MediaLinks links, SecureRandom random) {
    this.media = media;
    this.uploads = new Uploads(media, random);
    this.links = links;
  }

  ApiResponse upload(ServerCall call) {
    check(call);
    MediaFile file = uploads.receive(
        call.request(),
        Optional.empty(),
        Uploads.category(call.request().query()),
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
    return links.form(
        call.host(), "/v1/Services/" + MediaForm.service(call.account()) + "/Media", file);
  }
}
