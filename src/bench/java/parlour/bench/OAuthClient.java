package parlour.bench;

import java.io.IOException;

/**
 * Renews its tokens by the refresh_token grant (RFC 6749 §6), each time with the newest one: the
 * same that a guest's reload is for Parlour.
 */
final class OAuthClient implements Caller {
  private final int port;
  private final String path;
  private final String headers;
  private final String client;
  private final Login login;
  private Line line;
  private String refreshToken;

  /** How a client comes by its first refresh token. */
  interface Login {
    String refreshToken(Line line) throws IOException;
  }

  /**
   * @param headers beside those of every form, each with its line end
   * @param client what of the form says who calls
   */
  OAuthClient(int port, String path, String headers, String client, Login login)
      throws IOException {
    this.port = port;
    this.path = path;
    this.headers = headers;
    this.client = client;
    this.login = login;
    line = new Line(port, headers);
    refreshToken = login.refreshToken(line);
  }

  /** Posts a form to a token endpoint. */
  static Line.Answer post(Line line, String path, String form) throws IOException {
    return line.post(path, "Content-Type: application/x-www-form-urlencoded\r\n", form, 200);
  }

  @Override
  public void connect() throws IOException {
    line.close();
    line = new Line(port, headers);
  }

  @Override
  public void call() throws IOException {
    String form = "grant_type=refresh_token" + client + "&refresh_token=" + refreshToken;
    String next = post(line, path, form).text("refresh_token");
    if (next.equals(refreshToken)) {
      throw new IllegalStateException("the token was not rotated");
    }
    refreshToken = next;
  }

  @Override
  public void recover() throws IOException {
    connect();
    refreshToken = login.refreshToken(line);
  }

  @Override
  public void close() {
    line.close();
  }
}
