package parlour.http.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import parlour.http.client.Nodes.Node;
import parlour.http.client.RetryPolicy.Attempt;

/** The attempts to get one call answered: the nodes that got it, and the time that is left. */
public final class Attempts {
  private final Nodes nodes;
  private final RetryPolicy policy;
  private final long end;
  private final List<Node> tried = new ArrayList<>();
  private boolean wasRepeated;

  /**
   * @param deadline of the whole call, which begins now
   */
  public Attempts(Nodes nodes, RetryPolicy policy, Duration deadline) {
    this.nodes = nodes;
    this.policy = policy;
    this.end = System.nanoTime() + deadline.toNanos();
  }

  /** Chooses the node of the first attempt. */
  public void begin() {
    tried.add(nodes.next(tried).orElseThrow());
  }

  /** Begins again with all nodes: none of them has taken the call. */
  public void beginAgain() {
    tried.clear();
    begin();
  }

  /** The node of the current attempt. */
  public Node node() {
    return tried.getLast();
  }

  /** Nanoseconds until the deadline; negative after it. */
  public long nanosLeft() {
    return end - System.nanoTime();
  }

  /** Whether the call could go to another node after the current one. */
  boolean areNodesLeft() {
    return nodes.areLeft(tried);
  }

  /**
   * Decides whether the call is sent again, and chooses the node.
   *
   * @param isSendable whether the caller still has the whole call
   * @return whether there is another attempt, at {@link #node}
   */
  public boolean hasNext(Attempt attempt, boolean isSendable) {
    if (attempt.isNodesFault()) {
      node().avoid();
    }
    return isSendable && next(attempt).map(tried::add).orElse(false);
  }

  /**
   * Decides whether all nodes may get the call once more after a pause. A call that a node received
   * and lost is sent again only once, here or by {@link #hasNext}.
   */
  public boolean hasAnotherRound(Attempt attempt) {
    if (attempt.isNodesFault()) {
      return true;
    }
    boolean isRepeated = attempt.isLost() && !wasRepeated;
    wasRepeated |= isRepeated;
    return isRepeated;
  }

  private Optional<Node> next(Attempt attempt) {
    return switch (policy.after(attempt, wasRepeated, nanosLeft())) {
      case GIVE_UP -> Optional.empty();
      case OTHER_NODE -> nodes.next(tried);
      case ONCE_MORE_AT_OTHER_NODE -> {
        Optional<Node> other = nodes.next(tried);
        wasRepeated = other.isPresent();
        yield other;
      }
      case ONCE_MORE_AT_ANY_NODE -> {
        wasRepeated = true;
        yield nodes.next(tried).or(() -> Optional.of(node()));
      }
    };
  }
}
