package parlour.bench;

/** The calls of guests that are measured. */
enum Action {
  REFRESH("refresh"),
  REFUSED_TOKEN("refresh, refused: 45775"),
  REFUSED_FINGERPRINT("refresh, refused: 45779"),
  INIT("Init"),
  MESSAGE("message, until it is received"),
  HISTORY("history page");

  private final String words;

  Action(String words) {
    this.words = words;
  }

  String inWords() {
    return words;
  }
}
