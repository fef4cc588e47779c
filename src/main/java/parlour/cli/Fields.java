package parlour.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import parlour.Durations;
import parlour.Sid;

/**
 * The fields that the commands print of things of one kind, in order: members of the JSON for
 * programs, lines where one thing is shown to a person, and columns where many are listed.
 *
 * <p>A value is a text, a number, a truth value, a list, or one of the types that {@link #text} and
 * {@link #json} convert. An empty Optional is null in JSON, {@code -} in a column, and no line.
 */
final class Fields<T> {
  private record Field<T>(String name, Function<T, ?> value) {}

  private final String listName;
  private final String whenEmpty;
  private final List<Field<T>> members = new ArrayList<>();
  private final List<Field<T>> lines = new ArrayList<>();
  private final List<Field<T>> columns = new ArrayList<>();

  /**
   * @param listName the member of the JSON object that holds a list of such things
   * @param whenEmpty printed instead of an empty table
   */
  Fields(String listName, String whenEmpty) {
    this.listName = listName;
    this.whenEmpty = whenEmpty;
  }

  /** Things that are never listed. */
  Fields() {
    this("", "");
  }

  /** A value that is both a member and a line. */
  Fields<T> field(String member, String line, Function<T, ?> value) {
    return member(member, value).line(line, value);
  }

  /** A value that is both a member and a column. */
  Fields<T> listed(String member, String heading, Function<T, ?> value) {
    return member(member, value).column(heading, value);
  }

  Fields<T> member(String name, Function<T, ?> value) {
    members.add(new Field<>(name, value));
    return this;
  }

  Fields<T> line(String name, Function<T, ?> value) {
    lines.add(new Field<>(name, value));
    return this;
  }

  Fields<T> column(String heading, Function<T, ?> value) {
    columns.add(new Field<>(heading, value));
    return this;
  }

  /** The same members, lines and columns of things that have a {@code T} as a part. */
  <W> Fields<W> of(Function<W, T> part) {
    Fields<W> fields = new Fields<>(listName, whenEmpty);
    members.forEach(one -> fields.member(one.name(), part.andThen(one.value())));
    lines.forEach(one -> fields.line(one.name(), part.andThen(one.value())));
    columns.forEach(one -> fields.column(one.name(), part.andThen(one.value())));
    return fields;
  }

  /** Adds the members, lines and columns of other fields after these. */
  Fields<T> and(Fields<T> more) {
    members.addAll(more.members);
    lines.addAll(more.lines);
    columns.addAll(more.columns);
    return this;
  }

  Map<String, Object> json(T thing) {
    Map<String, Object> object = new LinkedHashMap<>();
    members.forEach(member -> object.put(member.name(), jsonValue(member.value().apply(thing))));
    return object;
  }

  Map<String, Object> json(List<T> things) {
    return Map.of(listName, things.stream().map(this::json).toList());
  }

  String lines(T thing) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Field<T> line : lines) {
      Object value = line.value().apply(thing);
      if (!value.equals(Optional.empty())) {
        texts.put(line.name(), text(value));
      }
    }
    return Table.pairs(texts);
  }

  Table table(List<T> things) {
    Table table = new Table(whenEmpty, columns.stream().map(Field::name).toArray(String[]::new));
    for (T thing : things) {
      table.row(
          columns.stream().map(column -> text(column.value().apply(thing))).toArray(String[]::new));
    }
    return table;
  }

  private static String text(Object value) {
    return switch (value) {
      case Sid sid -> sid.text();
      case Instant instant -> Table.time(instant);
      case Duration duration -> Durations.text(duration);
      case Optional<?> optional -> optional.map(Fields::text).orElse("-");
      default -> value.toString();
    };
  }

  private static Object jsonValue(Object value) {
    return switch (value) {
      case Duration duration -> duration.toSeconds();
      case Optional<?> optional -> optional.map(Fields::jsonValue);
      default -> value;
    };
  }
}
