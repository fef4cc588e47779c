package parlour.spec.wrong.conversations;

import com.nimbusds.jwt.SignedJWT;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.prometheus.metrics.core.metrics.Counter;
import org.jspecify.annotations.Nullable;
import parlour.rates.Bucket;
import redis.clients.jedis.HostAndPort;
import software.amazon.awssdk.http.SdkHttpMethod;

/** Connects to Redis and to S3 itself, checks an ID token, and counts, measures and exports by itself. */
final class Connected {
  @Nullable
  HostAndPort redis;

  @Nullable
  SdkHttpMethod s3;

  @Nullable
  SignedJWT token;

  @Nullable
  Bucket bucket;

  @Nullable
  Counter counter;

  @Nullable
  SpanData span;
}
