package parlour.scopedauth;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test with a ScopedAuthService of its own for each method. */
abstract class WithScopedAuth {
  static final Verdict TOKEN_REFUSED = new Verdict.Refused(Verdict.Failure.TOKEN_VALIDATION_FAILED);
  static final Verdict FINGERPRINT_REFUSED =
      new Verdict.Refused(Verdict.Failure.FINGERPRINT_VALIDATION_FAILED);

  @TempDir
  Path folder;

  TestScopedAuth sas;

  @BeforeEach
  void open() {
    sas = new TestScopedAuth(folder);
  }

  @AfterEach
  void close() {
    sas.close();
  }
}
