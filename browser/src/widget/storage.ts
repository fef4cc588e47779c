/** Where the client that this back end was made for keeps its session, and how. */
const SESSION = 'TWILIO_WEBCHAT_WIDGET';

export interface StoredSession {
  token: string;
  expiration: string;
  identity: string;
  conversationSid: string;
  loginTimestamp: string;
}

/** Session storage that never throws: where a browser refuses it, it lives as long as the page. */
export class SessionStorage {
  #inMemory: Partial<StoredSession> | undefined;

  /** @param gone called when nobody needs it any more */
  constructor(private readonly storage: Storage | undefined, private readonly gone = new AbortController().signal) {}

  /** As much as is there; another program may have written it. */
  read(): Partial<StoredSession> {
    if (this.#inMemory) return this.#inMemory;
    try {
      const stored: unknown = JSON.parse(this.storage?.getItem(SESSION) ?? '{}');
      const texts = Object.entries(stored ?? {}).filter(([, value]) => ['string', 'number'].includes(typeof value));
      return Object.fromEntries(texts.map(([name, value]) => [name, String(value)]));
    } catch {
      return {}; // not ours, or not readable: as if there were none
    }
  }

  /** A session is there when its token is; the server knows the rest. */
  session(): StoredSession | undefined {
    const { token, expiration = '', identity = '', conversationSid = '', loginTimestamp = '' } = this.read();
    return token ? { token, expiration, identity, conversationSid, loginTimestamp } : undefined;
  }

  write(stored: Partial<StoredSession>): void {
    try {
      if (!this.storage) throw new Error('there is none');
      this.storage.setItem(SESSION, JSON.stringify(stored));
      this.#inMemory = undefined;
    } catch {
      this.erase(); // full or forbidden: an older session must not be taken for this one
      this.#inMemory = stored;
    }
  }

  erase(): void {
    this.#inMemory = undefined;
    try {
      this.storage?.removeItem(SESSION);
    } catch {
      // then there was nothing
    }
  }

  /** Calls back when another tab changed it. */
  watch(changed: () => void): void {
    addEventListener('storage', (event) => {
      if (event.key === SESSION || event.key === null) changed();
    }, { signal: this.gone });
  }
}
