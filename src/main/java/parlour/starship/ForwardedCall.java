package parlour.starship;

import java.time.Duration;
import parlour.errors.ErrorCode;
import parlour.http.websocket.SocketKind;

/**
 * The facts of a call that the edge needs to forward it.
 *
 * @param outage the code of its 503
 * @param deadline of the whole call, from the end of its headers to the last byte of the answer;
 *     for a call without a file shorter than the listener's idle timeout, which would end a quiet
 *     call without an answer
 * @param bodyBytes the largest body that is forwarded
 * @param hasFile whether its body or its answer is a file, which can take minutes
 * @param isPatient whether its handshake waits, until the deadline, for a node that accepts it
 * @param socketKind what a browser may send on its WebSocket
 */
public record ForwardedCall(
    ErrorCode outage,
    Duration deadline,
    long bodyBytes,
    boolean hasFile,
    boolean isPatient,
    SocketKind socketKind) {}
