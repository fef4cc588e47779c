import { done, finished, soon } from '../idb';
import type { Progress } from '../transcript';

/**
 * The endpoint with which this browser has subscribed for a conversation. It is kept with the conversation's messages, so that it goes
 * with them. No method throws, or waits for long.
 */
export class Registered {
  constructor(private readonly wait: (milliseconds: number) => Promise<void>) {}

  /** Undefined: the guest has not switched pushes on in this browser, or that cannot be read. */
  read(conversation: string): Promise<string | undefined> {
    return this.#within('readonly', async (store) => (await done<Progress | undefined>(store.get(conversation)))?.push);
  }

  write(conversation: string, push?: string): Promise<void> {
    return this.#within('readwrite', async (store) => {
      const progress = await done<Progress | undefined>(store.get(conversation));
      if (progress) store.put({ ...progress, push } satisfies Progress);
    });
  }

  #within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<T>): Promise<T | undefined> {
    return soon(this.#inTransaction(mode, work), this.wait).catch(() => undefined);
  }

  async #inTransaction<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<T>): Promise<T> {
    const opening = indexedDB.open('parlour');
    opening.onupgradeneeded = () => opening.transaction?.abort(); // there are no messages
    const database = await done<IDBDatabase>(opening);
    try {
      const transaction = database.transaction('conversations', mode);
      const [value] = await Promise.all([work(transaction.objectStore('conversations')), finished(transaction)]);
      return value;
    } finally {
      database.close();
    }
  }
}
