import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ProofKeys } from '../src/widget/proof-keys';
import { Protocol } from '../src/widget/protocol';
import { Browser, settle, storedKeys, type Tab } from './browser';
import { never, storesNo, withDatabase, withoutKeys } from './database';
import { page } from './page';
import { HOST, KEY, Server, type Call } from './server';

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
    'because it has no database': () => withDatabase(undefined),
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
      nonce: (_, __, headers) => headers.set('Signature-Input', (headers.get('Signature-Input') ?? '').replace(/nonce="(.)/, (_all, first: string) => `nonce="${first === '-' ? '_' : '-'}`)),
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
    server.tellsTimeInBody = false;
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {});
    const before = server.calls.length;
    void tab.chat.send('Hi');
    await settle();
    expect(server.calls.length).toBe(before + 3);
    expect(reported.mock.calls.flat()).toEqual([expect.stringContaining('(45785, reference ')]);
    expect(tab.says()).toEqual(['Hi (waiting)']);
    server.tellsTime = true;
    await browser.clock.advance(2_000);
    expect(tab.says()).toEqual(['Hi']);
    expect(tab.chat.state.is).toBe('live');
  });

  test('is corrected by the body of the answer where the page cannot read the header, and the developer sees one error', async () => {
    server.tellsTime = false;
    server.now = () => browser.clock.now + YEARS_MS;
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {});
    const tab = await browser.begin();
    expect(tab.chat.state.is).toBe('live');
    expect(server.badProofs).toEqual(['wrong time']);
    server.now = () => browser.clock.now - YEARS_MS;
    void tab.chat.send('Hi');
    await settle();
    expect(tab.says()).toEqual(['Hi']);
    expect((await tab.reload()).chat.state.is).toBe('live');
    expect(server.badProofs).toEqual(['wrong time', 'wrong time']);
    expect(reported.mock.calls.flat()).toEqual([expect.stringContaining('Parlour-Time')]);
  });

  test('corrects no key that was erased meanwhile', async () => {
    const tab = await browser.begin();
    await tab.keys.erase();
    expect(await tab.keys.restore(server.sid, true)).toBe(true);
    expect((await storedKeys()).conversations).toEqual([]);
  });
});

describe('the end of a chat, where the guest leaves the page before anything more can be signed', () => {
  const signsNoMore = () => vi.spyOn(crypto.subtle, 'sign').mockImplementation(forever);
  const ends: Record<string, (tab: Tab) => unknown> = {
    'and its messages are kept': (tab) => tab.chat.end(),
    'and it is erased': (tab) => tab.chat.endAndErase(),
  };
  for (const [what, end] of Object.entries(ends)) {
    test(`reaches the server, because the guest was asked first, ${what}`, async () => {
      const tab = await browser.begin();
      tab.chat.prepareEnd(what === 'and it is erased');
      await settle();
      signsNoMore();
      void end(tab);
      await settle();
      expect(server.state).toBe('closed');
      expect(server.badProofs).toEqual([]);
      vi.restoreAllMocks();
    });
  }

  test('is signed when the view asks', async () => {
    const made = page({ appStatus: 'open' }, browser);
    await settle();
    made.type('[name=friendlyName]', 'Ada');
    await made.click('Start chat');
    await made.click('More');
    await made.click('End chat');
    signsNoMore();
    await made.confirm();
    expect(server.state).toBe('closed');
    vi.restoreAllMocks();
  });

  test('is signed anew if the token was renewed meanwhile, or the question is old', async () => {
    const tab = await browser.begin();
    tab.chat.prepareEnd(false);
    await settle();
    server.notify({ type: 'token_expiring', expiration: '' });
    await settle();
    expect(await tab.chat.end()).toBe(true);
    expect(server.badProofs).toEqual([]);
    server.reopen();
    await settle();
    tab.chat.prepareEnd(false);
    await settle();
    browser.clock.now += 200_000;
    expect(await tab.chat.end()).toBe(true);
    expect(server.badProofs).toEqual(['wrong time']);
  });

  test('is signed anew if the chat was reopened, because a proof is good for one answer', async () => {
    const tab = await browser.begin();
    tab.chat.prepareEnd(false);
    await settle();
    for (let time = 0; time < 2; time++) {
      expect(await tab.chat.end()).toBe(true);
      server.reopen();
      await settle();
    }
    const signatures = server.calls.filter((call) => call.path === 'End').map(({ headers }) => headers.get('Signature'));
    expect(new Set(signatures).size).toBe(2);
  });
});

describe('a call for reading that the browser, a proxy or a script of the page sends twice', () => {
  test('each time is only delayed', async () => {
    browser.fetch = async (url, init) => {
      if (init?.method === 'GET') await server.fetch(url, init);
      return server.fetch(url, init);
    };
    const tab = await browser.begin();
    expect(server.badProofs).toEqual(['replayed', 'replayed']);
    expect(tab.chat.state.is).toBe('reconnecting');
    browser.fetch = server.fetch;
    await browser.clock.advance(2_000);
    expect(tab.chat.state.is).toBe('live');
  });

  test('is made again with a new token and proof, and interrupts nothing', async () => {
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

describe('a proxy that removes headers', () => {
  /** Removes headers on the way, and keeps what the widget itself has sent. */
  const removes = (...names: string[]) => {
    const sent: Headers[] = [];
    browser.fetch = (url, init) => {
      const headers = new Headers(init?.headers);
      sent.push(new Headers(headers));
      names.forEach((name) => headers.delete(name));
      return server.fetch(url, { ...init, headers });
    };
    return sent;
  };

  test('and with them the whole proof interrupts the chat with its code, and no call goes without a proof', async () => {
    const tab = await browser.begin();
    void tab.chat.send('Hi');
    await settle();
    const sent = removes('Signature', 'Signature-Input', 'Content-Digest');
    const fresh = await tab.reload();
    expect(fresh.chat.state).toMatchObject({ is: 'interrupted', code: 45779 });
    expect(fresh.says()).toEqual(['Hi']);
    expect(server.badProofs).toEqual(['missing']);
    expect(sent.map((headers) => headers.has('Signature'))).not.toContain(false);
    expect(server.chats).toBe(1);
  });

  test.each(['Signature', 'Signature-Input', 'Content-Digest'])('%s alone delays the chat, which the developer sees as one error', async (name) => {
    const tab = await browser.begin();
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {});
    removes(name);
    const fresh = await tab.reload();
    await browser.clock.advance(10_000);
    expect(fresh.chat.state.is).toBe('reconnecting');
    expect(reported.mock.calls.flat()).toEqual([expect.stringContaining('(45770, reference ')]);
    browser.fetch = server.fetch;
    await browser.clock.advance(60_000);
    expect(fresh.chat.state.is).toBe('live');
  });
});
