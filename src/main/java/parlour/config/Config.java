package parlour.config;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import parlour.StartupError;
import parlour.http.tls.Tls;
import parlour.redis.RedisAddress;
import parlour.s3.S3Address;
import parlour.store.Databases;
import parlour.store.PostgresServer;

/**
 * All settings of one process.
 *
 * <p>A value comes from these sources, of which a later one overrides an earlier one: its default,
 * the file ({@code parlour.yaml} or {@code parlour.properties}), the environment ({@code
 * PARLOUR_PUBLIC_PORT} for {@code public.port}), the command line. Unknown names in the file and in
 * the environment are errors, and all errors are reported together.
 */
public final class Config {

  /** A setting's value in this process, and its source; secrets are not shown. */
  public record Effective(Setting setting, String value, String source) {}

  private record Value(String text, String source) {}

  // Read by the launcher and by the command line itself.
  private static final Set<String> OTHER_VARIABLES = Set.of("PARLOUR_JAVA_OPTS", "PARLOUR_CONFIG");

  private final Map<Setting, Value> values;
  private final Optional<String> ignoredOtlpEndpoint;
  private final Set<Role> roles;
  private final boolean rateLimits;
  private final int databaseConnections;

  private Config(Map<Setting, Value> values, Optional<String> ignoredOtlpEndpoint) {
    this.values = values;
    this.ignoredOtlpEndpoint = ignoredOtlpEndpoint;
    List<String> errors = new ArrayList<>();
    roles = parsed(Setting.ROLES, SettingValues::roles, EnumSet.noneOf(Role.class), errors);
    parsed(Setting.KEY_ROTATION_HOURS, SettingValues::rotation, Duration.ZERO, errors);
    parsed(Setting.LEDGER_DAYS, SettingValues::ledgerAge, Duration.ZERO, errors);
    rateLimits = parsed(
            Setting.RATE_LIMITS, text -> SettingValues.oneOf(text, "on", "off"), "on", errors)
        .equals("on");
    databaseConnections =
        parsed(Setting.DATABASE_CONNECTIONS, SettingValues::connections, 1, errors);
    checkDatabaseUrl(errors);
    parsed(Setting.DATA, SettingValues::folder, Path.of(""), errors);
    for (Setting port : List.of(Setting.PUBLIC_PORT, Setting.INTERNAL_PORT)) {
      parsed(port, SettingValues::port, 0, errors);
    }
    for (Setting url : List.of(
        Setting.ORCHESTRATOR_URL,
        Setting.FEDERATED_AUTH_URL,
        Setting.SCOPED_AUTH_URL,
        Setting.CONVERSATIONS_URL)) {
      parsed(url, SettingValues::urls, List.of(), errors);
    }
    Optional<URI> main = parsed(Setting.PUBLIC_URL, SettingValues::url, Optional.empty(), errors);
    parsed(Setting.MEDIA_URL, text -> SettingValues.otherHost(text, main), main, errors);
    checkPair(Setting.PUBLIC_TLS_CERTIFICATE, Setting.PUBLIC_TLS_KEY, errors);
    checkPair(Setting.INTERNAL_TLS_CERTIFICATE, Setting.INTERNAL_TLS_KEY, errors);
    if (given(Setting.INTERNAL_TLS_CLIENT_CA).isPresent() && internalTls().isEmpty()) {
      errors.add("internal.tls.client-ca is set, and internal.tls.certificate is not: the internal"
          + " listener would ask nobody for a certificate. Set both, or neither");
    }
    parsed(Setting.REDIS_URL, text -> redis(text, Optional.empty()), Optional.empty(), errors);
    checkS3(errors);
    parsed(Setting.CLAMAV_ADDRESS, SettingValues::socket, Optional.empty(), errors);
    parsed(Setting.TRUSTED_PROXIES, SettingValues::list, List.of(), errors);
    checkOidc(main, errors);
    parsed(Setting.PUSH_CONTACT, SettingValues::contact, Optional.empty(), errors);
    parsed(Setting.PUSH_SERVICES, SettingValues::pushServices, List.of(), errors);
    parsed(Setting.OTLP_ENDPOINT, SettingValues::url, Optional.empty(), errors);
    parsed(Setting.LOG_FORMAT, text -> SettingValues.oneOf(text, "json", "text"), "", errors);
    parsed(
        Setting.LOG_LEVEL,
        text -> SettingValues.oneOf(text, "error", "warn", "info", "debug"),
        "",
        errors);
    if (!errors.isEmpty()) {
      throw new StartupError(String.join("\n", errors));
    }
  }

  /**
   * @param file must exist if it is given
   * @param environment of the process; names that do not begin with PARLOUR_ are ignored
   * @throws StartupError with all errors
   */
  public static Config read(
      Optional<Path> file, Map<String, String> environment, Map<Setting, String> flags) {
    return read(file, environment, flags, Map.of());
  }

  /**
   * @param defaults values of this command that replace the usual defaults
   */
  public static Config read(
      Optional<Path> file,
      Map<String, String> environment,
      Map<Setting, String> flags,
      Map<Setting, String> defaults) {
    Map<Setting, Value> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      values.put(
          setting, new Value(defaults.getOrDefault(setting, setting.defaultValue()), "default"));
    }
    OtlpVariables otlp = OtlpVariables.of(environment);
    otlp.endpoint()
        .ifPresent(url -> values.put(Setting.OTLP_ENDPOINT, new Value(url, "environment")));
    List<String> unknown = new ArrayList<>();
    file.map(SettingsFile::read)
        .orElse(Map.of())
        .forEach((key, value) ->
            put(values, unknown, key, Setting::key, value, file.orElseThrow().toString()));
    environment.forEach((name, value) -> {
      if (name.startsWith(Setting.PREFIX)
          && !OTHER_VARIABLES.contains(name)
          && !ServiceLink.is(name, value)) {
        put(values, unknown, name, Setting::variable, value, "environment");
      }
    });
    flags.forEach((setting, value) -> values.put(setting, new Value(value, "command line")));
    if (!unknown.isEmpty()) {
      throw new StartupError(String.join("\n", unknown));
    }
    return new Config(values, otlp.ignored());
  }

  public Set<Role> roles() {
    return roles;
  }

  public boolean runs(Role role) {
    return roles.contains(role);
  }

  public Path data() {
    return Path.of(text(Setting.DATA));
  }

  public String publicHost() {
    return text(Setting.PUBLIC_HOST);
  }

  public int publicPort() {
    return SettingValues.port(text(Setting.PUBLIC_PORT));
  }

  public String internalHost() {
    return text(Setting.INTERNAL_HOST);
  }

  public int internalPort() {
    return SettingValues.port(text(Setting.INTERNAL_PORT));
  }

  public Optional<String> internalSecret() {
    return given(Setting.INTERNAL_SECRET);
  }

  public Path internalSecretFile() {
    return given(Setting.INTERNAL_SECRET_FILE)
        .map(Path::of)
        .orElse(data().resolve("internal-secret"));
  }

  /**
   * The other value of the internal secret, which is accepted while it is changed; empty if none is
   * configured.
   *
   * @throws StartupError if its file cannot be read
   */
  public Optional<String> otherInternalSecret() {
    return secret(Setting.INTERNAL_OTHER_SECRET, Setting.INTERNAL_OTHER_SECRET_FILE);
  }

  public Optional<String> masterKey() {
    return given(Setting.MASTER_KEY);
  }

  public Path masterKeyFile() {
    return given(Setting.MASTER_KEY_FILE).map(Path::of).orElse(data().resolve("master.key"));
  }

  /**
   * The PostgreSQL; if empty, the stores are files in the data folder.
   *
   * @throws StartupError if the file with its password cannot be read
   */
  public Optional<PostgresServer> database() {
    return given(Setting.DATABASE_URL)
        .map(url -> PostgresServer.parse(
            url, secret(Setting.DATABASE_PASSWORD, Setting.DATABASE_PASSWORD_FILE)));
  }

  /** The databases of the stores: on that server, or in files in the data folder. */
  public Databases databases() {
    return database()
        .map(server -> Databases.on(server, databaseConnections))
        .orElseGet(() -> Databases.in(data()));
  }

  /** The folder of files that are stored or arrive; if empty, they are in the database. */
  public Optional<Path> filesFolder() {
    return database().isPresent() ? Optional.empty() : Optional.of(data().resolve("media"));
  }

  public Duration keyRotation() {
    return SettingValues.rotation(text(Setting.KEY_ROTATION_HOURS));
  }

  /** How long the ledger keeps its entries. */
  public Duration ledgerAge() {
    return SettingValues.ledgerAge(text(Setting.LEDGER_DAYS));
  }

  public List<String> trustedProxies() {
    return SettingValues.list(text(Setting.TRUSTED_PROXIES));
  }

  /** Where traces are sent; empty if they are not. */
  public Optional<URI> otlpEndpoint() {
    return SettingValues.url(text(Setting.OTLP_ENDPOINT));
  }

  /** Why traces are not sent, although a variable of OpenTelemetry names an endpoint. */
  public Optional<String> ignoredOtlpEndpoint() {
    return otlpEndpoint().isPresent() ? Optional.empty() : ignoredOtlpEndpoint;
  }

  public boolean rateLimits() {
    return rateLimits;
  }

  /**
   * The Redis that the nodes share; empty if none is configured.
   *
   * @throws StartupError if the file with its password cannot be read
   */
  public Optional<RedisAddress> redis() {
    return redis(
        text(Setting.REDIS_URL), secret(Setting.REDIS_PASSWORD, Setting.REDIS_PASSWORD_FILE));
  }

  /**
   * The bucket for the files of conversations; empty if none is configured.
   *
   * @throws StartupError if the file with its secret cannot be read
   */
  public Optional<S3Address> s3() {
    return given(Setting.S3_ENDPOINT)
        .map(endpoint -> new S3Address(
            S3Address.endpoint(endpoint),
            text(Setting.S3_REGION),
            text(Setting.S3_BUCKET),
            text(Setting.S3_PATH_STYLE).equals("on"),
            text(Setting.S3_ACCESS_KEY),
            secret(Setting.S3_SECRET_KEY, Setting.S3_SECRET_KEY_FILE).orElseThrow(),
            source(Setting.S3_TLS_CA)));
  }

  private void checkS3(List<String> errors) {
    parsed(Setting.S3_PATH_STYLE, text -> SettingValues.oneOf(text, "on", "off"), "", errors);
    if (given(Setting.S3_ENDPOINT).isEmpty()) {
      return;
    }
    parsed(Setting.S3_ENDPOINT, S3Address::endpoint, URI.create(""), errors);
    if (given(Setting.S3_BUCKET).isPresent()) {
      parsed(Setting.S3_BUCKET, S3Address::bucket, "", errors);
    }
    for (Setting needed : List.of(Setting.S3_BUCKET, Setting.S3_ACCESS_KEY)) {
      if (given(needed).isEmpty()) {
        errors.add("%s is not set: s3.endpoint needs it".formatted(needed.key()));
      }
    }
    if (given(Setting.S3_SECRET_KEY).or(() -> given(Setting.S3_SECRET_KEY_FILE)).isEmpty()) {
      errors.add("neither s3.secret-key nor s3.secret-key-file is set: s3.endpoint needs one");
    }
  }

  /** The clamd that scans files; empty if none is configured. Its host is not resolved. */
  public Optional<InetSocketAddress> clamav() {
    return SettingValues.socket(text(Setting.CLAMAV_ADDRESS));
  }

  /**
   * The identity provider of agents; empty if none is configured.
   *
   * @throws StartupError if the file with its secret cannot be read
   */
  public Optional<OidcSettings> oidc() {
    return OidcSettings.issuer(text(Setting.OIDC_ISSUER))
        .map(issuer -> new OidcSettings(
            issuer,
            text(Setting.OIDC_CLIENT_ID),
            secret(Setting.OIDC_CLIENT_SECRET, Setting.OIDC_CLIENT_SECRET_FILE),
            text(Setting.OIDC_NAME),
            text(Setting.OIDC_SCOPES),
            text(Setting.OIDC_GROUPS_CLAIM),
            OidcSettings.roles(text(Setting.OIDC_ROLES)),
            OidcSettings.account(text(Setting.OIDC_ACCOUNT))));
  }

  private void checkOidc(Optional<URI> main, List<String> errors) {
    parsed(Setting.OIDC_ROLES, OidcSettings::roles, Map.of(), errors);
    parsed(Setting.OIDC_SCOPES, OidcSettings::scopes, "", errors);
    parsed(Setting.OIDC_ACCOUNT, OidcSettings::account, Optional.empty(), errors);
    if (parsed(Setting.OIDC_ISSUER, OidcSettings::issuer, Optional.empty(), errors)
        .isEmpty()) {
      return;
    }
    for (Setting needed : List.of(
        Setting.PUBLIC_URL,
        Setting.OIDC_CLIENT_ID,
        Setting.OIDC_NAME,
        Setting.OIDC_GROUPS_CLAIM,
        Setting.OIDC_ROLES)) {
      if (given(needed).isEmpty()) {
        errors.add("%s is not set: oidc.issuer needs it".formatted(needed.key()));
      }
    }
    if (main.filter(url -> !OidcSettings.isConfidential(url)).isPresent()) {
      errors.add(
          "public.url must be an https address, because oidc.issuer is set: the provider's code"
              + " and the agents' cookies pass there; http is accepted only for this machine");
    }
  }

  /** The operator's address for push services; empty if Web Push is off. */
  public Optional<String> pushContact() {
    return SettingValues.contact(text(Setting.PUSH_CONTACT));
  }

  /** The push services that this process may call. */
  public List<String> pushServices() {
    return SettingValues.pushServices(text(Setting.PUSH_SERVICES));
  }

  public String logFormat() {
    return text(Setting.LOG_FORMAT);
  }

  public String logLevel() {
    return text(Setting.LOG_LEVEL);
  }

  /** The start of addresses in answers, without a slash at the end. */
  public Optional<String> publicUrl() {
    return SettingValues.url(text(Setting.PUBLIC_URL))
        .map(url -> url.toString().replaceAll("/+$", ""));
  }

  /** The origin of the contents of files; if empty, they have no host of their own. */
  public Optional<URI> mediaUrl() {
    return SettingValues.origin(text(Setting.MEDIA_URL));
  }

  /** Advice for the operator although the settings work, a sentence each. */
  public List<String> warnings() {
    Optional<URI> main = SettingValues.url(text(Setting.PUBLIC_URL));
    return mediaUrl()
        .filter(
            files -> main.filter(other -> SettingValues.isBelow(files, other)).isPresent())
        .map(files -> "media.url = \"" + files + "\" is below the host of public.url: whatever runs"
            + " there could set cookies for that host, and gets those that are set for all hosts below"
            + " it; choose a host that is not below it, such as https://files.example.net")
        .stream()
        .toList();
  }

  /** The certificate of the public listener; if empty, it speaks plain HTTP. */
  public Optional<Tls.Own> publicTls() {
    return own(Setting.PUBLIC_TLS_CERTIFICATE, Setting.PUBLIC_TLS_KEY);
  }

  /** The certificate of the internal listener; if empty, it speaks plain HTTP. */
  public Optional<Tls.Own> internalTls() {
    return own(Setting.INTERNAL_TLS_CERTIFICATE, Setting.INTERNAL_TLS_KEY);
  }

  public Optional<Tls.Source> internalAuthorities() {
    return source(Setting.INTERNAL_TLS_CA);
  }

  public Optional<Tls.Source> internalCallers() {
    return source(Setting.INTERNAL_TLS_CLIENT_CA);
  }

  private Optional<Tls.Own> own(Setting certificate, Setting key) {
    return source(certificate).flatMap(one -> source(key).map(other -> new Tls.Own(one, other)));
  }

  private Optional<Tls.Source> source(Setting setting) {
    return given(setting).map(file -> new Tls.Source(setting.key(), Path.of(file)));
  }

  private void checkPair(Setting certificate, Setting key, List<String> errors) {
    if (given(certificate).isPresent() != given(key).isPresent()) {
      Setting missing = given(certificate).isPresent() ? key : certificate;
      errors.add("%s is not set: %s and %s belong together"
          .formatted(missing.key(), certificate.key(), key.key()));
    }
  }

  /** The processes that run a role elsewhere. Throws a StartupError if the setting is empty. */
  public List<URI> addressesOf(Role role) {
    Setting setting = switch (role) {
      case ORCHESTRATOR -> Setting.ORCHESTRATOR_URL;
      case FEDERATED_AUTH -> Setting.FEDERATED_AUTH_URL;
      case SCOPED_AUTH -> Setting.SCOPED_AUTH_URL;
      case CONVERSATIONS -> Setting.CONVERSATIONS_URL;
      case STARSHIP -> throw new IllegalArgumentException("no process calls Starship");
    };
    List<URI> urls = SettingValues.urls(text(setting));
    if (urls.isEmpty()) {
      throw new StartupError("%s is not set, and this process does not run %s itself (roles: %s)."
              .formatted(setting.key(), role.word(), text(Setting.ROLES))
          + " Set it to that process's internal listener, such as http://10.0.0.7:8081,"
          + " or add the role.");
    }
    return urls;
  }

  /** All settings with their values in this process. */
  public List<Effective> effective() {
    return Arrays.stream(Setting.values())
        .map(setting -> {
          Value value = value(setting);
          boolean redact = setting.isSecret() && !value.text().isEmpty();
          return new Effective(
              setting, redact ? "(set, not shown)" : shown(setting, value.text()), value.source());
        })
        .toList();
  }

  private Value value(Setting setting) {
    return values.getOrDefault(setting, new Value(setting.defaultValue(), "default"));
  }

  private String text(Setting setting) {
    return value(setting).text();
  }

  private Optional<String> given(Setting setting) {
    return Optional.of(text(setting)).filter(text -> !text.isEmpty());
  }

  /**
   * A secret that a setting has, or a file that another setting names.
   *
   * @throws StartupError if the file is missing or cannot be read
   */
  private Optional<String> secret(Setting own, Setting file) {
    return given(own)
        .or(() -> given(file)
            .map(path -> DataFolder.secret(Path.of(path))
                .orElseThrow(() -> new StartupError(
                    "%s = \"%s\": there is no such file".formatted(file.key(), path)))));
  }

  /** The error does not quote the URL, because it may contain a password. */
  private void checkDatabaseUrl(List<String> errors) {
    given(Setting.DATABASE_URL).ifPresent(url -> {
      try {
        PostgresServer.parse(url, Optional.empty());
      } catch (IllegalArgumentException e) {
        errors.add("%s (%s): %s"
            .formatted(
                Setting.DATABASE_URL.key(), value(Setting.DATABASE_URL).source(), e.getMessage()));
      }
    });
  }

  private <T> T parsed(
      Setting setting, Function<String, T> parser, T otherwise, List<String> errors) {
    Value value = value(setting);
    try {
      return parser.apply(value.text());
    } catch (IllegalArgumentException e) {
      errors.add("%s = \"%s\" (%s): %s"
          .formatted(setting.key(), shown(setting, value.text()), value.source(), e.getMessage()));
      return otherwise;
    }
  }

  private static void put(
      Map<Setting, Value> values,
      List<String> unknown,
      String name,
      Function<Setting, String> nameOf,
      String value,
      String source) {
    for (Setting setting : Setting.values()) {
      if (nameOf.apply(setting).equals(name)) {
        values.put(setting, new Value(value, source));
        return;
      }
    }
    unknown.add("unknown setting \"%s\" (%s)%s; parlour check-config lists them all"
        .formatted(
            name, source, Spelling.didYouMean(name, values.keySet().stream().map(nameOf))));
  }

  private static Optional<RedisAddress> redis(String text, Optional<String> password) {
    return text.isEmpty() ? Optional.empty() : Optional.of(RedisAddress.parse(text, password));
  }

  /** The value without the user part of an address, which may contain a password. */
  private static String shown(Setting setting, String text) {
    return setting == Setting.REDIS_URL
            || setting == Setting.S3_ENDPOINT
            || setting == Setting.OIDC_ISSUER
        ? text.replaceFirst("//[^@]*@", "//(not shown)@")
        : text;
  }
}
