package parlour.scopedauth;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A property of a browser that a fingerprint contains. The IP address is not among them. */
public enum Signal {
  BROWSER(0, Header.USER_AGENT, "browser family"),
  SYSTEM(1, Header.USER_AGENT, "operating system"),
  LANGUAGE(2, Header.SETTINGS, "language"),
  COOKIES(3, Header.SETTINGS, "cookies-enabled"),
  TIME_ZONE(4, Header.SETTINGS, "time zone"),
  USER_AGENT(5, Header.USER_AGENT, "User-Agent"),
  ACCEPT_LANGUAGE(6, Header.ACCEPT_LANGUAGE, "Accept-Language"),
  DECODERS(7, Header.DECODERS, "decoders"),
  LOGIN_TIMESTAMP(8, Header.INFO, "login timestamp");

  /** The headers that signals are made of. What changes a header can change all its signals. */
  enum Header {
    USER_AGENT,
    SETTINGS,
    ACCEPT_LANGUAGE,
    DECODERS,
    INFO
  }

  /** The signals that can refuse a browser below the level {@code high}. */
  public static final List<Signal> DECISIVE =
      List.of(BROWSER, SYSTEM, LANGUAGE, COOKIES, TIME_ZONE);

  private final int place;
  private final Header header;
  private final String description;

  Signal(int place, Header header, String description) {
    this.place = place;
    this.header = header;
    this.description = description;
  }

  /** The position of its digest in a fingerprint. It is part of the format and must not change. */
  int place() {
    return place;
  }

  Header header() {
    return header;
  }

  public String description() {
    return description;
  }

  /** The word on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The decisive signal with this word. */
  public static Optional<Signal> decisive(String word) {
    return DECISIVE.stream().filter(signal -> signal.word().equals(word)).findFirst();
  }

  /** All decisive signals that come from the same header as this one. */
  Set<Signal> ofSameHeader() {
    Set<Signal> same = EnumSet.copyOf(DECISIVE);
    same.removeIf(other -> other.header != header);
    return same;
  }

  /** A set of signals as one number, as the store keeps it: one bit for each place. */
  static long bits(Set<Signal> signals) {
    long bits = 0;
    for (Signal signal : signals) {
      bits |= 1L << signal.place;
    }
    return bits;
  }

  /** The signals of {@link #bits}. */
  static Set<Signal> ofBits(long bits) {
    Set<Signal> signals = EnumSet.noneOf(Signal.class);
    for (Signal signal : values()) {
      if ((bits & 1L << signal.place) != 0) {
        signals.add(signal);
      }
    }
    return signals;
  }
}
