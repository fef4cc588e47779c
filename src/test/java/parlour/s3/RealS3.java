package parlour.s3;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobApiMetadata;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import parlour.Eventually;
import parlour.Unavailable;
import parlour.http.TestAuthority;
import parlour.http.tls.Tls;

/** A real S3 server for tests, which keeps its objects in memory. It checks signatures. */
public final class RealS3 implements AutoCloseable {
  public static final String ACCESS_KEY = "a-key-of-tests";
  public static final String SECRET_KEY = "a secret/of+tests";
  public static final String BUCKET = "files-of-tests";
  /** Names below it are this machine, by {@link parlour.http.LocalNames}. */
  private static final String HOST = "localhost";

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final BlobStoreContext context = ContextBuilder.newBuilder(
          new TransientNio2BlobApiMetadata())
      .credentials("unused", "unused")
      .overrides(new Properties())
      .build(BlobStoreContext.class);
  private final Optional<Secured> tls;
  private S3Proxy server;

  /** A certificate for a server that has the bucket in its host name, and its authority. */
  public record Secured(Tls.Source authority, SSLContext context) {
    /**
     * @param folder for the authority's files
     * @param others buckets that do not exist, and that the certificate names nevertheless
     */
    public static Secured make(Path folder, String... others) {
      TestAuthority made = new TestAuthority(folder);
      String names = Stream.concat(Stream.of(BUCKET), Stream.of(others))
          .map(bucket -> "dns:" + bucket + "." + HOST)
          .collect(Collectors.joining(","));
      TestAuthority.Pair pair = made.signs(names);
      Tls<SslContextFactory.Server> listener = Tls.ofListener(
          new Tls.Own(
              new Tls.Source("certificate", pair.certificate()), new Tls.Source("key", pair.key())),
          Optional.empty(),
          InstantSource.system());
      return new Secured(new Tls.Source("s3.tls.ca", made.certificate()), listener.context());
    }
  }

  private RealS3(Optional<Secured> tls) {
    this.tls = tls;
    objects().createContainerInLocation(null, BUCKET);
    server = started(0);
    awaitAnAnswer();
  }

  /** The first answer takes longer than a store may, because the JVM loads the server's classes then. */
  private void awaitAnAnswer() {
    try (S3Bucket bucket = new S3Bucket(address(), InstantSource.system())) {
      Eventually.until("the S3 server answers", () -> {
        try {
          return bucket.length("nothing").isEmpty();
        } catch (Unavailable e) {
          return false;
        }
      });
    }
  }

  /** Ends with the JVM. */
  private static final class Running {
    static final RealS3 SERVER = start();
  }

  /** The server that the tests of this JVM share, started when the first of them needs it. */
  public static RealS3 shared() {
    return Running.SERVER;
  }

  /** Starts a server with an empty bucket. */
  public static RealS3 start() {
    return new RealS3(Optional.empty());
  }

  /** Starts a server with an empty bucket, by TLS, and with each bucket's name in the host name. */
  public static RealS3 start(Secured tls) {
    return new RealS3(Optional.of(tls));
  }

  private S3Proxy started(int port) {
    try {
      S3Proxy.Builder builder = S3Proxy.builder()
          .blobStore(context.getBlobStore())
          .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY);
      if (tls.isPresent()) {
        builder
            .secureEndpoint(URI.create("https://127.0.0.1:" + port))
            .sslContext(tls.get().context())
            .virtualHost(HOST);
      } else {
        builder.endpoint(URI.create("http://127.0.0.1:" + port));
      }
      S3Proxy starting = builder.build();
      starting.start();
      long giveUp = System.nanoTime() + PATIENCE.toNanos();
      while (!starting.getState().equals("STARTED")) {
        if (System.nanoTime() > giveUp) {
          throw new IllegalStateException("s3proxy is " + starting.getState());
        }
        Thread.sleep(5);
      }
      return starting;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The objects that the server keeps, behind its API. */
  public BlobStore objects() {
    return context.getBlobStore();
  }

  public S3Address address() {
    return new S3Address(
        URI.create(
            tls.isPresent() ? "https://" + HOST + ":" + port() : "http://127.0.0.1:" + port()),
        "eu-central-1",
        BUCKET,
        tls.isEmpty(),
        ACCESS_KEY,
        SECRET_KEY,
        tls.map(Secured::authority));
  }

  private int port() {
    return tls.isPresent() ? server.getSecurePort() : server.getPort();
  }

  /** Ends the server; its objects stay. */
  public Runnable stop() {
    int port = port();
    end();
    return () -> server = started(port);
  }

  private void end() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    end();
    context.close();
  }
}
