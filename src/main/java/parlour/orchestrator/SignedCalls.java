package parlour.orchestrator;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.proof.MalformedProof;
import parlour.proof.Proof;
import parlour.proof.ProofOutOfTime;
import parlour.proof.SignedCall;

/**
 * Reads the proofs of browsers' calls. What a browser must have signed is made from the call as our
 * routes see it: its path is the one below {@code public.url}, because a proxy can remove a prefix.
 */
public final class SignedCalls {
  private final InstantSource clock;

  public SignedCalls(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Reads the browser's headers and its proof, if it has sent one. The body of a signed call is
   * then refused unless it is the one that was signed.
   *
   * @throws Problem {@link ErrorCode#MALFORMED} if the proof has another form, or {@link
   *     ErrorCode#PROOF_OUT_OF_TIME}; neither says anything about the token
   */
  public BrowserRequest browserRequest(ApiRequest call) {
    SignedCall signed = new SignedCall(
        call.method(), call.path(), call.rawQuery(), call::headerLines, call.hasBody());
    Instant now = clock.instant();
    try {
      Optional<Proof> proof =
          isForOneAnswer(call) ? signed.proofForOneAnswer(now) : signed.proof(now);
      signed.bodyDigest().ifPresent(call::expectBody);
      return BrowserRequest.of(call, proof);
    } catch (MalformedProof malformed) {
      throw problem(malformed);
    } catch (ProofOutOfTime outOfTime) {
      throw new Problem(ErrorCode.PROOF_OUT_OF_TIME, String.valueOf(outOfTime.getMessage()))
          .withServerTime(now);
    }
  }

  /** The answer to a proof without the one form that Parlour reads. */
  public static Problem problem(MalformedProof malformed) {
    return new Problem(ErrorCode.MALFORMED, String.valueOf(malformed.getMessage()));
  }

  /**
   * Whether a copy of the call would do harm: show messages, or undo what followed: an end of a chat
   * that was reopened, and a reopening of one that has ended again. All other calls can be repeated, because their token, or their client_id, is the same.
   */
  private static boolean isForOneAnswer(ApiRequest call) {
    return call.method().equals("GET")
        || call.method().equals("HEAD")
        || call.path().equalsIgnoreCase("/v2/Webchat/End")
        || call.path().equalsIgnoreCase("/v2/Webchat/Reopen");
  }
}
