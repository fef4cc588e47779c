/** The result of a request of IndexedDB. */
export function done<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The end of a transaction: only now its changes are stored. */
export function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** If the work takes longer, the database is blocked or broken, and the guest does not wait for it. */
const PATIENCE_MS = 2_000;

/** Rejects if the work fails, or takes too long. */
export function soon<T>(work: Promise<T>, wait: (milliseconds: number) => Promise<void>): Promise<T> {
  return Promise.race([work, wait(PATIENCE_MS).then(() => Promise.reject(new Error('too slow')))]);
}
