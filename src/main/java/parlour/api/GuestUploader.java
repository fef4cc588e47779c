package parlour.api;

import java.util.List;
import java.util.function.Function;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestCredentials;
import parlour.conversations.GuestOutcome;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.media.Media;
import parlour.media.NewUpload;
import parlour.media.Uploads;
import parlour.scopedauth.Verdict;

/**
 * A guest who uploads a file, by any interface.
 *
 * @param error how the interface answers a refusal
 */
public record GuestUploader(
    GuestConversations conversations,
    GuestCredentials credentials,
    Function<Verdict.Refused, Problem> error)
    implements Uploads.Uploader {

  @Override
  public Media.Begun begin(NewUpload upload) {
    return GuestOutcome.of("upload {file}", () -> conversations.beginUpload(credentials, upload))
        .orThrow(error)
        .orElseThrow(() -> new Problem(ErrorCode.CONVERSATION_CLOSED));
  }

  @Override
  public void afterDeletion() {
    var _ = GuestOutcome.of("files {media_sid}", () -> conversations.files(credentials, List.of()))
        .orThrow(error);
  }
}
