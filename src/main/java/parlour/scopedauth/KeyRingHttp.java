package parlour.scopedauth;

import java.util.List;
import java.util.regex.Pattern;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;
import parlour.http.server.Routes;

/** Both ends of {@link KeyRing} over HTTP. */
public final class KeyRingHttp implements KeyRing {
  private static final InternalCalls<KeyRing> CALLS = new InternalCalls<>("/v1/KeyRing");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}");

  record ListKeys() {}

  private static final InternalCalls<KeyRing>.Call<ListKeys, List<ListedKey>> LIST =
      CALLS.declare("/list", ListKeys.class, "keys", new JsonType<>() {}, (ring, _) -> ring.list());

  record Rotate(String newest) {
    Rotate {
      if (!ID.matcher(newest).matches()) {
        throw new IllegalArgumentException("not the id of a key");
      }
    }
  }

  private static final InternalCalls<KeyRing>.Call<Rotate, Boolean> ROTATE = CALLS.declare(
      "/rotate",
      Rotate.class,
      "rotated",
      Boolean.class,
      (ring, request) -> ring.rotate(request.newest()));

  private final InternalClient client;

  /**
   * @param client of ScopedAuthService, or of FederatedAuthService, which passes the calls on
   */
  public KeyRingHttp(InternalClient client) {
    this.client = client;
  }

  /** Serves the keys of this process, or passes the calls on. */
  public static void serve(KeyRing ring, Routes routes) {
    CALLS.serve(ring, routes);
  }

  @Override
  public List<ListedKey> list() {
    return LIST.ask(client, new ListKeys());
  }

  @Override
  public boolean rotate(String newest) {
    return ROTATE.ask(client, new Rotate(newest));
  }
}
