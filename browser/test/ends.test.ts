import { beforeEach, describe, expect, test } from 'vitest';
import { Browser, rows, settle } from './browser';
import { clearsNothing } from './database';
import { Server, type Call } from './server';
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

describe('an interruption', () => {
  test('by any call, not only by a refresh: reads what it holds, drops the token, keeps the identity', async () => {
    const tab = await browser.begin();
    server.says('agent-1', 'Hello');
    await settle();
    server.revoke();
    void tab.chat.send('Hi');
    await settle();
    expect(tab.chat.state).toMatchObject({ is: 'interrupted', code: 45775 });
    expect(tab.says()).toEqual(['Hello', 'Hi (failed)']);
    expect(browser.stored()).toEqual({ identity: 'guest-1' });
    expect(tab.chat.canWrite()).toBe(false);
    const asked = server.calls.length;
    void tab.chat.loadOlder();
    void tab.chat.types();
    void tab.chat.end();
    await browser.clock.advance(600_000);
    expect(server.calls.length).toBe(asked);
  });

  test('that the socket speaks of is asked about once more: a token that was renewed meanwhile is good', async () => {
    const tab = await browser.begin();
    const [socket] = server.sockets;
    browser.store({ ...browser.stored(), token: 'plr1.newer' }); // another tab did, while this one slept
    server.good = new Set(['plr1.newer']);
    socket?.say({ type: 'refused', code: 45775, action: 'restart', message: '', trace_id: 'x', retry_after: null });
    socket?.lose();
    await browser.clock.advance(2_000);
    expect(tab.states).toEqual(['idle', 'resuming', 'live', 'reconnecting', 'live']);
    expect(server.sockets[0]?.session.token).toBe('plr1.newer');
  });

  test('that a call with an older token meets is none', async () => {
    const tab = await browser.begin();
    server.fault = (call) => {
      if (call.path !== 'Messages' || call.method !== 'POST' || !server.good.has('plr1.1')) return undefined;
      server.good = new Set(['plr1.newer']);
      browser.store({ ...browser.stored(), token: 'plr1.newer' }); // while the call is on its way
      return undefined;
    };
    void tab.chat.send('Hi');
    await browser.clock.advance(2_000);
    expect(tab.chat.state.is).toBe('live');
    expect(tab.says()).toEqual(['Hi']);
  });

  test('that the socket speaks of, and that is one', async () => {
    const tab = await browser.begin();
    server.revoke();
    server.sockets[0]?.say({ type: 'refused', code: 45775, action: 'restart', message: '', trace_id: 'x', retry_after: null });
    server.loseSockets();
    await browser.clock.advance(1_000);
    expect(tab.chat.state).toMatchObject({ is: 'interrupted', code: 45775, reference: 'f4b8e8ef3cb4' });
  });

  test('is clean after a reload, and a new chat has nothing of the old one', async () => {
    const before = await browser.begin();
    server.says('agent-1', 'secret of before');
    await settle();
    server.revoke();
    const tab = await (await before.reload()).reload();
    expect(tab.chat.state).toEqual({ is: 'idle', start: 'ready' });
    expect(tab.says()).toEqual([]);
    expect(await rows()).toEqual([]);
    expect(browser.stored()).toEqual({ identity: 'guest-1' });
    void tab.chat.start('', {});
    await settle();
    expect(tab.chat.state.is).toBe('live');
    expect(tab.says()).toEqual([]);
  });

  test('of a laptop that slept for a day is shown once, when it wakes', async () => {
    const tab = await browser.begin();
    server.fault = offline;
    server.loseSockets();
    await browser.clock.advance(60_000);
    browser.clock.now += 86_400_000;
    server.fault = () => undefined;
    server.revoke();
    tab.chat.wake(true);
    await settle();
    expect(tab.chat.state).toMatchObject({ is: 'interrupted', code: 45775 });
  });

  test('leaves the way to a new chat in the same page', async () => {
    const tab = await browser.begin();
    server.says('agent-1', 'Hello');
    server.revoke();
    void tab.chat.send('Hi');
    await settle();
    void tab.chat.startAgain();
    await settle();
    expect(tab.chat.state).toEqual({ is: 'idle', start: 'ready' });
    expect(tab.says()).toEqual([]);
    expect(browser.stored()).toEqual({ identity: 'guest-1' });
    void tab.chat.start('', {});
    await settle();
    expect(tab.chat.state.is).toBe('live');
    expect(tab.says()).toEqual([]);
  });
});

describe('ends', () => {
  test('by the other side: the messages stay, and none can be added', async () => {
    const tab = await browser.begin();
    server.says('agent-1', 'Bye');
    server.close();
    await settle();
    expect(tab.chat.state.is).toBe('ended');
    expect(tab.says()).toEqual(['Bye']);
    expect(tab.chat.canWrite()).toBe(false);
  });

  test('by a message that comes too late: it is shown as not sent', async () => {
    const tab = await browser.begin();
    server.loseSockets();
    server.close();
    void tab.chat.send('One more thing');
    await settle();
    expect(tab.chat.state.is).toBe('ended');
    expect(tab.says()).toEqual(['One more thing (failed)']);
  });

  test('by the guest', async () => {
    const tab = await browser.begin();
    await tab.chat.end();
    expect(tab.chat.state.is).toBe('ended');
    expect(server.state).toBe('closed');
  });

  test('not while the server cannot be reached, and reports that', async () => {
    const tab = await browser.begin();
    server.fault = offline;
    expect(await tab.chat.end()).toBe(false);
    expect(tab.chat.state.is).toBe('live');
    server.fault = () => undefined;
    expect(await tab.chat.end()).toBe(true);
  });

  test('End chat and erase leaves nothing in localStorage and nothing in IndexedDB', async () => {
    const tab = await browser.begin();
    server.says('agent-1', 'secret');
    await settle();
    server.fault = (call) => (call.path === 'Messages' ? 'request lost' : undefined);
    void tab.chat.send('still waiting');
    await settle();
    expect((await rows()).length).toBeGreaterThan(2);
    await tab.chat.endAndErase();
    await browser.clock.advance(60_000);
    expect(tab.chat.state).toEqual({ is: 'idle', start: 'ready' });
    expect(browser.localStorage.length).toBe(0);
    expect(await rows()).toEqual([]);
    expect(tab.says()).toEqual([]);
    expect(server.calls.filter((call) => call.path === 'End').map((call) => call.body)).toEqual([{ forget: true }]);
  });

  test('End chat and erase leaves nothing either while the network is down, or an answer is on its way', async () => {
    const tab = await browser.begin();
    server.notify({ type: 'token_expiring', expiration: '' });
    server.says('agent-1', 'just arriving');
    server.fault = (call) => (call.path === 'End' ? 'request lost' : undefined);
    await tab.chat.endAndErase();
    await browser.clock.advance(60_000);
    expect(browser.localStorage.length).toBe(0);
    expect(await rows()).toEqual([]);
  });

  test('End chat and erase leaves nothing if the server answers a message afterwards', async () => {
    const tab = await browser.begin();
    const before = server.count('Messages');
    void tab.chat.send('secret');
    while (server.count('Messages') === before) await new Promise((resolve) => setImmediate(resolve));
    await tab.chat.endAndErase();
    await browser.clock.advance(60_000);
    expect(await rows()).toEqual([]);
  });

  test.each(['live', 'interrupted'])('End chat and erase is finished at the next page if the guest leaves this one too soon: %s', async (state) => {
    const before = await browser.begin();
    server.says('agent-1', 'secret');
    await settle();
    if (state === 'interrupted') server.revoke();
    if (state === 'interrupted') server.loseSockets();
    await browser.clock.advance(10_000);
    expect(before.chat.state.is).toBe(state);
    const comesBack = clearsNothing();
    await before.chat.endAndErase();
    comesBack();
    expect(await rows()).not.toEqual([]);
    const tab = await before.reload();
    expect(await rows()).toEqual([]);
    expect(browser.localStorage.length).toBe(0);
    expect(tab.chat.state).toEqual({ is: 'idle', start: 'ready' });
  });

  test('a page that takes the session away and is left at once: the next page removes the messages', async () => {
    const before = await browser.begin();
    server.says('agent-1', 'secret');
    await settle();
    before.deps.memory.write(before.chat.sid, { draft: 'half a sentence' });
    browser.localStorage.clear();
    const tab = await before.reload();
    expect(await rows()).toEqual([]);
    expect(browser.localStorage.length).toBe(0);
    expect(tab.chat.state).toEqual({ is: 'idle', start: 'ready' });
  });

  test('a page that takes the session away, as at a sign-out, ends the chat in the other tabs', async () => {
    const tab = await browser.begin();
    browser.localStorage.clear();
    browser.storageEvent();
    await browser.clock.advance(2_000);
    expect(tab.chat.state).toEqual({ is: 'idle', start: 'ready' });
    expect(await rows()).toEqual([]);
    expect(browser.localStorage.length).toBe(0);
  });

  test('a page that takes the session away leaves nothing on the screen of a chat that is over, either', async () => {
    for (const over of ['ended', 'interrupted']) {
      const tab = await browser.begin();
      if (over === 'ended') await tab.chat.end();
      else {
        server.revoke();
        void tab.chat.send('Hi');
      }
      await settle();
      browser.storageEvent();
      await browser.clock.advance(2_000);
      expect(tab.chat.state.is).toBe(over);
      browser.localStorage.clear();
      browser.storageEvent();
      await browser.clock.advance(2_000);
      expect(tab.chat.state.is).toBe('idle');
      tab.close();
    }
  });

  test('a page that takes the session away in this tab ends it at the next renewal', async () => {
    const tab = await browser.begin();
    browser.localStorage.clear();
    server.notify({ type: 'token_expiring', expiration: '' });
    await settle();
    expect(tab.chat.state.is).toBe('idle');
    expect(browser.localStorage.length).toBe(0);
  });
});

describe('a state', () => {
  const lose = () => {
    server.fault = offline;
    server.loseSockets();
  };
  const back = async () => {
    server.fault = () => undefined;
    await browser.clock.advance(60_000);
  };

  test('live, reconnecting, live', async () => {
    const tab = await browser.begin();
    lose();
    await settle();
    await back();
    expect(tab.states.slice(2)).toEqual(['live', 'reconnecting', 'live']);
  });

  test('reconnecting, interrupted: refused when the network is back', async () => {
    const tab = await browser.begin();
    lose();
    await settle();
    server.revoke();
    await back();
    expect(tab.states.slice(2)).toEqual(['live', 'reconnecting', 'interrupted']);
  });

  test('reconnecting, ended: closed while away', async () => {
    const tab = await browser.begin();
    lose();
    await settle();
    server.close();
    await back();
    expect(tab.states.slice(2)).toEqual(['live', 'reconnecting', 'ended']);
  });

  test('reconnecting, idle: erased while away, and it does not come back', async () => {
    const tab = await browser.begin();
    lose();
    await settle();
    await tab.chat.endAndErase();
    await back();
    expect(tab.states.slice(2)).toEqual(['live', 'reconnecting', 'idle']);
    expect(server.sockets).toEqual([]);
  });

  test('resuming, interrupted, idle', async () => {
    const before = await browser.begin();
    server.revoke();
    const tab = await before.reload();
    await tab.chat.startAgain();
    expect(tab.states).toEqual(['idle', 'resuming', 'interrupted', 'idle']);
  });

  test('resuming, reconnecting, interrupted: refused after an outage', async () => {
    const before = await browser.begin();
    server.fault = answers('Token/Refresh', 'refresh-unavailable');
    const tab = await before.reload();
    server.revoke();
    await back();
    expect(tab.states).toEqual(['idle', 'resuming', 'reconnecting', 'interrupted']);
  });

  test('ended, idle, resuming, live: a new chat after the old one', async () => {
    const tab = await browser.begin();
    await tab.chat.end();
    await tab.chat.startAgain();
    void tab.chat.start('', {});
    await settle();
    expect(tab.states.slice(2)).toEqual(['live', 'ended', 'idle', 'resuming', 'live']);
    expect(server.chats).toBe(2);
  });
});

describe('signs', () => {
  test('of typing are given once in a while, and shown for a while', async () => {
    const tab = await browser.begin();
    void tab.chat.types();
    void tab.chat.types();
    await browser.clock.advance(3_100);
    void tab.chat.types();
    await settle();
    expect(server.count('Typing')).toBe(2);
    server.notify({ type: 'typing', participant: { sid: 'MB2', identity: 'agent-1', kind: 'agent', name: 'Ann', read_index: -1, revision: 5, joined: true } });
    await settle();
    expect(tab.chat.conversation?.typing?.name).toBe('Ann');
    await browser.clock.advance(6_100);
    expect(tab.chat.conversation?.typing).toBeUndefined();
  });

  test('of reading are given once, and again where they were lost', async () => {
    const tab = await browser.begin();
    server.says('agent-1', 'a');
    server.says('agent-1', 'b');
    await settle();
    expect(tab.chat.conversation?.unread()).toBe(2);
    server.fault = (call) => (call.path === 'Read' ? 'request lost' : undefined);
    await tab.chat.markRead();
    expect(tab.chat.conversation?.unread()).toBe(0);
    server.fault = () => undefined;
    await tab.chat.markRead();
    await tab.chat.markRead();
    const reads = server.calls.filter((call) => call.path === 'Read').map((call) => call.body['index']);
    expect(reads).toEqual([1, 1]);
  });

  test('of others reading are known', async () => {
    const tab = await browser.begin();
    void tab.chat.send('Hi');
    await settle();
    expect(tab.chat.conversation?.readByOthers()).toBe(-1);
    server.meet({ identity: 'agent-1', read_index: 0 });
    await settle();
    expect(tab.chat.conversation?.readByOthers()).toBe(0);
  });

  test('unread are counted from what this guest has read in any tab, without removed messages', async () => {
    const tab = await browser.begin();
    server.says('agent-1', 'a');
    server.says('agent-1', 'b');
    server.says('agent-1', 'c');
    server.change(2, { removed: true, body: '' });
    server.meet({ identity: 'guest-1', sid: 'MB-guest-1', kind: 'guest', read_index: 0 });
    await settle();
    expect(tab.chat.conversation?.unread()).toBe(1);
  });
});
