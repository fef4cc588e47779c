import { IDBObjectStore } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ProofKeys } from '../src/widget/proof-keys';
import { Protocol } from '../src/widget/protocol';
import { Browser, rows, settle, storedKeys, type Tab } from './browser';
import { page } from './page';
import { HOST, KEY, Server, type Call } from './server';
import { webSocketsTo } from './socket';

const OTHER_KEY = `CV${'b'.repeat(32)}`;
const YEARS_MS = 5 * 365 * 24 * 3_600_000;

let server: Server;
let browser: Browser;

beforeEach(() => {
  server = new Server();
  browser = new Browser(server);
});

const inits = () => server.calls.filter((call) => call.path === 'Init');
const isSigned = ({ headers }: Call) => headers.has('Signature') && headers.has('Signature-Input');
const ofSession = () => server.calls.filter((call) => call.path !== 'Init');
const forever = () => new Promise<never>(() => {});
const never = () => ({}) as IDBOpenDBRequest;

/** What the browser has, when another copy of its IndexedDB takes the place of the one that was there. */
function withDatabase<T extends Pick<IDBFactory, 'open'>>(factory: T): () => void {
  const before = globalThis.indexedDB;
  globalThis.indexedDB = factory as unknown as IDBFactory;
  return () => (globalThis.indexedDB = before);
}

/** Only the database of the keys fails; the transcript's works. */
function withoutKeys(open: () => IDBOpenDBRequest): () => void {
  const before = globalThis.indexedDB;
  return withDatabase({
    open: (name: string, version?: number) => (name === 'parlour-keys' ? open() : before.open(name, version)),
  });
}

/** The database refuses values with this field. */
function storesNo(field: string): void {
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value: object, key?: IDBValidKey) {
    if (field in value) throw new DOMException('no', 'DataCloneError');
    return put.call(this, value, key);
  });
}

/** The browser evicts the keys, and nothing else. */
async function evictKeys(): Promise<void> {
  const deleting = indexedDB.deleteDatabase('parlour-keys');
  await new Promise((resolve) => (deleting.onsuccess = resolve));
}

describe('a chat that begins', () => {
  test('agrees with the server on a key that no script can read, and keeps nothing else of it', async () => {
    await browser.begin();
    const { conversations, keys } = await storedKeys();
    expect(conversations).toEqual([server.sid]);
    expect(keys[0]).toMatchObject({ type: 'secret', extractable: false, usages: ['sign'] });
    expect(keys[0]?.algorithm).toMatchObject({ name: 'HMAC', hash: { name: 'SHA-256' }, length: 256 });
    await expect(crypto.subtle.exportKey('raw', keys[0]!)).rejects.toThrow();
    expect(ofSession().map(isSigned)).not.toContain(false);
    expect(server.badProofs).toEqual([]);
  });

  test('stores the key before the session, which another tab uses at once', async () => {
    let keysBefore: Promise<unknown> | undefined;
    const setItem = browser.localStorage.setItem.bind(browser.localStorage);
    browser.localStorage.setItem = (name, value) => {
      keysBefore ??= storedKeys();
      setItem(name, value);
    };
    const other = await browser.open();
    await browser.begin();
    expect(await keysBefore).toMatchObject({ conversations: [server.sid] });
    expect(other.chat.state.is).toBe('live');
    expect(server.badProofs).toEqual([]);
  });

  test('proves that the browser can keep a key before it sends one', async () => {
    let kept: unknown;
    const answer = server.fetch;
    browser.fetch = async (...call) => {
      if (String(call[0]).endsWith('/Init')) kept = (await storedKeys()).conversations;
      return answer(...call);
    };
    await browser.begin();
    expect(kept).toEqual(['pair']);
  });

  test('with a server that answers no key is as before: no proofs, and nothing more is stored', async () => {
    server.bindsSessions = false;
    const tab = await browser.begin();
    expect(tab.chat.state.is).toBe('live');
    expect(ofSession().map(isSigned)).not.toContain(true);
    expect(browser.stored()).not.toHaveProperty('bound');
    expect(await storedKeys()).toEqual({ conversations: [], keys: [] });
    expect((await tab.reload()).chat.state.is).toBe('live');
    expect(server.badProofs).toEqual([]);
  });

  test('repeats a start whose answer was lost with the same key, so that it begins one chat', async () => {
    const tab = await browser.open();
    server.fault = (call) => (call.path === 'Init' && inits().length === 1 ? 'answer lost' : undefined);
    for (let time = 0; time < 2; time++) {
      void tab.chat.start('Ada', {}, 'Is it open?');
      await settle();
    }
    const [first, second] = inits().map(({ body }) => body);
    expect(second).toEqual(first);
    expect(tab.chat.state.is).toBe('live');
    expect(tab.says()).toEqual(['Is it open?']);
  });

  test('makes another key when another chat begins', async () => {
    const tab = await browser.begin();
    void tab.chat.endAndErase();
    await settle();
    void tab.chat.start('Ada', {});
    await settle();
    const [first, second] = inits().map(({ body }) => body['proofKey']);
    expect(second).not.toBe(first);
    expect((await storedKeys()).conversations).toEqual([server.sid]);
  });

  test('with an unusable key of the server does not begin, and can be tried again', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const answer = server.fetch;
    browser.fetch = async (...call) => {
      const response = await answer(...call);
      return String(call[0]).endsWith('/Init') ? Response.json({ ...(await response.json()) as object, proof_key: 'BAAA' }) : response;
    };
    const tab = await browser.begin();
    expect(tab.chat.state).toEqual({ is: 'idle', start: 'unavailable' });
    expect(browser.stored()).toBeNull();
    browser.fetch = server.fetch;
    void tab.chat.start('Ada', {});
    await settle();
    expect(tab.chat.state.is).toBe('live');
  });
});

describe('a browser that cannot keep a key starts without one', () => {
  const refuses = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  const cases: Record<string, () => unknown> = {
    'because its page is not secure, so that it has no crypto.subtle': () =>
      vi.spyOn(crypto, 'subtle', 'get').mockReturnValue(undefined as unknown as SubtleCrypto),
    'because its crypto.subtle has no such keys': () =>
      vi.spyOn(crypto.subtle, 'generateKey').mockRejectedValue(new DOMException('no', 'NotSupportedError')),
    'because it has no database': () => withDatabase(undefined as unknown as IDBFactory),
    'because its database is forbidden': () => withDatabase({ open: refuses }),
    'because its database never answers': () => withDatabase({ open: never }),
    'because its database stores no keys': () => storesNo('privateKey'),
  };

  for (const [why, happens] of Object.entries(cases)) {
    test(why, async () => {
      const before = globalThis.indexedDB;
      const tab = await browser.open();
      happens();
      void tab.chat.start('Ada', {});
      await browser.clock.advance(10_000);
      expect(inits()[0]?.body).not.toHaveProperty('proofKey');
      expect(tab.chat.state.is).toBe('live');
      expect(ofSession().map(isSigned)).not.toContain(true);
      globalThis.indexedDB = before;
    });
  }

  test('and stays without one when the start is repeated, because another key would begin another chat', async () => {
    const tab = await browser.open();
    const back = withoutKeys(never);
    server.fault = (call) => (call.path === 'Init' && inits().length === 1 ? 'answer lost' : undefined);
    void tab.chat.start('Ada', {});
    await browser.clock.advance(10_000);
    back();
    void tab.chat.start('Ada', {});
    await browser.clock.advance(10_000);
    expect(inits().map(({ body }) => body['proofKey'])).toEqual([undefined, undefined]);
    expect(tab.chat.state.is).toBe('live');
  });
});

describe('every call of a bound session is proven', () => {
  test('with and without a query and a body, and the last one also while the page is left', async () => {
    const tab = await browser.begin();
    for (let index = 0; index < 60; index++) server.says('agent-1', `message ${index}`);
    void tab.chat.send('Is it open? \u00e9\ud83d\ude00');
    void tab.chat.types();
    await settle();
    void tab.chat.markRead();
    await settle();
    const fresh = await tab.reload();
    void fresh.chat.loadOlder();
    await settle();
    void fresh.chat.endAndErase();
    await settle();
    const calls = ofSession();
    expect(new Set(calls.map(({ method, path }) => `${method} ${path}`))).toEqual(
      new Set(['GET Messages', 'POST Messages', 'POST Typing', 'POST Read', 'POST Token/Refresh', 'POST End']),
    );
    expect(calls.map(isSigned)).not.toContain(false);
    expect(server.badProofs).toEqual([]);
    const nonces = calls.map(({ headers }) => /nonce="([^"]+)"/.exec(headers.get('Signature-Input') ?? '')?.[1]);
    expect(new Set(nonces).size).toBe(calls.length);
  });

  test('below the path of the server, because a proxy may take that path away', async () => {
    await browser.begin();
    const session = { ...browser.stored(), bound: '1' } as never;
    const keys = new ProofKeys('parlour-keys', forever, () => browser.clock.now);
    const proxy: typeof fetch = (url, init) => server.fetch(String(url).replace('/support/chat', ''), init);
    const outcome = await new Protocol(`${HOST}/support/chat`, KEY, keys, proxy).history(session, 50, 3);
    expect(outcome.is).toBe('ok');
    expect(server.badProofs).toEqual([]);
  });

  test('through a script of the page that wraps fetch and adds headers', async () => {
    browser.fetch = (url, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
      return server.fetch(url, { ...init, headers });
    };
    const tab = await browser.begin();
    void tab.chat.send('Hi');
    await settle();
    expect(tab.says()).toEqual(['Hi']);
    expect(server.badProofs).toEqual([]);
  });

  test('and a proof of another call, or of a changed one, is none: the server of these tests would notice', async () => {
    const changes: Record<string, (url: URL, init: RequestInit, headers: Headers) => void> = {
      method: (_, init) => void (init.method = 'DELETE'),
      path: (url) => void (url.pathname = '/v2/Webchat/Typing'),
      query: (url) => void url.searchParams.set('limit', '51'),
      token: (_, __, headers) => headers.set('Authorization', `Bearer ${server.issueFor('plr1.1')}`),
      deployment: (_, __, headers) => headers.set('Webchat-Deployment-Key', OTHER_KEY),
      nonce: (_, __, headers) => headers.set('Signature-Input', (headers.get('Signature-Input') ?? '').replace(/nonce="./, 'nonce="-')),
      time: (_, __, headers) => headers.set('Signature-Input', (headers.get('Signature-Input') ?? '').replace(/created=(\d+)/, (_all, time: string) => `created=${Number(time) + 1}`)),
    };
    for (const [what, change] of Object.entries(changes)) {
      const own = (server = new Server());
      browser = new Browser(own);
      await browser.begin();
      browser.fetch = (url, init = {}) => {
        const changed = new URL(String(url));
        const given = { ...init, headers: new Headers(init.headers) };
        change(changed, given, given.headers);
        return own.fetch(changed, given);
      };
      const tab = browser.tabs[0] as Tab;
      await tab.deps.protocol.history(browser.stored() as never, 50);
      expect(own.badProofs[0], what).toBe('wrong');
    }
  });
});

describe('the clock of the guest', () => {
  for (const [what, shift] of [['ahead', -YEARS_MS], ['behind', YEARS_MS]] as const) {
    test(`can be ${what} by years: no proof has a wrong time, also after a reload`, async () => {
      server.now = () => browser.clock.now + shift;
      const tab = await browser.begin();
      const fresh = await tab.reload();
      expect(fresh.chat.state.is).toBe('live');
      expect(server.badProofs).toEqual([]);
    });
  }

  test('can be set while the page is open: one call is repeated at once, and the next page knows the time', async () => {
    const tab = await browser.begin();
    server.now = () => browser.clock.now + YEARS_MS;
    void tab.chat.send('Hi');
    await settle();
    expect(tab.says()).toEqual(['Hi']);
    expect(tab.states).toEqual(['idle', 'resuming', 'live']);
    expect(server.badProofs).toEqual(['wrong time']);
    expect((await tab.reload()).chat.state.is).toBe('live');
    expect(server.badProofs).toEqual(['wrong time']);
  });

  test('that nobody can correct delays calls, and ends nothing', async () => {
    const tab = await browser.begin();
    server.now = () => browser.clock.now + YEARS_MS;
    server.tellsTime = false;
    const before = server.calls.length;
    void tab.chat.send('Hi');
    await settle();
    expect(server.calls.length).toBe(before + 3);
    expect(tab.says()).toEqual(['Hi (waiting)']);
    server.tellsTime = true;
    await browser.clock.advance(2_000);
    expect(tab.says()).toEqual(['Hi']);
    expect(tab.chat.state.is).toBe('live');
  });

  test('corrects no key that was erased meanwhile', async () => {
    const tab = await browser.begin();
    await tab.keys.erase();
    expect(await tab.keys.restore(server.sid, true)).toBe(true);
    expect((await storedKeys()).conversations).toEqual([]);
  });
});

describe('a call for reading that the browser, a proxy or a script of the page sends twice', () => {
  test('each time is only delayed', async () => {
    browser.fetch = async (url, init) => {
      if (init?.method === 'GET') await server.fetch(url, init);
      return server.fetch(url, init);
    };
    const tab = await browser.begin();
    expect(server.badProofs).toEqual(['replayed', 'replayed', 'replayed']);
    expect(tab.chat.state.is).toBe('reconnecting');
    browser.fetch = server.fetch;
    await browser.clock.advance(2_000);
    expect(tab.chat.state.is).toBe('live');
  });

  test('is made again with a new proof, and interrupts nothing', async () => {
    const tab = await browser.begin();
    let doubled = 0;
    browser.fetch = async (url, init) => {
      if (init?.method === 'GET' && !doubled++) await server.fetch(url, init);
      return server.fetch(url, init);
    };
    browser.server.loseSockets();
    await browser.clock.advance(2_000);
    expect(doubled).toBeGreaterThan(0);
    expect(server.badProofs).toEqual(['replayed']);
    expect(tab.chat.state.is).toBe('live');
  });
});

describe('a token that is too old, and proven', () => {
  test('is renewed, and the call repeated, whatever the call is: the guest notices nothing', async () => {
    const tab = await browser.begin();
    server.says('agent-1', 'Hello');
    await settle();
    for (const call of ['markRead', 'types', 'end'] as const) {
      server.expire();
      void tab.chat[call]();
      await settle();
      expect(server.calls.slice(-3).map(({ path }) => path)).toEqual(
        [{ markRead: 'Read', types: 'Typing', end: 'End' }[call], 'Token/Refresh', { markRead: 'Read', types: 'Typing', end: 'End' }[call]],
      );
    }
    expect(tab.states).toEqual(['idle', 'resuming', 'live', 'ended']);
    expect(server.badProofs).toEqual([]);
  });

  test('keeps no message from being sent, once and in order', async () => {
    const tab = await browser.begin();
    server.expire();
    void tab.chat.send('one');
    void tab.chat.send('two');
    await settle();
    expect(tab.says()).toEqual(['one', 'two']);
    expect(server.messages.map(({ body }) => body)).toEqual(['one', 'two']);
    expect(server.count('Token/Refresh')).toBe(1);
    expect(tab.states).toEqual(['idle', 'resuming', 'live']);
  });

  test('is renewed by one of two tabs that sleep for days and wake together', async () => {
    const one = await browser.begin();
    const other = await browser.open();
    const refreshes = server.count('Token/Refresh');
    server.expire();
    server.loseSockets();
    await browser.clock.advance(3 * 24 * 3_600_000);
    for (const tab of [one, other]) tab.chat.wake();
    await browser.clock.advance(5_000);
    expect(server.count('Token/Refresh')).toBe(refreshes + 1);
    expect([one.chat.state.is, other.chat.state.is]).toEqual(['live', 'live']);
    expect(server.badProofs).toEqual([]);
  });

  test('is renewed at a reload after weeks', async () => {
    const tab = await browser.begin();
    tab.close();
    server.expire();
    browser.clock.now += 20 * 24 * 3_600_000;
    const fresh = await browser.open();
    expect(fresh.states).toEqual(['idle', 'resuming', 'live']);
  });

  test('waits while the server cannot renew it', async () => {
    const tab = await browser.begin();
    server.expire();
    server.fault = (call) => (call.path === 'Token/Refresh' ? Response.json({ code: 45777 }, { status: 503 }) : undefined);
    void tab.chat.send('Hi');
    await browser.clock.advance(60_000);
    expect(tab.says()).toEqual(['Hi (waiting)']);
    server.fault = () => undefined;
    await browser.clock.advance(60_000);
    expect(tab.says()).toEqual(['Hi']);
    expect(tab.chat.state.is).toBe('live');
  });

  test('that the server never renews makes no storm of calls', async () => {
    const tab = await browser.begin();
    const before = server.calls.length;
    server.fault = (call) => {
      const stale = () => Response.json({ code: 45775, action: 'refresh' }, { status: 401 });
      return call.path === 'Token/Refresh' ? undefined : stale();
    };
    void tab.chat.send('Hi');
    await browser.clock.advance(60_000);
    expect(server.calls.length - before).toBeLessThan(40);
    expect(tab.says()).toEqual(['Hi (waiting)']);
    server.fault = () => Response.json({ code: 45775, action: 'refresh' }, { status: 401 });
    const fresh = await tab.reload();
    await browser.clock.advance(60_000);
    expect(fresh.chat.state.is).toBe('reconnecting');
  });

  test('of a session that is over interrupts', async () => {
    const tab = await browser.begin();
    server.expire();
    server.fault = (call) => {
      if (call.path === 'Token/Refresh') server.revoke();
      return undefined;
    };
    void tab.chat.send('Hi');
    await settle();
    expect(tab.chat.state).toMatchObject({ is: 'interrupted', code: 45775, isKeyLost: false });
    expect(tab.says()).toEqual(['Hi (failed)']);
  });

  test('that a socket refuses is renewed before the next socket', async () => {
    const tab = await browser.begin();
    server.expire();
    server.sockets[0]?.say({ type: 'refused', code: 45775, action: 'refresh', message: '', trace_id: 'x', retry_after: null });
    server.loseSockets();
    await browser.clock.advance(2_000);
    expect(server.calls.slice(-2).map(({ path }) => path)).toEqual(['Token/Refresh', 'Messages']);
    expect(tab.chat.state.is).toBe('live');
  });

  test('of a chat that has ended is left as it is', async () => {
    const tab = await browser.begin();
    server.close();
    await settle();
    server.expire();
    server.loseSockets();
    await browser.clock.advance(60_000);
    const calls = server.calls.length;
    await browser.clock.advance(600_000);
    expect(server.calls.length).toBe(calls);
    expect(tab.chat.state.is).toBe('ended');
  });

  test('is renewed to end a chat that the guest erases', async () => {
    const tab = await browser.begin();
    server.expire();
    void tab.chat.endAndErase();
    await settle();
    expect(server.calls.slice(-3).map(({ path }) => path)).toEqual(['End', 'Token/Refresh', 'End']);
    expect(server.state).toBe('closed');
    expect(server.badProofs).toEqual([]);
    expect(browser.stored()).toBeNull();
    expect((await storedKeys()).conversations).toEqual([]);
  });
});

describe('a browser that has lost the key', () => {
  test('shows the messages, says so in words of its own, and can start again', async () => {
    const before = await browser.begin();
    server.says('agent-1', 'Hello');
    await settle();
    before.close();
    await evictKeys();
    const made = page({ appStatus: 'open', texts: { startAgain: 'Once more' } }, browser);
    await settle();
    expect(server.badProofs).toEqual(['missing']);
    expect(made.text()).toContain('the key that protects it is missing in this browser');
    expect(made.text()).toContain('45779');
    expect(made.text()).toContain('Hello');
    await made.click('Once more');
    made.type('[name=friendlyName]', 'Ada');
    await made.click('Start chat');
    expect(made.find('.panel').dataset['state']).toBe('live');
    expect((await storedKeys()).conversations).toEqual([server.sid]);
  });

  test('with its other words, if the page has some', async () => {
    (await browser.begin()).close();
    await evictKeys();
    const made = page({ appStatus: 'open', texts: { interruptedKeyLost: 'The key is gone.' } }, browser);
    await settle();
    expect(made.text()).toContain('The key is gone.');
  });

  test('because it cannot decrypt it any more', async () => {
    (await browser.begin()).close();
    const opening = indexedDB.open('parlour-keys');
    await new Promise((resolve) => (opening.onsuccess = resolve));
    const transaction = opening.result.transaction('keys', 'readwrite');
    transaction.objectStore('keys').put({ key: null, ahead: 0 }, server.sid);
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    opening.result.close();
    expect((await browser.open()).chat.state).toMatchObject({ is: 'interrupted', code: 45779, isKeyLost: true });
  });

  test('in one tab, while another still knows it: that one goes on, and stores it again', async () => {
    const one = await browser.begin();
    await evictKeys();
    const other = await browser.open();
    await browser.clock.advance(5_000);
    expect(other.chat.state).toMatchObject({ is: 'interrupted', isKeyLost: true });
    void one.chat.send('Hi');
    await settle();
    expect(one.says()).toEqual(['Hi']);
    expect((await storedKeys()).conversations).toEqual([server.sid]);
    expect((await other.reload()).chat.state.is).toBe('live');
  });

  test('never had it, in a tab with an older widget: the tab with the key goes on', async () => {
    const one = await browser.begin();
    const { identity } = browser.stored() as { identity: string };
    browser.store({ identity });
    browser.storageEvent();
    one.received({ data: { is: 'interrupted', conversation: server.sid, code: 45779, reference: 'x' } } as MessageEvent);
    await browser.clock.advance(5_000);
    expect(one.chat.state.is).toBe('live');
    expect((await one.reload()).chat.state.is).toBe('live');
  });

  test('is another browser, which has a copy of localStorage: it is refused, and the guest goes on', async () => {
    const guest = await browser.begin();
    const session = browser.stored() as object;
    const own = globalThis.indexedDB;
    const thief = new Browser(server);
    thief.store(session);
    const tab = await thief.open();
    expect(tab.chat.state).toMatchObject({ is: 'interrupted', code: 45779 });
    expect(tab.says()).toEqual([]);
    thief.store({ ...session, bound: undefined });
    expect((await thief.open()).chat.state).toMatchObject({ is: 'interrupted', code: 45779, isKeyLost: false });
    globalThis.indexedDB = own;
    expect((await guest.reload()).chat.state.is).toBe('live');
  });
});

describe('a database that does not answer', () => {
  for (const [what, open] of [['hangs', never], ['fails', () => { throw new DOMException('lost', 'UnknownError'); }]] as const) {
    test(`and ${what} delays a bound session, and never makes a call without a proof`, async () => {
      const before = await browser.begin();
      before.close();
      const back = withoutKeys(open);
      const calls = server.calls.length;
      const tab = await browser.open();
      await browser.clock.advance(60_000);
      expect(server.calls.length).toBe(calls);
      expect(tab.chat.state.is).toBe('reconnecting');
      back();
      await browser.clock.advance(60_000);
      expect(tab.chat.state.is).toBe('live');
      expect(server.badProofs).toEqual([]);
    });
  }

  test('when the widget stores the key leaves the chat in this tab alone', async () => {
    const other = await browser.open();
    storesNo('ahead');
    const tab = await browser.begin();
    expect(tab.chat.state.is).toBe('live');
    expect(other.chat.state.is).toBe('idle');
    expect(browser.stored()).toBeNull();
    server.notify({ type: 'token_expiring', expiration: '' });
    await settle();
    expect(server.sockets[0]?.tokens).toEqual(['plr1.2']);
    expect(browser.stored()).toBeNull();
    expect(server.badProofs).toEqual([]);
    expect((await tab.reload()).chat.state).toEqual({ is: 'idle', start: 'ready' });
  });

  test('does not keep a chat from being erased', async () => {
    const tab = await browser.begin();
    withoutKeys(never);
    void tab.chat.endAndErase();
    await browser.clock.advance(5_000);
    expect(tab.chat.state.is).toBe('idle');
    expect(browser.stored()).toBeNull();
    expect(server.state).toBe('closed');
  });
});

describe('the key is removed with its chat', () => {
  const ends: Record<string, (tab: Tab) => unknown> = {
    'that the guest ends and erases': (tab) => tab.chat.endAndErase(),
    'that the guest leaves for a new one': (tab) => tab.chat.startAgain(),
    'that the server erases': () => server.notify({ type: 'erased' }),
    'that the page removes, as when somebody signs out': () => {
      browser.localStorage.clear();
      browser.storageEvent();
    },
  };
  for (const [what, end] of Object.entries(ends)) {
    test(what, async () => {
      const tab = await browser.begin();
      const other = await browser.open();
      end(tab);
      await browser.clock.advance(5_000);
      expect([tab.chat.state.is, other.chat.state.is]).toEqual(['idle', 'idle']);
      expect(await storedKeys()).toEqual({ conversations: [], keys: [] });
      expect(await rows()).toEqual([]);
    });
  }

  test('that was interrupted, at the next reload', async () => {
    const tab = await browser.begin();
    server.revoke();
    await (await tab.reload()).reload();
    expect((await storedKeys()).conversations).toEqual([]);
  });

  test('of which only the key is left, when the next chat begins', async () => {
    (await browser.begin()).close();
    browser.localStorage.clear();
    const first = server.sid;
    await browser.begin();
    expect(server.sid).not.toBe(first);
    expect((await storedKeys()).conversations).toEqual([server.sid]);
  });

  test('and stays when only the page is left, or another deployment has no chat', async () => {
    const tab = await browser.begin();
    tab.chat.stop();
    const other = await browser.open(OTHER_KEY);
    expect(other.chat.state.is).toBe('idle');
    expect((await storedKeys()).conversations).toEqual([server.sid]);
    expect((await browser.open()).chat.state.is).toBe('live');
  });
});

test('two deployments on one site take turns, each with a key of its own', async () => {
  const one = await browser.begin();
  const other = await browser.open(OTHER_KEY);
  void other.chat.start('Ada', {});
  await settle();
  expect(other.chat.state.is).toBe('live');
  expect((await storedKeys()).conversations).toEqual([server.sid]);
  server.expire();
  void one.chat.types(); // it knows its key, although the other's has taken its place
  void other.chat.types();
  await settle();
  expect(server.badProofs).toEqual([]);
});

describe('over real streams', () => {
  beforeEach(() => {
    browser.hasRealStreams = true;
    vi.stubGlobal('WebSocket', webSocketsTo(server));
    return () => vi.unstubAllGlobals();
  });

  test('a chat is live, receives messages, and shows renewed tokens with their proofs', async () => {
    const tab = await browser.begin();
    expect(tab.chat.state.is).toBe('live');
    server.says('agent-1', 'Hello');
    server.notify({ type: 'token_expiring', expiration: '' });
    await settle();
    expect(tab.says()).toEqual(['Hello']);
    expect(server.sockets[0]?.tokens).toEqual([browser.stored()?.['token']]);
    const other = await browser.open();
    expect(other.says()).toEqual(['Hello']);
    expect((await tab.reload()).chat.state.is).toBe('live');
    expect(server.badProofs).toEqual([]);
  });

  test('a chat whose key is gone is interrupted by the call before the stream', async () => {
    (await browser.begin()).close();
    await evictKeys();
    const tab = await browser.open();
    expect(tab.chat.state).toMatchObject({ is: 'interrupted', isKeyLost: true });
    expect(server.sockets).toEqual([]);
  });

  test('a chat of a server that binds no sessions is live', async () => {
    server.bindsSessions = false;
    const tab = await browser.begin();
    expect((await tab.reload()).chat.state.is).toBe('live');
    expect(server.badProofs).toEqual([]);
  });
});
