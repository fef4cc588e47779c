import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Tabs } from '../src/widget/tabs';
import { Browser, settle } from './browser';
import { KEY, Server } from './server';
import { wire } from './wire';

let server: Server;
let browser: Browser;

beforeEach(() => {
  server = new Server();
  browser = new Browser(server);
});

describe('two tabs', () => {
  test('that reload at once share one refresh', async () => {
    const before = await browser.begin();
    before.close();
    const [one, other] = await Promise.all([browser.open(), browser.open()]);
    expect(server.count('Token/Refresh')).toBe(1);
    expect(one.chat.state.is).toBe('live');
    expect(other.chat.state.is).toBe('live');
    expect(server.sockets.map((socket) => socket.session.token)).toEqual(['plr1.2', 'plr1.2']);
  });

  test('that learn at once that their token expires share one refresh', async () => {
    await browser.begin();
    await browser.open();
    const refreshes = server.count('Token/Refresh');
    server.notify({ type: 'token_expiring', expiration: '' });
    await settle();
    expect(server.count('Token/Refresh')).toBe(refreshes + 1);
    for (const socket of server.sockets) expect(socket.tokens.at(-1)).toBe(browser.stored()?.['token']);
  });

  test('of which one slept show the newest token when the server asks for it, and miss nothing', async () => {
    const one = await browser.begin();
    const asleep = await browser.open();
    asleep.storageChanged = () => {}; // it receives no event
    await one.reload();
    const socket = server.sockets.find((each) => each.session.token === 'plr1.2' && !each.tokens.length)!;
    const newest = browser.stored()?.['token'] ?? '';
    expect(newest).not.toBe('plr1.2');
    socket.say({ type: 'token_superseded' });
    await settle();
    expect(socket.tokens).toEqual([newest]);
    server.says('agent-1', 'Hello');
    await settle();
    expect(asleep.says()).toEqual(['Hello']);
    expect(asleep.states).toEqual(['idle', 'resuming', 'live']);
  });

  test('hold nothing more of a conversation that was erased on the server', async () => {
    const one = await browser.begin();
    const other = await browser.open();
    server.says('agent-1', 'secret');
    await settle();
    server.sockets[0]?.say({ type: 'erased' });
    await settle();
    expect(one.chat.state).toEqual({ is: 'idle', start: 'erased' });
    expect(other.chat.state).toEqual(one.chat.state);
    expect([...one.says(), ...other.says()]).toEqual([]);
    expect(browser.localStorage.length).toBe(0);
  });

  test('that start at once are in one chat', async () => {
    const one = await browser.open();
    const other = await browser.open();
    void one.chat.start('Ada', {});
    void other.chat.start('Ada', {});
    await settle();
    expect(server.count('Init')).toBe(1);
    void one.chat.send('Hi');
    await settle();
    expect(one.says()).toEqual(['Hi']);
    expect(other.says()).toEqual(['Hi']);
  });

  test('are both live when one begins', async () => {
    const other = await browser.open();
    const one = await browser.begin();
    server.says('agent-1', 'Hello');
    await settle();
    expect(other.states).toEqual(['idle', 'resuming', 'live']);
    expect(one.says()).toEqual(other.says());
  });

  test('show at once what one of them sends', async () => {
    const one = await browser.begin();
    const other = await browser.open();
    server.fault = (call) => (call.method === 'POST' ? 'request lost' : undefined);
    void one.chat.send('Hi');
    await settle();
    expect(other.says()).toEqual(['Hi (waiting)']);
  });

  test('are interrupted together, each with what it holds, by the same code', async () => {
    const one = await browser.begin();
    const other = await browser.open();
    server.says('agent-1', 'Hello');
    await settle();
    server.fault = (call) => (call.path === 'Messages' ? wire('refresh-refused-fingerprint').answer() : undefined);
    void one.chat.send('Hi');
    await settle();
    expect(one.chat.state).toMatchObject({ is: 'interrupted', code: 45779 });
    expect(other.chat.state).toMatchObject({ is: 'interrupted', code: 45779 });
    expect(other.says()[0]).toBe('Hello');
    expect(browser.stored()).toEqual({ identity: 'guest-1' });
  });

  test('end together', async () => {
    const one = await browser.begin();
    const other = await browser.open();
    await one.chat.end();
    await settle();
    expect(other.chat.state.is).toBe('ended');
  });

  test('erase together, and nothing is left', async () => {
    const one = await browser.begin();
    const other = await browser.open();
    server.says('agent-1', 'secret');
    await settle();
    server.says('agent-1', 'arriving while it is erased');
    await one.chat.endAndErase();
    await browser.clock.advance(5_000);
    expect(other.chat.state).toEqual({ is: 'idle', start: 'ready' });
    expect(other.says()).toEqual([]);
    expect(browser.localStorage.length).toBe(0);
    const left = await one.deps.transcript.load(server.sid);
    expect(left).toEqual({ messages: [], outbox: [], revision: -1, readUpTo: -1 });
  });

  for (const end of ['interrupted', 'ended'] as const) {
    test(`${end}: when one begins anew the other one joins, and its "start a new chat" erases nothing`, async () => {
      const one = await browser.begin();
      const other = await browser.open();
      if (end === 'ended') await one.chat.end();
      else {
        server.revoke();
        void one.chat.send('Hi');
      }
      await settle();
      expect(other.chat.state.is).toBe(end);
      browser.hasChannel = false;
      other.storageChanged = () => {}; // it sleeps
      void one.chat.startAgain();
      await settle();
      void one.chat.start('', {});
      await settle();
      void one.chat.send('anew');
      await settle();
      expect(other.chat.state.is).toBe(end);
      void other.chat.startAgain();
      await settle();
      expect(one.chat.state.is).toBe('live');
      expect(other.chat.state.is).toBe('live');
      expect(other.says()).toEqual(['anew']);
      expect(browser.stored()?.['conversationSid']).toBe(server.sid);
      expect((await one.reload()).says()).toEqual(['anew']);
    });
  }

  test('of which one starts a new chat: the other one joins', async () => {
    const one = await browser.begin();
    const other = await browser.open();
    server.revoke();
    void one.chat.send('Hi');
    await settle();
    void one.chat.startAgain();
    await settle();
    void one.chat.start('', {});
    await settle();
    expect(other.states.slice(-3)).toEqual(['interrupted', 'resuming', 'live']);
    expect(other.says()).toEqual([]);
  });

  test('of which one learns late that the old chat was erased: the new one is kept', async () => {
    const one = await browser.begin();
    const old = server.sid;
    const other = await browser.open();
    await one.chat.end();
    await settle();
    other.storageChanged = () => {}; // it sleeps
    await one.chat.startAgain();
    void one.chat.start('', {});
    await settle();
    void one.chat.send('anew');
    await settle();
    other.received({ data: { is: 'erased', conversation: old } } as MessageEvent);
    await settle();
    expect(other.chat.state.is).toBe('idle');
    expect(browser.stored()?.['conversationSid']).toBe(server.sid);
    expect((await one.deps.transcript.load(server.sid)).messages).toHaveLength(1);
  });

  test('of which one is reset: the other one is, too, and the identity stays', async () => {
    const one = await browser.begin();
    const other = await browser.open();
    await one.chat.startAgain();
    await browser.clock.advance(2_000);
    expect(one.chat.state.is).toBe('idle');
    expect(other.chat.state.is).toBe('idle');
    expect(browser.stored()).toEqual({ identity: 'guest-1' });
  });

  test('of which one slept while the other one erased: it shows nothing of it when it is woken', async () => {
    const one = await browser.begin();
    const asleep = await browser.open();
    server.says('agent-1', 'secret');
    await settle();
    asleep.storageChanged = asleep.received = () => {}; // as a page that is kept for the way back
    await one.chat.endAndErase();
    await settle();
    expect(asleep.says()).toEqual(['secret']);
    asleep.chat.wake();
    await browser.clock.advance(2_000);
    expect(asleep.chat.state).toEqual({ is: 'idle', start: 'ready' });
    expect(asleep.says()).toEqual([]);
  });

  test('of which one is interrupted: it stays so when it is woken', async () => {
    const one = await browser.begin();
    server.revoke();
    void one.chat.send('Hi');
    await settle();
    one.chat.wake();
    await browser.clock.advance(2_000);
    expect(one.chat.state.is).toBe('interrupted');
    expect(one.says()).toEqual(['Hi (failed)']);
  });

  test('of which one learns that the chat was erased while another one starts a new chat: that one goes on', async () => {
    const one = await browser.begin();
    const { transcript } = one.deps;
    const erase = transcript.erase.bind(transcript);
    transcript.erase = async (but) => {
      const isErased = await erase(but);
      if (one.chat.state.is !== 'idle' || one.chat.state.start === 'starting') return isErased;
      void one.chat.start('Ada', {});
      for (let i = 0; i < 500 && !one.chat.canWrite(); i++) await new Promise((resolve) => setImmediate(resolve));
      return isErased;
    };
    server.sockets[0]?.say({ type: 'erased' });
    await settle();
    expect(one.states).toEqual(['idle', 'resuming', 'live', 'idle', 'resuming', 'live']);
  });

  test('do not listen to event of another conversation', async () => {
    const tab = await browser.begin();
    const conversation = `CH${'9'.repeat(32)}`;
    for (const event of [
      { is: 'ended', conversation },
      { is: 'erased', conversation },
      { is: 'interrupted', conversation, code: 45775, reference: '' },
      { is: 'outbox', conversation },
    ]) {
      tab.received({ data: event } as MessageEvent);
      await settle();
      expect(tab.chat.state.is).toBe('live');
    }
    expect(browser.stored()?.['token']).toBeDefined();
  });

  test('go on without Web Locks and without BroadcastChannel', async () => {
    browser.locks = undefined;
    browser.hasChannel = false;
    const one = await browser.begin();
    const other = await browser.open();
    void one.chat.send('Hi');
    void other.chat.send('Ho');
    await browser.clock.advance(5_000);
    expect(one.says()).toEqual(other.says());
    expect(server.messages).toHaveLength(2);
  });
});

test('another deployment on the same site neither takes the session nor ends it', async () => {
  const support = await browser.begin();
  const shop = await browser.open(`CV${'b'.repeat(32)}`);
  expect(shop.chat.state).toEqual({ is: 'idle', start: 'ready' });
  server.notify({ type: 'token_expiring', expiration: '' });
  await settle();
  expect(shop.chat.state.is).toBe('idle');
  expect(support.chat.state.is).toBe('live');
  expect((await support.reload()).chat.state.is).toBe('live');
  expect(KEY).not.toContain('b');
});

test('a lock that is never given is waited for, but not for ever', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const locks = {
    request: (_: string, { signal }: { signal: AbortSignal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  } as unknown as LockManager;
  const done = new Tabs('parlour', locks, undefined).withLock('refresh', async () => 'done');
  await vi.advanceTimersByTimeAsync(45_000);
  vi.useRealTimers();
  expect(await done).toBe('done');
});

test('what fails while it holds a lock fails for its caller, and is not done again', async () => {
  const locks = { request: (_: string, __: object, work: () => unknown) => work() } as unknown as LockManager;
  let times = 0;
  const work = async () => {
    times++;
    throw new Error('of the work');
  };
  await expect(new Tabs('parlour', locks, undefined).withLock('x', work)).rejects.toThrow('of the work');
  expect(times).toBe(1);
});
