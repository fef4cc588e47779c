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

/**
 * One connection, used by one thread, or by two of which one only calls {@link #sendNow} and the other
 * only {@link #receive}. Any thread may close it.
 */
final class RedisConnection implements AutoCloseable {
  private final BoundedConnection connection;

  /**
   * Connects and signs in.
   *
   * @param silenceMillis the longest wait for an answer; then the connection fails
   * @throws JedisException if that fails
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
      // FULL checks the chain and the host name, which Jedis does not check by default.
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

  /** Sends a command without waiting for its reply, which {@link #receive} returns. */
  void sendNow(Protocol.Command command, String... arguments) {
    connection.sendCommand(command, arguments);
    connection.flush();
  }

  /** The same as {@link #next()}, but sends nothing. */
  @Nullable
  Object receive() {
    return connection.receive();
  }

  /**
   * Waits for the next reply: bytes, a number, a list of these, or null. A text that is too long is
   * null, too.
   */
  @Nullable
  Object next() {
    return connection.getOne();
  }

  /** Waits for the replies to several commands. A refused command has an exception in the list. */
  List<Object> next(int answers) {
    return connection.getMany(answers);
  }

  /** Closes the connection. A thread that waits for a reply on it fails at once. */
  @Override
  public void close() {
    try {
      connection.forceDisconnect();
    } catch (IOException | JedisException e) {
      // A connection that cannot be closed is already broken.
    }
  }

  /** Reads each reply with {@link Reply}; Jedis would allocate any size that a reply announces. */
  private static final class BoundedConnection extends Connection {
    BoundedConnection(HostAndPort server, JedisClientConfig config) {
      super(server, config);
    }

    /** Makes it visible to the class around this one. */
    @Override
    protected void flush() {
      super.flush();
    }

    @Nullable
    Object receive() {
      return readProtocolWithCheckingBroken();
    }

    @Override
    protected @Nullable Object protocolRead(RedisInputStream in, PushConsumerChain pushes) {
      return new Reply(in).read(Limits.REDIS_REPLY_DEPTH);
    }
  }
}
