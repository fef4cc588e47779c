package parlour.http.client;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import parlour.Limits;

/**
 * Reads one response of HTTP/1.1 (RFC 9112). It is strict: what it does not expect of a process of
 * this installation is an exception.
 */
final class ResponseReader {
  /** Where the bytes come from. */
  @FunctionalInterface
  interface Source {
    /** Waits for bytes, at least one; -1 after the last. */
    int read(byte[] into, int offset, int length) throws IOException;
  }

  private final Source source;
  private byte[] buffer = new byte[Limits.CLIENT_READ_BUFFER];
  private int from;
  private int to;
  private boolean isReusable;

  ResponseReader(Source source) {
    this.source = source;
  }

  private record Head(int status, Map<String, String> headers) {}

  /**
   * Reads the response, and skips interim ones.
   *
   * @param maxBytes the longest body
   */
  InternalResponse read(int maxBytes) throws IOException {
    Head head = head();
    while (head.status() < 200) {
      if (head.status() == 101) {
        throw new IOException("it switches to another protocol");
      }
      head = head();
    }
    return new InternalResponse(head.status(), head.headers(), body(head, maxBytes));
  }

  /** Whether the connection can be used again after this response. */
  boolean isReusable() {
    return isReusable && from == to;
  }

  // ---- the head

  private Head head() throws IOException {
    int left = Limits.RESPONSE_HEADER_BYTES;
    String line = line(left);
    int status = status(line);
    left -= line.length() + 2;
    Map<String, String> headers = new HashMap<>();
    for (line = line(left); !line.isEmpty(); line = line(left)) {
      left -= line.length() + 2;
      int colon = line.indexOf(':');
      if (colon <= 0 || line.charAt(0) <= ' ' || line.charAt(colon - 1) <= ' ') {
        throw new IOException("its response has an invalid header");
      }
      String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
      boolean isRepeated = headers.putIfAbsent(name, line.substring(colon + 1).strip()) != null;
      if (isRepeated && (name.equals("content-length") || name.equals("transfer-encoding"))) {
        throw new IOException("its response has " + name + " twice");
      }
    }
    return new Head(status, headers);
  }

  private static int status(String line) throws IOException {
    if (!line.matches("HTTP/1\\.1 [1-9][0-9]{2}( .*)?")) {
      throw new IOException("its response is not HTTP/1.1");
    }
    return Integer.parseInt(line, 9, 12, 10);
  }

  /** Reads a line that ends with CR and LF, which are not part of it. */
  private String line(int maxBytes) throws IOException {
    int searched = from;
    while (true) {
      for (; searched < to; searched++) {
        if (searched - from >= maxBytes) {
          throw new IOException("its response has too long a header");
        }
        if (buffer[searched] == '\n') {
          return line(from, searched);
        }
      }
      int offset = searched - from;
      if (!fill()) {
        throw new EOFException("its response breaks off");
      }
      searched = from + offset;
    }
  }

  private String line(int start, int end) throws IOException {
    if (end == start || buffer[end - 1] != '\r') {
      throw new IOException("its response has a line without CR");
    }
    from = end + 1;
    return new String(buffer, start, end - 1 - start, StandardCharsets.ISO_8859_1);
  }

  /** Waits for more bytes; false if there will be none. */
  private boolean fill() throws IOException {
    if (from == to) {
      from = 0;
      to = 0;
    } else if (to == buffer.length && from > 0) {
      System.arraycopy(buffer, from, buffer, 0, to - from);
      to -= from;
      from = 0;
    } else if (to == buffer.length) {
      buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    }
    int count = source.read(buffer, to, buffer.length - to);
    if (count > 0) {
      to += count;
    }
    return count > 0;
  }

  // ---- the body

  private byte[] body(Head head, int maxBytes) throws IOException {
    String length = head.headers().get("content-length");
    String encoding = head.headers().get("transfer-encoding");
    isReusable = !"close".equalsIgnoreCase(head.headers().get("connection"));
    if (head.status() == 204 || head.status() == 304) {
      return new byte[0];
    }
    if (encoding != null) {
      if (length != null || !encoding.equalsIgnoreCase("chunked")) {
        throw new IOException("its response has an encoding that is not known: " + encoding);
      }
      return chunks(maxBytes);
    }
    if (length == null) {
      isReusable = false;
      return untilTheEnd(maxBytes);
    }
    if (!length.matches("[0-9]{1,9}")) {
      throw new IOException("its response has no valid length");
    }
    return exactly(within(Integer.parseInt(length), maxBytes));
  }

  private static int within(long bytes, int maxBytes) throws IOException {
    if (bytes > maxBytes) {
      throw new IOException("its response is longer than " + maxBytes + " bytes");
    }
    return (int) bytes;
  }

  private byte[] exactly(int length) throws IOException {
    byte[] all = new byte[length];
    int done = Math.min(length, to - from);
    System.arraycopy(buffer, from, all, 0, done);
    from += done;
    while (done < length) {
      int count = source.read(all, done, length - done);
      if (count < 0) {
        throw new EOFException("its response breaks off");
      }
      done += count;
    }
    return all;
  }

  private byte[] chunks(int maxBytes) throws IOException {
    var all = new ByteArrayOutputStream();
    while (true) {
      String size = line(Limits.CHUNK_LINE_BYTES).split(";", 2)[0].strip();
      if (!size.matches("[0-9A-Fa-f]{1,7}")) {
        throw new IOException("its response has a chunk without a valid length");
      }
      int length = Integer.parseInt(size, 16);
      if (length == 0) {
        break;
      }
      var _ = within((long) all.size() + length, maxBytes);
      all.writeBytes(exactly(length));
      if (!line(2).isEmpty()) {
        throw new IOException("its response has a chunk that is longer than announced");
      }
    }
    int left = Limits.RESPONSE_HEADER_BYTES;
    for (String trailer = line(left); !trailer.isEmpty(); trailer = line(left)) {
      left -= trailer.length() + 2;
    }
    return all.toByteArray();
  }

  private byte[] untilTheEnd(int maxBytes) throws IOException {
    var all = new ByteArrayOutputStream();
    do {
      var _ = within((long) all.size() + to - from, maxBytes);
      all.write(buffer, from, to - from);
      from = to;
    } while (fill());
    return all.toByteArray();
  }
}
