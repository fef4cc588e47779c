package parlour.spec.chromium;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that Chromium's DevTools export of a profile: cookies, local and session storage, the
 * databases as far as the protocol gives their values, caches, and all recorded calls and frames.
 */
final class ExportedProfile {
  /** A request as it was sent, with all its headers. */
  record Call(String method, String url, JsonObject headers, String body) {}

  private static final String IMPORT = """
      async (text) => {
        for (const { name, version, stores } of JSON.parse(text)) {
          await new Promise((done, failed) => {
            const opening = indexedDB.open(name, version);
            opening.onupgradeneeded = () => {
              for (const { name, keyPath, autoIncrement, indexes, entries } of stores) {
                const store = opening.result.createObjectStore(name, { keyPath, autoIncrement });
                for (const one of indexes) store.createIndex(one.name, one.keyPath, one);
                for (const { key, value } of entries) {
                  if (keyPath === null) store.put(value, key); else store.put(value);
                }
              }
            };
            opening.onsuccess = () => { opening.result.close(); done() };
            opening.onerror = failed;
          });
        }
      }
      """;

  private final CDPSession devTools;
  private final String origin;
  private final List<Call> calls = new ArrayList<>();
  private final List<String> frames = new ArrayList<>();
  private JsonArray cookies = new JsonArray();
  private JsonArray local = new JsonArray();
  private JsonArray session = new JsonArray();
  private final JsonArray databases = new JsonArray();

  /** Opens the DevTools of a page, and records from now on. */
  ExportedProfile(Page page, String origin) {
    this.origin = origin;
    devTools = page.context().newCDPSession(page);
    devTools.on("Network.requestWillBeSent", event -> {
      JsonObject request = event.getAsJsonObject("request");
      JsonElement body = request.get("postData");
      calls.add(new Call(
          request.get("method").getAsString(),
          request.get("url").getAsString(),
          request.getAsJsonObject("headers"),
          body == null ? "" : body.getAsString()));
    });
    devTools.on(
        "Network.webSocketFrameSent",
        event -> frames.add(event.getAsJsonObject("response").get("payloadData").getAsString()));
    devTools.send("Network.enable");
    devTools.send("IndexedDB.enable");
    devTools.send("DOMStorage.enable");
  }

  /** The recorded calls of the API that the guest's browser has made. */
  List<Call> calls() {
    return calls.stream()
        .filter(call -> call.url().contains("/v2/Webchat/") && !call.method().equals("OPTIONS"))
        .toList();
  }

  /** The first frames of the recorded sockets. */
  List<String> hellos() {
    return frames.stream().filter(frame -> frame.contains("\"hello\"")).toList();
  }

  /** Exports what the profile holds now. */
  void export() {
    cookies = devTools.send("Storage.getCookies").getAsJsonArray("cookies");
    local = items(true);
    session = items(false);
    for (JsonElement name :
        ask("IndexedDB.requestDatabaseNames", new JsonObject()).getAsJsonArray("databaseNames")) {
      databases.add(database(name.getAsString()));
    }
    if (!ask("CacheStorage.requestCacheNames", new JsonObject())
        .getAsJsonArray("caches")
        .isEmpty()) {
      throw new AssertionError("the widget uses a cache now: export it, too");
    }
  }

  private JsonArray items(boolean isLocal) {
    JsonObject which = new JsonObject();
    which.add("storageId", storage(isLocal));
    return devTools.send("DOMStorage.getDOMStorageItems", which).getAsJsonArray("entries");
  }

  private JsonObject storage(boolean isLocal) {
    JsonObject id = new JsonObject();
    id.addProperty("securityOrigin", origin);
    id.addProperty("isLocalStorage", isLocal);
    return id;
  }

  private JsonObject ask(String method, JsonObject arguments) {
    arguments.addProperty("securityOrigin", origin);
    return devTools.send(method, arguments);
  }

  private JsonObject database(String name) {
    JsonObject which = new JsonObject();
    which.addProperty("databaseName", name);
    JsonObject found =
        ask("IndexedDB.requestDatabase", which).getAsJsonObject("databaseWithObjectStores");
    JsonArray stores = new JsonArray();
    for (JsonElement each : found.getAsJsonArray("objectStores")) {
      JsonObject store = each.getAsJsonObject();
      JsonArray indexes = new JsonArray();
      for (JsonElement one : store.getAsJsonArray("indexes")) {
        JsonObject index = one.getAsJsonObject();
        index.add("keyPath", path(index.getAsJsonObject("keyPath")));
        indexes.add(index);
      }
      store.add("indexes", indexes);
      store.add("keyPath", path(store.getAsJsonObject("keyPath")));
      store.add("entries", entries(name, store.get("name").getAsString()));
      stores.add(store);
    }
    found.add("stores", stores);
    return found;
  }

  private static JsonElement path(JsonObject path) {
    return switch (path.get("type").getAsString()) {
      case "string" -> path.get("string");
      case "array" -> path.get("array");
      default -> JsonNull.INSTANCE;
    };
  }

  private JsonArray entries(String database, String store) {
    JsonObject which = new JsonObject();
    which.addProperty("databaseName", database);
    which.addProperty("objectStoreName", store);
    which.addProperty("skipCount", 0);
    which.addProperty("pageSize", 1_000);
    JsonArray entries = new JsonArray();
    for (JsonElement each :
        ask("IndexedDB.requestData", which).getAsJsonArray("objectStoreDataEntries")) {
      JsonObject entry = new JsonObject();
      entry.add("key", value(each.getAsJsonObject().getAsJsonObject("primaryKey")));
      entry.add("value", value(each.getAsJsonObject().getAsJsonObject("value")));
      entries.add(entry);
    }
    return entries;
  }

  /** The value behind a handle; a key that cannot be extracted comes as an empty object. */
  private JsonElement value(JsonObject handle) {
    if (!handle.has("objectId")) {
      return handle.get("value");
    }
    JsonObject call = new JsonObject();
    call.add("objectId", handle.get("objectId"));
    call.addProperty("functionDeclaration", "function () { return JSON.stringify(this) }");
    call.addProperty("returnByValue", true);
    return JsonParser.parseString(devTools
        .send("Runtime.callFunctionOn", call)
        .getAsJsonObject("result")
        .get("value")
        .getAsString());
  }

  String keys() {
    for (JsonElement database : databases) {
      if (database.getAsJsonObject().get("name").getAsString().equals("parlour-keys")) {
        return database.getAsJsonObject().get("stores").toString();
      }
    }
    return "";
  }

  /** Puts everything into the profile of a page of the same origin. */
  void importInto(Page page) {
    CDPSession thief = page.context().newCDPSession(page);
    thief.send("DOMStorage.enable");
    JsonObject some = new JsonObject();
    some.add("cookies", cookies);
    thief.send("Storage.setCookies", some);
    put(thief, true, local);
    put(thief, false, session);
    page.evaluate(IMPORT, databases.toString());
  }

  private void put(CDPSession thief, boolean isLocal, JsonArray items) {
    for (JsonElement item : items) {
      JsonObject set = new JsonObject();
      set.add("storageId", storage(isLocal));
      set.add("key", item.getAsJsonArray().get(0));
      set.add("value", item.getAsJsonArray().get(1));
      thief.send("DOMStorage.setDOMStorageItem", set);
    }
  }
}
