package parlour.media;

import java.util.Optional;
import parlour.Sid;

/**
 * One attempt to upload a file.
 *
 * @param sid of the attempt
 * @param clientId the uploader's own id of the file, the same in each attempt
 * @param maxBytes the length that was announced, or the longest that is accepted
 */
public record NewUpload(Sid.Media sid, Optional<String> clientId, String category, long maxBytes) {
  public Media.NewFile by(MediaFile.Owner owner) {
    return new Media.NewFile(sid, owner, clientId, category, maxBytes);
  }
}
