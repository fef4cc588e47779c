package parlour.http.websocket;

import org.eclipse.jetty.websocket.core.OpCode;
import parlour.Limits;

/** The kind of a WebSocket's messages. A client that sends the other kind is closed by 1003. */
public enum SocketKind {
  TEXT(OpCode.TEXT, Limits.SOCKET_TEXT_PARTS, "text only"),
  BINARY(OpCode.BINARY, Limits.REALTIME_FRAME_PARTS, "binary only");

  private final byte opcode;
  private final int parts;
  private final String refusal;

  SocketKind(byte opcode, int parts, String refusal) {
    this.opcode = opcode;
    this.parts = parts;
    this.refusal = refusal;
  }

  /** Whether the opcode begins a message of the other kind. */
  boolean refuses(byte begun) {
    return begun != opcode && (begun == OpCode.TEXT || begun == OpCode.BINARY);
  }

  /** The reason in the close frame of a client that sent the other kind. */
  String refusal() {
    return refusal;
  }

  /** The most parts in which a message may arrive. */
  int parts() {
    return parts;
  }
}
