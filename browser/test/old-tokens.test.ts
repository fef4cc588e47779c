import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Browser, settle, storedKeys } from './browser';
import { Server } from './server';
import { wire } from './wire';

let server: Server;
let browser: Browser;

beforeEach(() => {
  server = new Server();
  browser = new Browser(server);
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

  test('that another tab renews during the call is not renewed again', async () => {
    const tab = await browser.begin();
    server.expire();
    server.fault = (call) => {
      if (call.path === 'Messages' && call.method === 'POST' && browser.stored()?.['token'] === 'plr1.1') {
        browser.store({ ...browser.stored(), token: server.issueFor('plr1.1') });
      }
      return undefined;
    };
    void tab.chat.send('Hi');
    await settle();
    expect(tab.says()).toEqual(['Hi']);
    expect(server.count('Token/Refresh')).toBe(0);
  });

  test('whose renewal the page does wrong fails no message', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const tab = await browser.begin();
    server.expire();
    server.fault = (call) => (call.path === 'Token/Refresh' ? wire('refresh-origin-not-allowed').answer() : undefined);
    void tab.chat.send('Hi');
    await browser.clock.advance(60_000);
    expect(tab.says()).toEqual(['Hi (waiting)']);
    server.fault = () => undefined;
    await browser.clock.advance(60_000);
    expect(tab.says()).toEqual(['Hi']);
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
    const before = server.calls.length;
    server.sockets[0]?.say({ type: 'refused', code: 45775, action: 'refresh', message: '', trace_id: 'x', retry_after: null });
    await Promise.resolve(); // a browser reports the end of a socket in a later task
    server.loseSockets();
    await browser.clock.advance(2_000);
    expect(server.calls.slice(before).map(({ path }) => path)).toEqual(['Token/Refresh', 'Messages']);
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
