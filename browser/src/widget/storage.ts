import type { Message } from './wire';

const SESSION = 'TWILIO_WEBCHAT_WIDGET';

/** What the browser keeps of a session, as the client that this back end was made for lays it out. */
export interface Stored {
  token: string;
  expiration: string;
  identity: string;
  conversationSid: string;
  loginTimestamp: string;
}

/** Session storage that never throws: a browser may refuse it, and then a reload starts anew. */
export class SessionStorage {
  private fallback: Partial<Stored> | undefined;

  constructor(private readonly storage: Storage | undefined) {}

  read(): Partial<Stored> {
    try {
      const text = this.storage?.getItem(SESSION);
      const stored: unknown = text ? JSON.parse(text) : undefined;
      if (stored && typeof stored === 'object') return stored;
    } catch {
      // not ours, or not readable: as if there were none
    }
    return this.fallback ?? {};
  }

  /** The session, when all of it is there. */
  session(): Stored | undefined {
    const { token, expiration = '', identity = '', conversationSid = '', loginTimestamp = '' } = this.read();
    return token ? { token, expiration, identity, conversationSid, loginTimestamp } : undefined;
  }

  write(stored: Partial<Stored>): void {
    this.fallback = stored;
    try {
      this.storage?.setItem(SESSION, JSON.stringify(stored));
    } catch {
      // full or forbidden: it lives as long as the page
    }
  }

  erase(): void {
    this.fallback = undefined;
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
    });
  }
}

/** A message that is to be sent, and how often was tried. */
export interface Outgoing {
  clientId: string;
  conversation: string;
  body: string;
  at: number;
}

/** What was said, as this browser saw it, and what it still has to say. */
export interface Transcript {
  messages(conversation: string): Promise<Message[]>;
  keep(conversation: string, messages: Message[]): Promise<void>;
  outbox(conversation: string): Promise<Outgoing[]>;
  put(outgoing: Outgoing): Promise<void>;
  sent(clientId: string): Promise<void>;
  /** Forgets everything, of every conversation. */
  erase(): Promise<void>;
}

/** For browsers that allow no database: as long as the page lives. */
export class TranscriptInMemory implements Transcript {
  private readonly byKey = new Map<string, Map<number, Message>>();
  private readonly waiting = new Map<string, Outgoing>();

  async messages(conversation: string): Promise<Message[]> {
    return [...(this.byKey.get(conversation)?.values() ?? [])].sort((a, b) => a.index - b.index);
  }

  async keep(conversation: string, messages: Message[]): Promise<void> {
    const kept = this.byKey.get(conversation) ?? new Map<number, Message>();
    this.byKey.set(conversation, kept);
    for (const message of messages) kept.set(message.index, message);
  }

  async outbox(conversation: string): Promise<Outgoing[]> {
    return [...this.waiting.values()].filter((one) => one.conversation === conversation);
  }

  async put(outgoing: Outgoing): Promise<void> {
    this.waiting.set(outgoing.clientId, outgoing);
  }

  async sent(clientId: string): Promise<void> {
    this.waiting.delete(clientId);
  }

  async erase(): Promise<void> {
    this.byKey.clear();
    this.waiting.clear();
  }
}

/** In IndexedDB, so that it is there after a reload, also when the server may not be asked any more. */
export class TranscriptInDatabase implements Transcript {
  private constructor(private readonly database: IDBDatabase) {}

  /** Made when the guest acts, or when a session is there already; never before. */
  static async open(name: string): Promise<Transcript> {
    try {
      const opening = indexedDB.open(name, 1);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore('messages', { keyPath: ['conversation', 'index'] });
        opening.result.createObjectStore('outbox', { keyPath: 'clientId' });
      };
      return new TranscriptInDatabase(await done(opening));
    } catch {
      return new TranscriptInMemory();
    }
  }

  async messages(conversation: string): Promise<Message[]> {
    const range = IDBKeyRange.bound([conversation, 0], [conversation, Number.MAX_SAFE_INTEGER]);
    return done(this.store('messages', 'readonly').getAll(range)) as Promise<Message[]>;
  }

  async keep(conversation: string, messages: Message[]): Promise<void> {
    const store = this.store('messages', 'readwrite');
    for (const message of messages) store.put({ ...message, conversation });
    await finished(store.transaction);
  }

  async outbox(conversation: string): Promise<Outgoing[]> {
    const all = (await done(this.store('outbox', 'readonly').getAll())) as Outgoing[];
    return all.filter((one) => one.conversation === conversation).sort((a, b) => a.at - b.at);
  }

  async put(outgoing: Outgoing): Promise<void> {
    const store = this.store('outbox', 'readwrite');
    store.put(outgoing);
    await finished(store.transaction);
  }

  async sent(clientId: string): Promise<void> {
    const store = this.store('outbox', 'readwrite');
    store.delete(clientId);
    await finished(store.transaction);
  }

  async erase(): Promise<void> {
    const transaction = this.database.transaction(['messages', 'outbox'], 'readwrite');
    transaction.objectStore('messages').clear();
    transaction.objectStore('outbox').clear();
    await finished(transaction);
  }

  private store(name: string, mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(name, mode).objectStore(name);
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}
