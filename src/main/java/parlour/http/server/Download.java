package parlour.http.server;

import java.util.List;
import parlour.http.Header;

/**
 * A file that is sent to a client, of which only one chunk is in memory.
 *
 * @param length of the whole file in bytes
 * @param maxChunkBytes the longest chunk
 */
public record Download(List<Header> headers, long length, int maxChunkBytes, Source source) {

  /** Reads the file. */
  @FunctionalInterface
  public interface Source {
    /** The next chunk, from an offset; empty if the file was deleted, which ends the connection. */
    byte[] read(long offset);
  }

  /** Makes the download of a call. */
  @FunctionalInterface
  public interface Endpoint {
    /**
     * Finds the file.
     *
     * @throws parlour.http.HttpFailure to refuse the call; any other exception is an outage or a bug
     */
    Download answer(ApiRequest call);
  }
}
