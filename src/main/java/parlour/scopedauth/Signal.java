package parlour.scopedauth;

/** What a fingerprint is made of. The IP address is no signal. */
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
  private final String inWords;

  Signal(int place, String inWords) {
    this.place = place;
    this.inWords = inWords;
  }

  /** Where its digest stands in a fingerprint: part of the format, never to be changed. */
  int place() {
    return place;
  }

  public String inWords() {
    return inWords;
  }
}
