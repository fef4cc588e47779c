/** The actions of the page that the parts of the console need. */
export interface View {
  /** Goes to another place: the part after # of the page's address. */
  go(place: string): void;
  /** Shows the present place again, with what the server has now. */
  refresh(): Promise<void>;
  /** Says something, also to screen readers; an empty text takes it away. */
  say(text: string): void;
  /** Runs a call, and says why it failed. */
  attempt(work: () => Promise<void>): Promise<void>;
}
