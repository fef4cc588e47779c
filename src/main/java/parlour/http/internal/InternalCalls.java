package parlour.http.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import parlour.Limits;
import parlour.Sid;
import parlour.http.client.InternalClient;
import parlour.http.json.Json;
import parlour.http.json.JsonType;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;

/**
 * The calls of one interface between the parts of Parlour, each declared once: the endpoint of the
 * internal listener and the request of the client are made from the same declaration.
 *
 * <p>A call is a POST. A record's components are the fields of its body; a component that the path
 * names, like {@code {account}}, is in the path instead, and must be a {@link Sid}. The answer is an object with one field.
 * Every call must be safe to repeat; see {@link InternalClient}.
 *
 * @param <S> the interface
 */
public final class InternalCalls<S> {
  private static final Pattern IN_PATH = Pattern.compile("\\{(\\w+)}");

  private final String root;
  private final List<Call<?, ?>> calls = new ArrayList<>();

  /**
   * @param root what the paths of all calls begin with
   */
  public InternalCalls(String root) {
    this.root = root;
  }

  /**
   * Declares a call.
   *
   * @param path after the root
   * @param field of the answer
   * @param service what the endpoint does with the request
   */
  public <Q extends Record, A> Call<Q, A> declare(
      String path,
      Class<Q> request,
      String field,
      JsonType<A> answer,
      BiFunction<S, Q, A> service) {
    var call = new Call<>(root + path, request, field, answer, service);
    calls.add(call);
    return call;
  }

  public <Q extends Record, A> Call<Q, A> declare(
      String path, Class<Q> request, String field, Class<A> answer, BiFunction<S, Q, A> service) {
    return declare(path, request, field, JsonType.of(answer), service);
  }

  /** Adds the endpoints of all calls, which answer for the service of this process. */
  public void serve(S service, Routes routes) {
    calls.forEach(call -> call.serve(service, routes));
  }

  /** One call: {@code Q} is asked, {@code A} is answered. */
  public final class Call<Q extends Record, A> {
    private final String path;
    private final Set<String> inPath;
    private final Class<Q> request;
    private final String field;
    private final JsonType<A> answer;
    private final BiFunction<S, Q, A> service;
    private boolean repeatsRequest;
    private Duration silence = Duration.ZERO;

    private Call(
        String path,
        Class<Q> request,
        String field,
        JsonType<A> answer,
        BiFunction<S, Q, A> service) {
      this.path = path;
      this.inPath = IN_PATH
          .matcher(path)
          .results()
          .map(found -> found.group(1))
          .collect(Collectors.toUnmodifiableSet());
      inPath.forEach(name -> mustBeSid(request, name));
      this.request = request;
      this.field = field;
      this.answer = answer;
      this.service = service;
    }

    /** A sid needs no escaping in a path; text would. */
    private static void mustBeSid(Class<? extends Record> request, String name) {
      boolean isSid = Stream.of(request.getRecordComponents())
          .anyMatch(component ->
              component.getName().equals(name) && Sid.class.isAssignableFrom(component.getType()));
      if (!isSid) {
        throw new IllegalArgumentException(
            "a path can name a component that is a Sid; " + request + " has none named " + name);
      }
    }

    /** The answer is as long as the request, so memory for it is reserved before anything changes. */
    public Call<Q, A> reservingItsAnswer() {
      repeatsRequest = true;
      return this;
    }

    /** See {@link InternalClient#inHurry}. */
    public Call<Q, A> inHurry(Duration patience) {
      silence = patience;
      return this;
    }

    private void serve(S served, Routes routes) {
      routes.post(path, call -> {
        Q asked = call.json(request, Limits.INTERNAL_BODY, inPath);
        if (repeatsRequest) {
          call.reserveAnswer(call.bodyBytes());
        }
        return ApiResponse.ofJson(200, Json.write(field, service.apply(served, asked), answer));
      });
    }

    /** Asks the service of another process. */
    public A ask(InternalClient client, Q asked) {
      String filled = IN_PATH.matcher(path).replaceAll(found -> Json.text(asked, found.group(1)));
      InternalClient chosen = silence.isZero() ? client : client.inHurry(silence);
      return chosen.post(filled, Json.write(asked, inPath), body -> Json.read(body, field, answer));
    }
  }
}
