package parlour.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import parlour.Limits;

/** One setting. {@code parlour check-config} prints them all. */
public enum Setting {
  ROLES("roles", "all", "the roles that this process runs, comma-separated, or all: " + words()),
  DATA("data", "data", "the folder of the SQLite files, the keys and the secrets"),
  PUBLIC_HOST("public.host", "0.0.0.0", "the address on which browsers connect"),
  PUBLIC_PORT("public.port", "8080", "the port on which browsers connect; 0 for any free one"),
  PUBLIC_URL(
      "public.url",
      "",
      "the address at which browsers reach Parlour, such as https://chat.example.com; addresses"
          + " in answers begin with it; if empty, the server-side API only answers at a loopback"
          + " address"),
  MEDIA_URL(
      "media.url",
      "",
      "the address of a host for the contents of files and nothing else, such as"
          + " https://files.example.com; if empty, they have the address of public.url"),
  PUBLIC_TLS_CERTIFICATE(
      "public.tls.certificate",
      "",
      "a PEM file with the certificate for browsers, then the intermediate certificates"),
  PUBLIC_TLS_KEY(
      "public.tls.key", "", "a PEM file with the private key of that certificate (PKCS#8)"),
  INTERNAL_HOST(
      "internal.host", "127.0.0.1", "the address on which other processes of Parlour connect"),
  INTERNAL_PORT("internal.port", "8081", "the port on which other processes of Parlour connect"),
  INTERNAL_SECRET(
      "internal.secret",
      "",
      "authenticates the processes of one installation to each other; must be the same in all"),
  INTERNAL_SECRET_FILE(
      "internal.secret-file",
      "",
      "a file with internal.secret; if empty, DATA/internal-secret, created at the first start"),
  INTERNAL_OTHER_SECRET(
      "internal.other-secret",
      "",
      "another value of internal.secret, which this process accepts, too, while the secret is"
          + " changed"),
  INTERNAL_OTHER_SECRET_FILE("internal.other-secret-file", "", "a file with internal.other-secret"),
  INTERNAL_TLS_CERTIFICATE(
      "internal.tls.certificate",
      "",
      "a PEM file with the certificate that this process presents to other processes of Parlour"),
  INTERNAL_TLS_KEY(
      "internal.tls.key", "", "a PEM file with the private key of that certificate (PKCS#8)"),
  INTERNAL_TLS_CA(
      "internal.tls.ca",
      "",
      "a PEM file with the authorities that must have signed the certificates of the processes"
          + " that this one calls by https; if empty, those of the JDK"),
  INTERNAL_TLS_CLIENT_CA(
      "internal.tls.client-ca",
      "",
      "a PEM file with the authorities that must have signed the certificates of calling"
          + " processes; if empty, callers need no certificate"),
  ORCHESTRATOR_URL(
      "orchestrator.url", "", "addresses of orchestrator, comma-separated, if it runs elsewhere"),
  FEDERATED_AUTH_URL(
      "federated-auth.url",
      "",
      "addresses of federated-auth, comma-separated, if it runs elsewhere"),
  SCOPED_AUTH_URL(
      "scoped-auth.url", "", "addresses of scoped-auth, comma-separated, if it runs elsewhere"),
  CONVERSATIONS_URL(
      "conversations.url", "", "addresses of conversations, comma-separated, if it runs elsewhere"),
  MASTER_KEY(
      "master-key",
      "",
      "32 bytes in base64 that encrypt the token keys; several while it is replaced"),
  MASTER_KEY_FILE(
      "master-key-file",
      "",
      "a file with master-key; if empty, DATA/master.key, created at the first start"),
  DATABASE_URL(
      "database.url",
      "",
      "the address of a PostgreSQL, such as"
          + " postgres://user@10.0.0.7:5432/parlour?sslmode=verify-full; if empty, Parlour uses"
          + " SQLite files in DATA"),
  DATABASE_PASSWORD("database.password", "", "the database user's password"),
  DATABASE_PASSWORD_FILE("database.password-file", "", "a file with database.password"),
  DATABASE_CONNECTIONS(
      "database.connections",
      String.valueOf(Limits.STORE_CONNECTIONS),
      "connections to PostgreSQL for reads, and as many for changes, for each role with a store"),
  KEY_ROTATION_HOURS(
      "key-rotation-hours", "24", "the age at which a new token key replaces the newest one"),
  LEDGER_DAYS("ledger-days", "30", "how many days the ledger keeps refusals and other events"),
  TRUSTED_PROXIES(
      "trusted-proxies",
      "",
      "addresses (CIDR, comma-separated) whose X-Forwarded-For and -Proto are trusted"),
  RATE_LIMITS(
      "rate-limits",
      "on",
      "on or off: whether calls per client address, deployment, page and session are limited"),
  REDIS_URL(
      "redis.url",
      "",
      "the address of a Redis or Valkey that several nodes share, such as"
          + " redis://user@10.0.0.7:6379/0, or rediss:// for TLS"),
  REDIS_PASSWORD("redis.password", "", "the Redis user's password"),
  REDIS_PASSWORD_FILE("redis.password-file", "", "a file with redis.password"),
  S3_ENDPOINT(
      "s3.endpoint",
      "",
      "the address of an S3-compatible store for the files of conversations, such as"
          + " https://s3.eu-central-1.amazonaws.com; if empty, they are in DATA or in PostgreSQL"),
  S3_REGION("s3.region", "us-east-1", "the region of the bucket; many stores ignore it"),
  S3_BUCKET("s3.bucket", "", "the bucket, which must exist"),
  S3_PATH_STYLE(
      "s3.path-style",
      "on",
      "on or off: whether the bucket is in the path of an address, and not in its host name"),
  S3_ACCESS_KEY("s3.access-key", "", "the id of the key"),
  S3_SECRET_KEY("s3.secret-key", "", "the secret of the key"),
  S3_SECRET_KEY_FILE("s3.secret-key-file", "", "a file with s3.secret-key"),
  S3_TLS_CA(
      "s3.tls.ca",
      "",
      "a PEM file with the authorities that must have signed the store's certificate; if empty,"
          + " those of the JDK"),
  CLAMAV_ADDRESS(
      "clamav.address",
      "",
      "host and port of a clamd, such as 127.0.0.1:3310, which scans each file before it is"
          + " stored; if empty, files are not scanned"),
  OIDC_ISSUER(
      "oidc.issuer",
      "",
      "the identity provider (OpenID Connect) at which agents can sign in, such as"
          + " https://id.example.com/realms/team; if empty, they sign in with passwords only"),
  OIDC_CLIENT_ID("oidc.client-id", "", "the client id of Parlour at the provider"),
  OIDC_CLIENT_SECRET(
      "oidc.client-secret",
      "",
      "the client secret of Parlour at the provider; empty for a public client"),
  OIDC_CLIENT_SECRET_FILE("oidc.client-secret-file", "", "a file with oidc.client-secret"),
  OIDC_NAME("oidc.name", "OpenID Connect", "the provider's name on the button of the sign-in page"),
  OIDC_SCOPES(
      "oidc.scopes",
      "openid profile",
      "the scopes to request, separated by spaces; some providers list groups only with the scope groups"),
  OIDC_GROUPS_CLAIM(
      "oidc.groups-claim", "groups", "the claim of the ID token that lists a person's groups"),
  OIDC_ROLES(
      "oidc.roles",
      "",
      "the role of each group, comma-separated, such as chat-admins=admin, chat=agent; of several, the"
          + " first of admin, agent, auditor counts; a person in none of the groups cannot sign in"),
  OIDC_ACCOUNT(
      "oidc.account",
      "",
      "the sid (AC…) of the account in which these agents are created; if empty, the oldest account"),
  PUSH_CONTACT(
      "push.contact",
      "",
      "a mailto: or https: address at which the operators of push services reach you; if empty, Web"
          + " Push is off"),
  PUSH_SERVICES(
      "push.services",
      "fcm.googleapis.com, updates.push.services.mozilla.com, web.push.apple.com,"
          + " *.notify.windows.com",
      "the hosts of the push services that Parlour may call, comma-separated"),
  OTLP_ENDPOINT(
      "otlp.endpoint",
      "",
      "where traces are sent by OTLP over HTTP, such as http://127.0.0.1:4318; if empty, the value"
          + " of OTEL_EXPORTER_OTLP_ENDPOINT, and without one they are not sent"),
  LOG_FORMAT("log.format", "json", "json, or text for people"),
  LOG_LEVEL("log.level", "info", "error, warn, info or debug");

  static final String PREFIX = "PARLOUR_";

  private final String key;
  private final String defaultValue;
  private final String about;

  Setting(String key, String fallback, String about) {
    this.key = key;
    this.defaultValue = fallback;
    this.about = about;
  }

  public String key() {
    return key;
  }

  public String about() {
    return about;
  }

  String defaultValue() {
    return defaultValue;
  }

  /** Whether {@code check-config} must not show its value. */
  boolean isSecret() {
    return this == INTERNAL_SECRET
        || this == INTERNAL_OTHER_SECRET
        || this == MASTER_KEY
        || this == DATABASE_PASSWORD
        || this == REDIS_PASSWORD
        || this == S3_SECRET_KEY
        || this == OIDC_CLIENT_SECRET;
  }

  /** {@code PARLOUR_INTERNAL_SECRET_FILE} */
  public String variable() {
    return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  static String words() {
    return Arrays.stream(Role.values()).map(Role::word).collect(Collectors.joining(","));
  }
}
