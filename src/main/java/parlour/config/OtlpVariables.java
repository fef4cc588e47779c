package parlour.config;

import java.util.Map;
import java.util.Optional;

/**
 * The variables that OpenTelemetry has for all programs. Others set them for a whole machine, so values
 * that Parlour cannot use must not keep it from starting.
 *
 * @param endpoint where traces are sent by HTTP
 * @param ignored why the variable of the endpoint has no effect; without its value, which can have a
 *     password
 */
record OtlpVariables(Optional<String> endpoint, Optional<String> ignored) {
  private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
  private static final String PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL";

  static OtlpVariables of(Map<String, String> environment) {
    String endpoint = environment.getOrDefault(ENDPOINT, "");
    if (endpoint.isEmpty()) {
      return new OtlpVariables(Optional.empty(), Optional.empty());
    }
    if (environment.getOrDefault(PROTOCOL, "").strip().equalsIgnoreCase("grpc")) {
      return ignored("it is for gRPC, as " + PROTOCOL + " says");
    }
    return SettingValues.isUrl(endpoint)
        ? new OtlpVariables(Optional.of(endpoint), Optional.empty())
        : ignored("it is not an address by http or https");
  }

  private static OtlpVariables ignored(String why) {
    return new OtlpVariables(
        Optional.empty(),
        Optional.of("traces are not sent: %s is ignored, because %s; set otlp.endpoint, or %s"
                .formatted(ENDPOINT, why, Setting.OTLP_ENDPOINT.variable())
            + " to an address that takes OTLP over HTTP"));
  }
}
