package parlour.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import parlour.Sid;

/**
 * The cost of guests' calls before and after a change: two builds of Parlour, each over a folder of
 * its own that it has set up itself, take the load in turns. The guests have no keys, or, with {@code
 * bound}, those of the build after the change do: a commit from before bound sessions shows their
 * whole cost.
 *
 * <p>{@code ./dev bench compare COMMIT [rounds] [seconds per window] [connections] [bound]}; {@code
 * ./dev} builds the commit, and gives the jar and both names.
 */
public final class CompareBench {
  private static final Pattern ADDRESS = Pattern.compile("IG[0-9a-f]{32}");
  private static final String BOUND = "bound";
  private static final Pattern DEPLOYMENT = Pattern.compile("CV[0-9a-f]{32}");

  private CompareBench() {}

  /** A running build with a deployment. */
  private record Build(Subject subject, Sid.Deployment deployment) implements AutoCloseable {
    static Build start(String name, Path jar) throws IOException, InterruptedException {
      Path folder = Leftovers.folder();
      Subject subject = Subject.of(jar, name, folder, Subject.freePort()).awaitPort();
      String address = made(jar, folder, ADDRESS, "addresses", "create", "--name=Bench");
      String deployment = made(
          jar,
          folder,
          DEPLOYMENT,
          "deployments",
          "create",
          "--name=Bench",
          "--address=" + address,
          "--origin=" + Shop.ORIGIN);
      return new Build(subject, new Sid.Deployment(deployment));
    }

    /** Runs a command of this build; returns the sid that it prints. */
    private static String made(Path jar, Path folder, Pattern sid, String... command)
        throws IOException, InterruptedException {
      List<String> line = new ArrayList<>(Subject.JAVA);
      line.addAll(List.of("-jar", jar.toString()));
      line.addAll(List.of(command));
      line.add("--data=" + folder);
      Process process = new ProcessBuilder(line)
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher found = sid.matcher(said);
      if (process.waitFor() != 0 || !found.find()) {
        throw new IllegalStateException(String.join(" ", command) + ": " + said);
      }
      return found.group();
    }

    Turns.Side doing(Action action, int connections, Guest.Proofs proofs) {
      return new Turns.Side(
          subject.name(),
          subject::processorTime,
          Callers.guests(subject.port(), deployment, action, connections, proofs));
    }

    @Override
    public void close() {
      subject.close();
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path jarBefore = Path.of(arguments[0]);
    String nameBefore = arguments[1];
    String nameAfter = arguments[2];
    int rounds = Figures.argument(arguments, 3, 15);
    Duration window = Duration.ofSeconds(Figures.argument(arguments, 4, 3));
    int connections = Figures.argument(arguments, 5, 64);
    boolean isBound = arguments.length > 6;
    if (isBound && !arguments[6].equals(BOUND)) {
      throw new IllegalArgumentException(arguments[6] + ": after the connections comes " + BOUND);
    }
    List<Action> actions = new ArrayList<>(List.of(Action.REFRESH, Action.MESSAGE, Action.HISTORY));
    if (isBound) {
      actions.add(Action.INIT);
    }
    try (Build before = Build.start("before", jarBefore);
        Build after = Build.start("after", Path.of(System.getProperty("parlour.jar")))) {
      System.out.printf(
          "%s; %d connections; before: %s; after: %s%s%n",
          Figures.machine(),
          connections,
          nameBefore,
          nameAfter,
          isBound ? ", whose guests have keys" : "");
      for (Action action : actions) {
        new Turns(
                before.doing(
                    action, connections, isBound ? Guest.Proofs.NOT_SENT : Guest.Proofs.NONE),
                after.doing(action, connections, isBound ? Guest.Proofs.SENT : Guest.Proofs.NONE))
            .compare(action.inWords(), rounds, window);
      }
    }
  }
}
