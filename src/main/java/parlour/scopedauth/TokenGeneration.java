package parlour.scopedauth;

import parlour.Sid;

/** A generation of a session's tokens, with which a socket was opened. */
public record TokenGeneration(Sid.Session session, Generation generation) {}
