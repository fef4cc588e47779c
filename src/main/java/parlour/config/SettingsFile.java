package parlour.config;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.ComposerException;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;
import parlour.StartupError;

/** A file of settings, in YAML or as properties: dotted names and their values. */
final class SettingsFile {
  private SettingsFile() {}

  /** @throws StartupError with the place of the error; never quotes the file: it may hold secrets */
  static Map<String, String> read(Path file) {
    try (Reader reader = new StringReader(text(file))) {
      if (file.toString().endsWith(".properties")) {
        Properties properties = new Properties();
        properties.load(reader);
        Map<String, String> flat = new LinkedHashMap<>();
        properties
            .stringPropertyNames()
            .forEach(key -> flat.put(key, properties.getProperty(key).strip()));
        return flat;
      }
      Object tree = new Load(settings(file)).loadFromReader(reader);
      Map<String, String> flat = new LinkedHashMap<>();
      flatten("", tree, flat);
      return flat;
    } catch (CharacterCodingException e) {
      throw new StartupError(
          "the configuration file %s is not UTF-8: save it in that encoding".formatted(file), e);
    } catch (IOException e) {
      throw new StartupError("cannot read the configuration file " + file + ": " + e, e);
    } catch (MarkedYamlEngineException e) {
      // Its message quotes the line, which may hold a secret.
      throw new StartupError("the configuration file %s is malformed%s: %s"
          .formatted(
              file,
              e.getProblemMark()
                  .map(mark ->
                      " at line %d, column %d".formatted(mark.getLine() + 1, mark.getColumn() + 1))
                  .orElse(""),
              e instanceof ComposerException
                  ? "a value that begins with * needs quotes around it"
                  : e.getProblem()));
    } catch (YamlEngineException | IllegalArgumentException e) {
      throw new StartupError(
          "the configuration file " + file + " is malformed: " + e.getMessage(), e);
    }
  }

  /** Without the byte order mark that some editors write. */
  private static String text(Path file) throws IOException {
    String text = Files.readString(file);
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /** Keeps each scalar as text: a password may be 1e3, 007, true or null. */
  private static LoadSettings settings(Path file) {
    return LoadSettings.builder()
        .setLabel(file.toString())
        .setSchema(new FailsafeSchema())
        .build();
  }

  /** {@code public: {port: 8080}} and {@code public.port: 8080} are the same. */
  private static void flatten(String prefix, Object tree, Map<String, String> flat) {
    switch (tree) {
      case null -> {
        if (!prefix.isEmpty()) {
          flat.put(prefix, "");
        }
      }
      case Map<?, ?> map ->
        map.forEach(
            (key, value) -> flatten(prefix.isEmpty() ? "" + key : prefix + "." + key, value, flat));
      case List<?> list ->
        flat.put(prefix, list.stream().map(String::valueOf).collect(Collectors.joining(",")));
      default -> {
        if (prefix.isEmpty()) {
          throw new IllegalArgumentException("expected settings such as public.port: 8080");
        }
        flat.put(prefix, tree.toString());
      }
    }
  }
}
