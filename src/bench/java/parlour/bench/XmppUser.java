package parlour.bench;

import java.io.IOException;

/** An anonymous user of XMPP on a WebSocket (RFC 7395): signed in with SASL ANONYMOUS, and bound. */
final class XmppUser implements AutoCloseable {
  private static final String OPEN =
      "<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" to=\"%s\" version=\"1.0\"/>";

  private final Line line;
  private final String address;

  XmppUser(int port, String domain) throws IOException {
    line = new Line(port, "Sec-WebSocket-Protocol: xmpp\n").upgrade("/ws");
    line.say(OPEN.formatted(domain));
    var _ = expect("<mechanism>ANONYMOUS</mechanism>");
    line.say("<auth xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\" mechanism=\"ANONYMOUS\"/>");
    var _ = expect("<success");
    line.say(OPEN.formatted(domain));
    var _ = expect("<bind");
    line.say("<iq xmlns=\"jabber:client\" type=\"set\" id=\"bind\">"
        + "<bind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"/></iq>");
    String bound = expect("<jid>");
    address = bound.substring(bound.indexOf("<jid>") + 5, bound.indexOf("</jid>"));
    line.say("<presence xmlns=\"jabber:client\"/>");
    var _ = expect("<presence");
  }

  /** Returns the next stanza with this text; skips others. */
  String expect(String text) throws IOException {
    while (true) {
      String stanza = line.hear();
      if (stanza.contains(text)) {
        return stanza;
      }
      if (stanza.contains("type='error'") || stanza.contains("<close")) {
        throw new IllegalStateException(stanza);
      }
    }
  }

  void say(XmppUser to, String id, String body) throws IOException {
    line.say(
        "<message xmlns=\"jabber:client\" type=\"chat\" id=\"%s\" to=\"%s\"><body>%s</body></message>"
            .formatted(id, to.address, body));
  }

  @Override
  public void close() {
    line.close();
  }
}
