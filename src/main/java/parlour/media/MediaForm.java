package parlour.media;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.media.MediaFile.Part;

/**
 * The record of a file, in the words of the public media service, for every interface that uploads
 * or reads files.
 *
 * @param links {@code content} and {@code content_direct_temporary} are the original, {@code
 *     preview_temporary} is the preview, all without credentials, for {@link
 *     parlour.Limits#MEDIA_LINK_TTL}
 */
public record MediaForm(
    String sid,
    String serviceSid,
    String dateCreated,
    String dateUploadUpdated,
    String dateUpdated,
    long size,
    String contentType,
    String filename,
    String category,
    @Nullable String author,
    @Nullable String channelSid,
    @Nullable String messageSid,
    boolean isMultipartUpstream,
    String url,
    Map<String, String> links) {

  /**
   * @param url of this record
   * @param link makes the temporary link of a part
   */
  public static MediaForm of(MediaFile file, String url, BiFunction<MediaFile, Part, String> link) {
    MediaFile.Content content = file.content().orElseThrow();
    String created = file.created().toString();
    var links = new TreeMap<String, String>();
    String original = link.apply(file, Part.ORIGINAL);
    links.put("content", original);
    links.put("content_direct_temporary", original);
    content
        .preview()
        .ifPresent(_ -> links.put("preview_temporary", link.apply(file, Part.PREVIEW)));
    return new MediaForm(
        file.sid().text(),
        service(file.owner().account()),
        created,
        created,
        created,
        content.bytes(),
        content.type(),
        file.fileName(),
        file.category(),
        file.owner().author().isEmpty() ? null : file.owner().author(),
        file.message().isEmpty()
            ? null
            : file.owner().conversation().map(Sid.Conversation::text).orElse(null),
        file.message().map(Sid.Message::text).orElse(null),
        false,
        url,
        links);
  }

  /** The sid of an account's service: the digits of the account. */
  public static String service(Sid.Account account) {
    return "IS" + account.text().substring(2);
  }
}
