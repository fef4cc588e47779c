package parlour.http.json;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Reading and writing of the messages that a refresh and a page of messages need (ADR 0034). */
@State(Scope.Benchmark)
public class JsonBenchmark {
  private static final String HEX = "0123456789abcdef".repeat(2);

  record Validation(
      String token,
      String fingerprint,
      String accountSid,
      String deploymentKey,
      boolean revokeOnReplay) {}

  record Message(
      String sid,
      String conversationSid,
      long index,
      String author,
      String body,
      @Nullable String clientId,
      String dateCreated,
      boolean removed) {}

  record Page(List<Message> messages, boolean hasMore) {}

  private final Validation validation = new Validation(
      "plr1." + "a".repeat(420), "f1.medium." + "b".repeat(96), "AC" + HEX, "CV" + HEX, false);
  private final Message message = new Message(
      "IM" + HEX,
      "CH" + HEX,
      7,
      "guest_" + HEX,
      "Hello, \"é\".",
      null,
      "2026-01-01T06:00:00Z",
      false);
  private final Page page = new Page(Collections.nCopies(50, message), true);
  private final byte[] writtenValidation = Json.write(validation);
  private final byte[] writtenPage = Json.write(page);

  @Benchmark
  public Object readValidation() {
    return Json.read(writtenValidation, Validation.class);
  }

  @Benchmark
  public byte[] writeValidation() {
    return Json.write(validation);
  }

  @Benchmark
  public Object readPage() {
    return Json.read(writtenPage, Page.class);
  }

  @Benchmark
  public byte[] writePage() {
    return Json.write(page);
  }
}
