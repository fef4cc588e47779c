package parlour.process;

import java.util.List;
import java.util.Set;
import parlour.config.Role;

/**
 * The deployment plan: the roles in the order of their start, each after the roles that it calls.
 *
 * <p>A role that this process runs is called directly. A role that it does not run, but that one of
 * its roles calls, is called over HTTP through the same interface.
 */
final class RoleOrder {
  static final List<Step> STEPS = List.of(
      new Step(Role.SCOPED_AUTH, Set.of(), ScopedAuthRole::local, ScopedAuthRole::remote),
      new Step(
          Role.FEDERATED_AUTH,
          Set.of(Role.SCOPED_AUTH),
          FederatedAuthRole::local,
          FederatedAuthRole::remote),
      new Step(
          Role.CONVERSATIONS,
          Set.of(Role.SCOPED_AUTH),
          ConversationsRole::local,
          ConversationsRole::remote),
      new Step(
          Role.ORCHESTRATOR,
          Set.of(Role.FEDERATED_AUTH, Role.CONVERSATIONS),
          OrchestratorRole::local,
          OrchestratorRole::remote),
      new Step(Role.STARSHIP, Set.of(Role.ORCHESTRATOR), EdgeRole::local, (parts, services) -> {}));

  private RoleOrder() {}

  /** Makes a role's service from the shared parts and from the services that it calls. */
  @FunctionalInterface
  interface Start {
    void with(SharedParts parts, Services services);
  }

  /**
   * One role of the plan.
   *
   * @param calls the roles whose services it calls
   * @param local makes its service in this process
   * @param remote makes a client for its service in other processes
   */
  record Step(Role role, Set<Role> calls, Start local, Start remote) {}

  /** Starts the roles of this process, and makes clients for the other roles that they call. */
  static Services start(SharedParts parts) {
    Services services = new Services();
    for (Step step : STEPS) {
      if (parts.config.runs(step.role())) {
        step.local().with(parts, services);
      } else if (isCalled(step.role(), parts)) {
        step.remote().with(parts, services);
      }
    }
    return services;
  }

  private static boolean isCalled(Role role, SharedParts parts) {
    return STEPS.stream()
        .anyMatch(step -> step.calls().contains(role) && parts.config.runs(step.role()));
  }
}
