package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.LongForm;
import parlour.http.json.Json;
import parlour.spec.ApiDocument.Operation;
import parlour.spec.Installation.Shape;

/**
 * A client that is made from docs/api/openapi.yaml works with a server: test-clients/api.mts makes
 * each call of the document once, and each answer fits the document.
 */
class ApiClientTest {
  /** Without roles apart: {@link WireTest} and {@link ServerApiTest} see the same answers from both shapes. */
  @AutoClose
  private static final Installation installation = Installation.start(Shape.ONE_PROCESS);

  @TempDir
  private Path folder;

  @Test
  @LongForm(instead = "ApiDocumentTest and ServerApiTest")
  void a_client_that_is_made_from_the_document_makes_each_of_its_calls() throws Exception {
    Map<String, @Nullable Object> result = Json.object(run(ApiDocument.FILE)).orElseThrow();
    assertThat(list(result.get("problems"))).isEmpty();

    ApiDocument document = new ApiDocument();
    TreeSet<String> called = new TreeSet<>();
    for (Object one : list(result.get("answers"))) {
      Map<?, ?> answer = (Map<?, ?>) one;
      String call = answer.get("method") + " " + answer.get("path");
      Operation operation = document.operations().stream()
          .filter(each -> each.toString().equals(call))
          .findFirst()
          .orElseThrow();
      called.add(call);
      int status = Math.toIntExact((Long) Objects.requireNonNull(answer.get("status")));
      assertThat(document.errorsOfAnswer(operation, status, String.valueOf(answer.get("body"))))
          .as(call)
          .isEmpty();
    }
    assertThat(called)
        .isEqualTo(document.operations().stream()
            .map(Operation::toString)
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void the_linter_finds_what_is_wrong() throws Exception {
    Path wrong = folder.resolve("wrong.yaml");
    Files.writeString(
        wrong,
        ApiDocument.text()
            .replaceFirst("operationId: fetchMessage", "operationId: editMessage")
            .replaceFirst("#/components/schemas/Meta", "#/components/schemas/Missing"));
    assertThat(list(Json.object(run(wrong)).orElseThrow().get("problems")))
        .extracting(Object::toString)
        .anyMatch(problem -> problem.startsWith("operation-operationId-unique: "))
        .anyMatch(problem -> problem.startsWith("no-unresolved-refs: "));
  }

  private String run(Path document) throws Exception {
    assertThat(Path.of("test-clients/node_modules/openapi-typescript"))
        .as("the npm packages of the tests: run npm ci in test-clients/, as ./dev does")
        .isDirectory();
    ProcessBuilder node = new ProcessBuilder(
            "node",
            "test-clients/api.mjs",
            document.toString(),
            Path.of("target/api-client").toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT);
    String basic = installation.account.text() + ":" + installation.authToken();
    node.environment()
        .putAll(Map.of(
            "PARLOUR", installation.edge().toString(),
            "ORIGIN", Installation.ORIGIN,
            "USER_AGENT",
                Objects.requireNonNull(Browser.CHROME_ON_WINDOWS.headers().get("User-Agent")),
            "AUTHORIZATION",
                "Basic "
                    + Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.UTF_8)),
            "DEPLOYMENT_KEY", installation.deployment.text()));
    Process process = node.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(Duration.ofSeconds(60))).isTrue();
    assertThat(process.exitValue()).as(out).isZero();
    return out;
  }

  private static List<?> list(@Nullable Object list) {
    return (List<?>) Objects.requireNonNull(list);
  }
}
