package parlour.scopedauth;

import java.time.Instant;
import parlour.Sid;

/** The record that a token of a conversation's guest was refused, and when that last happened. */
public record RefusedToken(Sid.Conversation conversation, Instant at) {}
