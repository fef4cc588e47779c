import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Dependencies } from '../src/widget/dependencies';
import { Browser, settle } from './browser';
import { KEY, Server, type Call } from './server';
import { wire } from './wire';

let server: Server;
let browser: Browser;

beforeEach(() => {
  server = new Server();
  browser = new Browser(server);
});

const offline = () => 'request lost' as const;
const answers = (path: string, name: string, values?: Record<string, string>) => (call: Call) =>
  call.path === path ? wire(name).answer(values) : undefined;

describe('beginning', () => {
  test('a page that is looked at stores nothing, and asks nothing', async () => {
    const tab = await browser.open();
    expect(tab.chat.state).toEqual({ is: 'idle', start: 'ready' });
    expect(browser.localStorage.length).toBe(0);
    expect(await indexedDB.databases()).toEqual([]);
    expect(server.calls).toEqual([]);
  });

  test('a chat that begins goes over resuming to live, and is stored in the layout that the contract names, as bound', async () => {
    const tab = await browser.begin();
    expect(tab.states).toEqual(['idle', 'resuming', 'live']);
    expect(browser.stored()).toEqual({
      token: 'plr1.1',
      expiration: '2026-01-01T16:00:00Z',
      identity: 'guest-1',
      conversationSid: server.sid,
      loginTimestamp: '1763800000000',
      bound: '1',
    });
  });

  test('the session of a server that answers no key has exactly the layout that the contract names', async () => {
    server.bindsSessions = false;
    await browser.begin();
    expect(Object.keys(browser.stored() ?? {})).toEqual(['token', 'expiration', 'identity', 'conversationSid', 'loginTimestamp']);
  });

  test('what the guest filled in and the identity of before go along', async () => {
    browser.store({ identity: 'guest-1' });
    const tab = await browser.open();
    void tab.chat.start('Ada', { orderNumber: '4711' });
    await settle();
    const [{ body }] = server.calls as [Call];
    expect(body).toEqual({
      deploymentKey: KEY,
      customerFriendlyName: 'Ada',
      preEngagementData: '{"orderNumber":"4711"}',
      idempotencyKey: 'id-2',
      identity: 'guest-1',
      proofKey: expect.stringMatching(/^[A-Za-z0-9_-]{87}$/) as unknown,
    });
  });

  test('a start that fails for now can be tried again', async () => {
    server.fault = answers('Init', 'init-unavailable');
    const tab = await browser.open();
    void tab.chat.start('', {});
    await settle();
    expect(tab.chat.state).toEqual({ is: 'idle', start: 'unavailable' });
    expect(browser.localStorage.length).toBe(0);
    server.fault = () => undefined;
    void tab.chat.start('', {});
    await settle();
    expect(tab.chat.state.is).toBe('live');
  });

  test('a start that the page must put right says so by its code', async () => {
    server.fault = answers('Init', 'init-unknown-deployment-key');
    const tab = await browser.open();
    void tab.chat.start('', {});
    await settle();
    expect(tab.chat.state).toMatchObject({ is: 'idle', start: { code: 45778 } });
  });

  test.each([
    ['the clock', (deps: Dependencies) => (deps.now = () => { throw new Error('of the page'); })],
    ['the locks', (deps: Dependencies) => (deps.tabs.withLock = () => Promise.reject(new Error('of the page')))],
    ['the storage', (deps: Dependencies) => (deps.storage.write = () => { throw new Error('of the page'); })],
    ['the database', (deps: Dependencies) => (deps.transcript.load = () => Promise.reject(new Error('of the page')))],
    ['the serialiser', (deps: Dependencies) => (deps.protocol.init = () => { throw new Error('of the page'); })],
  ])('a start in which %s throws comes back to the form, and can be tried again', async (_, spoil) => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {});
    const tab = await browser.open();
    spoil(tab.deps);
    void tab.chat.start('Ada', {});
    await settle();
    expect(tab.chat.state).toMatchObject({ is: 'idle', start: 'unavailable' });
    expect(reported).toHaveBeenCalledTimes(1);
  });

  test('a second click while a chat is starting starts none', async () => {
    const tab = await browser.open();
    void tab.chat.start('', {});
    void tab.chat.start('', {});
    await settle();
    expect(server.count('Init')).toBe(1);
  });

  test('a 2xx with nonsense in it is kept nowhere', async () => {
    for (const nonsense of ['{}', '[]', 'null', '{"token":""}', '{"token":7}', '<html>', '']) {
      server.fault = () => new Response(nonsense, { status: 201 });
      const tab = await browser.open();
      void tab.chat.start('', {});
      await settle();
      expect(tab.chat.state).toMatchObject({ is: 'idle', start: 'unavailable' });
      expect(browser.localStorage.length).toBe(0);
    }
  });
});

describe('a reload', () => {
  test('refreshes, shows the newest page, and is live', async () => {
    const before = await browser.begin();
    server.says('agent-1', 'Hello');
    const tab = await before.reload();
    expect(tab.states).toEqual(['idle', 'resuming', 'live']);
    expect(tab.says()).toEqual(['Hello']);
    expect(browser.stored()?.['token']).toBe('plr1.2');
    expect(browser.stored()?.['loginTimestamp']).toBe('1763800000000');
  });

  test('shows what it holds while the server cannot be asked, and takes what is written meanwhile', async () => {
    const before = await browser.begin();
    server.says('agent-1', 'Hello');
    await settle();
    server.fault = offline;
    const tab = await before.reload();
    expect(tab.chat.state.is).toBe('reconnecting');
    void tab.chat.send('Are you there?');
    await settle();
    expect(tab.says()).toEqual(['Hello', 'Are you there? (waiting)']);
    server.fault = () => undefined;
    await browser.clock.advance(60_000);
    expect(tab.chat.state.is).toBe('live');
    expect(server.messages.map((one) => one.body)).toEqual(['Hello', 'Are you there?']);
  });

  test('of a chat that has ended shows it as ended', async () => {
    const before = await browser.begin();
    server.says('agent-1', 'Bye');
    server.close();
    const tab = await before.reload();
    expect(tab.chat.state.is).toBe('ended');
    expect(tab.says()).toEqual(['Bye']);
  });

  for (const [what, fault] of Object.entries({
    'a 429 with Retry-After': () => wire('refresh-too-many-requests').answer({ seconds: '7' }),
    'a 503': () => wire('refresh-unavailable').answer(),
    'a network that is down': offline,
    'an answer of a proxy': () => new Response('<html>502</html>', { status: 502 }),
    'a 401 that is not ours': () => new Response('<html>Sign in to the hotel</html>', { status: 401 }),
    'a 200 with nonsense in it': () => new Response('{"valid":true}'),
    'a 403 for the origin': () => wire('refresh-origin-not-allowed').answer(),
    'a deployment key that is gone': () => wire('refresh-unknown-deployment-key').answer(),
  })) {
    test(`that meets ${what} keeps the session, and goes on when it is over`, async () => {
      const before = await browser.begin();
      server.fault = (call) => (call.path === 'Token/Refresh' ? fault() : undefined);
      const tab = await before.reload();
      await browser.clock.advance(300_000);
      expect(tab.chat.state.is).toBe('reconnecting');
      expect(browser.stored()?.['token']).toBe('plr1.1');
      expect(server.count('Token/Refresh')).toBeGreaterThan(5);
      expect(server.count('Token/Refresh')).toBeLessThan(40);
      server.fault = () => undefined;
      await browser.clock.advance(120_000);
      expect(tab.chat.state.is).toBe('live');
    });
  }

  test('waits for as long as Retry-After says, whatever wakes it', async () => {
    const before = await browser.begin();
    server.fault = answers('Token/Refresh', 'refresh-too-many-requests', { seconds: '100' });
    const tab = await before.reload();
    tab.chat.wake();
    await browser.clock.advance(99_000);
    expect(server.count('Token/Refresh')).toBe(1);
    await browser.clock.advance(2_000);
    expect(server.count('Token/Refresh')).toBe(2);
  });

  test('does not wait for a Retry-After beyond reason', async () => {
    for (const seconds of ['99999999999', '-5', 'Infinity']) {
      const before = await browser.begin();
      server.fault = answers('Token/Refresh', 'refresh-too-many-requests', { seconds });
      const tab = await before.reload();
      server.fault = () => undefined;
      await browser.clock.advance(601_000);
      expect(tab.chat.state.is).toBe('live');
      tab.close();
      browser.localStorage.clear();
    }
  });

  test('backs off by steps that double up to half a minute, each with jitter', async () => {
    const before = await browser.begin();
    server.fault = offline;
    for (const [random, expected] of [[() => 0, [250, 500, 1000, 2000, 4000, 8000, 15000, 15000]], [() => 1, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]]] as const) {
      browser.random = random;
      const times: number[] = [];
      server.fault = (call) => {
        if (call.path === 'Token/Refresh') times.push(browser.clock.now);
        return 'request lost';
      };
      const tab = await browser.open();
      await browser.clock.advance(100_000);
      tab.close();
      expect(times.slice(1, 9).map((at, number) => at - (times[number] ?? 0))).toEqual(expected);
    }
    before.close();
  });

  test('that waits goes on at once when the network is back or the guest looks', async () => {
    const before = await browser.begin();
    server.fault = offline;
    const tab = await before.reload();
    await browser.clock.advance(100_000);
    server.fault = () => undefined;
    tab.chat.wake();
    await settle();
    expect(tab.chat.state.is).toBe('live');
  });

  test('with what another program left under the same name takes what there is', async () => {
    server.bindsSessions = false;
    await (await browser.begin()).close();
    browser.store({ token: 'plr1.1', loginTimestamp: 1763800000000, extra: { a: 1 } });
    const tab = await browser.open();
    expect(tab.chat.state.is).toBe('live');
    expect(browser.stored()).toMatchObject({ token: 'plr1.2', conversationSid: server.sid, loginTimestamp: '1763800000000' });
  });

  test('with rubbish under that name begins anew', async () => {
    for (const rubbish of ['', '{', 'null', '[]', '7', '"a"', '{"token":{}}', '{"token":null}']) {
      browser.localStorage.setItem('TWILIO_WEBCHAT_WIDGET', rubbish);
      expect((await browser.open()).chat.state).toEqual({ is: 'idle', start: 'ready' });
    }
    expect(server.calls).toEqual([]);
  });

  test('asks nothing of the clock: years off, and the chat goes on', async () => {
    const before = await browser.begin();
    browser.clock.now -= 20 * 365 * 86_400_000;
    const tab = await before.reload();
    void tab.chat.send('one');
    await settle();
    browser.clock.now += 40 * 365 * 86_400_000;
    void tab.chat.types();
    void tab.chat.send('two');
    await settle();
    expect(tab.says()).toEqual(['one', 'two']);
    expect(tab.chat.state.is).toBe('live');
  });
});

describe('the token', () => {
  test('is renewed when the server says that it expires, and sent on the socket', async () => {
    const tab = await browser.begin();
    server.notify({ type: 'token_expiring', expiration: '2026-01-01T16:00:00Z' });
    await settle();
    expect(browser.stored()?.['token']).toBe('plr1.2');
    expect(server.sockets[0]?.tokens).toContain('plr1.2');
    expect(tab.states).toEqual(['idle', 'resuming', 'live']);
  });

  test('is renewed later when it cannot be now, and the chat stays live meanwhile', async () => {
    const tab = await browser.begin();
    server.fault = answers('Token/Refresh', 'refresh-unavailable');
    server.notify({ type: 'token_expiring', expiration: '2026-01-01T16:00:00Z' });
    await browser.clock.advance(10_000);
    server.fault = () => undefined;
    await browser.clock.advance(30_000);
    expect(server.sockets[0]?.tokens).toEqual(['plr1.2']);
    expect(tab.states).toEqual(['idle', 'resuming', 'live']);
  });

  test('is renewed without a socket, too: where a network lets none through', async () => {
    server.hasSockets = false;
    const tab = await browser.begin();
    await browser.clock.advance(30 * 60_000);
    expect(tab.chat.state.is).toBe('reconnecting');
    expect(server.count('Token/Refresh')).toBeGreaterThan(3);
    server.says('agent-1', 'by asking again');
    await browser.clock.advance(31_000);
    expect(tab.says()).toEqual(['by asking again']);
  });
});

describe('a connection that is lost', () => {
  test('is gap-free afterwards: with the messages that were added, changed and removed meanwhile', async () => {
    const tab = await browser.begin();
    for (let index = 0; index < 120; index++) server.says('agent-1', `before ${index}`);
    await settle();
    server.fault = offline;
    server.loseSockets();
    await settle();
    for (let index = 0; index < 130; index++) server.says('agent-1', `away ${index}`);
    server.change(3, { body: 'changed' });
    server.change(4, { body: '', removed: true });
    server.fault = () => undefined;
    await browser.clock.advance(60_000);
    expect(tab.chat.state.is).toBe('live');
    expect(tab.says()).toEqual(server.messages.filter((one) => !one.removed).map((one) => one.body));
  });

  test('is gap-free also when the page was reloaded meanwhile', async () => {
    const before = await browser.begin();
    for (let index = 0; index < 70; index++) server.says('agent-1', `before ${index}`);
    await settle();
    before.close();
    for (let index = 0; index < 70; index++) server.says('agent-1', `away ${index}`);
    server.change(3, { body: 'changed' });
    server.change(4, { body: '', removed: true });
    const tab = await browser.open();
    expect(tab.says()).toEqual(server.messages.filter((one) => !one.removed).map((one) => one.body));
    const again = await tab.reload();
    expect(again.says()).toEqual(tab.says());
    server.revoke();
    expect((await again.reload()).says()).toEqual(tab.says()); // from its own copy
  });

  test('for too long shows the newest, and what is between when it is looked at, without a hole', async () => {
    const before = await browser.begin();
    for (let index = 0; index < 10; index++) server.says('agent-1', `before ${index}`);
    await settle();
    before.close();
    for (let index = 0; index < 700; index++) server.says('agent-1', `away ${index}`);
    let tab = await browser.open();
    expect(tab.says()).toHaveLength(500);
    expect(tab.says().at(-1)).toBe('away 699');
    server.change(2, { body: 'changed' });
    await settle();
    expect(tab.says()).toHaveLength(500);
    tab = await tab.reload();
    expect(tab.says()).toHaveLength(500);
    while (tab.chat.hasOlder) {
      void tab.chat.loadOlder();
      await settle();
    }
    expect(tab.says()).toEqual(server.messages.map((one) => one.body));
  });

  test('to a server that was set back to a backup shows what that one knows', async () => {
    const tab = await browser.begin();
    for (let index = 0; index < 9; index++) server.says('agent-1', `lost ${index}`);
    await settle();
    server.messages = server.messages.slice(0, 2);
    server.revision = 3;
    server.loseSockets();
    await browser.clock.advance(2_000);
    server.says('agent-1', 'after');
    await settle();
    expect(tab.says()).toEqual(['lost 0', 'lost 1', 'after']);
  });

  test('ignores the socket that was replaced', async () => {
    const tab = await browser.begin();
    const old = server.sockets[0];
    const say = old?.say;
    server.loseSockets();
    await browser.clock.advance(2_000);
    say?.({ type: 'state', revision: 99, state: 'closed' });
    await settle();
    expect(tab.chat.state.is).toBe('live');
  });

  test('backs off while the server takes sockets and drops them at once', async () => {
    await browser.begin();
    const calls = server.calls.length;
    for (let second = 0; second < 600; second++) {
      server.loseSockets();
      await browser.clock.advance(1_000);
    }
    expect(server.calls.length - calls).toBeLessThan(80);
  });

  test('waits as long as the socket was asked to', async () => {
    const tab = await browser.begin();
    const calls = server.calls.length;
    server.sockets[0]?.say({ type: 'refused', code: 45780, action: 'retry', message: '', trace_id: 'x', retry_after: 60 });
    server.loseSockets();
    await browser.clock.advance(59_000);
    expect(server.calls.length).toBe(calls);
    await browser.clock.advance(2_000);
    expect(tab.chat.state.is).toBe('live');
  });
});
