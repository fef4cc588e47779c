package parlour.scopedauth;

import java.time.Instant;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.server.Routes;

/** Both ends of PushKeys over HTTP: the endpoints of the internal listener, and their client. */
public final class PushKeysHttp implements PushKeys {
  private static final InternalCalls<PushKeys> CALLS = new InternalCalls<>("/v1/PushKeys");

  record GetPublic() {}

  private static final InternalCalls<PushKeys>.Call<GetPublic, String> PUBLIC = CALLS.declare(
      "/public", GetPublic.class, "publicKey", String.class, (keys, _) -> keys.publicKey());

  record Sign(String audience, String contact, Instant expires) {}

  private static final InternalCalls<PushKeys>.Call<Sign, PushAuthorization> SIGN = CALLS.declare(
      "/sign",
      Sign.class,
      "authorization",
      PushAuthorization.class,
      (keys, call) -> keys.sign(call.audience(), call.contact(), call.expires()));

  private final InternalClient scopedAuth;

  /** Makes a client for the ScopedAuthService of another process. */
  public PushKeysHttp(InternalClient scopedAuth) {
    this.scopedAuth = scopedAuth;
  }

  /** Serves the key of this process. */
  public static void serve(PushKeys keys, Routes routes) {
    CALLS.serve(keys, routes);
  }

  @Override
  public String publicKey() {
    return PUBLIC.ask(scopedAuth, new GetPublic());
  }

  @Override
  public PushAuthorization sign(String audience, String contact, Instant expires) {
    return SIGN.ask(scopedAuth, new Sign(audience, contact, expires));
  }
}
