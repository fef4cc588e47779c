package parlour.console;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.accounts.Accounts;
import parlour.console.Admins.Admin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;
import parlour.scopedauth.KeyRing;
import parlour.scopedauth.ListedKey;

/**
 * The endpoints for the token keys. They belong to all accounts, so that only the admins of an installation's
 * only account see and rotate them.
 */
final class KeyEndpoints {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}");

  private final KeyRing ring;
  private final Accounts accounts;
  private final Ledger notes;

  KeyEndpoints(KeyRing ring, Accounts accounts, Ledger notes) {
    this.ring = ring;
    this.accounts = accounts;
    this.notes = notes;
  }

  /** A key, without key material; {@code opens_until} is null while it seals tokens. */
  record KeyForm(
      String id,
      String state,
      String created,
      String primaryFrom,
      @Nullable String opensUntil) {

    static KeyForm of(ListedKey key) {
      return new KeyForm(
          key.id(),
          key.state(),
          text(key.created()),
          text(key.primaryFrom()),
          key.opensUntil().map(Instant::toString).orElse(null));
    }

    private static String text(Optional<Instant> time) {
      return time.map(Instant::toString).orElse("");
    }
  }

  /**
   * The token keys, oldest first.
   *
   * @param isShared whether other accounts use them, too; then they are not listed
   * @param canRotate whether the console can add another one
   */
  record ListAnswer(boolean isShared, boolean canRotate, List<KeyForm> keys) {}

  ApiResponse list(Admin admin, ApiRequest call) {
    if (isShared()) {
      return ApiResponse.json(200, new ListAnswer(true, false, List.of()));
    }
    List<ListedKey> keys = ofTokens();
    return ApiResponse.json(
        200,
        new ListAnswer(false, canRotate(keys), keys.stream().map(KeyForm::of).toList()));
  }

  /**
   * A key was added, or not.
   *
   * @param outcome {@code rotated}; {@code changed}: another key was the newest one, because somebody else has
   *     added it; {@code too-many}: the console adds no more keys
   */
  record RotateAnswer(String outcome) {}

  /** Adds a key, if {@code newest} is still the newest one. */
  ApiResponse rotate(Admin admin, ApiRequest call) {
    String newest = call.fields(Limits.SMALL_BODY).required("newest");
    if (!ID.matcher(newest).matches()) {
      throw new Problem(ErrorCode.MALFORMED, "The id of a key has 8 hex digits.");
    }
    if (isShared()) {
      throw new Problem(
          ErrorCode.ROLE_TOO_LOW,
          "The keys belong to all accounts of this installation. An operator rotates them: parlour"
              + " keys rotate");
    }
    if (!canRotate(ofTokens())) {
      return ApiResponse.json(200, new RotateAnswer("too-many"));
    }
    boolean isRotated = ring.rotate(newest);
    if (isRotated) {
      notes.add(LedgerNote.of(LedgerNote.CONSOLE, "token key rotated").by(admin.name(), newest));
    }
    return ApiResponse.json(200, new RotateAnswer(isRotated ? "rotated" : "changed"));
  }

  private boolean isShared() {
    return accounts.accounts().size() > 1;
  }

  private List<ListedKey> ofTokens() {
    return ring.list().stream().filter(ListedKey::isOfTokens).toList();
  }

  private static boolean canRotate(List<ListedKey> keys) {
    return keys.size() < Limits.TOKEN_KEYS_OF_CONSOLE;
  }
}
