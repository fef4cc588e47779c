package parlour.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import parlour.bench.OAuthClient.Login;

/** Spring Authorization Server, as bench/spring-authorization-server sets it up. */
final class SpringServer implements Peer.Client {
  private static final Path CLASSES = Path.of("target/peers/spring/classes");
  private static final Path LIBRARIES = Path.of("target/peers/spring.classpath");
  private static final List<String> SIGNED = List.of("RS256", "ES256", "HS256");

  /** Refresh tokens that nobody has used yet, by client. */
  private final Map<String, Queue<String>> unused;

  private SpringServer(Map<String, Queue<String>> unused) {
    this.unused = unused;
  }

  /** With all that it keeps in memory. */
  static Peer inMemory(Path folder, int guests) throws IOException, InterruptedException {
    return start(
        "Spring in memory",
        "all in memory, found by token at once",
        Optional.empty(),
        folder,
        guests);
  }

  /** With what it keeps on disk before it answers, as Parlour does. */
  static Peer overPostgres(DurablePostgres postgres, Path folder, int guests)
      throws IOException, InterruptedException {
    return start(
        "Spring on PostgreSQL",
        "its own `JdbcOAuth2AuthorizationService` over HikariCP, with an index for refresh tokens; the"
            + " CPU and memory of PostgreSQL are counted in, and said",
        Optional.of(postgres),
        folder,
        guests);
  }

  private static Peer start(
      String name, String store, Optional<DurablePostgres> postgres, Path folder, int guests)
      throws IOException, InterruptedException {
    int port = Subject.freePort();
    Path tokens = folder.resolve("tokens");
    String libraries = Files.readString(LIBRARIES).strip();
    // Twice as many as there are guests: who meets a failure begins anew.
    List<String> arguments = new ArrayList<>(List.of(
        "-cp",
        CLASSES + File.pathSeparator + libraries,
        "peer.SpringPeer",
        String.valueOf(port),
        String.valueOf(2 * guests),
        tokens.toString()));
    postgres.ifPresent(server -> arguments.add(server.jdbcUrl()));
    Subject subject = Subject.start("spring", folder, port, Map.of(), arguments).awaitPort();
    while (!Files.exists(tokens)) {
      if (!subject.process().isAlive()) {
        throw new IOException(name + " ended, see " + folder);
      }
      Thread.sleep(10);
    }
    return new Peer(
        name,
        "Spring Authorization Server %s on Spring Boot %s; %s; virtual threads and the JVM options"
                .formatted(
                    version(libraries, "spring-security-oauth2-authorization-server"),
                    version(libraries, "spring-boot"),
                    store)
            + " of Parlour; a client secret that is compared and not hashed;"
            + " `reuseRefreshTokens(false)`",
        subject,
        postgres,
        "/oauth2/token",
        SIGNED,
        Optional.of("opaque"),
        new SpringServer(unused(tokens)));
  }

  private static Map<String, Queue<String>> unused(Path tokens) throws IOException {
    return Files.readAllLines(tokens).stream()
        .map(line -> line.split(" ", 2))
        .collect(Collectors.groupingBy(
            line -> line[0],
            Collectors.mapping(
                line -> line[1], Collectors.toCollection(ConcurrentLinkedQueue::new))));
  }

  private static String version(String libraries, String artifact) {
    Matcher jar = Pattern.compile("/" + artifact + "-(\\d[^/" + File.pathSeparator + "]*)\\.jar")
        .matcher(libraries);
    return jar.find() ? jar.group(1) : "unknown";
  }

  @Override
  public String headers(String way) {
    String pair = way + ":secret of " + way;
    return "Authorization: Basic "
        + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)) + "\n";
  }

  @Override
  public Login login(String way, int number) {
    return line -> {
      Queue<String> left = unused.get(way);
      @Nullable String token = left == null ? null : left.poll();
      if (token == null) {
        throw new IOException("no first tokens are left for " + way);
      }
      return token;
    };
  }
}
