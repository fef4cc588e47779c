package parlour.media;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import parlour.Limits;
import parlour.Unavailable;

/**
 * Scans files with ClamAV's daemon, by the command INSTREAM of its protocol (clamd(8)): chunks with
 * their length before them, and a length of 0 at the end.
 */
public final class ClamAv implements MediaScanner {
  private final InetSocketAddress address;

  public ClamAv(InetSocketAddress address) {
    this.address = address;
  }

  @Override
  public boolean isClean(InputStream file) {
    String answer;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.getHostString(), address.getPort()), (int)
          Limits.MEDIA_SCAN_CONNECT.toMillis());
      socket.setSoTimeout((int) Limits.MEDIA_SCAN_DEADLINE.toMillis());
      answer = scan(file, socket);
    } catch (IOException e) {
      throw new Unavailable("ClamAV", "it does not answer", e);
    }
    if (answer.equals("stream: OK")) {
      return true;
    }
    if (answer.endsWith(" FOUND")) {
      return false;
    }
    throw new Unavailable("ClamAV", "it cannot scan a file: " + answer, null);
  }

  private static String scan(InputStream file, Socket socket) throws IOException {
    var out = new DataOutputStream(socket.getOutputStream());
    out.write("zINSTREAM\0".getBytes(StandardCharsets.US_ASCII));
    byte[] buffer = new byte[Limits.MEDIA_CHUNK];
    for (int read = file.read(buffer); read >= 0; read = file.read(buffer)) {
      if (read > 0) { // a length of 0 would end the file
        out.writeInt(read);
        out.write(buffer, 0, read);
      }
    }
    out.writeInt(0);
    out.flush();
    byte[] answer = socket.getInputStream().readNBytes(Limits.MEDIA_SCAN_ANSWER);
    return new String(answer, StandardCharsets.UTF_8).replace("\0", "").strip();
  }
}
