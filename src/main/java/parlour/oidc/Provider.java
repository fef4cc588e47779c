package parlour.oidc;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.config.OidcSettings;
import parlour.http.Header;
import parlour.http.client.ReadingHttpClient;
import parlour.http.client.ReadingHttpClient.Reply;
import parlour.http.json.Json;

/**
 * The identity provider, as its discovery document describes it (OpenID Connect Discovery 1.0). Safe
 * for use by several threads.
 */
public final class Provider implements AutoCloseable {
  private final OidcSettings settings;
  private final String redirect;
  private final Duration callDeadline;
  private final Duration deadline;
  private final ReadingHttpClient http;
  private final IdTokens tokens;
  private final Remembered<Metadata> metadata;
  private final Remembered<JWKSet> keys;

  /** The part of the discovery document that Parlour uses. */
  private record Metadata(
      URI authorization, URI token, URI keys, boolean takesSecretInForm, boolean hasFragment) {}

  /**
   * @param redirect the address of the page to which the provider sends browsers back
   */
  public Provider(OidcSettings settings, String redirect, ClockWatch clock) {
    this(settings, redirect, clock, Limits.OIDC_CALL_DEADLINE, Limits.OIDC_DEADLINE);
  }

  /**
   * @param callDeadline of one call
   * @param deadline of all calls of {@link #authorization} or {@link #person} together
   */
  Provider(
      OidcSettings settings,
      String redirect,
      ClockWatch clock,
      Duration callDeadline,
      Duration deadline) {
    this.callDeadline = callDeadline;
    this.deadline = deadline;
    this.http = new ReadingHttpClient(Limits.OIDC_RESPONSE_BYTES);
    this.settings = settings;
    this.redirect = redirect;
    this.tokens = new IdTokens(
        settings.issuer().toString(), settings.clientId(), settings.groupsClaim(), clock);
    this.metadata = new Remembered<>(clock, Limits.OIDC_METADATA_TTL, callDeadline, this::discover);
    this.keys = new Remembered<>(clock, Limits.OIDC_KEYS_TTL, callDeadline, this::readKeys);
  }

  /**
   * The address at which the person signs in.
   *
   * @throws ProviderUnavailable if the provider does not say where
   */
  public URI authorization(Attempt attempt) {
    Metadata known = metadata.get(begin());
    Map<String, String> query = new LinkedHashMap<>();
    query.put("response_type", "code");
    query.put("client_id", settings.clientId());
    query.put("redirect_uri", redirect);
    query.put("scope", settings.scopes());
    query.put("state", attempt.state());
    query.put("nonce", attempt.nonce());
    query.put("code_challenge", attempt.challenge());
    query.put("code_challenge_method", "S256");
    if (known.hasFragment()) {
      query.put("response_mode", "fragment"); // which browsers send to no server
    }
    String begin = known.authorization().toString();
    return URI.create(begin + (begin.contains("?") ? "&" : "?") + form(query));
  }

  /**
   * Exchanges the code for the person's ID token, and checks it. The provider accepts a code once, so
   * this must end while the browser waits.
   *
   * @throws ProviderUnavailable if the provider does not decide
   */
  public Person person(String code, Attempt attempt) throws TokenRefused {
    Deadline end = begin();
    SignedJWT token = IdTokens.parse(idToken(code, attempt, end));
    JWKSet known = keys.get(end);
    if (IdTokens.lacksKey(known, token)) { // the provider has changed its keys
      known = keys.newerThan(Limits.OIDC_KEYS_PAUSE, end);
    }
    return tokens.check(token, known, attempt);
  }

  private Deadline begin() {
    return new Deadline(deadline, System::nanoTime);
  }

  private String idToken(String code, Attempt attempt, Deadline end) throws TokenRefused {
    Metadata known = metadata.get(end);
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("grant_type", "authorization_code");
    fields.put("code", code);
    fields.put("redirect_uri", redirect);
    fields.put("code_verifier", attempt.verifier());
    List<Header> headers = new ArrayList<>();
    if (settings.clientSecret().isPresent() && !known.takesSecretInForm()) {
      String pair =
          encoded(settings.clientId()) + ":" + encoded(settings.clientSecret().get());
      headers.add(new Header(
          "Authorization",
          "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII))));
    } else {
      fields.put("client_id", settings.clientId());
      settings.clientSecret().ifPresent(secret -> fields.put("client_secret", secret));
    }
    Reply.Answered answer = answered(
        "its token endpoint",
        () -> http.post(known.token(), headers, form(fields), end.left(callDeadline)));
    Map<String, @Nullable Object> body = Json.object(answer.body()).orElse(Map.of());
    if (answer.status() == 400 && "invalid_grant".equals(body.get("error"))) {
      throw TokenRefused.ofCode();
    }
    if (answer.status() != 200) {
      throw new ProviderUnavailable("its token endpoint answered " + answer.status()
          + (answer.status() == 401 || answer.status() == 400
              ? ": are oidc.client-id, oidc.client-secret and the redirect address right?"
              : ""));
    }
    if (!(body.get("id_token") instanceof String token)) {
      throw TokenRefused.because("the answer has no id_token: is openid among oidc.scopes?");
    }
    return token;
  }

  private Metadata discover(Deadline end) {
    String issuer = settings.issuer().toString();
    URI address = URI.create(issuer.replaceFirst("/$", "") + "/.well-known/openid-configuration");
    Map<String, @Nullable Object> found = document("its discovery document", address, end);
    if (!issuer.equals(found.get("issuer"))) {
      throw new ProviderUnavailable(
          "its discovery document names another issuer than oidc.issuer; both must be the same to"
              + " the letter");
    }
    List<?> methods = list(found.get("token_endpoint_auth_methods_supported"));
    List<?> modes = list(found.get("response_modes_supported"));
    return new Metadata(
        endpoint(found, "authorization_endpoint"),
        endpoint(found, "token_endpoint"),
        endpoint(found, "jwks_uri"),
        methods.contains("client_secret_post") && !methods.contains("client_secret_basic"),
        modes.isEmpty() || modes.contains("fragment"));
  }

  private static List<?> list(@Nullable Object value) {
    return value instanceof List<?> list ? list : List.of();
  }

  /** An endpoint over http is refused: who can read or change the call could be anybody there. */
  private static URI endpoint(Map<String, @Nullable Object> found, String name) {
    if (found.get(name) instanceof String text) {
      try {
        URI url = new URI(text);
        if (OidcSettings.isConfidential(url) && url.getRawFragment() == null) {
          return url;
        }
      } catch (URISyntaxException e) {
        // as below
      }
    }
    throw new ProviderUnavailable("its discovery document has no https address as its " + name);
  }

  private JWKSet readKeys(Deadline end) {
    URI address = metadata.get(end).keys();
    Reply.Answered answer = answered("its keys", () -> http.get(address, end.left(callDeadline)));
    try {
      if (answer.status() == 200) {
        return JWKSet.parse(answer.body());
      }
    } catch (ParseException | RuntimeException e) {
      throw new ProviderUnavailable("its keys cannot be read");
    }
    throw new ProviderUnavailable("its keys: it answered " + answer.status());
  }

  private Map<String, @Nullable Object> document(String what, URI address, Deadline end) {
    Reply.Answered answer = answered(what, () -> http.get(address, end.left(callDeadline)));
    if (answer.status() != 200) {
      throw new ProviderUnavailable(what + ": it answered " + answer.status());
    }
    Optional<Map<String, @Nullable Object>> document = Json.object(answer.body());
    return document.orElseThrow(() -> new ProviderUnavailable(what + " is not JSON"));
  }

  /** A call of the provider. */
  private interface Call {
    Reply reply() throws InterruptedException;
  }

  private static Reply.Answered answered(String what, Call call) {
    try {
      return switch (call.reply()) {
        case Reply.Answered answer -> answer;
        case Reply.Unanswered(String why) -> throw new ProviderUnavailable(what + ": " + why);
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProviderUnavailable(what + ": this process is stopping");
    }
  }

  private static String form(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + encoded(field.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    http.close();
  }
}
