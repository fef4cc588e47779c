import { done, finished, soon } from '../idb';
import type { Progress } from '../transcript';

/** The browser keeps no messages, so it has no endpoint either. */
const NO_DATABASE = new Error('no database');

/**
 * The endpoint with which this browser has subscribed for a conversation. It is kept with the conversation's messages, so that it goes
 * with them. No method throws, or waits for long.
 */
export class RegisteredEndpoint {
  constructor(private readonly wait: (milliseconds: number) => Promise<void>) {}

  /** Undefined: the guest has not switched pushes on in this browser, or that cannot be read. */
  read(conversation: string): Promise<string | undefined> {
    return this.#within('readonly', async (store) => (await done<Progress | undefined>(store.get(conversation)))?.push).catch(() => undefined);
  }

  /** False: it failed or takes long, so that the endpoint of before may be there still. */
  write(conversation: string, push?: string): Promise<boolean> {
    return this.#within('readwrite', async (store) => {
      const progress = await done<Progress | undefined>(store.get(conversation));
      if (progress) store.put({ ...progress, push } satisfies Progress);
    }).then(() => true, (failure) => failure === NO_DATABASE);
  }

  #within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<T>): Promise<T> {
    return soon(this.#inTransaction(mode, work), this.wait);
  }

  async #inTransaction<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<T>): Promise<T> {
    const database = await existing();
    try {
      const transaction = database.transaction('conversations', mode);
      const [value] = await Promise.all([work(transaction.objectStore('conversations')), finished(transaction)]);
      return value;
    } finally {
      database.close();
    }
  }
}

/** Rejects with {@link NO_DATABASE} instead of making one. */
function existing(): Promise<IDBDatabase> {
  const opening = indexedDB.open('parlour');
  let isNew = false;
  opening.onupgradeneeded = () => {
    isNew = true;
    opening.transaction?.abort();
  };
  return done<IDBDatabase>(opening).catch((failure: unknown) => {
    throw isNew ? NO_DATABASE : failure;
  });
}
