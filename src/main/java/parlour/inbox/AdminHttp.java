package parlour.inbox;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import parlour.conversations.TeamConversations;
import parlour.errors.Errors;
import parlour.http.server.Routes;
import parlour.ledger.Ledger;

/** The routes of the console about agents, beside those of {@code ConsoleHttp}. */
public final class AdminHttp {
  private static final String API = InboxHttp.API + "/console";

  private final AdminEndpoints admins;
  private final RosterEndpoints roster;

  /**
   * @param team which a removed agent leaves
   * @param notes where the admins' changes are noted
   */
  public AdminHttp(
      AdminEndpoints admins,
      SqlAgentRoster roster,
      DeskMembers members,
      TeamConversations team,
      Ledger notes,
      InstantSource clock,
      SecureRandom random) {
    this.admins = admins;
    this.roster = new RosterEndpoints(roster, members, team, notes, clock, random);
  }

  /** Adds the routes to several listeners. */
  public void serve(List<Routes> listeners) {
    listeners.forEach(this::serve);
  }

  private void serve(Routes routes) {
    routes.get(API + "/agents", admins.reading(roster::list), Errors.PLAIN);
    routes.post(API + "/agents", admins.changing(roster::create), Errors.PLAIN);
    routes.post(API + "/agents/reset", admins.changing(roster::reset), Errors.PLAIN);
    routes.post(API + "/agents/role", admins.changing(roster::changeRole), Errors.PLAIN);
    routes.post(API + "/agents/remove", admins.changing(roster::remove), Errors.PLAIN);
    routes.post(API + "/agents/admit", admins.changing(roster::admit), Errors.PLAIN);
  }
}
