package parlour.spec;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.http.Header;
import parlour.http.json.Json;

/**
 * One golden example of docs/wire: a request and its answer; docs/wire/README.md defines the
 * format.
 */
record WireFile(
    String name,
    Map<String, String> notes,
    List<String> requestHead,
    String requestBody,
    int status,
    List<Header> headers,
    String body) {
  private static final Path FOLDER = Path.of("docs/wire");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\w+)}}");

  /** Before a place without quotation marks, whose value must be a number. */
  private static final String NUMBER = "number ";

  private static final String ANSWER = "HTTP/1.1 ";

  /** An answer must have exactly these as drawn, and none of them that is not drawn. */
  private static final List<String> HEADERS_THAT_MATTER = List.of(
      "Content-Type",
      "Cache-Control",
      "Access-Control-Allow-Origin",
      "Access-Control-Allow-Methods",
      "Access-Control-Allow-Headers",
      "Access-Control-Allow-Credentials",
      "Access-Control-Expose-Headers",
      "Access-Control-Max-Age",
      "Allow",
      "Location",
      "Parlour-Internal-Secret",
      "Parlour-Time",
      "Parlour-Trace",
      "Parlour-Trace-Id",
      "Referrer-Policy",
      "Retry-After",
      "Server",
      "Set-Cookie",
      "Vary",
      "WWW-Authenticate",
      "X-Content-Type-Options");

  /** The placeholders of values that are new in each answer. */
  private static final Map<String, String> FORMS = Map.ofEntries(
      Map.entry("token", "plr1\\.[A-Za-z0-9_-]{200,2000}"),
      Map.entry("nextToken", "plr1\\.[A-Za-z0-9_-]{200,2000}"),
      Map.entry("expiration", "20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"),
      Map.entry("sessionExpires", "20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z"),
      Map.entry("identity", "guest_[0-9a-f]{32}_[0-9a-f]{32}"),
      Map.entry("conversationSid", "CH[0-9a-f]{32}"),
      Map.entry("nextConversationSid", "CH[0-9a-f]{32}"),
      Map.entry("mediaSid", "ME[0-9a-f]{32}"),
      Map.entry("serviceSid", "IS[0-9a-f]{32}"),
      Map.entry(
          "linkOfMedia", "/media/AC[0-9a-f]{32}/ME[0-9a-f]{32}/original/\\d+/[\\w-]{22}/a.txt"),
      Map.entry("messageSid", "IM[0-9a-f]{32}"),
      Map.entry("participantSid", "MB[0-9a-f]{32}"),
      Map.entry("serverKey", "B[A-Za-z0-9_-]{86}"),
      Map.entry("sessionSid", "GS[0-9a-f]{32}"),
      Map.entry("begun", "20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z"),
      Map.entry("instant", "20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z"),
      Map.entry("millis", "1[0-9]{12}"),
      Map.entry("seconds", "[1-9][0-9]{0,3}"),
      Map.entry("time", "[12][0-9]{9}"),
      Map.entry("trace", "[A-Za-z0-9_-]*"),
      Map.entry("traceId", "[0-9a-f]{12}"));

  static List<WireFile> all() {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".http"))
          .map(name -> named(name.substring(0, name.length() - ".http".length())))
          .sorted((a, b) -> a.name().compareTo(b.name()))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static WireFile named(String name) {
    try {
      return parse(name, Files.readString(FOLDER.resolve(name + ".http")));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static WireFile parse(String name, String text) {
    Map<String, String> notes = new HashMap<>();
    List<String> lines = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (!line.startsWith("#")) {
        lines.add(line);
      } else if (line.contains(": ")) {
        String[] note = line.substring(1).strip().split(": ", 2);
        notes.put(note[0], note[1]);
      }
    }
    int answer = 0;
    while (!lines.get(answer).startsWith(ANSWER)) {
      answer++;
    }
    Part asked = Part.of(lines.subList(0, answer));
    Part answered = Part.of(lines.subList(answer, lines.size()));
    return new WireFile(
        name,
        Map.copyOf(notes),
        asked.head(),
        asked.body(),
        Integer.parseInt(answered.head().getFirst().substring(ANSWER.length(), 12)),
        answered.headers(),
        answered.body().replaceAll(": (\\{\\{\\w+}})", ": \"" + NUMBER + "$1\""));
  }

  /** A head of lines, and after an empty line a body. */
  private record Part(List<String> head, String body) {

    static Part of(List<String> lines) {
      String text = String.join("\n", lines).strip();
      int end = text.indexOf("\n\n");
      String head = end < 0 ? text : text.substring(0, end);
      String body = end < 0 ? "" : text.substring(end).strip();
      return new Part(head.lines().toList(), body);
    }

    List<Header> headers() {
      return head.stream()
          .skip(1)
          .map(line -> line.split(": ", 2))
          .map(pair -> new Header(pair[0], pair[1]))
          .toList();
    }
  }

  Optional<String> note(String name) {
    return Optional.ofNullable(notes.get(name));
  }

  /**
   * Sends the request as it is drawn, with these values in its places.
   *
   * @param key signs the call if the drawing has a signature
   */
  Raw.Answer send(URI to, Map<String, String> values, Optional<GuestKey> key) {
    String body = filled(requestBody, values);
    String drawn = String.join("\n", requestHead);
    String head = drawn.contains("{{mac}}")
        ? filled(drawn, signed(drawn, body, values, key.orElseThrow()))
        : filled(drawn, values);
    if (!head.contains("\nHost: ")) {
      head += "\nHost: " + to.getAuthority();
    }
    if (!body.isEmpty() && !head.contains("\nContent-Length: ")) {
      head += "\nContent-Length: " + body.getBytes(StandardCharsets.UTF_8).length;
    }
    return Raw.send(to, head, body);
  }

  /** Adds the digest of the body and the MAC of the call. */
  private static Map<String, String> signed(
      String drawn, String body, Map<String, String> values, GuestKey key) {
    Map<String, String> more = new HashMap<>(values);
    more.put("digest", between(GuestKey.digest(body)));
    more.put("mac", "");
    List<String> lines = filled(drawn, more).lines().toList();
    String[] start = lines.getFirst().split(" ", -1);
    Map<String, String> headers = new HashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] header = line.split(": ", 2);
      headers.put(header[0], header[1]);
    }
    GuestKey.Call call = new GuestKey.Call(
        start[0],
        start[1],
        body,
        headers,
        Long.parseLong(Objects.requireNonNull(values.get("created"))),
        Objects.requireNonNull(values.get("nonce")));
    more.put("mac", between(Objects.requireNonNull(key.sign(call).get("Signature"))));
    return more;
  }

  /** The base64 of a byte sequence (RFC 9651 §3.3.5). */
  private static String between(String member) {
    return member.substring(member.indexOf(':') + 1, member.length() - 1);
  }

  private static String filled(String text, Map<String, String> values) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(place -> Matcher.quoteReplacement(Objects.requireNonNull(
            values.get(place.group(1)), () -> "no value for " + place.group())));
  }

  /** Where an answer is not the one that is drawn, one line each. */
  List<String> differences(Raw.Answer seen, Map<String, String> values) {
    return new Comparison(values).of(this, seen);
  }

  /** Remembers what stood in a place, so that the same name means the same value. */
  private static final class Comparison {
    private final Map<String, String> values;
    private final List<String> differences = new ArrayList<>();

    Comparison(Map<String, String> values) {
      this.values = new HashMap<>(values);
    }

    List<String> of(WireFile drawn, Raw.Answer seen) {
      if (drawn.status() != seen.status()) {
        differences.add("status: drawn %d, seen %d".formatted(drawn.status(), seen.status()));
      }
      for (String name : HEADERS_THAT_MATTER) {
        Optional<String> header = drawn.headers().stream()
            .filter(one -> one.name().equalsIgnoreCase(name))
            .map(Header::value)
            .findFirst();
        compare(name, header.orElse(null), seen.header(name).orElse(null));
      }
      for (Header header : drawn.headers()) {
        if (HEADERS_THAT_MATTER.stream().noneMatch(header.name()::equalsIgnoreCase)) {
          differences.add(header.name() + ": drawn, and not looked at");
        }
      }
      if (drawn.body().isEmpty()) {
        compare("body", "", seen.body());
      } else {
        compare("body", tree(drawn.body()), tree(seen.body()));
      }
      return differences;
    }

    private static @Nullable Object tree(String body) {
      return Json.object(body).isPresent() ? Json.object(body).get() : "no JSON object: " + body;
    }

    private void compare(String where, @Nullable Object drawn, @Nullable Object seen) {
      boolean same = switch (seen) {
        case String other when drawn instanceof String text -> fits(text, other);
        case Number number when drawn instanceof String text -> fits(text, NUMBER + number);
        case null, default -> Objects.equals(drawn, seen);
      };
      if (drawn instanceof Map<?, ?> members && seen instanceof Map<?, ?> others) {
        compare(where, members, others);
      } else if (drawn instanceof List<?> items
          && seen instanceof List<?> others
          && items.size() == others.size()) {
        for (int i = 0; i < items.size(); i++) {
          compare(where + "[" + i + "]", items.get(i), others.get(i));
        }
      } else if (!same) {
        differences.add("%s: drawn %s, seen %s".formatted(where, shown(drawn), shown(seen)));
      }
    }

    private void compare(String where, Map<?, ?> drawn, Map<?, ?> seen) {
      TreeSet<String> names = new TreeSet<>();
      drawn.keySet().forEach(name -> names.add((String) name));
      seen.keySet().forEach(name -> names.add((String) name));
      for (String name : names) {
        String member = where + "." + name;
        if (!seen.containsKey(name)) {
          differences.add(member + ": drawn, not seen");
        } else if (!drawn.containsKey(name)) {
          differences.add(member + ": seen, not drawn");
        } else {
          compare(member, drawn.get(name), seen.get(name));
        }
      }
    }

    private boolean fits(String drawn, String seen) {
      StringBuilder pattern = new StringBuilder();
      List<String> names = new ArrayList<>();
      Matcher place = PLACEHOLDER.matcher(drawn);
      int from = 0;
      while (place.find()) {
        String name = place.group(1);
        String known = values.get(name);
        String form = known == null
            ? Objects.requireNonNull(FORMS.get(name), () -> "no form for " + place.group())
            : Pattern.quote(known);
        names.add(name);
        pattern.append(Pattern.quote(drawn.substring(from, place.start())));
        pattern.append("(?<p%d>%s)".formatted(names.size(), form));
        from = place.end();
      }
      pattern.append(Pattern.quote(drawn.substring(from)));
      Matcher match = Pattern.compile(pattern.toString()).matcher(seen);
      if (!match.matches()) {
        return false;
      }
      for (int i = 0; i < names.size(); i++) {
        values.put(names.get(i), match.group("p" + (i + 1)));
      }
      return true;
    }

    private static String shown(@Nullable Object value) {
      return switch (value) {
        case null -> "nothing";
        case String text -> '"' + text + '"';
        case Object other -> other.toString();
      };
    }
  }

  @Override
  public String toString() {
    return name.toLowerCase(Locale.ROOT);
  }
}
