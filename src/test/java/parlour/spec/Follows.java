package parlour.spec;

import static parlour.Eventually.until;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import parlour.Sid;
import parlour.conversations.Conversations;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.process.ServiceDecorators;

/** Counts the calls that follow an account or a conversation: each of them waits for a change. */
final class Follows implements ServiceDecorators {
  private final ConcurrentHashMap<Sid, Integer> begun = new ConcurrentHashMap<>();

  int begun(Sid followed) {
    return begun.getOrDefault(followed, 0);
  }

  /**
   * Waits until one more call has begun.
   *
   * @param before the number of calls before the follower was there
   */
  void untilItIsFollowed(Sid followed, int before) {
    until(followed + " is followed", () -> begun(followed) > before);
  }

  @Override
  public Conversations conversations(Conversations service) {
    return counting(Conversations.class, service, "watch", account -> (Sid) account);
  }

  @Override
  public GuestConversations guestConversations(GuestConversations service) {
    return counting(
        GuestConversations.class,
        service,
        "follow",
        session -> ((GuestSession) session).conversation());
  }

  private <T> T counting(Class<T> type, T service, String name, Function<Object, Sid> followed) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> {
          if (method.getName().equals(name)) {
            begun.merge(followed.apply(arguments[0]), 1, Integer::sum);
          }
          try {
            return method.invoke(service, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        }));
  }
}
