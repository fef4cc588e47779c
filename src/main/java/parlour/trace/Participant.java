package parlour.trace;

/** Who stands at the ends of an arrow; the letters are those of docs/diagrams. */
public enum Participant {
  C("Customer"),
  B("Browser"),
  S("Starship"),
  FWO("FlexWebchatOrchestratorService"),
  FAS("FederatedAuthService"),
  SAS("ScopedAuthService"),
  CNV("Conversations");

  private final String fullName;

  Participant(String fullName) {
    this.fullName = fullName;
  }

  public String fullName() {
    return fullName;
  }
}
