package parlour.orchestrator;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.http.ErrorCode;
import parlour.http.Problem;

/**
 * A browser's call, as far as its headers tell who calls: the page's origin, and what a fingerprint
 * is made of.
 */
public final class Visit {
  /**
   * Said to a page that may not read the answer: an origin that is nobody's (RFC 2606 §2), so that
   * the edge finds one there and does not let everyone in with {@code *}.
   */
  static final String NOBODY = "https://origin-not-allowed.invalid";

  // The real client has spelled its headers in three ways over the years.
  private static final List<String> SPELLINGS = List.of("x-twilio-sec-", "x-sec-", "i-twilio-sec-");

  private final Function<String, @Nullable String> header;
  private final BiConsumer<String, String> answerWith;

  /**
   * @param header the value of a request header, whatever its case
   * @param answerWith sets a header of the answer, whichever answer it will be
   */
  public Visit(Function<String, @Nullable String> header, BiConsumer<String, String> answerWith) {
    this.header = header;
    this.answerWith = answerWith;
  }

  /**
   * Lets the page in, or throws {@link ErrorCode#ORIGIN_NOT_ALLOWED}. Where there is no list, any
   * page may read the answer: the edge says so.
   */
  void admit(AllowedOrigins allowed) {
    if (allowed.isEmpty()) {
      return;
    }
    answerWith.accept("Vary", "Origin");
    String origin = header.apply("Origin");
    if (origin != null && allowed.allows(origin)) {
      answerWith.accept("Access-Control-Allow-Origin", origin);
      return;
    }
    answerWith.accept("Access-Control-Allow-Origin", NOBODY);
    throw new Problem(
        ErrorCode.ORIGIN_NOT_ALLOWED,
        origin == null
            ? "This deployment allows listed origins only, and the request has no Origin header."
            : "The page's origin is not on this deployment's list of allowed origins.");
  }

  /**
   * The same for a call that carries a guest's token: a page's own server is asked without an
   * Origin by GET, and only a browser that was let in has a token.
   */
  void admitWithToken(AllowedOrigins allowed) {
    if (header.apply("Origin") == null) {
      return;
    }
    admit(allowed);
  }

  /** The page's, as far as it is counted by. */
  Optional<String> origin() {
    return Optional.ofNullable(header.apply("Origin"))
        .map(origin -> origin.substring(0, Math.min(origin.length(), Limits.ORIGIN_CHARACTERS)));
  }

  @Nullable
  String userAgent() {
    return header.apply("User-Agent");
  }

  @Nullable
  String acceptLanguage() {
    return header.apply("Accept-Language");
  }

  @Nullable
  String userSettings() {
    return ofClient("usersettings");
  }

  @Nullable
  String webchatInfo() {
    return ofClient("webchatinfo");
  }

  @Nullable
  String decoders() {
    return ofClient("decoders");
  }

  private @Nullable String ofClient(String name) {
    for (String spelling : SPELLINGS) {
      String value = header.apply(spelling + name);
      if (value != null) {
        return value;
      }
    }
    return null;
  }
}
