package parlour.orchestrator;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Origin;
import parlour.http.server.AddressBlock;
import parlour.http.server.ApiRequest;
import parlour.proof.Proof;

/**
 * The headers of a browser's call that identify the caller: the page's origin, and the signals of
 * the fingerprint.
 */
public final class BrowserRequest {
  // The prefixes that the versions of the Twilio web app have used.
  private static final List<String> SPELLINGS = List.of("x-twilio-sec-", "x-sec-", "i-twilio-sec-");

  /** The pages of a few sites make nearly all calls, and to parse an address costs more than a lookup. */
  private static final Cache<String, Optional<String>> PAGES =
      Caffeine.newBuilder().maximumSize(Limits.ORIGINS_REMEMBERED).build();

  private final Function<String, @Nullable String> header;
  private final BiConsumer<String, String> answerWith;
  private final Optional<Proof> proof;
  private final Optional<String> network;

  /**
   * @param header returns the value of a request header; its name has any case
   * @param answerWith sets a header of the answer, even if the call fails
   * @param proof the proof that the browser has sent
   * @param network the network that the call comes from; see {@link AddressBlock#networkOf}
   */
  public BrowserRequest(
      Function<String, @Nullable String> header,
      BiConsumer<String, String> answerWith,
      Optional<Proof> proof,
      Optional<String> network) {
    this.header = header;
    this.answerWith = answerWith;
    this.proof = proof;
    this.network = network;
  }

  /**
   * A call of a browser.
   *
   * @param proof the proof that the browser has sent
   */
  public static BrowserRequest of(ApiRequest call, Optional<Proof> proof) {
    return new BrowserRequest(
        call::header, call::answerWith, proof, AddressBlock.networkOf(call.client()));
  }

  /** The network that the call comes from, if it is known. */
  Optional<String> network() {
    return network;
  }

  Optional<Proof> proof() {
    return proof;
  }

  /**
   * Whether the page may use a deployment with this list. If there is no list, every page may. A
   * page on the list can read the answer. The edge lets any page read the other answers: a refusal
   * contains nothing but its reason, and the page's developer must be able to see it.
   */
  public boolean mayUse(AllowedOrigins allowed) {
    if (allowed.isEmpty()) {
      return true;
    }
    answerWith.accept("Vary", "Origin");
    String origin = header.apply("Origin");
    if (origin == null || !allowed.allows(origin)) {
      return false;
    }
    answerWith.accept("Access-Control-Allow-Origin", origin);
    return true;
  }

  /** Returns the page's origin, cut to the length of the longest real one. */
  Optional<String> origin() {
    return Optional.ofNullable(header.apply("Origin"))
        .map(origin -> origin.substring(0, Math.min(origin.length(), Limits.ORIGIN_CHARACTERS)));
  }

  /**
   * Returns the page's origin as the ledger keeps it. A browser names a page by scheme, host and
   * port; any other text, which only a program sends, is left out.
   */
  Optional<String> page() {
    return origin()
        .flatMap(origin -> PAGES.get(origin, address -> Origin.of(address).map(Origin::toString)));
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
