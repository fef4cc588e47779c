package parlour.http.json;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.io.SerializedString;

/** A value that was written to JSON already, as a component of records that are only written. */
public final class WrittenJson {
  private final SerializedString text;

  private WrittenJson(SerializedString text) {
    this.text = text;
  }

  public static WrittenJson of(Object value) {
    return new WrittenJson(
        new SerializedString(new String(Json.write(value), StandardCharsets.UTF_8)));
  }

  public int characters() {
    return text.charLength();
  }

  static final Codec CODEC = new Codec() {
    @Override
    public Object read(JsonParser json) {
      throw new UnsupportedOperationException("it is only written");
    }

    @Override
    public void write(JsonGenerator json, Object value) {
      json.writeRawValue(((WrittenJson) value).text);
    }
  };
}
