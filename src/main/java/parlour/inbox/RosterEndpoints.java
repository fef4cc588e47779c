package parlour.inbox;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Unavailable;
import parlour.accounts.GeneratedSecrets;
import parlour.conversations.TeamConversations;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;

/** The endpoints by which an admin manages the agents of the account, as the commands do. */
final class RosterEndpoints {
  private final AgentRoster roster;
  private final DeskMembers members;
  private final TeamConversations team;
  private final Ledger notes;
  private final InstantSource clock;
  private final SecureRandom random;

  /**
   * @param team takes a removed agent out of the conversations
   * @param notes where the admins' changes are noted
   */
  RosterEndpoints(
      AgentRoster roster,
      DeskMembers members,
      TeamConversations team,
      Ledger notes,
      InstantSource clock,
      SecureRandom random) {
    this.roster = roster;
    this.members = members;
    this.team = team;
    this.notes = notes;
    this.clock = clock;
    this.random = random;
  }

  /**
   * An agent.
   *
   * @param secondFactor null: only the identity provider knows
   * @param lastSignIn null: not known, because no browser is signed in
   */
  record ListedForm(
      String name,
      String displayName,
      String role,
      boolean isOfProvider,
      @Nullable Boolean secondFactor,
      @Nullable String lastSignIn) {
    static ListedForm of(AgentRoster.Listed listed) {
      Agents.Agent agent = listed.agent();
      return new ListedForm(
          agent.name(),
          agent.displayName(),
          agent.role().word(),
          listed.isOfProvider(),
          listed.isOfProvider() ? null : listed.hasSecondFactor(),
          listed.lastSignIn().map(Instant::toString).orElse(null));
    }
  }

  /**
   * The agents of the account.
   *
   * @param removed the agents of an identity provider who were removed, and stay out
   */
  record ListAnswer(List<ListedForm> agents, List<String> removed) {}

  ApiResponse list(Agents.Agent admin, ApiRequest call) {
    return ApiResponse.json(
        200,
        new ListAnswer(
            roster.list(admin.account(), Limits.AGENTS_LISTED).stream()
                .map(ListedForm::of)
                .toList(),
            roster.removed(admin.account(), Limits.AGENTS_LISTED)));
  }

  /** The password of an agent, of which the store has only a digest. */
  record PasswordAnswer(String name, String password) {}

  ApiResponse create(Agents.Agent admin, ApiRequest call) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    String name = checked("name", fields.required("name").strip(), Agents.Agent::checkName);
    String displayName = checked(
        "display_name",
        fields
            .optional("display_name")
            .map(String::strip)
            .orElse(Agents.Agent.DEFAULT_DISPLAY_NAME),
        Agents.Agent::checkDisplayName);
    Agents.Role role = role(fields);
    String password = GeneratedSecrets.next(random);
    demand(
        name,
        roster.create(
            admin.name(),
            new Agents.Agent(
                name,
                admin.account(),
                Agents.Agent.nextIdentity(random),
                displayName,
                role,
                clock.instant()),
            GeneratedSecrets.digest(password)));
    note(admin, "agent created", name);
    return ApiResponse.json(200, new PasswordAnswer(name, password));
  }

  ApiResponse reset(Agents.Agent admin, ApiRequest call) {
    String name = name(call.fields(Limits.SMALL_BODY));
    String password = GeneratedSecrets.next(random);
    demand(
        name, roster.reset(admin.account(), admin.name(), name, GeneratedSecrets.digest(password)));
    note(admin, "password reset", name);
    return ApiResponse.json(200, new PasswordAnswer(name, password));
  }

  ApiResponse changeRole(Agents.Agent admin, ApiRequest call) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    String name = name(fields);
    Agents.Role role = role(fields);
    demand(name, roster.changeRole(admin.account(), admin.name(), name, role));
    note(
        admin,
        switch (role) {
          case ADMIN -> "role changed to admin";
          case AGENT -> "role changed to agent";
          case AUDITOR -> "role changed to auditor";
        },
        name);
    return ApiResponse.empty(204);
  }

  /**
   * An agent was removed.
   *
   * @param hasLeft whether the guests' conversations no longer name the agent; otherwise some do,
   *     until another agent claims them
   */
  record RemovedAnswer(boolean hasLeft) {}

  ApiResponse remove(Agents.Agent admin, ApiRequest call) {
    String name = name(call.fields(Limits.SMALL_BODY));
    Optional<Agents.Agent> agent = roster.find(admin.account(), name);
    demand(name, roster.remove(admin.account(), admin.name(), name));
    note(admin, "agent removed", name);
    return ApiResponse.json(
        200, new RemovedAnswer(agent.map(this::leaveConversations).orElse(false)));
  }

  /** A removal does not fail for this, and does not wait for more conversations than a call can. */
  private boolean leaveConversations(Agents.Agent removed) {
    try {
      for (int call = 0; call < Limits.LEAVING_CALLS; call++) {
        if (team.leaveAll(removed.account(), removed.identity()) < Limits.LEFT_AT_ONCE) {
          return true;
        }
      }
      return false;
    } catch (Unavailable e) {
      return false;
    }
  }

  ApiResponse admit(Agents.Agent admin, ApiRequest call) {
    String name = name(call.fields(Limits.SMALL_BODY));
    demand(name, roster.admit(admin.account(), admin.name(), name));
    note(admin, "agent admitted", name);
    return ApiResponse.empty(204);
  }

  private void note(Agents.Agent admin, String what, String name) {
    notes.add(LedgerNote.of(LedgerNote.CONSOLE, what).by(admin.name(), name));
  }

  private void demand(String name, AgentRoster.Outcome outcome) {
    switch (outcome) {
      case DONE -> {}
      case UNKNOWN ->
        throw new Problem(ErrorCode.NOT_FOUND, "Your account has no such agent: " + shown(name));
      case NOT_ADMIN -> throw new Problem(ErrorCode.ROLE_TOO_LOW);
      case ONESELF -> throw new Problem(ErrorCode.OWN_AGENT);
      case OF_PROVIDER -> throw new Problem(ErrorCode.AGENT_OF_PROVIDER);
      case NAME_TAKEN ->
        throw new Problem(
            ErrorCode.AGENT_NAME_TAKEN,
            "There is already an agent with the name %s in this installation: choose another one."
                .formatted(name));
      case FULL ->
        throw new Problem(
            ErrorCode.MALFORMED,
            "Your account has %d agents, and cannot have more: remove one first."
                .formatted(Limits.AGENTS_LISTED));
      case ONLY_MEMBER -> throw onlyMember(name);
    }
  }

  private Problem onlyMember(String name) {
    String desk = members.onlyMemberOf(name).stream()
        .findFirst()
        .map(address -> address.text())
        .orElse("a desk");
    return new Problem(
        ErrorCode.ONLY_MEMBER_OF_DESK,
        "%s is the only member of %s, and without members all agents would see it: add another member, or"
                .formatted(name, desk)
            + " open the desk to all, and repeat.");
  }

  private static String shown(String name) {
    return name.length() <= Limits.AGENT_NAME_CHARACTERS ? name + "." : "the name is too long.";
  }

  private static String name(RequestFields fields) {
    return fields.required("name");
  }

  private static Agents.Role role(RequestFields fields) {
    String word = fields.required("role");
    try {
      return Agents.Role.parse(word);
    } catch (IllegalArgumentException e) {
      throw wrong("role", e);
    }
  }

  private static String checked(String field, String value, Consumer<String> check) {
    try {
      check.accept(value);
      return value;
    } catch (IllegalArgumentException e) {
      throw wrong(field, e);
    }
  }

  private static Problem wrong(String field, IllegalArgumentException why) {
    return new Problem(
        ErrorCode.MALFORMED, "The field \"%s\": %s.".formatted(field, why.getMessage()));
  }
}
