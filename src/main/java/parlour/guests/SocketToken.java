package parlour.guests;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.orchestrator.SignedCalls;
import parlour.proof.MalformedProof;
import parlour.proof.Proof;
import parlour.proof.SocketChallenge;
import parlour.scopedauth.GuestToken;

/**
 * A token that a client presents on its socket.
 *
 * @param proof empty if the client has sent none, because its session is not bound to a key
 */
record SocketToken(GuestToken token, Optional<Proof> proof) {

  /**
   * Reads the fields {@code token} and {@code proof} of a text.
   *
   * @param challenge the one that was sent on this socket
   */
  static SocketToken of(
      Map<String, @Nullable Object> message, Sid.Deployment deployment, SocketChallenge challenge) {
    if (!(message.get("token") instanceof String token)) {
      throw GuestStream.malformed("Send the token as a string.");
    }
    return new SocketToken(
        new GuestToken(token),
        Optional.ofNullable(message.get("proof"))
            .map(proof -> proof(token, proof, deployment, challenge)));
  }

  private static Proof proof(
      String token, Object proof, Sid.Deployment deployment, SocketChallenge challenge) {
    if (!(proof instanceof String mac)) {
      throw GuestStream.malformed("Send the proof as a string, or none.");
    }
    try {
      return challenge.proofOf(token, deployment.text(), mac);
    } catch (MalformedProof malformed) {
      throw SignedCalls.problem(malformed);
    }
  }
}
