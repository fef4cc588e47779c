package parlour.scopedauth;

import java.util.List;
import java.util.Optional;

/**
 * Sessions that a query has found.
 *
 * @param next where to go on; empty if there are no others. A page can have few sessions, or none,
 *     and others can follow: one call looks at a bounded number of sessions
 */
public record SessionPage(List<Session> sessions, Optional<SessionQuery.Place> next) {}
