package parlour.cli;

import java.util.List;
import java.util.stream.Collectors;
import parlour.cli.Completion.Place;
import parlour.cli.Completion.Value;
import parlour.cli.Completion.Word;

/** The completion for fish: one line for each word, with the place at which it is offered. */
final class FishCompletion {
  private FishCompletion() {}

  static String script(List<Place> places) {
    String paths = places.stream()
        .skip(1) // the program itself
        .map(place -> quoted(place.path()))
        .collect(Collectors.joining(" "));
    StringBuilder lines = new StringBuilder("""
        # Completes the commands of parlour, their options and values.
        set -g __parlour_places %s
        function __parlour_at
          set -l place ''
          for word in (commandline -opc)[2..-1]
            if contains -- "$place $word" $__parlour_places
              set place "$place $word"
            end
          end
          test "$place" = "$argv[1]"
        end
        complete -c parlour -f
        """.formatted(paths));
    for (Place place : places) {
      String line = "complete -c parlour -n \"__parlour_at '%s'\"".formatted(place.path());
      place
          .commands()
          .forEach(command -> lines.append(
              "%s -a %s -d %s\n".formatted(line, command.name(), quoted(command.about()))));
      place
          .options()
          .forEach(option ->
              lines.append("%s%s -d %s\n".formatted(line, flags(option), quoted(option.about()))));
      place.parameters().forEach(parameter -> lines.append(parameter(line, parameter)));
    }
    return lines.toString();
  }

  private static String flags(Word option) {
    StringBuilder flags = new StringBuilder();
    for (String name : option.names()) {
      flags.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    return flags
        + switch (option.value()) {
          case Value.None() -> "";
          case Value.Free() -> " -x";
          case Value.File() -> " -r -F";
          case Value.OneOf(List<String> words) -> " -x -a " + quoted(String.join(" ", words));
        };
  }

  private static String parameter(String line, Value parameter) {
    return switch (parameter) {
      case Value.File() -> line + " -F\n";
      case Value.OneOf(List<String> words) ->
        "%s -a %s\n".formatted(line, quoted(String.join(" ", words)));
      case Value.None(), Value.Free() -> "";
    };
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
