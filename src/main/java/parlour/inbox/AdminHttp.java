package parlour.inbox;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import parlour.accounts.Accounts;
import parlour.conversations.Conversations;
import parlour.conversations.TeamConversations;
import parlour.events.EventBus;
import parlour.http.server.Routes;
import parlour.ledger.Ledger;

/** The routes of the console about agents and desks, beside those of {@code ConsoleHttp}. */
public final class AdminHttp {
  private static final String API = InboxHttp.API + "/console";

  private final InboxAdmins admins;
  private final RosterEndpoints roster;
  private final DeskEndpoints desks;

  /**
   * @param team takes a removed agent out of the conversations
   * @param notes where the admins' changes are noted
   */
  public AdminHttp(
      InboxAdmins admins,
      SqlAgentRoster roster,
      DeskMembers members,
      Accounts accounts,
      Conversations conversations,
      TeamConversations team,
      Ledger notes,
      EventBus events,
      InstantSource clock,
      SecureRandom random) {
    this.admins = admins;
    this.roster = new RosterEndpoints(roster, members, team, notes, clock, random);
    this.desks = new DeskEndpoints(accounts, members, conversations, notes, events, clock, random);
  }

  /** Adds the routes to several listeners. */
  public void serve(List<Routes> listeners) {
    listeners.forEach(this::serve);
  }

  private void serve(Routes routes) {
    routes.get(API + "/agents", admins.reading(roster::list));
    routes.post(API + "/agents", admins.changing(roster::create));
    routes.post(API + "/agents/reset", admins.changing(roster::reset));
    routes.post(API + "/agents/role", admins.changing(roster::changeRole));
    routes.post(API + "/agents/remove", admins.changing(roster::remove));
    routes.post(API + "/agents/admit", admins.changing(roster::admit));
    routes.get(API + "/desks", admins.reading(desks::list));
    routes.post(API + "/desks", admins.changing(desks::create));
    routes.post(API + "/desks/change", admins.changing(desks::change));
    routes.post(API + "/desks/members", admins.changing(desks::addMember));
    routes.post(API + "/desks/members/remove", admins.changing(desks::removeMember));
  }
}
