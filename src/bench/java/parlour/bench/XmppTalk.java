package parlour.bench;

import java.io.IOException;

/** Two anonymous users of XMPP, each on a WebSocket. */
final class XmppTalk implements Pair.Talk {
  private final XmppUser one;
  private final XmppUser other;

  XmppTalk(int port, String domain) throws IOException {
    one = new XmppUser(port, domain);
    other = new XmppUser(port, domain);
  }

  @Override
  public void say(String body, long number) throws IOException {
    XmppUser from = number % 2 == 1 ? one : other;
    XmppUser to = from.equals(one) ? other : one;
    from.say(to, "m" + number, body);
    var _ = to.expect("<body>" + body + "</body>");
  }

  @Override
  public void close() {
    one.close();
    other.close();
  }
}
