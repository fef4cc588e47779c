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
 * The calls of one interface between the processes of an installation. Each call is declared once,
 * and both its endpoint and its client are made from the declaration.
 *
 * <p>A call is a POST. The components of its record are the fields of the body. A component that
 * the path names, like {@code {account}}, is in the path instead, and must be a {@link Sid}. The
 * answer is an object with one field. Every call must be safe to repeat; see {@link
 * InternalClient}.
 *
 * @param <S> the interface
 */
public final class InternalCalls<S> {
  private static final Pattern IN_PATH = Pattern.compile("\\{(\\w+)}");

  private final String root;
  private final List<Call<?, ?>> calls = new ArrayList<>();

  /**
   * @param root the start of the paths of all calls
   */
  public InternalCalls(String root) {
    this.root = root;
  }

  /**
   * Declares a call.
   *
   * @param path the rest of the path, after the root
   * @param field the name of the answer's only field
   * @param service what the endpoint runs
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

  /** Adds the endpoints of all calls, which call this service. */
  public void serve(S service, Routes routes) {
    calls.forEach(call -> call.serve(service, routes));
  }

  /**
   * One call.
   *
   * @param <Q> the request
   * @param <A> the answer
   */
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
      inPath.forEach(name -> checkIsSid(request, name));
      this.request = request;
      this.field = field;
      this.answer = answer;
      this.service = service;
    }

    /** Other text would need escaping in a path; a sid does not. */
    private static void checkIsSid(Class<? extends Record> request, String name) {
      boolean isSid = Stream.of(request.getRecordComponents())
          .anyMatch(component ->
              component.getName().equals(name) && Sid.class.isAssignableFrom(component.getType()));
      if (!isSid) {
        throw new IllegalArgumentException(
            "a path can name a component that is a Sid; " + request + " has none named " + name);
      }
    }

    /** Reserves memory for an answer as long as the request before the service makes a change. */
    public Call<Q, A> reservingItsAnswer() {
      repeatsRequest = true;
      return this;
    }

    /** See {@link InternalClient#urgent}. */
    public Call<Q, A> urgent(Duration patience) {
      silence = patience;
      return this;
    }

    private void serve(S served, Routes routes) {
      routes.post(path, call -> {
        Q received = call.json(request, Limits.INTERNAL_BODY, inPath);
        if (repeatsRequest) {
          call.reserveAnswer(call.bodyBytes());
        }
        return ApiResponse.ofJson(200, Json.write(field, service.apply(served, received), answer));
      });
    }

    /** Calls the service in another process. */
    public A ask(InternalClient client, Q asked) {
      String filled = path;
      for (String name : inPath) {
        filled = filled.replace("{" + name + "}", Json.text(asked, name));
      }
      InternalClient chosen = silence.isZero() ? client : client.urgent(silence);
      return chosen.post(filled, Json.write(asked, inPath), body -> Json.read(body, field, answer));
    }
  }
}
