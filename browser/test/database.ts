import { IDBObjectStore } from 'fake-indexeddb';
import { vi } from 'vitest';

/** A database that never answers. */
export const never = () => ({}) as IDBOpenDBRequest;

/** Another database takes the place of the browser's. Returns a function that brings the browser's back. */
export function withDatabase(factory: Pick<IDBFactory, 'open'> | undefined): () => void {
  const before = globalThis.indexedDB;
  globalThis.indexedDB = factory as unknown as IDBFactory;
  return () => (globalThis.indexedDB = before);
}

/** Only the database of the keys fails; the transcript's works. */
export function withoutKeys(open: () => IDBOpenDBRequest): () => void {
  const before = globalThis.indexedDB;
  return withDatabase({
    open: (name: string, version?: number) => (name === 'parlour-keys' ? open() : before.open(name, version)),
  });
}

/** The database of the keys answers each time, but takes long to open. */
export function opensKeysSlowly(delay: () => Promise<unknown>): void {
  const before = globalThis.indexedDB;
  withoutKeys(() => {
    const opening = before.open('parlour-keys');
    const slow = { get result() { return opening.result; } } as IDBOpenDBRequest;
    opening.onsuccess = () => void delay().then(() => slow.onsuccess?.(new Event('success')));
    return slow;
  });
}

/** The database refuses values with this field. */
export function storesNo(field: string): void {
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value: object, key?: IDBValidKey) {
    if (field in value) throw new DOMException('no', 'DataCloneError');
    return put.call(this, value, key);
  });
}

/** The browser evicts the keys, and nothing else. */
export async function evictKeys(): Promise<void> {
  const deleting = indexedDB.deleteDatabase('parlour-keys');
  await new Promise((resolve) => (deleting.onsuccess = resolve));
}

/** The guest leaves the page before anything is cleared: the browser undoes the transaction. Returns a function that ends this. */
export function clearsNothing(): () => void {
  const clearing = vi.spyOn(IDBObjectStore.prototype, 'clear').mockImplementation(function (this: IDBObjectStore) {
    this.transaction.abort();
    return {} as IDBRequest<undefined>;
  });
  return () => clearing.mockRestore();
}
