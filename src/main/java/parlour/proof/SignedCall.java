package parlour.proof;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.PlainText;

/**
 * A browser's call, and the proof in its headers: an HTTP Message Signature (RFC 9421) by {@code
 * hmac-sha256} in one fixed form, the member {@code p} of the headers for signatures. The call
 * alone decides which of its parts are signed: a signature of other parts is malformed. Other
 * members are signatures of agents and proxies, and mean nothing here.
 *
 * <p>Each call of a bound guest is read here, so this makes few texts of parts of others. For one
 * thread.
 */
public final class SignedCall {
  private static final String SIGNATURE_INPUT = "Signature-Input";
  private static final String SIGNATURE = "Signature";
  private static final String CONTENT_DIGEST = "Content-Digest";

  private static final String LABEL = "p";
  private static final String DIGEST_BEGIN = "sha-256=:";
  private static final String SIGNATURE_BEGIN = LABEL + "=:";
  private static final String INPUT_BEGIN = LABEL + "=";
  private static final String CREATED = ";created=";
  private static final String NONCE = ";nonce=\"";
  private static final String ALGORITHM = "\";alg=\"hmac-sha256\"";
  private static final int SHA_256_BYTES = 32;

  /** Enough for a call with a token in its headers. */
  private static final int BASE_CHARACTERS = 1_536;

  private static final int LIST_CHARACTERS = 96;

  private final String method;
  private final String path;
  private final String query;
  private final Function<String, List<String>> headers;
  private final boolean hasBody;

  // Read once, because each call is asked for them, and most calls of guests without keys have
  // none.
  private final List<String> signatures;
  private final List<String> inputs;

  /** Read once, although the signed text and the check of the body need it. */
  private @Nullable ContentDigest contentDigest;

  /**
   * @param path the path below {@code public.url}; its upper-case letters count as lower-case ones
   * @param query as it was sent, without the question mark; empty if there is none
   * @param headers the values of a header by its name, one for each line of it
   * @param hasBody whether the body has any bytes
   */
  public SignedCall(
      String method,
      String path,
      String query,
      Function<String, List<String>> headers,
      boolean hasBody) {
    this.method = method;
    this.path = path;
    this.query = query;
    this.headers = headers;
    this.hasBody = hasBody;
    this.signatures = proofsIn(SIGNATURE, headers);
    this.inputs = proofsIn(SIGNATURE_INPUT, headers);
  }

  /** Our members of a header for signatures. */
  private static List<String> proofsIn(String header, Function<String, List<String>> headers) {
    List<String> lines = headers.apply(header);
    return lines.isEmpty() ? List.of() : Dictionary.members(LABEL, lines);
  }

  /**
   * The text that is signed (RFC 9421 §2.5), and the list of its parts as {@code Signature-Input}
   * must have it.
   */
  private static final class SignatureBase {
    private final StringBuilder text = new StringBuilder(BASE_CHARACTERS);
    private final StringBuilder list = new StringBuilder(LIST_CHARACTERS).append('(');

    /**
     * @param name with its quotes
     */
    void add(String name, String value) {
      if (list.length() > 1) {
        list.append(' ');
      }
      list.append(name);
      text.append(name).append(": ").append(value).append('\n');
    }

    String list() {
      return list.append(')').toString();
    }

    /**
     * @param parameters the list, and what {@code Signature-Input} has after it
     */
    String text(String parameters) {
      return text.append("\"@signature-params\": ").append(parameters).toString();
    }
  }

  /** The header {@code Content-Digest}, and the bytes in it. */
  private record ContentDigest(String text, byte[] bytes) {}

  /** The variable parameters of {@code Signature-Input}: created and nonce. */
  private record Input(String parameters, long created, String nonce) {}

  /**
   * The proof in the headers; empty if they have none.
   *
   * @throws MalformedProof if it has another form, or is of another kind of call
   * @throws ProofOutOfTime if it was not made now
   */
  public Optional<Proof> proof(Instant now) {
    return read(now).map(made -> made.proof(false));
  }

  /** The same for a call whose copy would do harm: its proof is good for one answer. */
  public Optional<Proof> proofForOneAnswer(Instant now) {
    return read(now).map(made -> made.proof(true));
  }

  /**
   * The SHA-256 that the body must have; empty if the call has no body, or no proof.
   *
   * @throws MalformedProof if the header for it is missing or has another form
   */
  public Optional<byte[]> bodyDigest() {
    return isSigned() && hasBody ? Optional.of(contentDigest().bytes()) : Optional.empty();
  }

  private record Signature(String base, String mac, String nonce, Instant created) {
    Proof proof(boolean isForOneAnswer) {
      return new Proof(base, mac, Optional.of(new Proof.Nonce(nonce, created, isForOneAnswer)));
    }
  }

  private boolean isSigned() {
    return !signatures.isEmpty() || !inputs.isEmpty();
  }

  private Optional<Signature> read(Instant now) {
    if (!isSigned()) {
      return Optional.empty();
    }
    byte[] mac = mac(only(signatures, SIGNATURE));
    SignatureBase base = base();
    Input input = input(only(inputs, SIGNATURE_INPUT), base.list());
    Instant created = Instant.ofEpochSecond(input.created());
    if (created.isBefore(now.minus(Limits.PROOF_WINDOW))
        || created.isAfter(now.plus(Limits.PROOF_WINDOW))) {
      throw new ProofOutOfTime();
    }
    return Optional.of(new Signature(
        base.text(input.parameters()), CanonicalBase64.url(mac), input.nonce(), created));
  }

  /** Builds the signature base: the signed parts that this call has, in their fixed order. */
  private SignatureBase base() {
    SignatureBase base = new SignatureBase();
    base.add("\"@method\"", method);
    base.add("\"@path\"", printable("The path", path).toLowerCase(Locale.ROOT));
    if (!query.isEmpty()) {
      base.add("\"@query\"", "?" + printable("The query", query));
    }
    if (hasBody) {
      base.add("\"content-digest\"", contentDigest().text());
    }
    add("Authorization", "\"authorization\"", base);
    add("Webchat-Deployment-Key", "\"webchat-deployment-key\"", base);
    return base;
  }

  private void add(String header, String name, SignatureBase base) {
    optional(header).ifPresent(value -> base.add(name, printable("The header " + header, value)));
  }

  private static Input input(String value, String list) {
    int listEnd = INPUT_BEGIN.length() + list.length();
    int createdBegin = listEnd + CREATED.length();
    int nonceEnd = value.length() - ALGORITHM.length();
    if (!value.startsWith(INPUT_BEGIN)
        || !value.startsWith(list, INPUT_BEGIN.length())
        || !value.startsWith(CREATED, listEnd)
        || !value.endsWith(ALGORITHM)) {
      throw malformedInput(list);
    }
    int createdEnd = value.indexOf(NONCE, createdBegin);
    int nonceBegin = createdEnd + NONCE.length();
    if (createdEnd < 0
        || nonceBegin > nonceEnd
        || !isNumber(value, createdBegin, createdEnd)
        || !isNonce(value, nonceBegin, nonceEnd)) {
      throw malformedInput(list);
    }
    return new Input(
        value.substring(INPUT_BEGIN.length()),
        Long.parseLong(value, createdBegin, createdEnd, 10),
        value.substring(nonceBegin, nonceEnd));
  }

  private static MalformedProof malformedInput(String list) {
    return new MalformedProof(("For this call the header Signature-Input must have p=%s;"
            + "created=<seconds since 1970>;nonce=\"<%d to %d characters of A-Z a-z 0-9 - _>\";"
            + "alg=\"hmac-sha256\".")
        .formatted(list, Limits.MIN_PROOF_NONCE_CHARACTERS, Limits.MAX_PROOF_NONCE_CHARACTERS));
  }

  /** A number in the one spelling that RFC 9651 §4.1.4 gives it. */
  private static boolean isNumber(String text, int begin, int end) {
    int length = end - begin;
    if (length < 1
        || length > Limits.PROOF_CREATED_DIGITS
        || (text.charAt(begin) == '0' && length > 1)) {
      return false;
    }
    for (int i = begin; i < end; i++) {
      if (!isDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isNonce(String text, int begin, int end) {
    int length = end - begin;
    if (length < Limits.MIN_PROOF_NONCE_CHARACTERS || length > Limits.MAX_PROOF_NONCE_CHARACTERS) {
      return false;
    }
    for (int i = begin; i < end; i++) {
      if (!isOfBase64Url(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isOfBase64Url(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || isDigit(c) || c == '-' || c == '_';
  }

  private static byte[] mac(String value) {
    return bytes(value, SIGNATURE_BEGIN)
        .filter(bytes -> bytes.length == ProofKey.BYTES)
        .orElseThrow(() -> new MalformedProof("The header Signature must have p=:<the 32 bytes of"
            + " the HMAC-SHA-256 in base64 with padding>:."));
  }

  private ContentDigest contentDigest() {
    if (contentDigest == null) {
      String header = required(CONTENT_DIGEST);
      contentDigest = new ContentDigest(header, digest(header));
    }
    return contentDigest;
  }

  private static byte[] digest(String value) {
    return bytes(value, DIGEST_BEGIN)
        .filter(bytes -> bytes.length == SHA_256_BYTES)
        .orElseThrow(() -> new MalformedProof("The header Content-Digest must be sha-256=:<the 32"
            + " bytes of the body's SHA-256 in base64 with padding>: and nothing else."));
  }

  /** The bytes of a dictionary with one member of bytes (RFC 9651 §3.3.5). */
  private static Optional<byte[]> bytes(String value, String begin) {
    int end = value.length() - 1;
    return value.startsWith(begin) && end >= begin.length() && value.charAt(end) == ':'
        ? CanonicalBase64.read(value.substring(begin.length(), end))
        : Optional.empty();
  }

  private String only(List<String> proofs, String header) {
    if (proofs.size() > 1) {
      throw new MalformedProof("The header " + header + " must have the member p once.");
    }
    if (proofs.isEmpty()) {
      boolean isMissing = headers.apply(header).isEmpty();
      throw missing(header, isMissing ? " is missing" : " is missing its member p");
    }
    return proofs.getFirst();
  }

  private String required(String header) {
    return optional(header).orElseThrow(() -> missing(header, " is missing"));
  }

  private static MalformedProof missing(String header, String what) {
    return new MalformedProof("The header " + header + what
        + ": a signed call has Signature, Signature-Input, and, if it has a body,"
        + " Content-Digest.");
  }

  private Optional<String> optional(String header) {
    List<String> values = headers.apply(header);
    if (values.size() > 1) {
      throw new MalformedProof("The header " + header + " must be sent once, in one line.");
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(Spaces.strip(values.getFirst()));
  }

  /** Nothing that could look like the end of a line in the text that is signed. */
  private static String printable(String what, String value) {
    if (!PlainText.isPrintableAscii(value)) {
      throw new MalformedProof(what + " of a signed call must be printable ASCII.");
    }
    return value;
  }
}
