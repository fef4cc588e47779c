package parlour.spec;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameStartingWith;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.cli.Main;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.http.json.JsonText;
import parlour.rates.Bucket;
import parlour.scopedauth.RecordedScopedAuth;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.ScopedAuthHttp;
import parlour.scopedauth.ScopedAuthService;
import parlour.store.Migrations;
import parlour.store.TermSearch;

/**
 * The packages that each package may use: lower ones only, and along the arrows of the diagram.
 *
 * <p>Each rule holds in the sources, and the classes of {@code parlour.spec.wrong} break it.
 */
class ArchitectureTest {
  /** All packages, from the lowest layer to the highest. A class uses only lower layers. */
  private static final List<Set<String>> LAYERS = List.of(
      Set.of("parlour"),
      Set.of(
          "events", "http", "http.json", "http.tls", "metrics", "proof", "rates", "store", "trace"),
      Set.of("http.client", "http.websocket", "redis", "s3", "search", "telemetry"),
      Set.of("http.server", "config"),
      Set.of("errors", "http.internal", "oidc"),
      Set.of("ledger", "samples"),
      Set.of("scopedauth", "media"),
      Set.of("push"),
      Set.of("federatedauth", "conversations"),
      Set.of("accounts", "api"),
      Set.of("console", "orchestrator", "inbox", "serverapi", "webhooks"),
      Set.of("guests", "realtime", "starship"),
      Set.of("process"),
      Set.of("demo"),
      Set.of("cli"));

  /** Packages that only some of the higher layers may use, and which. */
  private static final Map<String, Set<String>> USERS_OF_PACKAGES = Map.ofEntries(
      Map.entry(
          "http.websocket",
          Set.of("http.server", "api", "guests", "inbox", "realtime", "starship")),
      Map.entry("http.tls", Set.of("http.client", "s3", "config", "process", "cli")),
      Map.entry("s3", Set.of("config", "media", "process", "cli")),
      Map.entry("search", Set.of("conversations", "inbox")),
      Map.entry(
          "http.client",
          Set.of(
              "http.internal",
              "ledger",
              "samples",
              "scopedauth",
              "media",
              "federatedauth",
              "conversations",
              "oidc",
              "push",
              "webhooks",
              "starship",
              "process",
              "cli")),
      Map.entry(
          "http.internal",
          Set.of(
              "ledger",
              "samples",
              "scopedauth",
              "media",
              "push",
              "federatedauth",
              "conversations",
              "process")),
      Map.entry("telemetry", Set.of("process")),
      Map.entry("api", Set.of("guests", "inbox", "orchestrator", "realtime", "serverapi")),
      Map.entry("demo", Set.of("cli")),
      Map.entry("process", Set.of("demo", "cli")),
      Map.entry("orchestrator", Set.of("guests", "realtime", "process")),
      Map.entry("guests", Set.of("process")),
      Map.entry("realtime", Set.of("process")),
      Map.entry("inbox", Set.of("process", "cli")),
      Map.entry("oidc", Set.of("inbox", "process")),
      Map.entry("console", Set.of("process")),
      Map.entry("serverapi", Set.of("process")),
      Map.entry("webhooks", Set.of("process", "cli")),
      Map.entry("starship", Set.of("process")));

  /** Types that are public only because Java has no sub-packages, and the packages they are for. */
  private static final Map<String, Set<String>> USERS_OF_TYPES = Map.ofEntries(
      Map.entry("http.json.FieldNames", Set.of("http.server")),
      Map.entry("http.json.StrictParser", Set.of("http.server")),
      Map.entry("http.websocket.Sockets", Set.of("http.server", "starship")),
      Map.entry("http.server.RefusedRequest", Set.of("errors")),
      Map.entry("proof.KeyAgreement", Set.of("scopedauth")),
      Map.entry("proof.ProofKey", Set.of("scopedauth")),
      Map.entry("media.SqlMedia", Set.of("conversations")),
      Map.entry("proof.P256", Set.of("scopedauth", "push")),
      Map.entry("proof.CanonicalBase64", Set.of("push")),
      Map.entry("push.SqlPushQueue", Set.of("conversations", "process")),
      Map.entry("scopedauth.PushKeys", Set.of("push", "process")),
      Map.entry("accounts.SqlResponder", Set.of("webhooks")),
      Map.entry("api.DeliveredChanges", Set.of("guests")),
      Map.entry("api.Frames", Set.of("guests", "inbox")),
      // no API of guests or servers reads notes; the operator's export has them
      Map.entry("conversations.Note", Set.of("inbox", "cli")),
      Map.entry("conversations.TeamConversations", Set.of("inbox", "process", "cli")),
      // a result of a search can be a note
      Map.entry("conversations.SearchHit", Set.of("inbox")),
      Map.entry("conversations.SearchPage", Set.of("inbox")),
      Map.entry("api.StateChanges", Set.of("inbox", "serverapi")),
      Map.entry("demo.Operator", Set.of("cli")));

  /** The packages with an API of their own. */
  private static final Set<String> SURFACES =
      Set.of("console", "guests", "inbox", "realtime", "serverapi", "webhooks");

  private static final JavaClasses sources = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .importPackages("parlour");
  private static final JavaClasses wrong =
      new ClassFileImporter().importPackages("parlour.spec.wrong");

  private static final DescribedPredicate<JavaClass> wiring = resideInAnyPackage(
          "parlour.process..", "parlour.demo..", "parlour.cli..")
      .as("the wiring of a process, the demo or the command line");

  static Stream<Arguments> rules() {
    return Stream.of(packages(), participants(), libraries(), objects(), surroundings())
        .flatMap(rules -> rules)
        .map(rule -> Arguments.of(rule.getDescription(), rule));
  }

  private static Stream<ArchRule> packages() {
    return Stream.of(
        classes()
            .should(useOnly("lower layers", (from, to) -> layer(to) < layer(from)))
            .because("a package is understood after those it uses"),
        slices()
            .matching("parlour.(**)")
            .should()
            .beFreeOfCycles()
            .because("a package is understood after those it uses"),
        classes()
            .should(useOnly(
                "packages that name them as users",
                (from, to) ->
                    USERS_OF_PACKAGES.getOrDefault(room(to), Set.of(from)).contains(from)))
            .because("a new user of such a package is a decision, made in the table"),
        classes()
            .should(useOnly(
                "types that name them as users",
                (from, to) ->
                    USERS_OF_TYPES.getOrDefault(name(to), Set.of(from)).contains(from)))
            .because("a type that is public for one neighbour is internal for all others"),
        classes()
            .should(useOnly(
                "no other surface, if they are one",
                (from, to) -> !(SURFACES.contains(from) && SURFACES.contains(room(to)))))
            .because("what two APIs share belongs to a layer below both"),
        inPackage("..accounts..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("parlour.http..", "parlour.errors..", "org.eclipse.jetty..")
            .because("the command line and all APIs use accounts in the same way"),
        inPackage("..conversations..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("parlour.errors..", "parlour.http.websocket..")
            .because("each API words its own refusals and frames, and api has what they share"),
        classes()
            .that()
            .resideInAPackage("..search..")
            .should()
            .onlyDependOnClassesThat(type(TermSearch.class)
                .or(type(TermSearch.Term.class))
                .or(resideInAnyPackage(
                    "parlour",
                    "parlour.search..",
                    "java.lang..",
                    "java.text..",
                    "java.util..",
                    "org.jspecify..")))
            .because("the words of a search are found in any text, wherever it is stored"),
        inPackage("..http..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("parlour.errors..")
            .because("http refuses by status, and errors turns the status into a code"),
        noClasses()
            .that(not(resideInAPackage("parlour.cli..")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("parlour.cli..")
            .because("a command calls the other packages, and none of them calls a command"));
  }

  private static Stream<ArchRule> participants() {
    return Stream.of(
        inPackage("..starship..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "parlour.orchestrator..",
                "parlour.guests..",
                "parlour.inbox..",
                "parlour.console..",
                "parlour.serverapi..",
                "parlour.webhooks..",
                "parlour.accounts..",
                "parlour.federatedauth..",
                "parlour.scopedauth..",
                "parlour.conversations..",
                "parlour.store..")
            .because("the edge forwards calls without reading them"),
        inPackage("..federatedauth..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("parlour.store..")
            .because("FederatedAuth calls ScopedAuth, and stores nothing"),
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
            .because("only the participants next to ScopedAuth call it; its values are passed on"),
        classes()
            .that(not(wiring))
            .should(useOnly(
                "services of their own package",
                (from, to) -> !to.getSimpleName().endsWith("Service")))
            .because("a service may run in another process"));
  }

  private static Stream<ArchRule> libraries() {
    return Stream.of(
        noClasses()
            .that(not(resideInAPackage("parlour.store..").or(simpleNameStartingWith("Sql"))))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.sql..", "javax.sql..", "org.sqlite..", "org.postgresql..", "com.zaxxer..")
            .because("only classes named Sql… contain SQL"),
        noClasses()
            .that(
                not(resideInAnyPackage("parlour.http..", "parlour.starship..", "parlour.process..")
                    .or(type(Main.class))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.eclipse.jetty..")
            .because("our routes and clients hide Jetty"),
        noClasses()
            .that(not(resideInAPackage("parlour.redis..")))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("redis.clients..", "org.apache.commons.pool2..")
            .because("only Redis classes use Redis, and they handle its outages"),
        noClasses()
            .that(not(
                resideInAPackage("parlour.http.json..").or(simpleNameStartingWith("EcsEncoder"))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("tools.jackson..")
            .because("http.json reads strictly; only the log's encoder writes beside it"),
        noClasses()
            .that(not(resideInAPackage("parlour.oidc..")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.nimbusds..")
            .because("an ID token is checked in one place, with every claim"),
        noClasses()
            .that(not(resideInAPackage("parlour.s3..")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("software.amazon..")
            .because("only the bucket signs calls of S3"),
        noClasses()
            .that(not(resideInAPackage("parlour.metrics..")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.prometheus..")
            .because("Metrics bounds the number of time series"),
        noClasses()
            .that(not(resideInAPackage("parlour.telemetry..")))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.opentelemetry.sdk..", "io.opentelemetry.exporter..")
            .because("a process that exports nothing loads none of their classes"),
        noClasses()
            .that(not(resideInAnyPackage("parlour.rates..", "parlour.redis..")))
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Bucket.class)
            .because("rates are limited in one place"));
  }

  private static Stream<ArchRule> objects() {
    return Stream.of(
        noClasses()
            .that(not(wiring.or(resideInAPackage("parlour.config.."))))
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Config.class, DataFolder.class)
            .because("the wiring reads the settings once, and passes values"),
        noClasses()
            .that(not(simpleName("Chunk").or(simpleName("SealedKey")).or(simpleName("Tokens"))))
            .should()
            .callMethod(Arrays.class, "equals", byte[].class, byte[].class)
            .because("the time of a comparison says how much of a guess is right, so MACs and"
                + " digests of secrets are compared by MessageDigest.isEqual; a part of a file, a"
                + " sealed key and the spelling of a token are not secret"),
        noClasses()
            .that(not(simpleName("SqlRows").or(resideInAPackage("parlour.http.json.."))))
            .should()
            .accessTargetWhere(
                target(owner(type(JsonText.class))).and(target(HasName.Predicates.name("stored"))))
            .because("only a text from the store was checked before; all others are parsed"),
        fields()
            .that()
            .areStatic()
            .should()
            .beFinal()
            .because("an object owns every state that changes"),
        fields()
            .that()
            .areDeclaredInClassesThat(not(resideInAPackage("parlour.cli..")))
            .should(carryNoAnnotation())
            .because("constructors take what a class needs; only the command line's parser"
                + " sets fields"));
  }

  /** One rule for each way to do something, so that each is seen to be noticed. */
  private static Stream<ArchRule> surroundings() {
    Stream<ArchRule> clocks = Map.<Class<?>, String>of(
            Instant.class, "now", System.class, "currentTimeMillis", InstantSource.class, "system")
        .entrySet()
        .stream()
        .map(clock -> noClasses()
            .that(not(wiring.or(type(Migrations.class))))
            .should()
            .callMethod(clock.getKey(), clock.getValue())
            .because("the wiring passes the clock; only a migration records the real time"));
    Stream<ArchRule> random = Stream.of(SecureRandom.class, Random.class)
        .map(source -> noClasses()
            .that(not(wiring))
            .should()
            .callConstructor(source)
            .because("the wiring passes the source of randomness"));
    Stream<ArchRule> unseeded = Stream.of(noClasses()
        .that(not(wiring))
        .should()
        .callMethod(Math.class, "random")
        .because("the wiring passes the source of randomness"));
    Stream<ArchRule> decimals = Stream.of(
            Map.entry("multipliedBy", long.class),
            Map.entry("dividedBy", long.class),
            Map.entry("dividedBy", Duration.class))
        .map(computation -> noClasses()
            .should()
            .callMethod(Duration.class, computation.getKey(), computation.getValue())
            .because("it loads BigDecimal, which delays a start: use Durations"));
    Stream<ArchRule> prints = Stream.of("out", "err")
        .map(stream -> noClasses()
            .that(not(resideInAPackage("parlour.cli..")))
            .should()
            .accessField(System.class, stream)
            .because("a service logs; only the command line prints"));
    return Stream.of(clocks, random, unseeded, decimals, prints).flatMap(rules -> rules);
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
        ? slices().matching("parlour.spec.wrong.(**)").should().beFreeOfCycles()
        : rule;
    assertThat(tested.evaluate(wrong).hasViolation()).as(description).isTrue();
  }

  @Test
  void every_package_has_one_layer_and_every_name_in_the_tables_exists() {
    List<String> layered = LAYERS.stream().flatMap(Set::stream).toList();
    assertThat(layered).doesNotHaveDuplicates();
    assertThat(sources.stream().map(ArchitectureTest::room).distinct().toList())
        .containsExactlyInAnyOrderElementsOf(layered);
    List<String> named = new ArrayList<>(USERS_OF_PACKAGES.keySet());
    USERS_OF_PACKAGES.values().forEach(named::addAll);
    USERS_OF_TYPES.values().forEach(named::addAll);
    named.addAll(SURFACES);
    assertThat(layered).containsAll(named);
    assertThat(sources.stream().map(ArchitectureTest::name).toList())
        .containsAll(USERS_OF_TYPES.keySet());
  }

  private static GivenClassesConjunction inPackage(String name) {
    return noClasses().that().resideInAPackage(name);
  }

  /** The package as in LAYERS; for a wrong class, the package that it stands for. */
  private static String room(JavaClass type) {
    String name = type.getPackageName();
    return name.equals("parlour") ? name : name.replaceFirst("^parlour\\.(spec\\.wrong\\.)?", "");
  }

  private static String name(JavaClass type) {
    return type.getName().replaceFirst("^parlour\\.", "");
  }

  private static int layer(JavaClass type) {
    return layer(room(type));
  }

  private static int layer(String room) {
    return IntStream.range(0, LAYERS.size())
        .filter(layer -> LAYERS.get(layer).contains(room))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no layer has the package " + room));
  }

  /** A condition on the dependencies on our other packages. */
  private static ArchCondition<JavaClass> useOnly(
      String what, BiPredicate<String, JavaClass> allowed) {
    return new ArchCondition<>("use only " + what) {
      @Override
      public void check(JavaClass from, ConditionEvents events) {
        String room = room(from);
        for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
          JavaClass to = dependency.getTargetClass().getBaseComponentType();
          if (to.getPackageName().matches("parlour(\\..*)?") && !room(to).equals(room)) {
            events.add(new SimpleConditionEvent(
                from, allowed.test(room, to), dependency.getDescription()));
          }
        }
      }
    };
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
