package parlour.s3;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import parlour.Limits;
import parlour.StartupError;
import parlour.Unavailable;
import parlour.http.ExternalHttpClient;
import parlour.http.tls.Tls;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/**
 * The objects of one bucket, by the REST API of S3 with signatures of version 4. Objects are read
 * in parts and written as streams, so memory does not grow with their length.
 *
 * <p>Every call has a deadline, and is repeated once within it, because the store says so of its
 * own errors, and because a connection may have been closed while it was not used. Every method
 * throws {@link Unavailable} if the store cannot be reached, or refuses the call: that an object is
 * missing is known only if the store says so.
 */
public final class S3Bucket implements AutoCloseable {
  private static final Pattern CODE = Pattern.compile("<Code>([A-Za-z]{1,80})</Code>");
  private static final Pattern RANGE = Pattern.compile("bytes [0-9]+-[0-9]+/([0-9]{1,18})");
  private static final String NO_SUCH_KEY = "NoSuchKey";

  /** Headers that the client sets by itself. */
  private static final Set<String> OWN_HEADERS = Set.of("host", "content-length");

  private final S3Address address;
  private final InstantSource clock;
  private final Duration deadline;
  private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
  private final Semaphore calls = new Semaphore(Limits.S3_CALLS, true);
  private final ExternalHttpClient http;

  public S3Bucket(S3Address address, InstantSource clock) {
    this(address, clock, Limits.S3_DEADLINE);
  }

  /**
   * @param deadline of a call that writes nothing: a guest does not wait as long as a command may
   */
  public S3Bucket(S3Address address, InstantSource clock, Duration deadline) {
    this.address = address;
    this.clock = clock;
    this.deadline = deadline;
    this.http = new ExternalHttpClient(
        Limits.S3_CONNECT_TIMEOUT,
        builder -> address
            .authorities()
            .map(source -> builder.sslContext(
                Tls.ofCaller(Optional.of(source), Optional.empty(), clock).context()))
            .orElse(builder));
  }

  /** A call, without its signature. */
  private record Call(
      String method, String key, Map<String, String> headers, long length, Body body) {
    static Call of(String method, String key, Map<String, String> headers) {
      return new Call(method, key, headers, 0, () -> new ByteArrayInputStream(new byte[0]));
    }
  }

  /** The bytes of a call, as often as they are read: for the signature, and for each attempt. */
  @FunctionalInterface
  public interface Body extends Supplier<InputStream> {}

  /** The store's answer. */
  private record Answer(int status, byte[] body, HttpResponse<byte[]> response) {
    /** The code of an error, or an empty text. */
    String code() {
      Matcher code = CODE.matcher(new String(body, StandardCharsets.UTF_8));
      return code.find() ? code.group(1) : "";
    }
  }

  /** An answer that is neither success nor the absence of an object. */
  private static final class Refused extends Unavailable {
    private static final long serialVersionUID = 1L;

    private final String code;

    Refused(String method, Answer answer) {
      super("S3", "%s: %d %s".formatted(method, answer.status(), answer.code()), null);
      this.code = answer.code();
    }
  }

  /** Writes an object. It is durable when this method returns. */
  public void put(String key, long length, Body body) {
    Call call =
        new Call("PUT", key, Map.of("Content-Type", "application/octet-stream"), length, body);
    Answer answer = answer(call, 0, Limits.S3_WRITE_DEADLINE);
    if (answer.status() != 200) {
      throw new Refused("PUT", answer);
    }
  }

  /**
   * Reads a part of an object.
   *
   * @return no more than {@code length} bytes from the offset, none at the end of the object; empty
   *     if there is no such object
   */
  public Optional<byte[]> get(String key, long offset, int length) {
    Answer answer = part(key, offset, length);
    return switch (answer.status()) {
      case 206 -> Optional.of(answer.body());
      case 416 -> Optional.of(new byte[0]); // RFC 9110, 15.5.17: the object ends before the offset
      default -> absent("GET", answer);
    };
  }

  /** The length of an object that is not empty; empty if there is no such object. */
  public OptionalLong length(String key) {
    Answer answer = part(key, 0, 1);
    if (answer.status() != 206) {
      return absent("GET", answer).isEmpty() ? OptionalLong.empty() : OptionalLong.of(0);
    }
    Matcher range =
        RANGE.matcher(answer.response().headers().firstValue("Content-Range").orElse(""));
    if (!range.matches()) {
      throw new Unavailable("S3", "an answer to GET without the length of its object", null);
    }
    return OptionalLong.of(Long.parseLong(range.group(1)));
  }

  private Answer part(String key, long offset, int length) {
    String range = "bytes=%d-%d".formatted(offset, offset + length - 1);
    return answer(Call.of("GET", key, Map.of("Range", range)), length, deadline);
  }

  private static Optional<byte[]> absent(String method, Answer answer) {
    if (answer.status() == 404 && answer.code().equals(NO_SUCH_KEY)) {
      return Optional.empty();
    }
    throw new Refused(method, answer);
  }

  /** Deletes an object, also if there is none. */
  public void delete(String key) {
    Answer answer = answer(Call.of("DELETE", key, Map.of()), 0, deadline);
    if (answer.status() != 204 && answer.status() != 200) {
      var _ = absent("DELETE", answer);
    }
  }

  /**
   * Explains a failure of the first calls after a start: which setting is wrong, and the remedy.
   */
  public StartupError explain(Unavailable failure) {
    String remedy = failure instanceof Refused refused
        ? switch (refused.code) {
          case "NoSuchBucket" -> "there is no such bucket: create it, or correct s3.bucket";
          case "InvalidAccessKeyId" -> "the store does not know the key: correct s3.access-key";
          case "SignatureDoesNotMatch" ->
            "the secret does not belong to the key: correct s3.secret-key or s3.secret-key-file";
          case "RequestTimeTooSkewed" ->
            "the clocks of this machine and of the store differ by minutes: set both by NTP";
          case "AccessDenied", "AllAccessDisabled" ->
            "the store does not let the key use the bucket: allow it to list, get, put and delete"
                + " objects there"
                + " (s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject)";
          case "AuthorizationHeaderMalformed",
              "PermanentRedirect",
              "IllegalLocationConstraintException" ->
            "the bucket is in another region: correct s3.region and s3.endpoint";
          default ->
            "the store refuses a call; is s3.endpoint the address of an S3-compatible store,"
                + " and does s3.path-style suit it?";
        }
        : "the store does not answer: correct s3.endpoint, or start the store";
    return new StartupError(
        "cannot use the %s (%s): %s".formatted(address, failure.getMessage(), remedy), failure);
  }

  private Answer answer(Call call, int bodyBytes, Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    try {
      if (!calls.tryAcquire(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new Unavailable("S3", "too many calls at once", null);
      }
      try {
        Answer first;
        try {
          first = attempt(call, bodyBytes, end);
          if (first.status() < 500 && first.status() != 429) {
            return first;
          }
        } catch (Unanswered e) {
          if (e.isLate) {
            throw e;
          }
        }
        return attempt(call, bodyBytes, end);
      } finally {
        calls.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("S3", "interrupted", e);
    }
  }

  /** There was no answer. */
  private static final class Unanswered extends Unavailable {
    private static final long serialVersionUID = 1L;

    private final boolean isLate;

    Unanswered(String why, boolean isLate, Throwable cause) {
      super("S3", why, cause);
      this.isLate = isLate;
    }
  }

  private Answer attempt(Call call, int bodyBytes, long end) throws InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> response = http.get()
        .sendAsync(
            signed(call),
            info -> BodySubscribers.limiting(
                BodySubscribers.ofByteArray(), Math.max(bodyBytes, Limits.S3_ERROR_BYTES)));
    try {
      HttpResponse<byte[]> arrived =
          response.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      return new Answer(arrived.statusCode(), arrived.body(), arrived);
    } catch (TimeoutException e) {
      throw new Unanswered("no answer in time", true, e);
    } catch (ExecutionException e) {
      throw new Unanswered(
          "no answer (" + Objects.requireNonNull(e.getCause()).getClass().getSimpleName() + ")",
          false,
          e);
    } finally {
      response.cancel(true);
    }
  }

  private HttpRequest signed(Call call) {
    URI uri = address.of(call.key());
    SdkHttpRequest.Builder request =
        SdkHttpRequest.builder().uri(uri).method(SdkHttpMethod.fromValue(call.method()));
    call.headers().forEach(request::putHeader);
    SignedRequest signed = signature(call, request.build());
    HttpRequest.Builder sent = HttpRequest.newBuilder(uri)
        .method(
            call.method(),
            call.length() == 0
                ? BodyPublishers.noBody()
                : BodyPublishers.fromPublisher(
                    BodyPublishers.ofInputStream(() -> new Guarded(call.body().get())),
                    call.length()));
    signed.request().forEachHeader((name, values) -> {
      if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
        values.forEach(value -> sent.header(name, value));
      }
    });
    return sent.build();
  }

  /**
   * Signs the digest of the body as well, so that the store refuses one that was cut or changed.
   */
  private SignedRequest signature(Call call, SdkHttpRequest request) {
    try {
      return signer.sign(wanted -> wanted
          .identity(AwsCredentialsIdentity.create(address.accessKey(), address.secretKey()))
          .request(request)
          .payload(call.body()::get)
          .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
          .putProperty(AwsV4HttpSigner.REGION_NAME, address.region())
          .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
          .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false)
          .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, true)
          .putProperty(HttpSigner.SIGNING_CLOCK, clock.withZone(ZoneOffset.UTC)));
    } catch (RuntimeException e) { // which hides the exception of the body
      throw new Unavailable("S3", "the bytes of an object cannot be read", e);
    }
  }

  /** The client expects only this exception from a stream, and would wait after another one. */
  private static final class Guarded extends FilterInputStream {
    Guarded(InputStream bytes) {
      super(bytes);
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      try {
        return super.read(into, from, length);
      } catch (RuntimeException e) {
        throw new IOException(e);
      }
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
