package parlour.api;

import parlour.DisplayName;
import parlour.Limits;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.JsonText;

/**
 * Validates the fields of requests about participants, for every API. An invalid field is a 400 that
 * names the field and the bound.
 */
public final class ParticipantFields {
  private ParticipantFields() {}

  /** A name or an identity as it is stored, without invisible characters. */
  public static String name(String name) {
    if (name.length() > Limits.FRIENDLY_NAME_CHARACTERS) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "A name or identity may have %d characters.".formatted(Limits.FRIENDLY_NAME_CHARACTERS));
    }
    String fit = DisplayName.of(name);
    if (fit.isEmpty() && !name.isEmpty()) {
      throw new Problem(ErrorCode.MALFORMED, "A name or identity needs visible characters.");
    }
    return fit;
  }

  /** The text of any JSON value. */
  public static JsonText attributes(String attributes) {
    return MessageFields.attributes(attributes, Limits.PARTICIPANT_ATTRIBUTES_BYTES);
  }
}
