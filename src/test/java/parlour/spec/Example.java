package parlour.spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** An example in deploy/ that starts containers: its processes, and the settings of each. */
record Example(List<Container> processes, Set<String> names) {

  /**
   * @param name its host name for other containers
   * @param environment including the image's
   * @param secrets the names of its secrets' files
   */
  record Container(
      String name, int replicas, Map<String, String> environment, Set<String> secrets) {}

  static Example of(String file) {
    List<Map<?, ?>> documents = documents(file);
    return file.startsWith("compose") ? compose(documents.getFirst()) : kubernetes(documents);
  }

  /** Refuses duplicate keys. */
  static List<Map<?, ?>> documents(String file) {
    LoadSettings settings = LoadSettings.builder().setAllowDuplicateKeys(false).build();
    Iterable<Object> all = new Load(settings).loadAllFromString(text(file));
    return StreamSupport.stream(all.spliterator(), false)
        .<Map<?, ?>>map(document -> (Map<?, ?>) document)
        .toList();
  }

  static String text(String file) {
    try {
      return Files.readString(Path.of("deploy", file));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Example compose(Map<?, ?> file) {
    Map<String, Object> services = merged(file.get("services"));
    List<Container> processes = new ArrayList<>();
    services.forEach((name, service) -> {
      Map<String, Object> said = merged(service);
      Map<String, String> environment = image();
      merged(said.get("environment")).forEach((key, value) -> environment.put(key, value + ""));
      if (environment.containsKey("PARLOUR_ROLES")) {
        Object replicas = merged(said.get("deploy")).getOrDefault("replicas", 1);
        Set<String> secrets = list(said.get("secrets")).stream()
            .map(String::valueOf)
            .collect(Collectors.toUnmodifiableSet());
        processes.add(new Container(name, (Integer) replicas, environment, secrets));
      }
    });
    return new Example(processes, services.keySet());
  }

  private static Example kubernetes(List<Map<?, ?>> objects) {
    Map<String, Map<String, Object>> maps = new LinkedHashMap<>();
    for (Map<?, ?> object : objects) {
      if ("ConfigMap".equals(object.get("kind"))) {
        maps.put(named(object), merged(object.get("data")));
      }
    }
    List<Container> processes = new ArrayList<>();
    for (Map<?, ?> object : objects) {
      Map<String, Object> spec = merged(object.get("spec"));
      Map<String, Object> pod = merged(merged(spec.get("template")).get("spec"));
      for (Object container : list(pod.get("containers"))) {
        Map<String, Object> said = merged(container);
        Map<String, String> environment = image();
        for (Object from : list(said.get("envFrom"))) {
          String map = named(Map.of("metadata", merged(from).getOrDefault("configMapRef", "")));
          Objects.requireNonNull(maps.get(map), map)
              .forEach((key, value) -> environment.put(key, String.valueOf(value)));
        }
        for (Object variable : list(said.get("env"))) {
          Map<String, Object> pair = merged(variable);
          environment.put(String.valueOf(pair.get("name")), String.valueOf(pair.get("value")));
        }
        if (environment.containsKey("PARLOUR_ROLES")) {
          processes.add(new Container(
              named(object), (Integer) spec.getOrDefault("replicas", 1), environment, files(pod)));
        }
      }
    }
    return new Example(processes, services(objects));
  }

  /** The services that select the pods of the same name. */
  private static Set<String> services(List<Map<?, ?>> objects) {
    return objects.stream()
        .filter(object -> "Service".equals(object.get("kind")))
        .filter(object -> named(object)
            .equals(merged(merged(object.get("spec")).get("selector")).get("role")))
        .map(Example::named)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Set<String> files(Map<String, Object> pod) {
    return list(pod.get("volumes")).stream()
        .flatMap(volume -> list(merged(merged(volume).get("secret")).get("items")).stream())
        .map(item -> String.valueOf(merged(item).get("path")))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static String named(Map<?, ?> object) {
    return String.valueOf(merged(object.get("metadata")).get("name"));
  }

  /** The environment that the image sets, which a container can override. */
  private static Map<String, String> image() {
    Map<String, String> environment = new LinkedHashMap<>();
    for (MatchResult line : Pattern.compile("(PARLOUR_[A-Z_]+)=(\\S+)")
        .matcher(text("Containerfile"))
        .results()
        .toList()) {
      environment.put(line.group(1), line.group(2));
    }
    return environment;
  }

  /** A mapping, merged over those that it includes by {@code <<}. */
  private static Map<String, Object> merged(@Nullable Object mapping) {
    Map<String, Object> merged = new LinkedHashMap<>();
    if (mapping instanceof Map<?, ?> map) {
      Object taken = map.get("<<");
      for (Object one :
          taken instanceof List<?> several ? several : taken == null ? List.of() : List.of(taken)) {
        merged(one).forEach(merged::putIfAbsent);
      }
      map.forEach((key, value) -> {
        if (value != null && !"<<".equals(key)) {
          merged.put(String.valueOf(key), value);
        }
      });
    }
    return merged;
  }

  private static List<?> list(@Nullable Object list) {
    return list instanceof List<?> several ? several : List.of();
  }
}
