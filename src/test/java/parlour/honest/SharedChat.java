package parlour.honest;

import java.time.Instant;
import java.util.Optional;
import parlour.Sid;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.scopedauth.GuestToken;
import parlour.spec.Browser;
import parlour.spec.GuestKey;

/**
 * A chat that has just begun, of a guest with a key. Many histories begin with it, one after the
 * other, because an agreement on a key takes longer than a history.
 *
 * @param thiefsKey another key for this conversation
 */
record SharedChat(
    HonestServer server,
    GuestKey key,
    GuestKey thiefsKey,
    Sid.Conversation conversation,
    GuestToken token,
    Instant expires) {

  static SharedChat begin(HonestServer server) {
    GuestKey key = GuestKey.next();
    GuestKey thiefsKey = GuestKey.next();
    FlexWebchatOrchestrator.Chat chat = server.init(
        Browser.CHROME_ON_WINDOWS.headers(), Optional.of(key.publicKey()), GuestKey.nonce());
    key.agree(chat.proofKey().orElseThrow(), chat.conversation().text());
    thiefsKey.agree(GuestKey.next().publicKey(), chat.conversation().text());
    server.keep();
    return new SharedChat(
        server, key, thiefsKey, chat.conversation(), chat.token(), chat.expiration());
  }
}
