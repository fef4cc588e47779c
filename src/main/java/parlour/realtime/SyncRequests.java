package parlour.realtime;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import parlour.Limits;
import parlour.conversations.GuestConversations.History;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Participant;
import parlour.conversations.Revision;
import parlour.realtime.SyncObject.Content;

/** Answers the requests for roots and pages of Sync objects. */
final class SyncRequests {
  /** A version of the client's Sync part below 3.4.0. */
  private static final Pattern OLD_VERSION =
      Pattern.compile("\"sdkVer\"\\s*:\\s*\"(\\d{1,4})\\.(\\d{1,4})\\.");

  private final Delivery delivery;
  private final UnhandledMessages unhandled;
  private final Function<PageOfMessages, History> histories;

  /**
   * @param histories reads a page of messages
   */
  SyncRequests(
      Delivery delivery, UnhandledMessages unhandled, Function<PageOfMessages, History> histories) {
    this.delivery = delivery;
    this.unhandled = unhandled;
    this.histories = histories;
  }

  /** The root of an object: {@code GET /v3/KIND/ID}. */
  FrameResponse root(FrameRequest request) {
    return find(request)
        .map(object -> FrameResponse.ok(
            object.content() instanceof Content.Messages
                ? delivery.readRootOfMessages(view -> root(object, view, request))
                : delivery.read(view -> root(object, view, request))))
        .orElseGet(FrameResponse::noSyncObject);
  }

  /** The object of a path, if the path has its kind. */
  private Optional<SyncObject> find(FrameRequest request) {
    return delivery
        .find(request.path().get(2))
        .filter(object -> object.kind().segment().equals(request.path().get(1)));
  }

  private static JsonObject root(SyncObject object, ConversationView view, FrameRequest request) {
    JsonObject root = SyncEvents.resource(
            "sid", object.sid(), object.url(), view.revision(), view.created(), view.updated())
        .with("unique_name", object.name())
        .with("created_by", "system");
    if (object.kind() == SyncObject.Kind.DOCUMENT) {
      return root.with("data", Projections.conversation(view));
    }
    if ("items".equals(request.params().get("Include"))) {
      root.with("items", items(object, view));
    }
    return root.with("links", new JsonObject().with("items", object.url() + "/Items"));
  }

  /** All items of a map, by key. */
  private static List<Map<String, Object>> items(SyncObject map, ConversationView view) {
    List<Map<String, Object>> items = new ArrayList<>();
    data(map, view).forEach((key, data) -> items.add(item(map, key, data, view)));
    return items;
  }

  private static Map<String, Object> item(
      SyncObject map, String key, JsonObject data, ConversationView view) {
    return SyncEvents.resource(
            "key",
            key,
            map.url() + "/Items/" + key,
            revision(map, key, view),
            view.created(),
            view.updated())
        .with("data", data)
        .members();
  }

  private static Revision revision(SyncObject map, String key, ConversationView view) {
    return switch (map.content()) {
      case Content.Roster() ->
        view.participants().stream()
            .filter(one -> one.sid().text().equals(key))
            .map(Participant::revision)
            .findFirst()
            .orElseGet(view::revision);
      case Content.OfConversation(),
          Content.Messages(),
          Content.MyConversations(),
          Content.User _ -> view.revision();
    };
  }

  private static Map<String, JsonObject> data(SyncObject map, ConversationView view) {
    Map<String, JsonObject> data = new TreeMap<>();
    switch (map.content()) {
      case Content.OfConversation(), Content.Messages() -> {}
      case Content.Roster() -> {
        view.shown().forEach(one -> data.put(one.sid().text(), Projections.participant(one, view)));
        view.speakers()
            .forEach(one -> data.put(
                SyncObject.memberSid(view.sid(), one.author()),
                Projections.participant(one, view)));
      }
      case Content.MyConversations() ->
        data.put(view.sid().text(), Projections.myConversation(view));
      case Content.User(var identity) ->
        data.putAll(view.participant(identity)
            .map(Projections::userItems)
            .or(() -> view.speaker(identity).map(Projections::userItems))
            .orElse(Map.of()));
    }
    return data;
  }

  /** A page of an object's items: {@code GET /v3/KIND/ID/Items}. */
  FrameResponse items(FrameRequest request) {
    return find(request)
        .map(object -> switch (object.kind()) {
          case DOCUMENT -> FrameResponse.noSyncObject();
          case LIST -> messages(object, request);
          case MAP -> mapItems(object, request);
        })
        .orElseGet(FrameResponse::noSyncObject);
  }

  private FrameResponse mapItems(SyncObject map, FrameRequest request) {
    Optional<String> key = Optional.ofNullable(request.params().get("Key"));
    Optional<String> from = Optional.ofNullable(request.params().get("From"));
    boolean isDescending = isDescending(request);
    int size = pageSize(request);
    List<Map<String, Object>> all = delivery.read(view -> items(map, view));
    Comparator<String> order = isDescending ? Comparator.reverseOrder() : Comparator.naturalOrder();
    List<Map<String, Object>> ordered = all.stream()
        .sorted(Comparator.comparing(SyncRequests::key, order))
        .filter(item -> key.map(key(item)::equals).orElse(true))
        .filter(item -> from.map(one -> order.compare(key(item), one) >= 0).orElse(true))
        .toList();
    List<Map<String, Object>> page = ordered.subList(0, Math.min(size, ordered.size()));
    return page(page, from.isPresent(), page.size() < ordered.size());
  }

  private static String key(Map<String, Object> item) {
    return String.valueOf(item.get("key"));
  }

  private FrameResponse messages(SyncObject list, FrameRequest request) {
    Optional<Long> index = request.number("Index");
    if (index.filter(one -> one < 0).isPresent()) {
      return page(List.of(), false, false);
    }
    if (index.isPresent()) {
      MessageIndex wanted = new MessageIndex(index.get());
      List<Message> found = visible(
          histories.apply(new PageOfMessages.After(wanted.previous(), 1)).messages().stream()
              .filter(one -> one.index().equals(wanted))
              .toList());
      return page(listItems(list, found), false, false);
    }
    boolean isDescending = isDescending(request);
    Optional<Long> from = request.number("From");
    if (from.filter(one -> one < 0).isPresent() && isDescending) {
      return page(List.of(), true, false); // beyond the first message
    }
    PageOfMessages wanted = isDescending
        ? new PageOfMessages.Before(
            from.map(one -> new MessageIndex(one + 1)).orElse(MessageIndex.END), pageSize(request))
        : new PageOfMessages.After(
            from.map(one -> MessageIndex.orNone(one - 1)).orElse(MessageIndex.NONE),
            pageSize(request));
    PageOfMessages asked = wanted.passingOverRemoved();
    // The client takes an empty page for the end, so pages without visible messages are passed
    // over.
    History history = histories.apply(asked);
    List<Message> found = visible(history.messages());
    boolean leavesOut = found.size() < history.messages().size();
    while (found.isEmpty() && history.more() && !history.messages().isEmpty()) {
      asked = asked.next(history.messages());
      history = histories.apply(asked);
      found = visible(history.messages());
      leavesOut |= found.size() < history.messages().size();
    }
    boolean hasEarlier = isDescending ? history.more() : from.isPresent();
    if (isDescending && !hasEarlier && mixesUpEnds(request)) {
      found = leavesOut ? withoutFirst(found) : found;
      hasEarlier = !found.isEmpty() && (leavesOut || isOnlyOne(found, from));
    }
    // The client keeps the end of the list. It must not take a message for the last one while it
    // handles the event of a later one, which this page leaves out.
    boolean hasLater = (isDescending ? from.isPresent() : history.more()) || leavesOut;
    if (isDescending) {
      return mixesUpEnds(request)
          ? page(listItems(list, found.reversed()), hasEarlier, true)
          : page(listItems(list, found.reversed()), hasLater, hasEarlier);
    }
    return page(listItems(list, found), hasEarlier, hasLater);
  }

  /**
   * The messages of a page that leaves out a later one, for the version that {@link #mixesUpEnds}:
   * when it sees the first message of all again, it takes the last one of that page for the end of
   * the list, and never shows the one that was left out. If there is no other message, the page must
   * not say that it is the first one.
   */
  private static List<Message> withoutFirst(List<Message> found) {
    return found.size() < 2 ? found : found.subList(1, found.size());
  }

  /**
   * Whether a page has the first message of all and no other, and is not the answer to the question
   * what is before it. Such a page does not say that nothing is before it. Otherwise this version
   * would take that message for the end of the list when it sees it again, and its pages would never
   * have a later one; the web app reads the newest message again and again. The cost is that a program
   * that reads upwards gets this message once more.
   */
  private static boolean isOnlyOne(List<Message> found, Optional<Long> from) {
    return found.size() == 1
        && from.filter(one -> one == found.getFirst().index().number()).isEmpty();
  }

  /**
   * Whether the version takes the first token of a descending page for what is before its earliest
   * message, and the second for what is after its latest one. Each page says that there are later
   * ones: otherwise the client would never look for them if the latest one is the first of all.
   */
  private static boolean mixesUpEnds(FrameRequest request) {
    return request
        .header("Twilio-Sync-Client-Info")
        .map(OLD_VERSION::matcher)
        .filter(Matcher::find)
        .map(version -> {
          int major = Integer.parseInt(version.group(1));
          return major < 3 || (major == 3 && Integer.parseInt(version.group(2)) < 4);
        })
        .orElse(false);
  }

  private List<Message> visible(List<Message> messages) {
    return messages.stream()
        .filter(message -> !message.removed() && unhandled.mayShow(message))
        .toList();
  }

  private List<Map<String, Object>> listItems(SyncObject list, List<Message> messages) {
    delivery.speak(messages);
    return delivery.read(view -> messages.stream()
        .map(message -> SyncEvents.resource(
                "index",
                message.index().number(),
                list.url() + "/Items/" + message.index().number(),
                message.revision().earlierOf(message.addedRevision().laterOf(view.revision())),
                message.created(),
                message.updated())
            .with("data", Projections.message(message, view))
            .members())
        .toList());
  }

  private static FrameResponse page(
      List<Map<String, Object>> items, boolean hasPrevious, boolean hasNext) {
    return FrameResponse.ok(new JsonObject()
        .with("items", items)
        .with(
            "meta",
            new JsonObject()
                .with("previous_token", hasPrevious ? "p" : null)
                .with("next_token", hasNext ? "n" : null)));
  }

  private static boolean isDescending(FrameRequest request) {
    return "desc".equalsIgnoreCase(request.params().get("Order"));
  }

  private static int pageSize(FrameRequest request) {
    return Math.clamp(
        request.number("PageSize").orElse((long) Limits.PAGE_DEFAULT), 1, Limits.MAX_PAGE);
  }
}
