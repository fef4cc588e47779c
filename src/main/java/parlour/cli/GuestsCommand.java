package parlour.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.Unavailable;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.conversations.Conversations;
import parlour.process.RunningConversations;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "guests",
    description = "Exports or erases what is stored about a guest, while the instance runs.",
    footer = {
      "",
      "Examples:",
      "  parlour guests export --identity guest_… --files guest-files > guest.json",
      "  parlour guests export --conversation CH… > conversation.json",
      "  parlour guests erase --identity guest_…",
      "  parlour guests erase --conversation CH… --yes",
      "",
      "The identity of a guest is that of the participant in the server-side API (docs/server-api.md).",
    })
final class GuestsCommand {
  private final Terminal terminal;

  GuestsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(
      name = "export",
      description =
          "Prints all conversations of a guest as one JSON document: with messages, notes,"
              + " participants, sessions, and the names, types and sizes of files. It has no secret.")
  int export(
      @Mixin GuestChoice guest,
      @Mixin AccountChoice account,
      @Option(
              names = "--files",
              paramLabel = "FOLDER",
              description = "Also save the files themselves, in this new folder.")
          Optional<Path> folder,
      @Mixin ConfigOptions options) {
    guest.check();
    Config config = options.read(terminal);
    Instance instance = new Instance(config);
    Sid.Account whose = instance.accounts(account::of);
    try (RunningConversations running = conversations(config)) {
      Optional<ExportedFiles> files =
          folder.map(path -> new ExportedFiles(terminal.folder().resolve(path), running.media()));
      GuestExport export = new GuestExport(running, whose, files, terminal);
      try {
        guest.each(running.conversations(), whose, export::add);
      } catch (Unavailable e) {
        throw notReached(e, export.isEmpty() ? "" : "; the document on stdout is incomplete");
      }
      if (export.isEmpty()) {
        throw guest.notFound(whose);
      }
      export.finish();
    }
    note(instance, "guests export", guest, whose);
    return 0;
  }

  record Erased(long conversations, long messages) {}

  @Command(
      name = "erase",
      description = "Erases all conversations of a guest with their messages, notes and files, and"
          + " ends their sessions. Open pages lose them within a second.")
  int erase(
      @Mixin GuestChoice guest,
      @Mixin AccountChoice account,
      @Option(names = "--yes", description = "Do not ask.") boolean yes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    guest.check();
    Config config = options.read(terminal);
    Instance instance = new Instance(config);
    Sid.Account whose = instance.accounts(account::of);
    Counts erased = new Counts();
    try (RunningConversations running = conversations(config)) {
      Conversations all = running.conversations();
      try {
        Counts found = new Counts();
        guest.each(all, whose, found::add);
        String question = "Erase %s? They cannot be restored.".formatted(found.text());
        if (found.conversations > 0 && !yes && !terminal.confirms(question)) {
          throw new UserError("nothing was erased");
        }
        guest.each(all, whose, overview -> {
          if (erase(all, whose, overview.conversation().sid())) {
            erased.add(overview);
          }
        });
        // An erasure that was cut off can have left sessions of a conversation that is not there.
        if (found.conversations == 0
            && !guest.conversation().map(sid -> erase(all, whose, sid)).orElse(false)) {
          throw guest.notFound(whose);
        }
      } catch (Unavailable e) {
        if (erased.conversations > 0) {
          note(instance, "guests erase", guest, whose);
        }
        throw notReached(e, "; erased until then: %s. Repeat the command".formatted(erased.text()));
      }
    }
    note(instance, "guests erase", guest, whose);
    terminal.report(
        output,
        new Erased(erased.conversations, erased.messages),
        "erased " + erased.text() + ", with notes and files");
    return 0;
  }

  /**
   * Erases a conversation only while its sessions can be ended, as the sweep of old conversations
   * does.
   */
  private static boolean erase(Conversations all, Sid.Account account, Sid.Conversation sid) {
    var _ = all.everySessionOf(account, sid);
    try {
      return all.erase(account, sid);
    } catch (Unavailable e) {
      // The conversation can be gone while its sessions are not ended; a repeated call ends them.
      try {
        return all.erase(account, sid);
      } catch (Unavailable again) {
        throw new Unavailable(
            "Conversations",
            "the erasure of %s may be incomplete; guests erase --conversation %s completes it (%s)"
                .formatted(sid.text(), sid.text(), again.getMessage()),
            again);
      }
    }
  }

  /** How many conversations and messages were found, or erased. */
  private static final class Counts {
    private long conversations;
    private long messages;

    private void add(Conversations.Overview overview) {
      conversations++;
      messages += overview.conversation().activity().messageCount();
    }

    private String text() {
      return "%d %s with %d %s"
          .formatted(
              conversations,
              conversations == 1 ? "conversation" : "conversations",
              messages,
              messages == 1 ? "message" : "messages");
    }
  }

  /** Calls the process of this folder, or the processes that the settings name if it runs elsewhere. */
  private RunningConversations conversations(Config config) {
    Logs.write(
        config.logFormat(), config.logLevel()); // the client logs, which must not go to stdout
    List<URI> addresses = config.runs(Role.CONVERSATIONS)
        ? List.of(DataFolder.existing(config.data())
            .address(Role.CONVERSATIONS)
            .orElseThrow(() -> new UserError(
                "no process has run conversations over the folder %s: start Parlour, or name its folder"
                        .formatted(config.data())
                    + " (--data DIR), or use the settings of the orchestrator (--config FILE)")))
        : config.addressesOf(Role.CONVERSATIONS);
    return new RunningConversations(
        config, addresses, TraceCommand.secret(config), terminal.clock());
  }

  private void note(Instance instance, String command, GuestChoice guest, Sid.Account account) {
    instance.note(
        terminal, command, guest.conversation().map(Sid.Conversation::text).orElse(account.text()));
  }

  private static UserError notReached(Unavailable outage, String state) {
    return new UserError(
        "%s%s: this command calls the process that runs conversations, which must be running"
            .formatted(outage.getMessage(), state));
  }
}
