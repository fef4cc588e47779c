package parlour.s3;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobApiMetadata;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;

/** A real S3 server for tests, which keeps its objects in memory. It checks signatures. */
public final class RealS3 implements AutoCloseable {
  public static final String ACCESS_KEY = "a-key-of-tests";
  public static final String SECRET_KEY = "a secret/of+tests";
  public static final String BUCKET = "files-of-tests";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final BlobStoreContext context = ContextBuilder.newBuilder(
          new TransientNio2BlobApiMetadata())
      .credentials("unused", "unused")
      .overrides(new Properties())
      .build(BlobStoreContext.class);
  private S3Proxy server;

  private RealS3() {
    objects().createContainerInLocation(null, BUCKET);
    server = started(0);
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
    return new RealS3();
  }

  private S3Proxy started(int port) {
    try {
      S3Proxy starting = S3Proxy.builder()
          .blobStore(context.getBlobStore())
          .endpoint(URI.create("http://127.0.0.1:" + port))
          .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
          .build();
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

  /** What the server keeps, behind its API. */
  public BlobStore objects() {
    return context.getBlobStore();
  }

  public S3Address address() {
    return new S3Address(
        URI.create("http://127.0.0.1:" + server.getPort()),
        "eu-central-1",
        BUCKET,
        true,
        ACCESS_KEY,
        SECRET_KEY,
        Optional.empty());
  }

  /** Ends the server; its objects stay. */
  public Runnable stop() {
    int port = server.getPort();
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
