package parlour.console;

import java.util.function.BiFunction;
import parlour.Sid;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Endpoint;

/**
 * Makes endpoints that only admins can call: any other agent gets 403 with a code of its own, and a
 * browser that is not signed in gets 401.
 */
public interface Admins {
  /**
   * An admin who is signed in.
   *
   * @param name to sign in with
   * @param account to which the admin's agents, deployments and guests belong
   */
  record Admin(String name, Sid.Account account) {}

  Endpoint reading(BiFunction<Admin, ApiRequest, ApiResponse> endpoint);

  /** A change: also refuses calls of other pages. */
  Endpoint changing(BiFunction<Admin, ApiRequest, ApiResponse> endpoint);
}
