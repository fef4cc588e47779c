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
              + " participants, sessions, push subscriptions without their secrets, and the names, types"
              + " and sizes of files. It has no token or key of a session."
              + " It has agents' notes: a person must read it before it is handed on.")
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
      GuestExport export = new GuestExport(running, whose, files, terminal, () -> {
        note(instance, "guests export", guest, whose);
        files.ifPresent(ExportedFiles::create);
      });
      try {
        guest.each(running.conversations(), whose, export::add);
      } catch (Unavailable e) {
        throw outage(e, export.isEmpty() ? "" : ". The document on stdout is incomplete");
      }
      if (export.isEmpty()) {
        throw guest.notFound(whose);
      }
      export.finish();
    }
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
      @Option(
              names = "--yes",
              description = "Do not ask; needed if input or output is not a terminal.")
          boolean yes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    guest.check();
    if (!yes) {
      terminal.requirePerson("guests erase");
    }
    Config config = options.read(terminal);
    Instance instance = new Instance(config);
    Sid.Account whose = instance.accounts(account::of);
    GuestErasure.Counts erased;
    try (RunningConversations running = conversations(config)) {
      GuestErasure.Counts found = new GuestErasure.Counts();
      GuestErasure erasure = new GuestErasure(running.conversations(), whose);
      erased = erasure.erased();
      try {
        guest.each(running.conversations(), whose, found::add);
        // An erasure that was cut off can have left sessions of a conversation that is not there.
        if (found.newest().isEmpty()
            && guest.conversation().filter(erasure::isIncomplete).isEmpty()) {
          throw guest.notFound(whose);
        }
        String question = "Erase %s? They cannot be restored.".formatted(found.text());
        if (found.newest().isPresent() && !yes && !terminal.confirms("guests erase", question)) {
          throw new UserError("nothing was erased");
        }
        note(instance, "guests erase", guest, whose);
        if (found.newest().isPresent()) {
          guest.eachFrom(found.newest().get(), running.conversations(), whose, erasure::erase);
        } else if (!erasure.erase(guest.conversation().orElseThrow())) {
          throw guest.notFound(whose);
        }
      } catch (Unavailable e) {
        throw outage(e, ". Erased until then: %s. Repeat the command".formatted(erased.text()));
      } catch (GuestErasure.Incomplete e) {
        throw outage(e.outage(), remedy(guest, e.conversation(), erased));
      }
    }
    terminal.report(
        output,
        new Erased(erased.conversations(), erased.messages()),
        "erased " + erased.text() + ", with notes and files");
    return 0;
  }

  private static String remedy(
      GuestChoice guest, Sid.Conversation incomplete, GuestErasure.Counts erased) {
    if (guest.conversation().isPresent()) {
      return ". The erasure may be incomplete. Once it works again, repeat the command";
    }
    return ". The erasure of %s may be incomplete. Erased before it: %s. Once it works again, run"
            .formatted(incomplete.text(), erased.text())
        + " parlour guests erase --conversation %s, and then this command for the others"
            .formatted(incomplete.text());
  }

  /** Calls the process of this folder, or the processes that the settings name if it runs elsewhere. */
  private RunningConversations conversations(Config config) {
    return conversations(config, terminal);
  }

  static RunningConversations conversations(Config config, Terminal terminal) {
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

  /** Notes the command before it prints or erases anything. */
  private void note(Instance instance, String command, GuestChoice guest, Sid.Account account) {
    instance.noteFirst(
        terminal, command, guest.conversation().map(Sid.Conversation::text).orElse(account.text()));
  }

  private static UserError outage(Unavailable outage, String state) {
    String cause = outage instanceof Unavailable.Answered
        ? "it, or a service that it needs, such as scoped-auth, does not work just now, and its log"
            + " says which"
        : "this command calls the process that runs conversations, which must be running";
    return new UserError("%s: %s%s".formatted(outage.getMessage(), cause, state));
  }
}
