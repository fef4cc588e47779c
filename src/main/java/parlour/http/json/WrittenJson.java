package parlour.http.json;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;

/** A value that was written to JSON already, as a component of records that are only written. */
public final class WrittenJson {
  private final byte[] document;

  private WrittenJson(byte[] document) {
    this.document = document;
  }

  public static WrittenJson of(Object value) {
    return new WrittenJson(Json.write(value));
  }

  static final Codec CODEC = new Codec() {
    @Override
    public Object read(JsonParser json) {
      throw new UnsupportedOperationException("it is only written");
    }

    @Override
    public void write(JsonGenerator json, Object value) {
      json.writeRawValue(""); // what stands before a value
      json.flush();
      try {
        ((OutputStream) json.streamWriteOutputTarget()).write(((WrittenJson) value).document);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  };
}
