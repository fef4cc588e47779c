package parlour.orchestrator;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import parlour.Unavailable;
import parlour.errors.Problem;

/**
 * The open sockets of guests' browsers, which are checked again after each change of the directory:
 * their deployment may have been deleted, or their page removed from its list.
 */
public final class AdmittedSockets {
  private final Set<Admitted> open = ConcurrentHashMap.newKeySet();

  /** The version of the directory for which all open sockets were checked. */
  private long directoryVersion;

  /** One open socket. */
  public interface Admitted {
    /**
     * Checks that the directory still allows the socket.
     *
     * @throws Problem if it does not
     * @throws Unavailable in an outage, which closes no socket
     */
    void readmit();

    /**
     * Closes the socket for good, and sends the reason, unless it is closed already. It may wait for
     * a slow client.
     */
    void refuse(Problem problem);
  }

  /**
   * Runs the life of a socket. It must read the configuration only in there, so that no later change
   * is missed.
   */
  public void during(Admitted socket, Runnable life) {
    open.add(socket);
    try {
      life.run();
    } finally {
      open.remove(socket);
    }
  }

  /**
   * Closes the sockets that a change of the directory forbids. Only the process's scheduler calls
   * this, so there is no lock.
   *
   * @param version of the directory; nothing is done if it is the version of the last call
   */
  public void directoryIs(long version) {
    if (version == directoryVersion) {
      return;
    }
    for (Admitted socket : open) {
      if (!check(socket)) {
        return; // an outage, which the other checks would wait for, too; the next call tries again
      }
    }
    directoryVersion = version;
  }

  /** Returns false if an outage prevented the check. */
  private static boolean check(Admitted socket) {
    try {
      socket.readmit();
    } catch (Unavailable outage) {
      return false;
    } catch (Problem problem) {
      if (problem.isTemporary()) {
        return false;
      }
      // On a thread of its own, so that a slow client does not delay the check of the others.
      Thread.startVirtualThread(() -> socket.refuse(problem));
    }
    return true;
  }
}
