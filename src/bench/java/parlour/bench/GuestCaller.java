package parlour.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A guest of Parlour who repeats one action. */
final class GuestCaller implements Caller {
  static final int PAGE = 50;

  /** Each allows only so many refusals a minute ({@code Limits.REFUSALS_PER_SESSION}). */
  private static final int SESSIONS = 60;

  private static final Pattern INDEX = Pattern.compile("\"index\":(\\d+)");

  private final Guest guest;
  private final Action action;
  private final List<String> tokens = new ArrayList<>();
  private int turn;
  private @Nullable Line stream;
  private long said = -1;

  /** Prepares what the action needs. */
  GuestCaller(Guest guest, Action action) throws IOException {
    this.guest = guest;
    this.action = action;
    prepare();
  }

  private void prepare() throws IOException {
    switch (action) {
      case REFRESH, INIT, MESSAGE -> {}
      case REFUSED_TOKEN -> tokens.add(guest.forged());
      case REFUSED_FINGERPRINT -> {
        for (int i = 0; i < SESSIONS; i++) {
          tokens.add(guest.token());
          guest.startOver();
        }
      }
      case HISTORY -> {
        for (int i = 0; i < PAGE; i++) {
          said = index(guest.say("Is it open on Sundays?", "h" + i));
        }
      }
    }
  }

  @Override
  public void connect() throws IOException {
    switch (action) {
      case REFRESH, REFUSED_TOKEN, INIT, HISTORY -> guest.reconnect();
      case REFUSED_FINGERPRINT -> guest.moveElsewhere();
      case MESSAGE -> {
        guest.reconnect();
        stream = guest.stream(said);
      }
    }
  }

  @Override
  public void call() throws IOException {
    switch (action) {
      case REFRESH -> guest.reload();
      case REFUSED_TOKEN -> guest.reloadInVain(next(), 401, 45775);
      case REFUSED_FINGERPRINT -> guest.reloadInVain(next(), 403, 45779);
      case INIT -> guest.startOver();
      case MESSAGE -> sayAndHear();
      case HISTORY -> read();
    }
  }

  private String next() {
    turn = (turn + 1) % tokens.size();
    return tokens.get(turn);
  }

  /** Sends a message and waits until the sender's own socket receives it, which is when the others do. */
  private void sayAndHear() throws IOException {
    said = index(guest.say("Is it open on Sundays?", "m" + (said + 1)));
    if (stream == null) {
      throw new IOException("no socket is open");
    }
    String frame = stream.hear();
    while (!frame.contains("\"index\":" + said + ",")) {
      if (frame.contains("\"ping\"")) {
        stream.say("{\"type\":\"pong\"}");
      }
      frame = stream.hear();
    }
  }

  private void read() throws IOException {
    String page = guest.history(PAGE);
    if (!page.contains("\"index\":" + said + ",")) {
      throw new IllegalStateException("not the newest page: " + page);
    }
  }

  static long index(String message) {
    Matcher index = INDEX.matcher(message);
    if (!index.find()) {
      throw new IllegalStateException(message);
    }
    return Long.parseLong(index.group(1));
  }

  @Override
  public void recover() throws IOException {
    close();
    if (tokens.isEmpty()) { // refused tokens do not change
      guest.reconnect();
      guest.startOver();
      said = -1;
      prepare();
    }
    connect();
  }

  @Override
  public void close() {
    if (stream != null) {
      stream.close();
      stream = null;
    }
    guest.close();
  }
}
