package parlour.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.slf4j.event.KeyValuePair;
import parlour.trace.Trace;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes each log event as one line of JSON with the field names of the Elastic Common Schema,
 * which Elasticsearch, OpenSearch, Loki and Vector can query without a rewriting rule.
 *
 * <p>A key without a dot becomes a label ({@code labels.session}); a key with a dot keeps
 * its name ({@code event.action}).
 */
final class EcsEncoder extends EncoderBase<ILoggingEvent> {
  private static final String ECS_VERSION = "8.11.0";
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
          "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
      .withZone(ZoneOffset.UTC);

  private static final JsonFactory factory = new JsonFactory();

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    var line = new ByteArrayOutputStream(256);
    try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), line)) {
      json.writeStartObject();
      json.writeStringProperty(
          "@timestamp", TIME.format(Instant.ofEpochMilli(event.getTimeStamp())));
      json.writeStringProperty("log.level", event.getLevel().toString().toLowerCase(Locale.ROOT));
      json.writeStringProperty("message", String.valueOf(event.getFormattedMessage()));
      json.writeStringProperty("ecs.version", ECS_VERSION);
      json.writeStringProperty("service.name", "parlour");
      json.writeStringProperty("log.logger", event.getLoggerName());
      json.writeStringProperty("process.thread.name", event.getThreadName());
      List<KeyValuePair> pairs = event.getKeyValuePairs();
      if (pairs != null) {
        pairs.forEach(pair -> write(json, pair));
      }
      IThrowableProxy failure = event.getThrowableProxy();
      if (failure != null) {
        json.writeStringProperty("error.type", failure.getClassName());
        json.writeStringProperty("error.message", String.valueOf(failure.getMessage()));
        json.writeStringProperty("error.stack_trace", ThrowableProxyUtil.asString(failure));
      }
      json.writeEndObject();
    }
    line.writeBytes(System.lineSeparator().getBytes(UTF_8));
    return line.toByteArray();
  }

  private static void write(JsonGenerator json, KeyValuePair pair) {
    if (pair.key.equals("trace") && pair.value instanceof String id && id.length() == 32) {
      json.writeStringProperty("labels.reference", id.substring(0, Trace.SHORT_ID_LENGTH));
    }
    json.writeName(name(pair.key));
    switch (pair.value) {
      case Boolean truth -> json.writeBoolean(truth);
      case Integer number -> json.writeNumber(number);
      case Long number -> json.writeNumber(number);
      case null -> json.writeNull();
      default -> json.writeString(pair.value.toString());
    }
  }

  private static String name(String key) {
    return switch (key) {
      case "trace" -> "trace.id";
      case "cause" -> "event.reason";
      default -> key.indexOf('.') < 0 ? "labels." + key : key;
    };
  }
}
