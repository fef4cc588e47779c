import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Browser, rows, settle, storedKeys, type Tab } from './browser';
import { evictKeys, never, opensKeysSlowly, storesNo, withoutKeys } from './database';
import { page } from './page';
import { Server } from './server';
import { webSocketsTo } from './socket';

const OTHER_KEY = `CV${'b'.repeat(32)}`;

let server: Server;
let browser: Browser;

beforeEach(() => {
  server = new Server();
  browser = new Browser(server);
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
    await browser.clock.advance(500);
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

  for (const [what, open] of [['hangs', never], ['fails', () => { throw new DOMException('lost', 'UnknownError'); }]] as const) {
    test(`and ${what} for minutes is a lost key: the guest sees the messages, and can start again without a key`, async () => {
      const before = await browser.begin();
      server.says('agent-1', 'Hello');
      await settle();
      before.close();
      withoutKeys(open);
      const tab = await browser.open();
      await browser.clock.advance(180_000);
      expect(server.badProofs).toEqual(['missing']);
      expect(tab.chat.state).toMatchObject({ is: 'interrupted', code: 45779, isKeyLost: true });
      expect(tab.says()).toEqual(['Hello']);
      void tab.chat.startAgain();
      await browser.clock.advance(5_000);
      void tab.chat.start('Ada', {});
      await browser.clock.advance(10_000);
      expect(tab.chat.state.is).toBe('live');
      expect(browser.stored()).not.toHaveProperty('bound');
    });
  }

  test('in time, but a moment later, gives the next attempt the key', async () => {
    const before = await browser.begin();
    before.close();
    opensKeysSlowly(() => browser.clock.wait(2_900));
    const tab = await browser.open();
    await browser.clock.advance(60_000);
    expect(tab.chat.state.is).toBe('live');
    expect(server.badProofs).toEqual([]);
  });

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

describe('two deployments on one site at the same time', () => {
  /** After the tab has stored its key, something else happens before it stores its session. */
  function afterKeys(tab: Tab, happens: () => Promise<void>): void {
    const { keys } = tab;
    tab.deps.keys = {
      of: (sid) => keys.of(sid),
      serverSays: (seconds) => keys.serverSays(seconds),
      serverTime: () => keys.serverTime(),
      pair: () => keys.pair(),
      restore: (...call) => keys.restore(...call),
      erase: (but) => keys.erase(but),
      begin: async (...call) => {
        const isKept = await keys.begin(...call);
        await happens();
        return isKept;
      },
    };
  }

  test('begin: key and transcript are those of the stored session', async () => {
    const one = await browser.open();
    const other = await browser.open(OTHER_KEY);
    afterKeys(one, () => browser.clock.wait(1_000)); // the other one's turn
    void one.chat.start('Ada', {});
    void other.chat.start('Ada', {});
    await browser.clock.advance(5_000);
    const { conversationSid = '' } = browser.stored() ?? {};
    expect((await storedKeys()).conversations).toEqual([conversationSid]);
    expect(await one.deps.transcript.load(conversationSid)).toHaveProperty('deployment');
  });

  test('begin, and leave for a new chat: the key that was just stored stays', async () => {
    const one = await browser.begin();
    const other = await browser.open(OTHER_KEY);
    afterKeys(other, async () => {
      void one.chat.startAgain();
      await browser.clock.wait(1_000);
    });
    void other.chat.start('Ada', {});
    await browser.clock.advance(5_000);
    expect([one.chat.state.is, other.chat.state.is]).toEqual(['idle', 'live']);
    expect((await storedKeys()).conversations).toEqual([browser.stored()?.['conversationSid']]);
  });
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
