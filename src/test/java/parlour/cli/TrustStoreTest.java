package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.http.TestAuthority;

class TrustStoreTest {
  @TempDir
  private Path folder;

  @Test
  void java_reads_the_authorities_of_the_machine_without_a_password() throws Exception {
    Path here = Files.createDirectory(folder.resolve("here"));
    Path there = Files.createDirectory(folder.resolve("there"));
    Path pem = Files.writeString(
        folder.resolve("all.pem"),
        "# two\n"
            + Files.readString(new TestAuthority(here).certificate())
            + Files.readString(new TestAuthority(there).certificate()));
    Path made = Files.writeString(folder.resolve("authorities"), "those before");
    TrustStore.main(new String[] {pem.toString(), made.toString()});
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    try (InputStream in = Files.newInputStream(made)) {
      store.load(in, null);
    }
    assertThat(Collections.list(store.aliases()))
        .hasSize(2)
        .allSatisfy(alias -> assertThat(store.isCertificateEntry(alias)).isTrue());
    assertThat(folder.resolve("authorities.new")).doesNotExist();
  }

  @Test
  void a_file_without_certificates_leaves_the_authorities_as_they_are() throws Exception {
    Path pem = Files.writeString(folder.resolve("none.pem"), "");
    Path made = Files.writeString(folder.resolve("authorities"), "those before");
    assertThatThrownBy(() -> TrustStore.main(new String[] {pem.toString(), made.toString()}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no certificates in");
    assertThat(made).hasContent("those before");
  }
}
