package parlour.media;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import parlour.Limits;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.Header;
import parlour.http.server.ApiRequest;
import parlour.http.server.Download;
import parlour.http.server.Routes;
import parlour.media.MediaFile.Content;
import parlour.media.MediaFile.Part;
import parlour.media.MediaFile.Preview;

/**
 * Serves what {@link MediaLinks} open. The headers make a browser treat every file as data: an
 * original is always saved, never shown, and a preview can run nothing and load nothing.
 */
public final class MediaContent {
  private final Media media;
  private final MediaLinks links;

  private MediaContent(Media media, MediaLinks links) {
    this.media = media;
    this.links = links;
  }

  public static void serve(Media media, MediaLinks links, Routes routes) {
    MediaContent content = new MediaContent(media, links);
    routes.download(MediaLinks.PATH, content::download);
  }

  private Download download(ApiRequest call) {
    MediaLinks.Opened opened = links
        .open(
            call.parameter("Account"),
            call.parameter("Media"),
            call.parameter("Part"),
            call.parameter("Expires"),
            call.parameter("Mac"))
        .orElseThrow(() -> new Problem(
            ErrorCode.NOT_FOUND, "This link has expired: open the file from the chat again."));
    MediaFile file = media
        .find(opened.account(), opened.file())
        .orElseThrow(() -> new Problem(ErrorCode.NOT_FOUND, "This file was deleted."));
    Content content = file.content().orElseThrow();
    Preview shown = opened.part() == Part.PREVIEW
        ? content
            .preview()
            .orElseThrow(() -> new Problem(ErrorCode.NOT_FOUND, "This file has no preview."))
        : new Preview(content.type(), content.bytes());
    return new Download(
        headers(file, shown.type(), opened.part()),
        shown.bytes(),
        Limits.MEDIA_CHUNK,
        offset ->
            media.read(file.sid(), opened.part(), offset).map(Chunk::bytes).orElse(new byte[0]));
  }

  private static List<Header> headers(MediaFile file, String type, Part part) {
    return List.of(
        new Header("Content-Type", type),
        new Header("Content-Disposition", disposition(file, part)),
        new Header(
            "Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
        new Header("Cross-Origin-Resource-Policy", "cross-origin"), // pages show previews
        new Header("X-Content-Type-Options", "nosniff"));
  }

  /** RFC 6266; the plain form is for programs that do not read the encoded one. */
  private static String disposition(MediaFile file, Part part) {
    String encoded = URLEncoder.encode(file.fileName(), StandardCharsets.UTF_8).replace("+", "%20");
    return (part == Part.PREVIEW ? "inline" : "attachment")
        + "; filename=\"" + file.fileName().replaceAll("[^A-Za-z0-9._ -]", "_")
        + "\"; filename*=UTF-8''" + encoded;
  }
}
