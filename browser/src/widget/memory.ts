/** What a tab remembers of its chat window, so that a reload or another page of the site shows it as it was. */
export interface Remembered {
  /** Whose draft and position these are; empty before a chat begins. */
  conversation: string;
  isOpen?: boolean;
  /** What is typed into the message field. */
  draft?: string;
  /** Whose chat was interrupted: the draft, then all that was not sent, is offered to nobody else. */
  guest?: string;
  /** What is typed into the form before the chat, by the fields' names. */
  form?: Record<string, string>;
  /** The line at the top of the window, by its key, and how many pixels of it are above the edge. */
  place?: { key: string; above: number } | undefined;
}

/**
 * Keeps what a tab remembers in sessionStorage, which ends with the tab. Nothing is stored before
 * the guest opens the window or types. No method throws.
 */
export class TabMemory {
  constructor(
    private readonly name: string,
    private readonly storage: Storage | undefined,
  ) {}

  read(): Remembered {
    try {
      const kept: unknown = JSON.parse(this.storage?.getItem(this.name) ?? '{}');
      return { conversation: '', ...(kept as Partial<Remembered>) };
    } catch {
      return { conversation: '' };
    }
  }

  /** What is remembered of another conversation goes, except whether the window is open. */
  write(conversation: string, changes: Partial<Remembered>): void {
    const { isOpen, ...before } = this.read();
    const kept = before.conversation === conversation ? before : {};
    try {
      this.storage?.setItem(this.name, JSON.stringify({ isOpen, ...kept, ...changes, conversation }));
    } catch {
      // full or forbidden: then a reload forgets it
    }
  }

  erase(): void {
    try {
      this.storage?.removeItem(this.name);
    } catch {
      // then there was nothing
    }
  }
}
