package parlour.demo;

import java.net.URI;
import parlour.config.Config;

/** The actions of an operator in the demo, done with the command line's own commands. */
public interface Operator {
  /** Prints a line of the demo's output. */
  void say(String line);

  /** Prints a line about a problem that does not end the demo. */
  void complain(String line);

  /**
   * Creates an account with an address and a deployment.
   *
   * @param origin the origin of the pages that may use the deployment
   * @return the deployment's key
   */
  String deploy(Config config, String origin);

  /**
   * Fetches the trace of a request.
   *
   * @param starship the internal address of the process that runs the edge
   * @return the trace as a sequence diagram
   */
  String trace(URI starship, Config config, String id);
}
