package parlour.inbox;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.Unavailable;
import parlour.accounts.Accounts;
import parlour.conversations.Conversations;
import parlour.conversations.InboxList;
import parlour.conversations.Sight;
import parlour.errors.Conflict;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.events.BusEvent;
import parlour.events.EventBus;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;
import parlour.trace.Trace;

/** The endpoints by which an admin manages the desks of the account. A desk is an address. */
final class DeskEndpoints {
  private final Accounts accounts;
  private final DeskMembers members;
  private final Conversations conversations;
  private final Ledger notes;
  private final EventBus events;
  private final InstantSource clock;
  private final SecureRandom random;
  private final OutageLog outages = new OutageLog(
      LoggerFactory.getLogger(DeskEndpoints.class), "cannot count the conversations that wait");

  /**
   * @param notes where the admins' changes are noted
   */
  DeskEndpoints(
      Accounts accounts,
      DeskMembers members,
      Conversations conversations,
      Ledger notes,
      EventBus events,
      InstantSource clock,
      SecureRandom random) {
    this.accounts = accounts;
    this.members = members;
    this.conversations = conversations;
    this.notes = notes;
    this.events = events;
    this.clock = clock;
    this.random = random;
  }

  /**
   * A desk.
   *
   * @param members the names of the agents who see its conversations; empty: all of the account
   * @param waiting how many conversations wait for an answer, counted up to a number; null: not counted
   * @param isWaitingUnknown whether they were not counted because Conversations cannot count now
   */
  record ListedDesk(
      DeskForm settings,
      List<String> members,
      @Nullable Integer waiting,
      boolean isWaitingUnknown) {}

  record ListAnswer(List<ListedDesk> desks, int countedUpTo) {}

  ApiResponse list(Agents.Agent admin, ApiRequest call) {
    List<Accounts.Address> all = own(admin);
    List<Accounts.Address> own = all.stream().limit(Limits.DESKS_OF_CONSOLE).toList();
    List<Sid.Address> sids = own.stream().map(Accounts.Address::sid).toList();
    List<ListedDesk> desks = new ArrayList<>();
    boolean isUnknown = false;
    for (Accounts.Address one : own) {
      boolean isCounted =
          desks.size() < Limits.DESKS_COUNTED && all.size() <= Limits.DESKS_OF_CONSOLE;
      Integer waiting = isCounted && !isUnknown ? waiting(admin, one.sid(), sids) : null;
      isUnknown = isUnknown || (isCounted && waiting == null);
      desks.add(new ListedDesk(
          DeskForm.of(one, clock.instant()),
          names(one.sid()),
          waiting,
          isCounted && waiting == null));
    }
    return ApiResponse.json(200, new ListAnswer(desks, Limits.LISTED_COUNTED));
  }

  /** Null if Conversations cannot count now. Then the list counts no further: it waits for one deadline. */
  private @Nullable Integer waiting(Agents.Agent admin, Sid.Address desk, List<Sid.Address> all) {
    List<Sid.Address> hidden = all.stream().filter(one -> !one.equals(desk)).toList();
    Sight sight = hidden.isEmpty() ? Sight.ALL : new Sight(hidden, List.of(desk));
    try {
      return conversations
          .counts(
              admin.account(),
              sight,
              List.of(new InboxList.Waiting(InboxList.Order.NEWEST)),
              Limits.LISTED_COUNTED)
          .getFirst();
    } catch (Unavailable outage) {
      outages.failed(outage, Trace.current().id());
      return null;
    }
  }

  private List<String> names(Sid.Address desk) {
    return members.of(desk).stream().map(Agents.Agent::name).toList();
  }

  private List<Accounts.Address> own(Agents.Agent admin) {
    return accounts.addresses().stream()
        .filter(one -> one.account().equals(admin.account()))
        .toList();
  }

  private Accounts.Address find(Agents.Agent admin, String sid) {
    return own(admin).stream()
        .filter(one -> one.sid().text().equals(sid))
        .findFirst()
        .orElseThrow(
            () -> new Problem(ErrorCode.NOT_FOUND, "Your account has no address with this sid."));
  }

  /** Creates an address that the inbox answers. */
  ApiResponse create(Agents.Agent admin, ApiRequest call) {
    String name = DeskForm.name(call.fields(Limits.SMALL_BODY).required("name"));
    if (own(admin).size() >= Limits.DESKS_OF_CONSOLE) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "Your account has %d addresses, and the console creates none beyond that; ask an operator."
              .formatted(Limits.DESKS_OF_CONSOLE));
    }
    Accounts.Address created =
        new Accounts.Address(Sid.Address.random(random), admin.account(), name, clock.instant());
    accounts.create(created);
    changed(admin, "address created", created.sid());
    return ApiResponse.json(200, DeskForm.of(created, clock.instant()));
  }

  /** Changes name, greeting, hours and retention, unless somebody has changed them since the admin read them. */
  ApiResponse change(Agents.Agent admin, ApiRequest call) {
    RequestFields fields = call.fields(Limits.MESSAGE_CALL_BODY);
    String sid = fields.required("sid");
    String seen = fields.required("version");
    for (int attempt = 0; attempt < Limits.DIRECTORY_CHANGE_ATTEMPTS; attempt++) {
      long version = accounts.version();
      Accounts.Address before = find(admin, sid);
      if (!DeskForm.version(before).equals(seen)) {
        break;
      }
      Accounts.Address after = DeskForm.changed(before, fields);
      if (accounts.update(version, after, clock.instant())) {
        events.publish(new BusEvent.DirectoryChanged());
        DeskForm now = DeskForm.of(after, clock.instant());
        note(admin, now.changedSince(DeskForm.of(before, clock.instant())), after.sid());
        return ApiResponse.json(200, now);
      }
    }
    return Conflict.answer(
        ErrorCode.SETTINGS_CHANGED, DeskForm.of(find(admin, sid), clock.instant()));
  }

  private void note(Agents.Agent admin, Map<String, String> changed, Sid.Address desk) {
    changed.forEach((setting, value) ->
        notes.add(LedgerNote.of(LedgerNote.CONSOLE, "address changed: " + setting)
            .by(admin.name(), desk.text() + ": " + value)));
  }

  record MembersAnswer(List<String> members) {}

  ApiResponse addMember(Agents.Agent admin, ApiRequest call) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    String name = fields.required("name");
    Sid.Address desk = find(admin, fields.required("sid")).sid();
    Optional<DeskMembers.Obstacle> obstacle = members.add(desk, name);
    if (obstacle.isPresent()) {
      throw refusal(obstacle.get());
    }
    noteMember(admin, "member added", desk, name);
    return ApiResponse.json(200, new MembersAnswer(names(desk)));
  }

  /** Removes a member; the last one only if the admin has confirmed that all agents of the account then see the desk. */
  ApiResponse removeMember(Agents.Agent admin, ApiRequest call) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    String name = fields.required("name");
    Sid.Address desk = find(admin, fields.required("sid")).sid();
    switch (fields.flag("opens_to_all")
        ? remove(desk, name)
        : members.removeUnlessLast(desk, name)) {
      case DONE -> {}
      case NO_SUCH_MEMBER ->
        throw new Problem(ErrorCode.NOT_FOUND, "The address has no such member.");
      case LAST_MEMBER ->
        throw new Problem(
            ErrorCode.ONLY_MEMBER_OF_DESK,
            "%s is the last member of this desk: without members, all agents of the account see its conversations."
                .formatted(name));
    }
    noteMember(admin, "member removed", desk, name);
    return ApiResponse.json(200, new MembersAnswer(names(desk)));
  }

  private DeskMembers.Removal remove(Sid.Address desk, String name) {
    return members.remove(desk, name)
        ? DeskMembers.Removal.DONE
        : DeskMembers.Removal.NO_SUCH_MEMBER;
  }

  private static Problem refusal(DeskMembers.Obstacle obstacle) {
    return switch (obstacle) {
      case NO_SUCH_AGENT -> new Problem(ErrorCode.NOT_FOUND, "Your account has no such agent.");
      case FULL ->
        new Problem(
            ErrorCode.MALFORMED,
            "The address has %d members, which is the maximum; remove one first."
                .formatted(Limits.DESK_MEMBERS));
      case TOO_MANY_DESKS ->
        new Problem(
            ErrorCode.MALFORMED,
            "%d addresses of the account have members, which is the maximum; remove the members of another one."
                .formatted(Limits.DESKS_WITH_MEMBERS));
    };
  }

  private void noteMember(Agents.Agent admin, String what, Sid.Address desk, String name) {
    notes.add(
        LedgerNote.of(LedgerNote.CONSOLE, what).by(admin.name(), name + " of " + desk.text()));
  }

  private void changed(Agents.Agent admin, String what, Sid.Address desk) {
    events.publish(new BusEvent.DirectoryChanged());
    notes.add(LedgerNote.of(LedgerNote.CONSOLE, what).by(admin.name(), desk.text()));
  }
}
