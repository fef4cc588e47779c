package parlour.cli;

import static java.util.stream.Collectors.joining;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import parlour.config.Role;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The words that a shell can offer, read from the declarations of the commands. */
final class Completion {
  private Completion() {}

  /**
   * A command, and the words that can follow it.
   *
   * @param path its words, each after a space; empty for the program itself
   */
  record Place(String path, List<Word> commands, List<Word> options, List<Value> parameters) {}

  /**
   * A command or an option.
   *
   * @param names all spellings, the longest last
   */
  record Word(List<String> names, String about, Value value) {
    String name() {
      return names.getLast();
    }
  }

  /** The value that follows an option, or takes the place of a parameter. */
  sealed interface Value {
    /** A flag: nothing follows it. */
    record None() implements Value {}

    /** A text that only the operator knows. */
    record Free() implements Value {}

    record File() implements Value {}

    record OneOf(List<String> words) implements Value {}
  }

  /** Each command with its place, parents before children. */
  static List<Place> places(CommandLine program) {
    List<Place> places = new ArrayList<>();
    add(places, "", program);
    return places;
  }

  private static void add(List<Place> places, String path, CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    List<Word> commands = command.getSubcommands().entrySet().stream()
        .map(sub -> new Word(
            List.of(sub.getKey()),
            about(sub.getValue().getCommandSpec().usageMessage()),
            new Value.None()))
        .toList();
    List<Word> options = spec.options().stream()
        .map(option -> new Word(
            Arrays.stream(option.names())
                .sorted(Comparator.comparingInt(String::length))
                .toList(),
            firstSentence(option.description()),
            value(option)))
        .toList();
    List<Value> parameters = command.getCommand() instanceof HelpCommand
        ? List.of(
            new Value.OneOf(List.copyOf(command.getParent().getSubcommands().keySet())))
        : spec.positionalParameters().stream().map(Completion::value).toList();
    places.add(new Place(path, commands, options, parameters));
    command.getSubcommands().forEach((name, sub) -> add(places, path + " " + name, sub));
  }

  /** Adds the values of options and parameters to the declarations, for picocli's own script. */
  static void addValues(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    for (OptionSpec option : List.copyOf(spec.options())) {
      if (value(option) instanceof Value.OneOf(List<String> words)) {
        spec.remove(option);
        spec.addOption(OptionSpec.builder(option).completionCandidates(words).build());
      }
    }
    for (PositionalParamSpec parameter : List.copyOf(spec.positionalParameters())) {
      if (value(parameter) instanceof Value.OneOf(List<String> words)) {
        spec.remove(parameter);
        spec.addPositional(
            PositionalParamSpec.builder(parameter).completionCandidates(words).build());
      }
    }
    command.getSubcommands().values().forEach(Completion::addValues);
  }

  private static Value value(ArgSpec argument) {
    if (argument.arity().max() == 0) {
      return new Value.None();
    }
    Class<?> type = argument.auxiliaryTypes()[0];
    if (type == Path.class) {
      return new Value.File();
    }
    List<String> words = type == Role.class
        ? Arrays.stream(Role.values()).map(Role::word).toList()
        : type.isEnum() && argument.auxiliaryTypes().length == 1
            ? Arrays.stream(type.getEnumConstants()).map(Completion::word).toList()
            : wordsOf(argument.paramLabel());
    return words.isEmpty() ? new Value.Free() : new Value.OneOf(words);
  }

  private static String word(Object constant) {
    return constant.toString().toLowerCase(Locale.ROOT);
  }

  /** The alternatives of a label that are literal, such as {@code forever} in TIME|forever. */
  private static List<String> wordsOf(String label) {
    return Stream.of(label.split("\\|", -1))
        .filter(word -> word.matches("[a-z0-9-]+"))
        .toList();
  }

  /** One line about a command. */
  static String about(UsageMessageSpec usage) {
    return firstSentence(usage.header().length > 0 ? usage.header() : usage.description());
  }

  private static String firstSentence(String[] text) {
    String all = Arrays.stream(text).collect(joining(" ")).strip();
    return all.replaceFirst("(?s)\\. .*", "").replaceFirst("\\.$", "");
  }
}
