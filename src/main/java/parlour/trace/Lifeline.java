package parlour.trace;

/** A participant of the diagram, with the letters of docs/diagrams as its name. */
public enum Lifeline {
  C("Customer"),
  B("Browser"),
  S("Starship"),
  FWO("FlexWebchatOrchestratorService"),
  FAS("FederatedAuthService"),
  SAS("ScopedAuthService"),
  CNV("Conversations");

  private final String fullName;

  Lifeline(String fullName) {
    this.fullName = fullName;
  }

  public String fullName() {
    return fullName;
  }
}
