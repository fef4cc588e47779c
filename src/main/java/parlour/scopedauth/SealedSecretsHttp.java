package parlour.scopedauth;

import java.util.Optional;
import parlour.Limits;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;
import parlour.http.server.Routes;

/** Both ends of {@link SealedSecrets} over HTTP. */
public final class SealedSecretsHttp implements SealedSecrets {
  private static final InternalCalls<SealedSecrets> CALLS =
      new InternalCalls<>("/v1/SealedSecrets");

  record Seal(String owner, String secret) {
    Seal {
      checkLength(owner, secret);
    }

    @Override
    public String toString() {
      return "Seal[…]";
    }
  }

  private static final InternalCalls<SealedSecrets>.Call<Seal, String> SEAL = CALLS.declare(
      "/seal",
      Seal.class,
      "sealed",
      String.class,
      (service, request) -> service.seal(request.owner(), request.secret()));

  record Open(String owner, String sealed) {
    Open {
      checkLength(owner, sealed);
    }
  }

  private static final InternalCalls<SealedSecrets>.Call<Open, Optional<String>> OPEN =
      CALLS.declare(
          "/open",
          Open.class,
          "secret",
          new JsonType<>() {},
          (service, request) -> service.open(request.owner(), request.sealed()));

  private static void checkLength(String owner, String text) {
    if (owner.length() > Limits.SEALED_SECRET_CHARACTERS
        || text.length() > Limits.SEALED_SECRET_CHARACTERS) {
      throw new IllegalArgumentException("too long to be a secret");
    }
  }

  private final InternalClient client;

  /**
   * @param client of ScopedAuthService, or of FederatedAuthService, which passes the calls on
   */
  public SealedSecretsHttp(InternalClient client) {
    this.client = client;
  }

  /** Serves the secrets of this process, or passes the calls on. */
  public static void serve(SealedSecrets secrets, Routes routes) {
    CALLS.serve(secrets, routes);
  }

  @Override
  public String seal(String owner, String secret) {
    return SEAL.ask(client, new Seal(owner, secret));
  }

  @Override
  public Optional<String> open(String owner, String sealed) {
    return OPEN.ask(client, new Open(owner, sealed));
  }
}
