package parlour.spec;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import parlour.Limits;
import parlour.oidc.FakeProvider;
import parlour.oidc.FakeProvider.Behaviour;
import parlour.oidc.FakeProvider.Human;

/** The situations of docs/wire in which an agent signs in at an identity provider. */
final class ProviderSituations {
  static final Set<String> ALL = Set.of(
      "an identity provider that is down",
      "an agent who comes back from the identity provider in another browser",
      "an agent who comes back from the identity provider with an error",
      "an agent who comes back with an ID token for another client",
      "a person who comes back without a group that has a role",
      "a person who comes back after their agent was removed",
      "an admin, and an agent of the identity provider");

  private final Installation installation;
  private final FakeProvider provider;

  ProviderSituations(Installation installation, FakeProvider provider) {
    this.installation = installation;
    this.provider = provider;
    provider.restore(installation.clock);
  }

  /** Values for the places of a file. */
  Map<String, String> given(String words) {
    Human person = new Human(UUID.randomUUID().toString(), "ann", "Ann", List.of("leads"));
    switch (words) {
      case "an identity provider that is down" -> {
        provider.behaves(Behaviour.DOWN);
        installation.clock.pass(Limits.OIDC_METADATA_TTL);
        return Map.of();
      }
      case "an agent who comes back with an ID token for another client" ->
        provider.changes(claims -> claims.audience("shop"));
      case "a person who comes back without a group that has a role" ->
        person = new Human(person.subject(), "ann", "Ann", List.of("others"));
      case "a person who comes back after their agent was removed" -> {
        String name = browser().signsIn(person).text("name");
        installation.agents(agents -> {
          if (!agents.remove(name)) {
            throw new IllegalStateException("no agent " + name);
          }
        });
      }
      case "an admin, and an agent of the identity provider" -> {
        String name = browser().signsIn(person).text("name");
        return Map.of("cookie", new AgentBrowser(installation).cookie(), "otherAgentName", name);
      }
      default -> {
        // the attempt of another browser, whose cookie the file does not send, or with an error
      }
    }
    ProviderBrowser browser = browser();
    FakeProvider.Return with = browser.visits(person);
    return Map.of(
        "providerCode",
        with.code(),
        "state",
        with.state(),
        "attempt",
        browser.cookies().replace("none=0; ", ""));
  }

  private ProviderBrowser browser() {
    return new ProviderBrowser(installation, provider);
  }
}
