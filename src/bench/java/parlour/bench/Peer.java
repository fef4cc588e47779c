package parlour.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import parlour.bench.OAuthClient.Login;

/**
 * Another server that renews tokens, in several ways.
 *
 * @param how it was configured, for the report
 * @param path its token endpoint
 * @param signed the ways in which it can sign access tokens; the first is the default
 * @param unsigned its format of unsigned tokens, if it has one
 */
record Peer(
    String name,
    String how,
    Subject subject,
    Optional<DurablePostgres> postgres,
    String path,
    List<String> signed,
    Optional<String> unsigned,
    Client client) {

  /** A client that authenticates in one way. */
  interface Client {
    /** Headers that authenticate it, each with its line end. */
    default String headers(String way) {
      return "";
    }

    /** The same in a form. */
    default String form(String way) {
      return "";
    }

    Login login(String way, int number);
  }

  Callers callers(String way, int count) throws IOException {
    var clients = new OAuthClient[count];
    for (int i = 0; i < count; i++) {
      clients[i] = new OAuthClient(
          subject.port(), path, client.headers(way), client.form(way), client.login(way, i));
      clients[i].close();
    }
    return new Callers(List.of(clients));
  }

  String usual() {
    return signed.getFirst();
  }

  Contender by(String way, String more, Callers callers) {
    return new Contender(
        name + ", " + way, how + more, List.of(subject), postgres, Map.of(Action.REFRESH, callers));
  }
}
