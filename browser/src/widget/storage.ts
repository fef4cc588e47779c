/** Key and format are those of the client that this API was made for. */
const SESSION = 'TWILIO_WEBCHAT_WIDGET';

export interface StoredSession {
  token: string;
  expiration: string;
  identity: string;
  conversationSid: string;
  loginTimestamp: string;
  /** Set if calls need a proof of the key that this browser keeps. Not a field of the client that this API was made for. */
  bound?: string | undefined;
}

/** The stored data: a session, or the rest of one that has ended. */
interface Stored extends Partial<StoredSession> {
  /** Set in place of a session whose chat is being removed from this browser: the guest may leave the page before its messages are gone. */
  erased?: string;
}

/** Stores the session in localStorage, or in memory if the browser refuses that. No method throws. */
export class SessionStorage {
  /** Set if it is not in localStorage. Another tab may have stored another session there. */
  #inMemory: Stored | undefined;
  #isAlone = false;

  /** @param gone ends `watch` */
  constructor(private readonly storage: Storage | undefined, private readonly gone = new AbortController().signal) {}

  /** The stored fields that are readable. Another program may have written them. */
  read(): Stored {
    if (this.#inMemory) return this.#inMemory;
    try {
      const stored: unknown = JSON.parse(this.storage?.getItem(SESSION) ?? '{}');
      const texts = Object.entries(stored ?? {}).filter(([, value]) => ['string', 'number'].includes(typeof value));
      return Object.fromEntries(texts.map(([name, value]) => [name, String(value)]));
    } catch {
      return {}; // of another program, or damaged
    }
  }

  /** The stored session, which must have at least a token: the server has the other values, too. */
  session(): StoredSession | undefined {
    const { token, expiration = '', identity = '', conversationSid = '', loginTimestamp = '', bound } = this.read();
    return token ? { token, expiration, identity, conversationSid, loginTimestamp, bound } : undefined;
  }

  /**
   * Returns whether other pages can read it.
   *
   * @param isAlone whether only this tab can use the session, so that it is not stored; if left out: as before
   */
  write(stored: Stored, isAlone = this.#isAlone): boolean {
    this.#isAlone = isAlone;
    try {
      if (!isAlone) {
        this.storage!.setItem(SESSION, JSON.stringify(stored));
        this.#inMemory = undefined;
        return true;
      }
    } catch {
      // none, full or forbidden
    }
    this.erase(); // an older session must not be taken for this one
    this.#inMemory = stored.erased ? undefined : stored; // nothing else of it is stored, so nothing is left to be removed
    return false;
  }

  erase(): void {
    try {
      if (!this.#inMemory) this.storage?.removeItem(SESSION);
    } catch {
      // then nothing is stored
    }
    this.#inMemory = undefined;
  }

  /** Calls back when another tab changed it. */
  watch(changed: () => void): void {
    addEventListener('storage', (event) => {
      if (event.key === SESSION || event.key === null) changed();
    }, { signal: this.gone });
  }
}
