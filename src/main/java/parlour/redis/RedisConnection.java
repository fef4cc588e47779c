package parlour.redis;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.PushConsumerChain;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.RedisInputStream;

/** One connection, used by one thread; other threads may only close it. */
final class RedisConnection implements AutoCloseable {
  private final Connection connection;

  /**
   * Connects and signs in.
   *
   * @param silenceMillis how long an answer may take before the connection is given up
   * @throws JedisException when that fails
   */
  RedisConnection(RedisAddress address, int silenceMillis) {
    DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
        .resp2() // BoundedConnection reads only this version of the protocol
        .connectionTimeoutMillis((int) Limits.CONNECT_TIMEOUT.toMillis())
        .socketTimeoutMillis((int) Limits.CONNECT_TIMEOUT.toMillis()) // TLS and the sign-in
        .database(address.database())
        .clientName("parlour");
    address.user().ifPresent(config::user);
    address.password().ifPresent(config::password);
    if (address.tls()) {
      // Full: the chain, and the name, which Jedis does not look at by itself.
      config.sslOptions(SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL).build());
    }
    connection =
        new BoundedConnection(new HostAndPort(address.host(), address.port()), config.build());
    connection.connect();
    connection.setSoTimeout(silenceMillis);
  }

  void send(Protocol.Command command, String... arguments) {
    connection.sendCommand(command, arguments);
  }

  /**
   * The next reply: bytes, a number, a list of these, or null; a text that is too long is null,
   * too.
   */
  @Nullable
  Object next() {
    return connection.getOne();
  }

  /** The answers to as many commands; one that was refused is an exception among them. */
  List<Object> next(int answers) {
    return connection.getMany(answers);
  }

  /** Whoever waits for an answer on it fails at once. */
  @Override
  public void close() {
    try {
      connection.forceDisconnect();
    } catch (IOException | JedisException e) {
      // What cannot be closed is broken already.
    }
  }

  /** Reads each reply with {@link Reply}; Jedis would allocate any size that a reply announces. */
  private static final class BoundedConnection extends Connection {
    BoundedConnection(HostAndPort server, JedisClientConfig config) {
      super(server, config);
    }

    @Override
    protected @Nullable Object protocolRead(RedisInputStream in, PushConsumerChain pushes) {
      return new Reply(in).read(Limits.REDIS_REPLY_DEPTH);
    }
  }
}
