package parlour.spec;

import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import dev.harrel.jsonschema.providers.GsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import parlour.http.json.FieldNames;
import parlour.http.json.Json;

/**
 * docs/api/openapi.yaml, and its schemas as JSON Schema 2020-12. Messages are checked more strictly
 * than clients must check them: a member that the document does not have is an error.
 */
final class ApiDocument {
  static final Path FILE = Path.of("docs/api/openapi.yaml");

  private static final Set<String> METHODS = Set.of("get", "post", "delete", "put", "patch");
  private static final URI REQUESTS = URI.create("urn:parlour:requests");
  private static final URI ANSWERS = URI.create("urn:parlour:answers");

  private final Map<String, ?> root;
  private final Validator validator =
      new ValidatorFactory().withJsonNodeFactory(new GsonNode.Factory()).createValidator();

  ApiDocument() {
    this(text());
  }

  ApiDocument(String yaml) {
    Object loaded =
        new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build()).loadFromString(yaml);
    root = object(Objects.requireNonNull(loaded));
    // A field of a request has three spellings, so they are compared without case and underscores.
    validator.registerSchema(REQUESTS, asSchema(FieldNames::normal));
    validator.registerSchema(ANSWERS, asSchema(UnaryOperator.identity()));
  }

  static String text() {
    try {
      return Files.readString(FILE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One call of the document. */
  record Operation(String method, String path, Map<String, ?> content) {
    /** Whether a request with this path is a call of it. */
    boolean isAt(String requested) {
      List<String> pattern = List.of(path.split("/", -1));
      List<String> segments = List.of(requested.split("/", -1));
      if (pattern.size() != segments.size()) {
        return false;
      }
      for (int i = 0; i < pattern.size(); i++) {
        if (!pattern.get(i).startsWith("{") && !pattern.get(i).equalsIgnoreCase(segments.get(i))) {
          return false;
        }
      }
      return true;
    }

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  List<Operation> operations() {
    List<Operation> all = new ArrayList<>();
    in(root, "paths")
        .forEach((path, item) -> object(item).forEach((method, content) -> {
          if (METHODS.contains(method)) {
            all.add(new Operation(method.toUpperCase(Locale.ROOT), path, object(content)));
          }
        }));
    return all;
  }

  Optional<Operation> operation(String method, String path) {
    return operations().stream()
        .filter(one -> one.method().equals(method) && one.isAt(path))
        .findFirst();
  }

  /** The properties of a schema. */
  Set<String> members(String schema) {
    return new TreeSet<>(in(root, "components", "schemas", schema, "properties").keySet());
  }

  List<?> codes() {
    return (List<?>) Objects.requireNonNull(
        in(root, "components", "schemas", "Error", "properties", "code").get("enum"));
  }

  /** The errors in a body of a request, which is JSON or a form. */
  List<String> errorsOfRequest(Operation call, String type, String body) {
    Optional<Map<String, ?>> content =
        resolved(call.content().get("requestBody")).map(request -> in(request, "content"));
    if (content.isEmpty()) {
      return body.isEmpty() ? List.of() : List.of("the document has no body");
    }
    if (content.get().containsKey("*/*")) {
      return List.of();
    }
    if (!content.get().containsKey(type)) {
      return List.of("the document does not have the type " + type);
    }
    Optional<Map<String, ?>> fields = type.equals("application/json")
        ? Json.object(body).map(one -> one)
        : Optional.of(form(body));
    if (fields.isEmpty()) {
      return List.of("the body is not a JSON object");
    }
    Map<String, Object> normal = new TreeMap<>();
    fields.get().forEach((name, value) -> {
      if (value != null) {
        normal.put(FieldNames.normal(name), value);
      }
    });
    return errors(REQUESTS, in(content.get(), type, "schema"), text(normal));
  }

  private static Map<String, ?> form(String body) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String field : body.split("&", -1)) {
      String[] pair = field.split("=", 2);
      fields.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
    }
    return fields;
  }

  /** The errors in an answer. */
  List<String> errorsOfAnswer(Operation call, int status, String body) {
    Map<String, ?> answers = in(call.content(), "responses");
    Object drawn = answers.get(Integer.toString(status));
    if (drawn == null && status >= 400) {
      drawn = answers.get(status / 100 + "XX");
    }
    Optional<Map<String, ?>> answer = resolved(drawn);
    if (answer.isEmpty()) {
      return List.of("the document has no answer " + status);
    }
    if (!answer.get().containsKey("content")) {
      return body.isEmpty() ? List.of() : List.of("the document has no body of " + status);
    }
    return errors(ANSWERS, in(answer.get(), "content", "application/json", "schema"), body);
  }

  private List<String> errors(URI document, Map<String, ?> schema, String body) {
    String name = name(schema.get("$ref"));
    URI use = URI.create(document + ":" + name);
    validator.registerSchema(use, text(Map.of("$ref", document + "#/$defs/" + name)));
    return validator.validate(use, body).getErrors().stream()
        .map(error -> error.getInstanceLocation() + ": " + error.getError())
        .distinct()
        .toList();
  }

  private String asSchema(UnaryOperator<String> naming) {
    Map<String, Object> schemas = new TreeMap<>();
    in(root, "components", "schemas")
        .forEach(
            (name, schema) -> schemas.put(name, strict(Objects.requireNonNull(schema), naming)));
    return text(
        Map.of("$schema", "https://json-schema.org/draft/2020-12/schema", "$defs", schemas));
  }

  private static Object strict(Object schema, UnaryOperator<String> naming) {
    return switch (schema) {
      case Map<?, ?> any -> {
        Map<String, Object> strict = new TreeMap<>();
        object(any).forEach((name, value) -> {
          Object member = Objects.requireNonNull(value);
          switch (name) {
            case "properties" -> {
              Map<String, Object> properties = new TreeMap<>();
              object(member)
                  .forEach((property, type) -> properties.put(
                      naming.apply(property), strict(Objects.requireNonNull(type), naming)));
              strict.put(name, properties);
              strict.put("additionalProperties", false);
            }
            case "required" ->
              strict.put(
                  name,
                  ((List<?>) member)
                      .stream().map(one -> naming.apply((String) one)).toList());
            case "$ref" -> strict.put(name, "#/$defs/" + name(member));
            default -> strict.put(name, strict(member, naming));
          }
        });
        yield strict;
      }
      case List<?> items ->
        items.stream().map(item -> strict(Objects.requireNonNull(item), naming)).toList();
      default -> schema;
    };
  }

  private Optional<Map<String, ?>> resolved(@Nullable Object part) {
    if (part == null) {
      return Optional.empty();
    }
    Map<String, ?> object = object(part);
    Object reference = object.get("$ref");
    if (reference == null) {
      return Optional.of(object);
    }
    return Optional.of(in(
        root, Stream.of(reference.toString().substring(2).split("/", -1)).toArray(String[]::new)));
  }

  private static String name(@Nullable Object reference) {
    String text = String.valueOf(reference);
    return text.substring(text.lastIndexOf('/') + 1);
  }

  private static Map<String, ?> in(Map<String, ?> object, String... path) {
    Map<String, ?> found = object;
    for (String name : path) {
      found = object(Objects.requireNonNull(found.get(name), () -> "no " + name));
    }
    return found;
  }

  @SuppressWarnings("unchecked") // the parsers make such maps
  private static Map<String, ?> object(Object object) {
    return (Map<String, ?>) object;
  }

  private static String text(Object value) {
    return new String(Json.write(value), StandardCharsets.UTF_8);
  }
}
