package parlour.bench;

import parlour.http.json.Json;

/** The messages of the measured call, with the fields and about the lengths of a refresh's. */
final class HopMessage {
  static final String PATH = "/v1/ask";
  static final String SECRET = "0123456789abcdef0123456789abcdef";

  record Question(String token, String deployment) {}

  record Answer(String token, String identity, long expires) {}

  private static final Question QUESTION =
      new Question("t".repeat(900), "CV0123456789abcdef0123456789abcdef");

  private HopMessage() {}

  static byte[] written() {
    return Json.write(QUESTION);
  }

  /** The work of each server on a question: it parses it, and writes an answer with its token. */
  static byte[] answer(byte[] question) {
    return Json.write(answer(Json.read(question, Question.class)));
  }

  static Answer answer(Question question) {
    return new Answer(question.token(), question.deployment(), 1_800_000_000L);
  }

  /** Parses an answer. */
  static Answer read(byte[] answer) {
    Answer read = Json.read(answer, Answer.class);
    if (!read.token().equals(QUESTION.token())) {
      throw new IllegalStateException("the answer of another call");
    }
    return read;
  }
}
