package parlour.media;

import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.FormFile;
import parlour.http.server.RequestFields;
import parlour.media.Media.Begun;
import parlour.media.Media.Finished;

/**
 * Receives a file for any interface: raw, or as the only file of a form (RFC 7578). One chunk of it
 * is in memory. A broken upload leaves nothing.
 */
public final class Uploads {
  private static final Logger log = LoggerFactory.getLogger(Uploads.class);

  private final Media media;
  private final SecureRandom random;

  public Uploads(Media media, SecureRandom random) {
    this.media = media;
    this.random = random;
  }

  /**
   * The caller of an upload, who is authorised before the first byte, and again after the last one.
   */
  public interface Uploader {
    /** Authorises the caller, and begins the upload; called before the body is read. */
    Begun begin(NewUpload upload);

    /**
     * Called before the file is stored. Throws if the caller was removed while the bytes arrived,
     * which can take minutes; then nothing is kept.
     */
    default void confirm() {}

    /**
     * Called if the upload was deleted while its bytes arrived. Throws if the caller is not
     * authorised any more, as any other call of it does now.
     */
    default void afterDeletion() {}
  }

  /**
   * The description of the file in the request.
   *
   * @param sid of this attempt, random
   * @param clientId the uploader's own id of the file, the same in each attempt
   * @param name empty if it is in the form
   */
  private record Announced(
      Sid.Media sid, Optional<String> clientId, Optional<String> name, String category) {}

  /**
   * Reads a file and stores it. Its name is in the query, or in the form.
   *
   * @param clientId the uploader's own id of the file, the same in each attempt
   */
  public MediaFile receive(
      ApiRequest call, Optional<String> clientId, String category, Uploader uploader) {
    var announced = new Announced(
        Sid.Media.random(random), clientId, call.query().optional("filename"), category);
    try (var upload = new Upload(announced, maxBytes(call), call.client(), uploader)) {
      Optional<String> boundary = FormFile.boundary(call.header("Content-Type"));
      upload.begin();
      if (boundary.isPresent()) {
        var form = new FormFile(boundary.get(), upload::name, upload::add);
        call.bodyInChunks(
            Limits.MEDIA_CHUNK, Limits.MEDIA_FILE_BYTES + Limits.UPLOAD_ENVELOPE, form::read);
        form.end();
      } else {
        upload.name("");
        call.bodyInChunks(Limits.MEDIA_CHUNK, Limits.MEDIA_FILE_BYTES, upload::add);
      }
      return upload.finish();
    }
  }

  /** The kind of the file in the clients' words; without one, it is a file that a person sends. */
  public static String category(RequestFields query) {
    String category = query.optional("category").orElse(MediaFile.CATEGORY);
    if (!MediaFile.CATEGORIES.contains(category)) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The category must be one of: " + String.join(", ", MediaFile.CATEGORIES) + ".");
    }
    return category;
  }

  private static long maxBytes(ApiRequest call) {
    long announced = call.contentLength();
    return announced < 0 ? Limits.MEDIA_FILE_BYTES : Math.min(announced, Limits.MEDIA_FILE_BYTES);
  }

  /** One file while it arrives. */
  private final class Upload implements AutoCloseable {
    private final Announced announced;
    private final long maxBytes;
    private final String client;
    private final Uploader uploader;
    private final ByteArrayOutputStream rest = new ByteArrayOutputStream();
    private Optional<String> name = Optional.empty();
    private boolean isBegun;
    private boolean isStored;
    private long offset;

    Upload(Announced announced, long maxBytes, String client, Uploader uploader) {
      this.announced = announced;
      this.maxBytes = maxBytes;
      this.client = client;
      this.uploader = uploader;
    }

    void begin() {
      check(uploader.begin(
          new NewUpload(announced.sid(), announced.clientId(), announced.category(), maxBytes)));
      isBegun = true;
    }

    /**
     * Names the file.
     *
     * @param fromForm empty if it is not in a form
     */
    void name(String fromForm) {
      name = Optional.of(announced.name().orElse(fromForm));
    }

    void add(byte[] bytes) {
      int from = 0;
      while (from < bytes.length) {
        int to = Math.min(bytes.length, from + Limits.MEDIA_CHUNK - rest.size());
        rest.write(bytes, from, to - from);
        from = to;
        if (rest.size() == Limits.MEDIA_CHUNK) {
          append();
        }
      }
    }

    private void append() {
      byte[] chunk = rest.toByteArray();
      rest.reset();
      offset += switch (media.append(announced.sid(), offset, new Chunk(chunk))) {
        case DONE -> chunk.length;
        case TOO_LONG ->
          throw new Problem(
              ErrorCode.TOO_LARGE,
              "The file is longer than %d MiB; send a shorter one."
                  .formatted(Limits.MEDIA_FILE_BYTES >> 20));
        case CONVERSATION_FULL -> throw full(Begun.Scope.CONVERSATION);
        case ACCOUNT_FULL -> throw full(Begun.Scope.ACCOUNT);
        case NOT_FOUND -> throw deleted();
      };
    }

    MediaFile finish() {
      if (name.isEmpty()) {
        throw new Problem(
            ErrorCode.MALFORMED, "The form has no file; send one in a part of its own.");
      }
      if (rest.size() > 0) {
        append();
      }
      uploader.confirm();
      MediaFile file = stored(media.finish(announced.sid(), name.get(), client));
      isStored = true;
      return file;
    }

    /** The reason, if the caller has lost its right, for example because its chat was erased. */
    private Problem deleted() {
      uploader.afterDeletion();
      return new Problem(
          ErrorCode.NOT_FOUND,
          "Parlour deleted this upload, or it never began; send the file again.");
    }

    private MediaFile stored(Finished finished) {
      return switch (finished) {
        case Finished.Stored(MediaFile file) -> file;
        case Finished.TypeRefused(String type) ->
          throw new Problem(
              ErrorCode.UNSUPPORTED_MEDIA_TYPE,
              "Files of the type %s are not accepted; send one of: %s."
                  .formatted(type, MediaType.names()));
        case Finished.Infected() -> throw new Problem(ErrorCode.FILE_INFECTED);
        case Finished.Empty() ->
          throw new Problem(ErrorCode.MALFORMED, "The file is empty; send one with content.");
        case Finished.NotFound() -> throw deleted();
      };
    }

    @Override
    public void close() {
      if (!isBegun || isStored) {
        return;
      }
      try {
        media.discard(announced.sid());
      } catch (Unavailable e) {
        log.debug("the sweep deletes this broken upload in an hour: {}", e.getMessage());
      }
    }
  }

  private static Problem full(Begun.Scope scope) {
    return new Problem(
        ErrorCode.FILES_FULL,
        switch (scope) {
          case CONVERSATION -> "This chat has no more room for files; send a link instead.";
          case ACCOUNT -> "There is no more room for files; send a link instead.";
        });
  }

  private static void check(Begun begun) {
    switch (begun) {
      case Begun.Accepted() -> {}
      case Begun.TooLong() ->
        throw new Problem(
            ErrorCode.TOO_LARGE,
            "The file is longer than %d MiB; send a shorter one."
                .formatted(Limits.MEDIA_FILE_BYTES >> 20));
      case Begun.Full(Begun.Scope scope) -> throw full(scope);
      case Begun.TooManyUnsent() ->
        throw new Problem(
            ErrorCode.FILES_FULL,
            "%d files were uploaded and not sent; send them first.".formatted(Limits.MEDIA_UNSENT));
      case Begun.NoSpace() ->
        throw new Problem(ErrorCode.UNEXPECTED, "No file can be stored just now; try again later.");
    }
  }
}
