package parlour.spec;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameStartingWith;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.cli.Main;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.rates.Bucket;
import parlour.scopedauth.RecordedScopedAuth;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.ScopedAuthHttp;
import parlour.scopedauth.ScopedAuthService;
import parlour.store.Migrations;

/**
 * Which package may use which: only along the arrows of the diagram.
 *
 * <p>Each rule holds in the sources, and is broken by the classes of {@code parlour.spec.wrong}.
 */
class ArchitectureTest {
  private static final String[] PARTICIPANTS = {
    "..starship..",
    "..orchestrator..",
    "..federatedauth..",
    "..scopedauth..",
    "..conversations..",
    "parlour.accounts..",
    "parlour.guests..",
    "parlour.inbox..",
    "parlour.serverapi..",
    "parlour.webhooks.."
  };

  private static final JavaClasses sources = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .importPackages("parlour");
  private static final JavaClasses wrong =
      new ClassFileImporter().importPackages("parlour.spec.wrong");

  private static final DescribedPredicate<JavaClass> wiring = resideInAnyPackage(
          "parlour.process..", "parlour.demo..", "parlour.cli..")
      .as("the wiring of a process, the demo or the command line");

  static Stream<Arguments> rules() {
    return Stream.of(
            inPackage("..starship..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "..orchestrator..",
                    "..federatedauth..",
                    "..scopedauth..",
                    "..conversations..",
                    "parlour.accounts..",
                    "parlour.guests..",
                    "parlour.inbox..",
                    "parlour.serverapi..",
                    "parlour.webhooks..",
                    "parlour.store..",
                    "parlour.cli..")
                .because("the edge forwards, and looks into nothing"),
            inPackage("..orchestrator..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..starship..", "parlour.cli..")
                .because("nobody knows who calls"),
            inPackage("..federatedauth..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "..starship..",
                    "..orchestrator..",
                    "..conversations..",
                    "parlour.store..",
                    "parlour.cli..")
                .because("FederatedAuth asks ScopedAuth, and keeps nothing"),
            inPackage("..scopedauth..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "..starship..",
                    "..orchestrator..",
                    "..federatedauth..",
                    "..conversations..",
                    "parlour.cli..")
                .because("ScopedAuth asks nobody"),
            inPackage("..conversations..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "..starship..", "..orchestrator..", "..federatedauth..", "parlour.cli..")
                .because("Conversations asks ScopedAuth only"),
            noClasses()
                .that(not(resideInAnyPackage(
                    "parlour.scopedauth..",
                    "parlour.federatedauth..",
                    "parlour.conversations..",
                    "parlour.process..")))
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(
                    ScopedAuth.class,
                    ScopedAuthService.class,
                    ScopedAuthHttp.class,
                    RecordedScopedAuth.class)
                .because("only its values are used by the callers above; its interface is not"),
            noClasses()
                .that(not(wiring))
                .should()
                .dependOnClassesThat(new DescribedPredicate<JavaClass>("are another's service") {
                  @Override
                  public boolean test(JavaClass to) {
                    return to.getPackageName().startsWith("parlour.")
                        && to.getSimpleName().endsWith("Service");
                  }
                })
                .because("the called role may run in another process"),
            noClasses()
                .that()
                .resideInAnyPackage(
                    "..http..", "..trace..", "..notices..", "..rates..", "..redis..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(and(PARTICIPANTS, "parlour.store..", "parlour.cli.."))
                .because("the shared tools know no participant"),
            inPackage("..store..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    and(PARTICIPANTS, "parlour.http..", "parlour.trace..", "parlour.cli.."))
                .because("a database knows tables, not what they mean or who asks"),
            noClasses()
                .that(not(resideInAPackage("parlour.store..").or(simpleNameStartingWith("Sql"))))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "java.sql..", "javax.sql..", "org.sqlite..", "org.postgresql..", "com.zaxxer..")
                .because("SQL stands in the classes that are named for it"),
            noClasses()
                .that(not(resideInAnyPackage("parlour.http..", "parlour.starship..")
                    .or(resideInAPackage("parlour.process.."))
                    .or(type(Main.class))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.eclipse.jetty..")
                .because("our routes, errors and clients hide Jetty"),
            noClasses()
                .that(not(resideInAPackage("parlour.redis..")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("redis.clients..", "org.apache.commons.pool2..")
                .because("Redis is spoken in Redis classes, and may be away"),
            noClasses()
                .that(not(resideInAnyPackage("parlour.rates..", "parlour.redis..")))
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Bucket.class)
                .because("limits are in one place"),
            noClasses()
                .that(not(wiring.or(resideInAPackage("parlour.config.."))))
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Config.class, DataFolder.class)
                .because("settings are read where the parts are wired, once"),
            noClasses()
                .that(not(wiring.or(type(Migrations.class))))
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(InstantSource.class, "system")
                .because("a clock is passed in; only a migration notes for people when it was"),
            noClasses()
                .that(not(wiring))
                .should()
                .callConstructor(SecureRandom.class)
                .orShould()
                .callConstructor(Random.class)
                .orShould()
                .callMethod(Math.class, "random")
                .because("randomness is passed in"),
            noClasses()
                .that(not(resideInAPackage("parlour.cli..")))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .because("a service logs; the command line speaks"),
            fields()
                .that()
                .areStatic()
                .should()
                .beFinal()
                .because("what changes belongs to an object that somebody made"),
            fields()
                .that()
                .areDeclaredInClassesThat(not(resideInAPackage("parlour.cli..")))
                .should(carryNoAnnotation())
                .because("constructors take what a class needs; only the command line's parser"
                    + " sets fields"),
            slices()
                .matching("..parlour.(*)..")
                .should()
                .beFreeOfCycles()
                .because("a package is understood after those it uses"))
        .map(rule -> Arguments.of(rule.getDescription(), rule));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void the_rule_holds(String description, ArchRule rule) {
    assertThatCode(() -> rule.check(sources)).as(description).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void the_rule_is_broken_by_what_is_wrong(String description, ArchRule rule) {
    ArchRule tested = description.startsWith("slices")
        ? slices().matching("..wrong.(*)..").should().beFreeOfCycles()
        : rule;
    assertThat(tested.evaluate(wrong).hasViolation()).as(description).isTrue();
  }

  @ParameterizedTest
  @MethodSource("parlour_itself")
  void the_rules_look_at_every_package(String name) {
    assertThat(sources.stream().filter(type -> type.getPackageName().equals(name)))
        .isNotEmpty();
  }

  static Stream<String> parlour_itself() {
    return Stream.of(
        "parlour",
        "parlour.accounts",
        "parlour.cli",
        "parlour.config",
        "parlour.conversations",
        "parlour.demo",
        "parlour.errors",
        "parlour.federatedauth",
        "parlour.guests",
        "parlour.http",
        "parlour.http.client",
        "parlour.http.json",
        "parlour.http.server",
        "parlour.http.tls",
        "parlour.http.websocket",
        "parlour.inbox",
        "parlour.notices",
        "parlour.orchestrator",
        "parlour.process",
        "parlour.rates",
        "parlour.redis",
        "parlour.scopedauth",
        "parlour.serverapi",
        "parlour.starship",
        "parlour.store",
        "parlour.trace",
        "parlour.webhooks");
  }

  private static GivenClassesConjunction inPackage(String name) {
    return noClasses().that().resideInAPackage(name);
  }

  private static String[] and(String[] some, String... more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
  }

  private static ArchCondition<JavaField> carryNoAnnotation() {
    return new ArchCondition<>("carry no annotation but @Nullable and @GuardedBy") {
      @Override
      public void check(JavaField field, ConditionEvents events) {
        for (JavaAnnotation<JavaField> annotation : field.getAnnotations()) {
          boolean onlyDocuments = annotation.getRawType().isEquivalentTo(Nullable.class)
              || annotation.getRawType().isEquivalentTo(GuardedBy.class);
          events.add(new SimpleConditionEvent(
              field,
              onlyDocuments,
              field.getFullName() + " carries " + annotation.getDescription()));
        }
      }
    };
  }
}
