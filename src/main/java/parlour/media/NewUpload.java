package parlour.media;

import parlour.Sid;

/**
 * A file that somebody wants to upload.
 *
 * @param sid chosen by the caller, so that a repeated call uploads nothing twice
 * @param maxBytes the length that was announced, or the longest that is accepted
 */
public record NewUpload(Sid.Media sid, String fileName, String category, long maxBytes) {
  public Media.NewFile by(MediaFile.Owner owner) {
    return new Media.NewFile(sid, owner, fileName, category, maxBytes);
  }
}
