package parlour.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs several command lines in one process, because each start of Java costs a second of processor
 * time. Both outputs say where the output of each command ends, stdout with its exit code.
 */
final class Commands {
  /** Ends each command line in the arguments, and its output. */
  static final String END = "<end of command>";

  private Commands() {}

  public static void main(String[] arguments) {
    List<String> line = new ArrayList<>();
    for (String argument : arguments) {
      if (argument.equals(END)) {
        int exit = Cli.run(line.toArray(String[]::new));
        System.out.println(END + exit);
        System.err.println(END);
        line.clear();
      } else {
        line.add(argument);
      }
    }
    System.exit(0);
  }

  /** The output of each command. */
  static List<Typed> results(Started commands) {
    String[] out = commands.out().split(END, -1);
    String[] err = commands.err().split(END + "\n", -1);
    List<Typed> results = new ArrayList<>();
    String printed = out[0];
    for (int i = 1; i < out.length; i++) {
      String[] codeAndNext = out[i].split("\n", 2);
      results.add(new Typed(Integer.parseInt(codeAndNext[0]), printed, err[i - 1]));
      printed = codeAndNext[1];
    }
    return results;
  }
}
