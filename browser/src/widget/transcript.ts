import { done, finished, soon } from './idb';
import type { Message } from './wire';

/** A file that waits until it is sent. */
export interface OutgoingFile {
  /** The same in each attempt, so that it arrives once. */
  id: string;
  filename: string;
  size: number;
  /** A copy of what the guest chose. */
  bytes: Blob;
}

/** The server refuses the message, and only its code says why: its own words are English, and for developers. */
export const REFUSED = '?';

/** A message that waits until it is sent. */
export interface Outgoing {
  clientId: string;
  conversation: string;
  body: string;
  files?: OutgoingFile[] | undefined;
  /** Why it cannot be sent, for the guest, or {@link REFUSED}. Empty if it waits: a widget that knows no files, in another tab, leaves such a message alone. */
  failed?: string;
  /** The code of that refusal. */
  code?: number;
  /** Its place among all waiting messages, once it is stored. */
  order?: number;
  /** Another tab has sent it, so it will arrive like any message. */
  elsewhere?: true;
  /** Only this page has it, because the database does not store its files. */
  isLoose?: true;
}

/** The stored part of a conversation. */
export interface Kept {
  messages: Message[];
  outbox: Outgoing[];
  /** Every change up to this one is in the messages; -1: unknown. */
  revision: number;
  /** The last message that the guest has seen; -1: none. */
  readUpTo: number;
  /** The key of the conversation's deployment: a site can have several, and all share one storage. */
  deployment?: string;
}

/** A change that is stored as a whole or not at all. */
export interface Keeping {
  messages: Message[];
  revision: number;
  /** The ids of messages in the outbox that the server has now. */
  arrived: string[];
  /** The stored messages are too old to be joined with these, and are deleted. */
  anew?: boolean;
}

/** The stored state of a conversation, besides its messages. */
export interface Progress {
  conversation: string;
  revision: number;
  deployment: string;
  readUpTo?: number;
  /** The endpoint of the push subscription that the server has; only the code for pushes writes it. */
  push?: string | undefined;
}

const STORES = ['messages', 'outbox', 'conversations'];

/**
 * Stores the messages that this browser has received, and those that it has not sent yet, in IndexedDB, so that they survive a
 * reload, also when the server accepts no call any more. All tabs share it.
 *
 * The database is opened when it is first needed: when the guest acts, or if there is a session already. No method throws, or
 * waits for long. After a failure, this page does not use the database any more, and keeps only what it holds in memory.
 */
export class Transcript {
  #opened: Promise<IDBDatabase | undefined> | undefined;

  constructor(
    private readonly name: string,
    private readonly wait: (milliseconds: number) => Promise<void>,
  ) {}

  load(conversation: string): Promise<Kept> {
    return this.#within('readonly', { messages: [], outbox: [], revision: -1, readUpTo: -1 }, async (store) => {
      const [messages, outbox, progress] = await Promise.all([
        done<Message[]>(store('messages').getAll(of(conversation))),
        done<Outgoing[]>(store('outbox').getAll()),
        done<Progress | undefined>(store('conversations').get(conversation)),
      ]);
      return {
        messages,
        outbox: outbox.filter((one) => one.conversation === conversation),
        revision: progress?.revision ?? -1,
        readUpTo: progress?.readUpTo ?? -1,
        ...(progress ? { deployment: progress.deployment } : {}),
      };
    });
  }

  /** The waiting messages of all tabs, in the order in which the guest wrote them; undefined if the database failed. */
  outbox(conversation: string): Promise<Outgoing[] | undefined> {
    return this.#within<Outgoing[] | undefined>('readonly', undefined, async (store) => {
      const all = await done<Outgoing[]>(store('outbox').getAll());
      return all.filter((one) => one.conversation === conversation);
    });
  }

  /** Begins a new conversation, and removes those of before. */
  async begin(conversation: string, deployment: string): Promise<void> {
    await this.erase(conversation);
    await this.#within('readwrite', undefined, async (store) => {
      await done(store('conversations').put({ conversation, deployment, revision: -1 } satisfies Progress));
    });
  }

  /** Removes all conversations, and does not use the database any more. */
  async leave(): Promise<void> {
    await this.erase();
    this.#opened = Promise.resolve(undefined);
  }

  keep(conversation: string, { messages, revision, arrived, anew = false }: Keeping): Promise<void> {
    return this.#within('readwrite', undefined, async (store) => {
      if (anew) store('messages').delete(of(conversation));
      for (const message of messages) store('messages').put({ ...message, conversation });
      for (const clientId of arrived) {
        const order = await done<IDBValidKey | undefined>(store('outbox').index('clientId').getKey(clientId));
        if (order !== undefined) store('outbox').delete(order);
      }
      const progress = await done<Progress | undefined>(store('conversations').get(conversation));
      await done(store('conversations').put({ deployment: '', ...progress, conversation, revision }));
    });
  }

  /** Stores how far the guest has read, because the server cannot be asked after an interruption. */
  read(conversation: string, readUpTo: number): Promise<void> {
    return this.#within('readwrite', undefined, async (store) => {
      const progress = await done<Progress | undefined>(store('conversations').get(conversation));
      if (progress) await done(store('conversations').put({ ...progress, readUpTo }));
    });
  }

  /** Adds a message after those that wait already, or replaces it. False: it is not stored, or not yet. */
  put(outgoing: Outgoing): Promise<boolean> {
    const work = async (store: (name: string) => IDBObjectStore) => {
      const order = await done<IDBValidKey | undefined>(store('outbox').index('clientId').getKey(outgoing.clientId));
      await done(store('outbox').put({ ...outgoing, ...(order === undefined ? {} : { order }) }));
      return true;
    };
    return this.#within('readwrite', false, work, !outgoing.files); // there may be room for texts, but none for files
  }

  /**
   * Removes all conversations. False: they are not removed, or not yet.
   *
   * @param but this conversation is not removed
   */
  erase(but?: string): Promise<boolean> {
    return this.#within('readwrite', false, async (store) => {
      for (const name of STORES) {
        const kept = but ? await done<{ conversation: string }[]>(store(name).getAll()) : [];
        store(name).clear();
        for (const one of kept) if (one.conversation === but) store(name).put(one);
      }
      store('messages').transaction.commit(); // a page that is left now would not come to it
      return true;
    });
  }

  /**
   * Runs work in one transaction, and waits for its end.
   *
   * @param givesUp whether a failure means that the database is not used any more
   */
  async #within<T>(
    mode: IDBTransactionMode,
    otherwise: T,
    work: (store: (name: string) => IDBObjectStore) => Promise<T>,
    givesUp = true,
  ): Promise<T> {
    const doing = async () => {
      const transaction = await this.#transaction(mode);
      if (!transaction) return otherwise;
      const [value] = await Promise.all([work((name) => transaction.objectStore(name)), finished(transaction)]);
      return value;
    };
    try {
      return await soon(doing(), this.wait);
    } catch {
      if (givesUp) this.#opened = Promise.resolve(undefined);
      return otherwise;
    }
  }

  /** Some browsers close a database behind a page's back, as when it sleeps: then this opens it again. */
  async #transaction(mode: IDBTransactionMode): Promise<IDBTransaction | undefined> {
    this.#opened ??= open(this.name);
    const database = await this.#opened;
    try {
      return database?.transaction(STORES, mode);
    } catch {
      this.#opened = open(this.name);
      return (await this.#opened)?.transaction(STORES, mode);
    }
  }
}

async function open(name: string): Promise<IDBDatabase> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    const database = opening.result;
    database.createObjectStore('messages', { keyPath: ['conversation', 'index'] });
    database.createObjectStore('conversations', { keyPath: 'conversation' });
    // The database makes the order, so that it is the same for all tabs and does not depend on a clock.
    database
      .createObjectStore('outbox', { keyPath: 'order', autoIncrement: true })
      .createIndex('clientId', 'clientId', { unique: true });
  };
  const database = await done<IDBDatabase>(opening);
  database.onversionchange = () => database.close(); // a newer widget, in another tab
  return database;
}

function of(conversation: string): IDBKeyRange {
  return IDBKeyRange.bound([conversation, 0], [conversation, Infinity]);
}
