package parlour.inbox;

import java.util.Optional;
import java.util.function.BiFunction;
import parlour.accounts.Origin;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Endpoint;
import parlour.ledger.Ledger;

/** Makes endpoints for the admins who are signed in at the inbox, for the console. */
public final class InboxAdmins {
  private final SignInEndpoints signIn;

  /**
   * @param publicUrl the address at which browsers open the inbox, if it is configured
   * @param notes where a call for admins is noted that another agent makes
   */
  public InboxAdmins(AgentAuthenticator signIn, Optional<String> publicUrl, Ledger notes) {
    this.signIn = new SignInEndpoints(signIn, publicUrl.flatMap(Origin::of), notes);
  }

  public Endpoint reading(BiFunction<Agents.Agent, ApiRequest, ApiResponse> endpoint) {
    return signIn.readingAsAdmin(endpoint);
  }

  /** An action of a person at the page; refuses calls of other pages. */
  public Endpoint changing(BiFunction<Agents.Agent, ApiRequest, ApiResponse> endpoint) {
    return signIn.administering(endpoint);
  }
}
