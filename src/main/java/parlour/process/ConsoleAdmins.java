package parlour.process;

import java.util.function.BiFunction;
import parlour.console.Admins;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Endpoint;
import parlour.inbox.Agents;
import parlour.inbox.InboxAdmins;

/** The admins of the console are those of the inbox. */
record ConsoleAdmins(InboxAdmins inbox) implements Admins {
  @Override
  public Endpoint reading(BiFunction<Admin, ApiRequest, ApiResponse> endpoint) {
    return inbox.reading((agent, call) -> endpoint.apply(admin(agent), call));
  }

  @Override
  public Endpoint changing(BiFunction<Admin, ApiRequest, ApiResponse> endpoint) {
    return inbox.changing((agent, call) -> endpoint.apply(admin(agent), call));
  }

  private static Admin admin(Agents.Agent agent) {
    return new Admin(agent.name(), agent.account());
  }
}
