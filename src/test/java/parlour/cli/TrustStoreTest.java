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
  void java_reads_the_ca_certificates_of_the_machine_without_a_password() throws Exception {
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
  void a_certificate_that_java_cannot_read_does_not_take_the_others_with_it() throws Exception {
    Path here = Files.createDirectory(folder.resolve("here"));
    Path there = Files.createDirectory(folder.resolve("there"));
    String good = Files.readString(new TestAuthority(here).certificate());
    Path pem = Files.writeString(
        folder.resolve("all.pem"),
        good
            + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
            + good.substring(0, good.length() / 2) // cut off
            + "\n"
            + Files.readString(new TestAuthority(there).certificate()));
    Path made = folder.resolve("authorities");
    TrustStore.main(new String[] {pem.toString(), made.toString()});
    KeyStore store = KeyStore.getInstance(made.toFile(), "changeit".toCharArray());
    assertThat(Collections.list(store.aliases()))
        .containsExactlyInAnyOrder("authority-1", "authority-4");
  }

  @Test
  void a_link_that_another_user_left_does_not_choose_the_file_that_root_writes() throws Exception {
    Path own = Files.createDirectory(folder.resolve("own"));
    Path pem = new TestAuthority(own).certificate();
    Path other = Files.writeString(folder.resolve("shadow"), "not to be replaced");
    Path made = folder.resolve("authorities");
    Files.createSymbolicLink(folder.resolve("authorities.new"), other);
    TrustStore.main(new String[] {pem.toString(), made.toString()});
    assertThat(other).hasContent("not to be replaced");
    assertThat(made).isRegularFile();
    assertThat(Files.isSymbolicLink(made)).isFalse();
  }

  @Test
  void a_file_without_certificates_leaves_the_ca_certificates_as_they_are() throws Exception {
    Path pem = Files.writeString(folder.resolve("none.pem"), "");
    Path made = Files.writeString(folder.resolve("authorities"), "those before");
    assertThatThrownBy(() -> TrustStore.main(new String[] {pem.toString(), made.toString()}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no certificates in");
    assertThat(made).hasContent("those before");
  }
}
