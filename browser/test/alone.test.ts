import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Browser, rows, settle, storedKeys, type Tab } from './browser';
import { clearsNothing, storesNo } from './database';
import { Server } from './server';

let server: Server;
let browser: Browser;

beforeEach(() => {
  vi.restoreAllMocks();
  server = new Server();
  browser = new Browser(server);
});

/** Two reasons why only one tab has the session of a chat. */
const reasons: Record<string, () => void> = {
  'localStorage is forbidden': () => {
    browser.localStorage.setItem = () => {
      throw new DOMException('denied', 'SecurityError');
    };
  },
  'the key cannot be stored': () => storesNo('ahead'),
};

/** Begins a chat in which a message waits, and remembers the open window, as the view does. */
async function begin(): Promise<Tab> {
  const tab = await browser.begin();
  server.says('agent-1', 'secret');
  await settle();
  tab.deps.memory.write(tab.chat.sid, { isOpen: true, draft: 'half a sentence' });
  server.fault = (call) => (call.path === 'Messages' ? 'request lost' : undefined);
  void tab.chat.send('still waiting');
  await settle();
  return tab;
}

for (const [reason, fail] of Object.entries(reasons)) {
  describe(`a chat that one tab has alone, because ${reason}`, () => {
    test('loses nothing if that tab is duplicated', async () => {
      fail();
      const tab = await begin();
      const copy = await browser.open(); // with a copy of the tab's memory
      expect(copy.chat.state).toEqual({ is: 'idle', start: 'ready' });
      server.fault = () => undefined;
      await browser.clock.advance(60_000);
      expect(tab.chat.state.is).toBe('live');
      expect(tab.says()).toEqual(['secret', 'still waiting']);
      expect(server.messages.map((one) => one.body)).toEqual(['secret', 'still waiting']);
    });

    test('has nothing in the databases, which no page could use or would remove', async () => {
      fail();
      const tab = await begin();
      expect(await rows()).toEqual([]);
      expect((await storedKeys()).conversations).toEqual([]);
      const comesBack = clearsNothing();
      void tab.chat.endAndErase(); // and the guest leaves at once
      comesBack();
      const next = await tab.reload();
      expect(next.chat.state).toEqual({ is: 'idle', start: 'ready' });
      expect(await rows()).toEqual([]);
      expect((await storedKeys()).conversations).toEqual([]);
      expect(browser.localStorage.length).toBe(0);
    });
  });
}

describe('a chat that one tab has alone, beside a chat of another tab', () => {
  const ends: Record<string, (tab: Tab) => unknown> = {
    'renews its token': () => server.sockets[0]?.say({ type: 'token_expiring', expiration: '' }),
    'ends and is erased': (tab) => tab.chat.endAndErase(),
    'is left for a new one': (tab) => tab.chat.startAgain(),
    'is erased by the server': () => server.sockets[0]?.say({ type: 'erased' }),
  };
  for (const [what, end] of Object.entries(ends)) {
    test(`${what} and takes nothing of that one`, async () => {
      storesNo('ahead');
      const alone = await browser.begin();
      vi.restoreAllMocks();
      browser.page.clear();
      const other = await browser.begin();
      const stored = browser.stored();
      expect(stored?.['conversationSid']).toBe(other.chat.sid);
      const sid = other.chat.sid;
      server.fault = (call) => (call.path === 'End' ? 'request lost' : undefined); // the fake server knows one conversation
      await end(alone);
      await browser.clock.advance(60_000);
      expect(browser.stored()).toEqual(stored);
      expect((await storedKeys()).conversations).toEqual([sid]);
      expect(await rows()).toMatchObject([{ conversation: sid }]);
      expect(other.chat.state.is).toBe('live');
    });
  }
});
