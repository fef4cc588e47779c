package parlour.cli;

import java.time.Duration;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import parlour.Limits;
import parlour.RandomHex;
import parlour.Sid;
import parlour.accounts.ApiKeys;
import parlour.accounts.ApiKeys.ApiKey;
import parlour.accounts.ApiKeys.Scope;
import parlour.accounts.GeneratedSecrets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "api-keys",
    description = "Manages API keys: the credentials of single programs for the server-side API.",
    footer = {
      "",
      "Examples:",
      "  parlour api-keys create 'The nightly report'",
      "  parlour api-keys create bot --scope read --scope write --expires 30d",
      "  parlour api-keys list",
      "  parlour api-keys remove SK…",
    })
final class ApiKeysCommand {
  private static final int SECRET_BYTES = 16;

  private static final Fields<ListedKey> FIELDS = new Fields<ListedKey>(
          "api_keys", "no API keys yet: parlour api-keys create NAME")
      .listed("sid", "SID", listed -> listed.key().sid())
      .listed("name", "NAME", listed -> listed.key().name())
      .member("scopes", listed -> words(listed.key().scopes()))
      .column("SCOPES", listed -> String.join(" ", words(listed.key().scopes())))
      .listed("state", "STATE", ListedKey::state)
      .listed("expires", "EXPIRES", listed -> listed.key().expires())
      .listed("last_used", "LAST USED", listed -> listed.key().lastUsed().map(LocalDate::toString))
      .listed("account_sid", "ACCOUNT", listed -> listed.key().account())
      .listed("created", "CREATED", listed -> listed.key().created());

  private static final Fields<NewKey> FIELDS_WITH_SECRET = new Fields<NewKey>()
      .field("sid", "API key", one -> one.key().sid())
      .member("secret", NewKey::secret)
      .line("secret", one -> one.secret() + "   (shown once: keep it)")
      .member("account_sid", one -> one.key().account())
      .member("scopes", one -> words(one.key().scopes()))
      .line("scopes", one -> String.join(" ", words(one.key().scopes())))
      .field("expires", "expires", one -> one.key().expires());

  private final Terminal terminal;

  ApiKeysCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  private record ListedKey(ApiKey key, String state) {}

  /** A key with the secret, of which the store has only a digest. */
  private record NewKey(ApiKey key, String secret) {}

  private record RemovedKey(Sid.ApiKey sid, boolean removed) {}

  private static List<String> words(Set<Scope> scopes) {
    return Arrays.stream(Scope.values())
        .filter(scopes::contains)
        .map(Scope::word)
        .toList();
  }

  @Command(
      name = "create",
      description = "Creates an API key, and prints its secret, which is shown only once.")
  int create(
      @Parameters(paramLabel = "NAME", description = "The program that gets the key.") String name,
      @Option(
              names = "--scope",
              paramLabel = "read|write|erase",
              defaultValue = "read",
              description =
                  "read: conversations, messages, participants and files; write: send, edit,"
                      + " upload, close, reopen, change participants; erase: erase conversations,"
                      + " remove messages. Can be repeated. Default: read.")
          Set<Scope> scopes,
      @Option(
              names = "--expires",
              paramLabel = "TIME",
              description = "How long the key works: 12h, 30d; 366d at most. Default: 90d.")
          Optional<Duration> expires,
      @Mixin AccountChoice account,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    NewKey created = instance.apiKeys((accounts, keys) ->
        create(keys, account.of(accounts), name, scopes, expires.orElse(Limits.API_KEY_TTL)));
    terminal.show(output, FIELDS_WITH_SECRET, created);
    instance.note(terminal, "api-keys create", created.key().sid().text());
    return 0;
  }

  private NewKey create(
      ApiKeys keys, Sid.Account account, String name, Set<Scope> scopes, Duration ttl) {
    NewKey created = new NewKey(
        key(account, name, scopes, ttl), RandomHex.next(terminal.random(), SECRET_BYTES));
    if (!keys.create(created.key(), GeneratedSecrets.digest(created.secret()))) {
      throw new UserError(
          ("the account has %d API keys, which is the most: remove those that no program needs (parlour"
                  + " api-keys list)")
              .formatted(Limits.API_KEYS));
    }
    return created;
  }

  private ApiKey key(Sid.Account account, String name, Set<Scope> scopes, Duration ttl) {
    try {
      return ApiKey.next(
          Sid.ApiKey.random(terminal.random()), account, name, scopes, terminal.now(), ttl);
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  @Command(
      name = "list",
      description = "Lists the API keys of all accounts, without their secrets.")
  int list(@Mixin ConfigOptions options, @Mixin OutputOptions output) {
    List<ListedKey> listed = new Instance(options.read(terminal))
        .apiKeys((accounts, keys) -> keys.apiKeys().stream()
            .map(key -> new ListedKey(key, key.hasExpired(terminal.now()) ? "expired" : "valid"))
            .toList());
    terminal.list(output, FIELDS, listed);
    return 0;
  }

  @Command(name = "remove", description = "Removes an API key. Its next call is refused.")
  int remove(
      @Parameters(paramLabel = "SK…", description = "The API key.") Sid.ApiKey sid,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    if (!instance.apiKeys((accounts, keys) -> keys.remove(sid))) {
      throw new UserError(
          "there is no API key %s: parlour api-keys list shows them all".formatted(sid.text()));
    }
    instance.note(terminal, "api-keys remove", sid.text());
    terminal.report(output, new RemovedKey(sid, true), "removed " + sid.text());
    return 0;
  }
}
