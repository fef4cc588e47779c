import { Blob } from 'node:buffer';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { onTestFinished } from 'vitest';
import { Chat } from '../src/widget/chat';
import type { Line } from '../src/widget/conversation';
import { TabMemory } from '../src/widget/memory';
import { ProofKeys } from '../src/widget/proof-keys';
import { Protocol } from '../src/widget/protocol';
import { SessionStorage } from '../src/widget/storage';
import { Stream } from '../src/widget/stream';
import { Tabs } from '../src/widget/tabs';
import { Transcript } from '../src/widget/transcript';
import type { WithFiles } from '../src/widget/files-loader';
import type { WithWindow } from '../src/widget/launcher';
import { Files } from '../src/widget/files/files';
import type { Translation } from '../src/widget/languages/wording';
import { View } from '../src/widget/view';
import { HOST, KEY, type Server } from './server';

/** A clock that tests set instead of waiting. */
export class Clock {
  now = 1_763_800_000_000;
  private timers: { at: number; ring: () => void }[] = [];

  wait(milliseconds: number): Promise<void> {
    return new Promise((ring) => this.timers.push({ at: this.now + milliseconds, ring }));
  }

  /** Advances the clock, and waits for everything that its timers start. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    await settle();
    for (;;) {
      const next = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.now = next.at;
      next.ring();
      await settle();
    }
    this.now = end;
  }
}

/** The pending calls of this test to the network, the database and the locks, in all tabs. */
const underWay = new Set<object>();

/** The number of pending operations of WebCrypto and of Blobs, which run in threads of their own, and always end. */
let computing = 0;

function count(of: object, name: string): void {
  const operation = Reflect.get(of, name) as (...given: unknown[]) => Promise<unknown>;
  const value = function (this: object, ...given: unknown[]) {
    computing++;
    return operation.apply(this, given).finally(() => computing--);
  };
  Object.defineProperty(of, name, { value, writable: true, configurable: true });
}

for (const name of ['generateKey', 'exportKey', 'importKey', 'deriveBits', 'deriveKey', 'digest', 'sign']) count(crypto.subtle, name);
count(Blob.prototype, 'arrayBuffer');

/** Waits until everything has happened that needs no clock: no call is pending, or only calls that never return. */
export async function settle(): Promise<void> {
  for (let quiet = 0, round = 0; quiet < 20 && round < 4_000; ) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = underWay.size || computing ? 0 : quiet + 1;
    if (!computing) round++;
  }
}

const never = new Promise<never>(() => {});

export class MapStorage implements Storage {
  private readonly items = new Map<string, string>();
  readonly watching: (() => void)[] = [];

  get length(): number {
    return this.items.size;
  }

  key(at: number): string | null {
    return [...this.items.keys()][at] ?? null;
  }

  getItem(name: string): string | null {
    return this.items.get(name) ?? null;
  }

  setItem(name: string, value: string): void {
    this.items.set(name, value);
  }

  removeItem(name: string): void {
    this.items.delete(name);
  }

  clear(): void {
    this.items.clear();
  }
}

/** A browser, with everything that its tabs share. */
export class Browser {
  readonly localStorage = new MapStorage();
  /** The sessionStorage of the last opened tab. The next tab takes it over, as by a reload. */
  page = new MapStorage();
  readonly clock = new Clock();
  readonly tabs: Tab[] = [];
  readonly steps: string[] = [];
  readonly ownLocks = new Locks();
  locks: LockManager | undefined = this.ownLocks as unknown as LockManager;
  hasChannel = true;
  random: () => number = () => 0.5;
  /** Whether an attempt to load the code for files succeeds. */
  hasFiles: (attempt: number) => boolean = () => true;
  /** The same, of the window. */
  hasWindow: (attempt: number) => boolean = () => true;
  /** Whether the texts of languages other than English can be loaded. */
  hasLanguages = true;
  /** Whether tabs use real streams, over the page's WebSockets. */
  hasRealStreams = false;
  /** A page can replace it, or wrap it. */
  fetch: typeof fetch;
  ids = 0;

  constructor(readonly server: Server) {
    server.now = () => this.clock.now;
    this.fetch = server.fetch;
    globalThis.indexedDB = new IDBFactory();
    globalThis.IDBKeyRange = IDBKeyRange;
    onTestFinished(() => underWay.clear()); // the next test does not wait for calls that never return
  }

  /** Opens a page with the chat on it, and waits until it is quiet. */
  async open(deploymentKey = KEY): Promise<Tab> {
    const tab = new Tab(this, deploymentKey);
    this.tabs.push(tab);
    void tab.chat.load();
    await settle();
    return tab;
  }

  /** Opens a page, and starts a chat in it. */
  async begin(): Promise<Tab> {
    const tab = await this.open();
    void tab.chat.start('Ada', {});
    await settle();
    return tab;
  }

  stored(): Record<string, string> | null {
    return JSON.parse(this.localStorage.getItem('TWILIO_WEBCHAT_WIDGET') ?? 'null');
  }

  store(session: object): void {
    this.localStorage.setItem('TWILIO_WEBCHAT_WIDGET', JSON.stringify(session));
  }

  /** Fires the `storage` event, as a browser does: in the other tabs, and asynchronously. */
  storageEvent(from?: Tab): void {
    for (const tab of this.tabs) if (tab !== from) setImmediate(() => tab.storageChanged());
  }
}

/** A page of a browser, from its load to its end. */
export class Tab {
  readonly chat: Chat;
  readonly deps: WithFiles & WithWindow;
  readonly keys: ProofKeys;
  isOpen = true;
  states: string[] = ['idle'];
  received: (event: MessageEvent) => void = () => {};
  storageChanged: () => void = () => {};

  constructor(
    readonly browser: Browser,
    deploymentKey: string,
  ) {
    const { clock, server, localStorage } = browser;
    const tab = this;
    const storage = new SessionStorage(localStorage);
    const channel = {
      postMessage(data: unknown) {
        for (const other of browser.tabs) {
          if (tab.isOpen && other !== tab) setImmediate(() => other.isOpen && other.received({ data } as MessageEvent));
        }
      },
      addEventListener(_: string, listener: (event: MessageEvent) => void, { signal }: AddEventListenerOptions = {}) {
        const { received } = tab;
        tab.received = (event) => {
          received(event);
          if (!signal?.aborted) listener(event);
        };
      },
    } as unknown as BroadcastChannel;
    const tabs = new Tabs(`parlour ${deploymentKey}`, browser.locks, browser.hasChannel ? channel : undefined);
    const keys = (this.keys = new ProofKeys('parlour-keys', (milliseconds) => clock.wait(milliseconds), () => clock.now));
    this.deps = {
      protocol: this.whileOpen(new Protocol(HOST, deploymentKey, keys, (...call) => browser.fetch(...call))),
      keys: this.whileOpen(keys),
      storage: Object.assign(storage, {
        write: (...written: Parameters<SessionStorage['write']>) => {
          if (!tab.isOpen) return true;
          const isStored = SessionStorage.prototype.write.apply(storage, written);
          browser.storageEvent(tab);
          return isStored;
        },
        erase: () => {
          if (!tab.isOpen) return;
          SessionStorage.prototype.erase.call(storage);
          browser.storageEvent(tab);
        },
        watch: (changed: () => void) => {
          tab.storageChanged = () => tab.isOpen && changed();
        },
      }),
      memory: new TabMemory('parlour', browser.page),
      claims: new TabMemory('parlour claims', localStorage),
      transcript: this.whileOpen(new Transcript('parlour', (milliseconds) => clock.wait(milliseconds))),
      tabs: {
        withLock: (lock, work, scope) => (tab.isOpen ? tab.asOpen(tabs.withLock(lock, () => tab.inLock(work), scope)) : never),
        notify: (event) => tabs.notify(event),
        subscribe: (...call) => tabs.subscribe(...call),
      },
      stream: (...call) => (browser.hasRealStreams ? new Stream(HOST, deploymentKey, keys, ...call) : server.stream(...call)),
      loadFiles: async (attempt) => {
        if (!browser.hasFiles(attempt)) throw new TypeError('not loaded');
        class FilesHere extends Files {
          constructor(...[parts, view]: ConstructorParameters<typeof Files>) {
            super(parts, view, () => (...call) => browser.fetch(...call));
          }
        }
        return { Files: FilesHere };
      },
      loadLanguage: async (code) => {
        if (!browser.hasLanguages) throw new TypeError('Failed to fetch dynamically imported module');
        return ((await import(`../src/widget/languages/${code}.ts`)) as { default: Translation }).default;
      },
      loadWindow: async (attempt) => {
        if (!browser.hasWindow(attempt)) throw new TypeError('not loaded');
        class ViewHere extends View {
          constructor(...[place, chat, options, deps]: ConstructorParameters<typeof View>) {
            super(place, chat, options, deps, (...call) => browser.fetch(...call));
          }
        }
        return { View: ViewHere };
      },
      wait: (milliseconds) => clock.wait(milliseconds).then(() => (tab.isOpen ? undefined : never)),
      random: () => browser.random(),
      newId: () => `id-${++browser.ids}`,
      now: () => clock.now,
      step: (step) => browser.steps.push(step),
    };
    this.chat = new Chat(this.deps, () => {
      if (this.chat.state.is !== this.states.at(-1)) this.states.push(this.chat.state.is);
    });
  }

  /** Closes the page at once, while the other tabs go on. */
  close(): void {
    this.isOpen = false;
    this.browser.tabs.splice(this.browser.tabs.indexOf(this), 1);
    this.chat.wake(true); // closes its socket
    this.browser.ownLocks.letGo();
  }

  async reload(): Promise<Tab> {
    this.close();
    return this.browser.open();
  }

  lines(): Line[] {
    return this.chat.conversation?.lines(this.chat.canWrite()) ?? [];
  }

  /** The texts on the screen, and the state of those that are not sent yet. */
  says(): string[] {
    return this.lines().map((line) => (line.is === 'sent' ? line.message.body : `${line.outgoing.body} (${line.is})`));
  }

  /** A browser cancels the requests for locks of a page that is gone. */
  private inLock<T>(work: () => Promise<T>): Promise<T> {
    return this.isOpen ? work() : Promise.resolve(undefined as T);
  }

  private asOpen<T>(result: Promise<T>): Promise<T> {
    return result.then((value) => (this.isOpen ? value : never));
  }

  /** Calls of a closed page never return. */
  private whileOpen<T extends object>(whole: T): T {
    return new Proxy(whole, {
      get: (target, name) => {
        const part = Reflect.get(target, name) as unknown;
        if (typeof part !== 'function') return part;
        return (...call: unknown[]) => {
          if (!this.isOpen) return never;
          const value: unknown = part.apply(target, call);
          if (!(value instanceof Promise)) return value;
          const one = {};
          underWay.add(one);
          return value
            .finally(() => underWay.delete(one))
            .then((result: unknown) => (this.isOpen ? result : never));
        };
      },
    });
  }
}

/** The used part of Web Locks. */
export class Locks {
  private readonly queues = new Map<string, Promise<unknown>>();
  private held: { until: () => void }[] = [];

  request(name: string, _options: object, work: () => Promise<unknown>): Promise<unknown> {
    let letGo = () => {};
    const released = new Promise<void>((resolve) => (letGo = resolve));
    const turn = (this.queues.get(name) ?? Promise.resolve()).then(() => {
      this.held.push({ until: letGo });
      return work();
    });
    this.queues.set(name, Promise.race([turn.catch(() => {}), released]));
    return turn;
  }

  /** Releases the locks of all tabs when one is closed, which makes races more likely. */
  letGo(): void {
    for (const { until } of this.held) until();
    this.held = [];
  }
}

/** Everything that is stored of conversations in IndexedDB. */
export function rows(): Promise<unknown[]> {
  return rowsOf('parlour');
}

/** The keys that are stored in IndexedDB, and for which conversations. */
export async function storedKeys(): Promise<{ conversations: unknown[]; keys: CryptoKey[] }> {
  const keys = (await rowsOf('parlour-keys')) as { key: CryptoKey }[];
  return { conversations: await rowsOf('parlour-keys', 'getAllKeys'), keys: keys.map(({ key }) => key) };
}

async function rowsOf(name: string, read: 'getAll' | 'getAllKeys' = 'getAll'): Promise<unknown[]> {
  if (!(await indexedDB.databases()).some((one) => one.name === name)) return [];
  const opening = indexedDB.open(name);
  const database = await new Promise<IDBDatabase>((resolve) => (opening.onsuccess = () => resolve(opening.result)));
  const names = [...database.objectStoreNames];
  const all = await Promise.all(names.map((name) => new Promise<unknown[]>((resolve) => {
    const asking = database.transaction(name).objectStore(name)[read]();
    asking.onsuccess = () => resolve(asking.result);
  })));
  database.close();
  return all.flat();
}
