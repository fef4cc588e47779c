package parlour.scopedauth;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import parlour.http.json.Json;

/** No code outside this package can make a guest, so holding one proves a valid token. */
class UnforgeableGuestTest {

  @Test
  void no_other_package_can_construct_a_guest_or_extend_the_class() {
    assertThat(Guest.class).isFinal();
    assertThat(Guest.class.getDeclaredConstructors()).isNotEmpty().allSatisfy(constructor -> {
      assertThat(Modifier.isPublic(constructor.getModifiers())).isFalse();
      assertThat(Modifier.isProtected(constructor.getModifiers())).isFalse();
    });
  }

  @Test
  void only_a_verdict_hands_out_a_guest() {
    JavaClasses sources = new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .importPackages("parlour.scopedauth");
    methods()
        .that()
        .haveRawReturnType(Guest.class)
        .and()
        .areNotPrivate()
        .should()
        .beDeclaredIn(Verdict.Authorized.class)
        .check(sources);
  }

  @Test
  void a_guest_cannot_be_read_from_json() {
    assertThatThrownBy(() -> Json.read("{}".getBytes(StandardCharsets.UTF_8), Guest.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no JSON for class parlour.scopedauth.Guest");
  }
}
