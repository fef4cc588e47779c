package parlour.scopedauth;

/** A property of a browser that a fingerprint contains. The IP address is not among them. */
public enum Signal {
  BROWSER(0, "browser family"),
  SYSTEM(1, "operating system"),
  LANGUAGE(2, "language"),
  COOKIES(3, "cookies-enabled"),
  TIME_ZONE(4, "time zone"),
  USER_AGENT(5, "User-Agent"),
  ACCEPT_LANGUAGE(6, "Accept-Language"),
  DECODERS(7, "decoders"),
  LOGIN_TIMESTAMP(8, "login timestamp");

  private final int place;
  private final String description;

  Signal(int place, String description) {
    this.place = place;
    this.description = description;
  }

  /** The position of its digest in a fingerprint. It is part of the format and must not change. */
  int place() {
    return place;
  }

  public String description() {
    return description;
  }
}
