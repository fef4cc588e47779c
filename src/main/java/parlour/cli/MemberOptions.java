package parlour.cli;

import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.inbox.DeskMembers;
import picocli.CommandLine.Option;

/** The options that change the members of an address. */
final class MemberOptions {
  @Option(
      names = "--add",
      paramLabel = "NAME",
      description = "An agent of the account who sees its conversations from now on, by the name to"
          + " sign in with. Can be repeated.")
  private List<String> added = List.of();

  @Option(
      names = "--remove",
      paramLabel = "NAME",
      description = "A member who no longer sees them. Without the last member, all agents of the"
          + " account do. Can be repeated.")
  private List<String> removed = List.of();

  boolean isEmpty() {
    return added.isEmpty() && removed.isEmpty();
  }

  void apply(DeskMembers members, Sid.Address address) {
    for (String name : added) {
      Optional<DeskMembers.Obstacle> obstacle = members.add(address, name);
      if (obstacle.isPresent()) {
        throw new UserError(refusal(obstacle.get(), address, name));
      }
    }
    for (String name : removed) {
      if (!members.remove(address, name)) {
        throw new UserError("%s is not a member of %s: parlour addresses members %s shows them all"
            .formatted(name, address.text(), address.text()));
      }
    }
  }

  private static String refusal(DeskMembers.Obstacle obstacle, Sid.Address address, String name) {
    return switch (obstacle) {
      case NO_SUCH_AGENT ->
        "the account of %s has no agent %s: parlour agents list shows them all"
            .formatted(address.text(), name);
      case FULL ->
        "%s has %d members, which is the most that an address can have"
            .formatted(address.text(), Limits.DESK_MEMBERS);
      case TOO_MANY_DESKS ->
        "%d addresses of the account have members, which is the most: remove the members of another"
            .formatted(Limits.DESKS_WITH_MEMBERS);
    };
  }
}
