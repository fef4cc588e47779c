package parlour.cli;

import java.util.List;
import java.util.stream.Collectors;
import parlour.cli.Completion.Place;
import parlour.cli.Completion.Value;
import parlour.cli.Completion.Word;

/** The completion for zsh, as a function that can also be loaded by its name. */
final class ZshCompletion {
  private ZshCompletion() {}

  static String script(List<Place> places) {
    StringBuilder values = new StringBuilder();
    StringBuilder words = new StringBuilder();
    for (Place place : places) {
      place.options().forEach(option -> values.append(valuesOf(place, option)));
      words.append(wordsOf(place));
    }
    String paths = places.stream()
        .skip(1) // the program itself
        .map(place -> quoted(place.path()))
        .collect(Collectors.joining("|"));
    return """
        #compdef parlour
        # Completes the commands of parlour, their options and values.
        _parlour() {
          local place='' word
          local -a commands options
          for word in "${(@)words[2,CURRENT-1]}"; do
            case "$place $word" in
              %s) place="$place $word" ;;
            esac
          done
          case "$place ${words[CURRENT-1]}" in
        %s  esac
          case "$place" in
        %s  esac
          if [[ ${words[CURRENT]} == -* ]]; then
            _describe -o option options
          elif (( ${#commands} )); then
            _describe command commands
          fi
        }
        if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
          _parlour "$@"
        else
          compdef _parlour parlour
        fi
        """.formatted(paths, values, words);
  }

  /** The case in which the word before is an option with a value. */
  private static String valuesOf(Place place, Word option) {
    String names = option.names().stream()
        .map(name -> quoted(place.path() + " " + name))
        .collect(Collectors.joining("|"));
    return switch (option.value()) {
      case Value.None() -> "";
      case Value.Free() -> "    %s) return ;;\n".formatted(names);
      case Value.File() -> "    %s) _files; return ;;\n".formatted(names);
      case Value.OneOf(List<String> words) ->
        "    %s) compadd -- %s; return ;;\n".formatted(names, String.join(" ", words));
    };
  }

  /** The case in which the word before is a command, or anything that belongs to it. */
  private static String wordsOf(Place place) {
    StringBuilder body = new StringBuilder();
    if (!place.commands().isEmpty()) {
      body.append("      commands=(%s)\n".formatted(described(place.commands())));
    }
    body.append("      options=(%s)\n".formatted(described(place.options())));
    for (Value parameter : place.parameters()) {
      switch (parameter) {
        case Value.File() -> body.append("      [[ ${words[CURRENT]} == -* ]] || _files\n");
        case Value.OneOf(List<String> words) ->
          body.append("      [[ ${words[CURRENT]} == -* ]] || compadd -- %s\n"
              .formatted(String.join(" ", words)));
        case Value.None(), Value.Free() -> {}
      }
    }
    return "    %s)\n%s      ;;\n".formatted(quoted(place.path()), body);
  }

  private static String described(List<Word> words) {
    return words.stream()
        .map(word -> quoted(word.name().replace(":", "\\:") + ":" + word.about()))
        .collect(Collectors.joining(" "));
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
