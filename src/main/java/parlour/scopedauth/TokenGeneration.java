package parlour.scopedauth;

import parlour.Sid;

/** A generation of a session's tokens: what a socket was opened with. */
public record TokenGeneration(Sid.Session session, long generation) {}
