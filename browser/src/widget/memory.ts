/** The state of the chat window that a tab remembers, so that a reload or another page of the site restores it. */
export interface Remembered {
  /** The conversation that draft and position belong to; empty before a chat begins. */
  conversation: string;
  isOpen?: boolean;
  /** The guest wants no alerts of new messages. */
  isMuted?: boolean;
  /** The text in the message field. */
  draft?: string;
  /** The messages that an interrupted chat had not sent, which all its tabs have. */
  unsent?: string[];
  /** The guest whose chat was interrupted: draft and unsent messages are offered only to them. */
  guest?: string;
  /** The texts in the form before the chat, by the fields' names. */
  form?: Record<string, string>;
  /** The key of the line at the top of the window, and how many pixels of it are above the edge. */
  place?: { key: string; above: number } | undefined;
}

/**
 * Keeps the state in sessionStorage, which ends with the tab. Nothing is stored before the guest opens the window or types. No
 * method throws.
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

  /** Removes the state of another conversation, except whether the window is open and may make a sound. */
  write(conversation: string, changes: Partial<Remembered>): void {
    const { isOpen, isMuted, ...before } = this.read();
    const kept = before.conversation === conversation ? before : {};
    try {
      this.storage?.setItem(this.name, JSON.stringify({ isOpen, isMuted, ...kept, ...changes, conversation }));
    } catch {
      // full or forbidden: it will not survive a reload
    }
  }

  erase(): void {
    try {
      this.storage?.removeItem(this.name);
    } catch {
      // nothing is stored
    }
  }
}
