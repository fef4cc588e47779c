package parlour.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.RedisInputStream;

/**
 * Reads one reply (RESP2) without trusting the sizes that it announces, because any client that can
 * PUBLISH chooses them. A text that is longer than all texts of Parlour is skipped and becomes
 * null, so the connection stays open. A reply with more elements or levels than Parlour asks for
 * ends the connection.
 */
final class Reply {
  private final RedisInputStream in;
  private int elementsLeft = Limits.REDIS_REPLY_ELEMENTS;

  Reply(RedisInputStream in) {
    this.in = in;
  }

  /**
   * @param levels how deep lists may be nested
   * @return bytes, a {@code Long}, a list of these and of {@link JedisDataException}, or null
   * @throws JedisDataException if the server refuses the command
   * @throws JedisConnectionException if the reply is malformed or too large, or the connection ends
   */
  @Nullable
  Object read(int levels) {
    byte type = in.readByte();
    byte[] line = line();
    return switch (type) {
      case '+' -> line;
      case '-' -> throw new JedisDataException(new String(line, StandardCharsets.UTF_8));
      case ':' -> number(line);
      case '$' -> text(number(line));
      case '*' -> list(number(line), levels);
      default -> throw malformed("a reply of an unknown type");
    };
  }

  private byte[] line() {
    byte[] line = new byte[Limits.REDIS_TEXT_BYTES];
    int length = 0;
    for (byte next = in.readByte(); next != '\r'; next = in.readByte()) {
      if (length == line.length) {
        throw malformed("a line that does not end");
      }
      line[length++] = next;
    }
    if (in.readByte() != '\n') {
      throw malformed("a line without its end");
    }
    return Arrays.copyOf(line, length);
  }

  private static long number(byte[] line) {
    try {
      return Long.parseLong(new String(line, StandardCharsets.US_ASCII));
    } catch (NumberFormatException e) {
      throw malformed("something else where a number belongs");
    }
  }

  private byte @Nullable [] text(long length) {
    if (length < 0) {
      return null;
    }
    byte[] part = new byte[(int) Math.min(length, Limits.REDIS_TEXT_BYTES)];
    boolean fits = length == part.length;
    long left = length;
    while (left > 0) {
      int from = fits ? part.length - (int) left : 0;
      int read = in.read(part, from, (int) Math.min(left, part.length - from));
      if (read < 0) {
        throw malformed("the end of the connection within a text");
      }
      left -= read;
    }
    if (in.readByte() != '\r' || in.readByte() != '\n') {
      throw malformed("a text without its end");
    }
    return fits ? part : null;
  }

  private @Nullable List<@Nullable Object> list(long elements, int levels) {
    if (elements < 0) {
      return null;
    }
    if (elements > elementsLeft || levels == 0) {
      throw malformed("a reply with more elements than any that was asked for");
    }
    elementsLeft -= (int) elements;
    List<@Nullable Object> list = new ArrayList<>();
    for (long i = 0; i < elements; i++) {
      try {
        list.add(read(levels - 1));
      } catch (JedisDataException refused) {
        list.add(refused);
      }
    }
    return list;
  }

  private static JedisConnectionException malformed(String what) {
    return new JedisConnectionException("the server sent " + what);
  }
}
