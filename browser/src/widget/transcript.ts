import type { Message } from './wire';

/** A message that is to be sent. */
export interface Outgoing {
  clientId: string;
  conversation: string;
  body: string;
  /** Why it can not be sent as it is. */
  failed?: string;
  /** The code of that refusal. */
  code?: number;
  /** Its place among all that waits, once it is kept. */
  order?: number;
  /** Another tab has sent it: it will arrive like any message. */
  elsewhere?: true;
}

/** What this browser has of a conversation. */
export interface Kept {
  messages: Message[];
  outbox: Outgoing[];
  /** Every change up to this one is in the messages; -1: nobody knows. */
  revision: number;
  /** The last message that the guest has seen; -1: none. */
  readUpTo: number;
  /** Whose conversation it is: a site may have several deployments, and all share one storage. */
  deployment?: string;
}

/** What is kept at once: all of it, or nothing. */
export interface Keeping {
  messages: Message[];
  revision: number;
  /** What was waiting, and has arrived. */
  arrived: string[];
  /** What is kept already is too old to be joined with this, and goes. */
  anew?: boolean;
}

interface Standing {
  conversation: string;
  revision: number;
  deployment: string;
  readUpTo?: number;
}

/** A database that is asked for longer is blocked, or broken; a guest is not to wait for it. */
const PATIENCE_MS = 2_000;

const STORES = ['messages', 'outbox', 'conversations'];

/**
 * What was said, as this browser saw it, and what it still has to say: in IndexedDB, so that it is
 * there after a reload, also when the server may not be asked any more. All tabs share it.
 *
 * It is opened when it is first needed: when the guest acts, or a session is there already. No
 * method throws, or waits for long. A database that fails is not used again by this page, which then
 * knows what it holds in memory, and no more.
 */
export class Transcript {
  private opened: Promise<IDBDatabase | undefined> | undefined;

  constructor(
    private readonly name: string,
    private readonly wait: (milliseconds: number) => Promise<void>,
  ) {}

  load(conversation: string): Promise<Kept> {
    return this.within('readonly', { messages: [], outbox: [], revision: -1, readUpTo: -1 }, async (store) => {
      const [messages, outbox, standing] = await Promise.all([
        done<Message[]>(store('messages').getAll(of(conversation))),
        done<Outgoing[]>(store('outbox').getAll()),
        done<Standing | undefined>(store('conversations').get(conversation)),
      ]);
      return {
        messages,
        outbox: outbox.filter((one) => one.conversation === conversation),
        revision: standing?.revision ?? -1,
        readUpTo: standing?.readUpTo ?? -1,
        ...(standing ? { deployment: standing.deployment } : {}),
      };
    });
  }

  /** What waits, in the order in which it was said, in whichever tab; undefined: nobody knows. */
  outbox(conversation: string): Promise<Outgoing[] | undefined> {
    return this.within<Outgoing[] | undefined>('readonly', undefined, async (store) => {
      const all = await done<Outgoing[]>(store('outbox').getAll());
      return all.filter((one) => one.conversation === conversation);
    });
  }

  /** A new conversation; those of before are forgotten. */
  async begin(conversation: string, deployment: string): Promise<void> {
    await this.erase(conversation);
    await this.within('readwrite', undefined, async (store) => {
      await done(store('conversations').put({ conversation, deployment, revision: -1 } satisfies Standing));
    });
  }

  keep(conversation: string, { messages, revision, arrived, anew = false }: Keeping): Promise<void> {
    return this.within('readwrite', undefined, async (store) => {
      if (anew) store('messages').delete(of(conversation));
      for (const message of messages) store('messages').put({ ...message, conversation });
      for (const clientId of arrived) {
        const order = await done<IDBValidKey | undefined>(store('outbox').index('clientId').getKey(clientId));
        if (order !== undefined) store('outbox').delete(order);
      }
      const standing = await done<Standing | undefined>(store('conversations').get(conversation));
      await done(store('conversations').put({ deployment: '', ...standing, conversation, revision }));
    });
  }

  /** Stores how far the guest has read, because the server cannot be asked after an interruption. */
  read(conversation: string, readUpTo: number): Promise<void> {
    return this.within('readwrite', undefined, async (store) => {
      const standing = await done<Standing | undefined>(store('conversations').get(conversation));
      if (standing) await done(store('conversations').put({ ...standing, readUpTo }));
    });
  }

  /** Puts it behind what waits already, or changes what is there of it. */
  put(outgoing: Outgoing): Promise<void> {
    return this.within('readwrite', undefined, async (store) => {
      const order = await done<IDBValidKey | undefined>(store('outbox').index('clientId').getKey(outgoing.clientId));
      await done(store('outbox').put({ ...outgoing, ...(order === undefined ? {} : { order }) }));
    });
  }

  /** Forgets every conversation but, where one is given, that one. */
  erase(but?: string): Promise<void> {
    return this.within('readwrite', undefined, async (store) => {
      if (but === undefined) {
        for (const name of STORES) store(name).clear();
        return;
      }
      store('messages').delete(IDBKeyRange.upperBound([but], true));
      store('messages').delete(IDBKeyRange.lowerBound([but, Infinity], true));
      store('conversations').delete(IDBKeyRange.upperBound(but, true));
      store('conversations').delete(IDBKeyRange.lowerBound(but, true));
      for (const one of await done<(Outgoing & { order: number })[]>(store('outbox').getAll())) {
        if (one.conversation !== but) store('outbox').delete(one.order);
      }
    });
  }

  /** One transaction, and its end. */
  private async within<T>(
    mode: IDBTransactionMode,
    otherwise: T,
    work: (store: (name: string) => IDBObjectStore) => Promise<T>,
  ): Promise<T> {
    const doing = async () => {
      const transaction = await this.transaction(mode);
      if (!transaction) return otherwise;
      const [value] = await Promise.all([work((name) => transaction.objectStore(name)), finished(transaction)]);
      return value;
    };
    try {
      return await Promise.race([doing(), this.wait(PATIENCE_MS).then(() => Promise.reject(new Error('too slow')))]);
    } catch {
      this.opened = Promise.resolve(undefined);
      return otherwise;
    }
  }

  /** Some browsers close a database behind a page's back, as when it sleeps: then it is opened again. */
  private async transaction(mode: IDBTransactionMode): Promise<IDBTransaction | undefined> {
    this.opened ??= open(this.name);
    const database = await this.opened;
    try {
      return database?.transaction(STORES, mode);
    } catch {
      this.opened = open(this.name);
      return (await this.opened)?.transaction(STORES, mode);
    }
  }
}

async function open(name: string): Promise<IDBDatabase> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    const database = opening.result;
    database.createObjectStore('messages', { keyPath: ['conversation', 'index'] });
    database.createObjectStore('conversations', { keyPath: 'conversation' });
    // The order is the database's, so that it is one for all tabs, and no clock has a say in it.
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

function done<T>(request: IDBRequest): Promise<T> {
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
