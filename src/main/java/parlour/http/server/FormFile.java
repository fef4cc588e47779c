package parlour.http.server;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * The file in a {@code multipart/form-data} body (RFC 7578), which is read in chunks: the first part
 * with a file name. Other parts are ignored.
 */
public final class FormFile {
  private final MultiPart.Parser parser;
  private final Parts parts;

  /**
   * @param begin called with the file's name before its first byte
   * @param add called with its bytes
   */
  public FormFile(String boundary, Consumer<String> begin, Consumer<byte[]> add) {
    this.parts = new Parts(begin, add);
    this.parser = new MultiPart.Parser(boundary, parts);
    parser.setMaxParts(Limits.UPLOAD_PARTS);
    parser.setPartHeadersMaxLength(Limits.UPLOAD_ENVELOPE / 2);
  }

  /** The boundary of a form with parts; empty if the body is of another type. */
  public static Optional<String> boundary(@Nullable String contentType) {
    if (contentType == null || !contentType.regionMatches(true, 0, "multipart/form-data", 0, 19)) {
      return Optional.empty();
    }
    String boundary = MultiPart.extractBoundary(contentType);
    if (boundary == null || boundary.isEmpty() || boundary.length() > 70) { // RFC 2046 §5.1.1
      throw malformed("the header Content-Type names no boundary");
    }
    return Optional.of(boundary);
  }

  /** Reads the next bytes of the body. */
  public void read(byte[] bytes) {
    parse(Content.Chunk.from(ByteBuffer.wrap(bytes), false));
  }

  /** Checks that the form was complete. */
  public void end() {
    parse(Content.Chunk.EOF);
    if (!parts.isComplete) {
      throw malformed("it ends too early");
    }
  }

  private void parse(Content.Chunk chunk) {
    parser.parse(chunk);
    if (parts.failure != null) {
      throw parts.failure;
    }
  }

  private static RefusedRequest malformed(String why) {
    return RefusedRequest.malformed("The form cannot be read: " + why + ".");
  }

  private static final class Parts extends MultiPart.AbstractPartsListener {
    private final Consumer<String> begin;
    private final Consumer<byte[]> add;
    private boolean isFile;
    private boolean hadFile;
    private boolean isComplete;
    private @Nullable RuntimeException failure;

    Parts(Consumer<String> begin, Consumer<byte[]> add) {
      this.begin = begin;
      this.add = add;
    }

    @Override
    public void onPartHeaders() {
      String name = getFileName();
      isFile = !hadFile && name != null;
      if (isFile) {
        hadFile = true;
        run(() -> begin.accept(name));
      }
    }

    @Override
    public void onPartContent(Content.Chunk chunk) {
      byte[] bytes = new byte[chunk.remaining()];
      chunk.get(bytes, 0, bytes.length);
      if (isFile) {
        run(() -> add.accept(bytes));
      }
    }

    /** The parser would turn an exception into its own failure. */
    private void run(Runnable action) {
      if (failure == null) {
        try {
          action.run();
        } catch (RuntimeException e) {
          failure = e;
        }
      }
    }

    @Override
    public void onPart(String name, String fileName, HttpFields headers) {
      isFile = false;
    }

    @Override
    public void onComplete() {
      isComplete = true;
    }

    @Override
    public void onFailure(Throwable cause) {
      if (failure == null) {
        failure = malformed(
            ("it does not have the form of RFC 7578, or has more than %d parts, or one with"
                    + " headers of more than %d KiB")
                .formatted(Limits.UPLOAD_PARTS, Limits.UPLOAD_ENVELOPE / 2 / 1024));
      }
    }
  }
}
