import { done, finished, soon } from './idb';
import { agree, newPair } from './proof';

/** A key that is agreed on with the server, and by how many milliseconds the server's clock is ahead of this browser's. */
interface Agreed {
  key: CryptoKey;
  ahead: number;
}

/** The calls whose pauses grow to half a minute make these attempts within some two minutes. */
const ATTEMPTS = 10;

const STORE = 'keys';
/** The place of a pair before a chat begins; conversations have other names. */
const PAIR = 'pair';

/**
 * Keeps the keys that bind sessions to this browser, by conversation, in an IndexedDB of its own: a new version of the
 * transcript's database would have to wait for tabs that run an older widget. All tabs share it. No connection stays open, and no
 * method waits for long.
 */
export class ProofKeys {
  readonly #known = new Map<string, Agreed>();
  /** By how many milliseconds the server's clock is ahead; undefined: no answer has said it to this page. */
  #ahead: number | undefined;
  /** How many times in a row the database has failed. */
  #failures = 0;

  constructor(
    private readonly name: string,
    private readonly wait: (milliseconds: number) => Promise<void>,
    private readonly now: () => number,
  ) {}

  /** A new pair, as the database gives it back; undefined if this browser cannot keep one: then the session will not be bound. */
  async pair(): Promise<CryptoKeyPair | undefined> {
    try {
      const made = await newPair();
      return await this.#within(async (store) => {
        store.put(made, PAIR);
        return done<CryptoKeyPair>(store.get(PAIR));
      });
    } catch {
      return undefined; // no secure context, no database, or one that stores no keys
    }
  }

  /**
   * Begins a conversation: removes the keys of before, and the pair. If the server answered with a key, this agrees on one with it.
   * False: the database failed, so only this tab has the key.
   */
  async begin(conversation: string, pair?: CryptoKeyPair, theirs?: string): Promise<boolean> {
    if (!pair) return true;
    if (!theirs) {
      await this.erase();
      return true;
    }
    const agreed = { key: await agree(pair, theirs, conversation), ahead: this.#ahead ?? 0 };
    this.#known.set(conversation, agreed);
    try {
      await this.#within(async (store) => {
        store.clear();
        await done(store.put(agreed, conversation));
      });
      return true;
    } catch {
      return false;
    }
  }

  /**
   * The key of a conversation; undefined if this browser has lost it. Rejects if the database fails: then nobody knows. A key that
   * cannot be read again and again is lost, too, because a guest must be able to start again.
   */
  async of(conversation: string): Promise<CryptoKey | undefined> {
    let agreed = this.#known.get(conversation);
    if (!agreed) {
      try {
        agreed = await this.#within(async (store) => {
          const read = await done<Agreed | undefined>(store.get(conversation));
          if (read?.key) this.#known.set(conversation, read); // also if it took too long: the next attempt has it
          return read;
        });
        this.#failures = 0;
      } catch (failure) {
        if (++this.#failures < ATTEMPTS) throw failure;
      }
      if (!agreed?.key) return undefined; // also if the browser cannot decrypt it any more
    }
    this.#ahead ??= agreed.ahead;
    return agreed.key;
  }

  /**
   * Stores the key of a conversation again, with the present difference of the clocks. False if this tab does not know the key.
   *
   * @param onlyIfStored whether a key that was removed meanwhile stays removed
   */
  async restore(conversation: string, onlyIfStored: boolean): Promise<boolean> {
    const { key } = this.#known.get(conversation) ?? {};
    if (!key) return false;
    const agreed: Agreed = { key, ahead: this.#ahead ?? 0 };
    await this.#within(async (store) => {
      if (!onlyIfStored || (await done(store.get(conversation)))) store.put(agreed, conversation);
    }).catch(() => {}); // then this tab goes on with what it knows
    return true;
  }

  /**
   * Removes the keys from the browser. This page knows them until it is left, because it may still have to end the session.
   *
   * @param but the key of this conversation is not removed
   */
  async erase(but?: string): Promise<void> {
    await this.#within(async (store) => {
      const kept = but && (await done<Agreed | undefined>(store.get(but)));
      store.clear();
      if (kept) store.put(kept, but);
    }).catch(() => {}); // a key without its token is worth nothing
  }

  /** An answer said the server's time, in seconds since 1970; 0: it did not. */
  serverSays(seconds: number): void {
    if (seconds) this.#ahead = seconds * 1000 - this.now();
  }

  /** The server's time, in seconds since 1970. */
  serverTime(): number {
    return Math.floor((this.now() + (this.#ahead ?? 0)) / 1000);
  }

  #within<T>(work: (store: IDBObjectStore) => Promise<T>): Promise<T> {
    return soon(this.#inTransaction(work), this.wait);
  }

  async #inTransaction<T>(work: (store: IDBObjectStore) => Promise<T>): Promise<T> {
    const opening = indexedDB.open(this.name, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    const database = await done<IDBDatabase>(opening);
    try {
      const transaction = database.transaction(STORE, 'readwrite');
      const [value] = await Promise.all([work(transaction.objectStore(STORE)), finished(transaction)]);
      return value;
    } finally {
      database.close();
    }
  }
}
