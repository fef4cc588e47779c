import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Frame } from '../src/widget/wire';
import { Browser, settle, type Tab } from './browser';
import { participant, Server } from './server';

let server: Server;
let browser: Browser;

beforeEach(() => {
  server = new Server();
  browser = new Browser(server);
});

describe('a lost connection is reported', () => {
  test('at once when the browser says so, though the socket stays open', async () => {
    const tab = await browser.begin();
    server.fault = () => 'request lost';
    tab.chat.offline();
    await settle();
    expect(tab.chat.state.is).toBe('reconnecting');
    server.fault = () => undefined;
    tab.chat.wake(true);
    await settle();
    expect(tab.chat.state.is).toBe('live');
  });

  test('at once when a call finds nobody, and a second call does not either', async () => {
    const tab = await browser.begin();
    server.fault = () => 'request lost';
    void tab.chat.types();
    await settle();
    expect(tab.chat.state.is).toBe('reconnecting');
  });

  test('not when one call alone is lost', async () => {
    const tab = await browser.begin();
    server.fault = (call) => (call.path === 'Typing' ? 'request lost' : undefined);
    void tab.chat.types();
    await browser.clock.advance(3_000);
    expect(tab.states).toEqual(['idle', 'resuming', 'live']);
  });

  test('within two seconds when a call is not answered and the socket is silent; a late answer takes it back', async () => {
    const tab = await browser.begin();
    const sockets = [...server.sockets];
    let answer = () => {};
    const slow = new Promise<void>((resolve) => (answer = resolve));
    tab.deps.protocol.send = async (session, body, id) => {
      await slow;
      return { is: 'ok', value: server.says(session.identity, body, id) };
    };
    void tab.chat.send('Hi');
    await browser.clock.advance(2_000);
    expect(tab.chat.state.is).toBe('reconnecting');
    answer();
    await settle();
    expect(tab.chat.state.is).toBe('live');
    expect(server.sockets).toEqual(sockets); // the same one: it was only slow
  });

  test('and over as soon as the socket is back: what waited is sent without a pause', async () => {
    const tab = await browser.begin();
    server.fault = () => 'request lost';
    server.loseSockets();
    void tab.chat.send('Hi');
    await browser.clock.advance(300_000);
    server.fault = () => undefined;
    while (tab.chat.state.is !== 'live') await browser.clock.advance(1_000);
    await settle();
    expect(tab.says()).toEqual(['Hi']);
  });

  test('with another text if no socket works but polling does', async () => {
    const tab = await browser.begin();
    server.hasSockets = false;
    server.loseSockets();
    await browser.clock.advance(5_000);
    expect(tab.chat.state).toMatchObject({ is: 'reconnecting', why: 'polling' });
    server.fault = () => 'request lost';
    await browser.clock.advance(60_000);
    expect(tab.chat.state).toMatchObject({ is: 'reconnecting', why: 'lost' });
  });
});

test('typing ends with the message, and late typing events are ignored', async () => {
  const tab = await browser.begin();
  const typing = participant({ identity: 'agent-1' });
  server.notify({ type: 'typing', participant: typing });
  await settle();
  expect(tab.chat.conversation?.typing?.identity).toBe('agent-1');
  server.says('agent-2', 'somebody else');
  await settle();
  expect(tab.chat.conversation?.typing?.identity).toBe('agent-1');
  server.says('agent-1', 'Hello');
  server.notify({ type: 'typing', participant: typing });
  await settle();
  expect(tab.chat.conversation?.typing).toBeUndefined();
});

test('typing ends when its author leaves, also for an agent who was removed meanwhile', async () => {
  const tab = await browser.begin();
  const ann = participant({ sid: 'MB2', identity: 'agent-1' });
  server.notify({ type: 'typing', participant: ann });
  server.notify({ type: 'participant', change: 'left', participant: participant({ sid: 'MB3', identity: 'agent-2', joined: false }), revision: 8 });
  await settle();
  expect(tab.chat.conversation?.typing?.identity).toBe('agent-1');
  server.notify({ type: 'participant', change: 'left', participant: { ...ann, revision: ann.revision + 1, joined: false }, revision: 9 });
  await settle();
  expect(tab.chat.conversation?.typing).toBeUndefined();
});

describe('a chat that ended and is reopened', () => {
  test('goes on in the page that still listens', async () => {
    const tab = await browser.begin();
    server.close();
    await settle();
    expect(tab.chat.state.is).toBe('ended');
    server.reopen();
    await settle();
    expect(tab.chat.state.is).toBe('live');
    void tab.chat.send('Hi');
    await settle();
    expect(tab.says()).toEqual(['Hi']);
  });

  test('goes on when the guest is back, if no page listens any more', async () => {
    const before = await browser.begin();
    server.close();
    await settle();
    server.loseSockets();
    server.reopen();
    await settle();
    expect(before.chat.state.is).toBe('ended');
    before.chat.wake();
    await settle();
    expect(before.chat.state.is).toBe('live');
    server.close();
    await settle();
    const tab = await before.reload();
    expect(tab.chat.state.is).toBe('ended');
    server.reopen();
    tab.chat.wake();
    await settle();
    expect(tab.chat.state.is).toBe('live');
  });

  test('sends what came too late for the chat that ended', async () => {
    const tab = await browser.begin();
    server.notify = () => {}; // the event of its end is late
    server.close();
    void tab.chat.send('One more thing');
    await settle();
    expect(tab.says()).toEqual(['One more thing (failed)']);
    Reflect.deleteProperty(server, 'notify');
    server.reopen();
    await settle();
    expect(tab.chat.state.is).toBe('live');
    expect(tab.says()).toEqual(['One more thing']);
  });

  test('goes on in a page that was loaded after its end, without an act of the guest', async () => {
    const before = await browser.begin();
    server.close();
    await settle();
    const tab = await before.reload();
    expect(tab.states).toEqual(['idle', 'resuming', 'ended']);
    server.reopen();
    server.says('agent-1', 'One more thing');
    await settle();
    expect(tab.chat.state.is).toBe('live');
    expect(tab.says()).toEqual(['One more thing']);
    server.loseSockets();
    await browser.clock.advance(5_000);
    expect(tab.chat.state.is).toBe('live');
    expect(server.sockets).toHaveLength(1);
  });

  test('goes on though the socket was lost after its end, and the guest does nothing', async () => {
    const tab = await browser.begin();
    server.close();
    await settle();
    server.fault = () => 'request lost';
    server.loseSockets();
    await browser.clock.advance(60_000);
    server.fault = () => undefined;
    server.reopen();
    server.says('agent-1', 'One more thing');
    await browser.clock.advance(60_000);
    expect(tab.chat.state.is).toBe('live');
    expect(tab.says()).toEqual(['One more thing']);
    expect(tab.states).toEqual(['idle', 'resuming', 'live', 'ended', 'resuming', 'live']);
    expect(server.sockets).toHaveLength(1);
  });

  test('by its guest goes on at once, here and in the other tabs', async () => {
    server.reopenableFor = 3_600;
    const one = await browser.begin();
    const other = await browser.open();
    expect(await one.chat.end()).toBe(true);
    await settle();
    for (const tab of [one, other]) {
      expect(tab.chat.state.is).toBe('ended');
      expect(tab.chat.reopenable).toBeGreaterThan(3_500_000);
    }
    expect(await one.chat.reopen()).toBe(true);
    await settle();
    for (const tab of [one, other]) expect(tab.chat.state.is).toBe('live');
    void one.chat.send('One more thing');
    server.says('agent-1', 'Yes?');
    await settle();
    for (const tab of [one, other]) expect(tab.says().sort()).toEqual(['One more thing', 'Yes?']);
    expect(one.states).toEqual(['idle', 'resuming', 'live', 'ended', 'live']);
  });

  test('by its guest goes on though no socket works', async () => {
    server.reopenableFor = 3_600;
    const tab = await browser.begin();
    server.hasSockets = false;
    server.loseSockets();
    server.close();
    await browser.clock.advance(60_000);
    expect(tab.chat.state.is).toBe('ended');
    expect(await tab.chat.reopen()).toBe(true);
    await browser.clock.advance(1_000);
    expect(tab.chat.canWrite()).toBe(true);
    void tab.chat.send('Hi');
    await settle();
    expect(tab.says()).toEqual(['Hi']);
  });

  test('by its guest goes on after a reload, as long as the server allows it', async () => {
    server.reopenableFor = 3_600;
    const before = await browser.begin();
    server.close();
    const tab = await before.reload();
    expect(tab.chat.state.is).toBe('ended');
    await browser.clock.advance(3_599_000);
    expect(tab.chat.reopenable).toBeGreaterThan(0);
    await browser.clock.advance(2_000);
    expect(tab.chat.reopenable).toBe(0);
    server.reopenableFor = null;
    expect(await tab.chat.reopen()).toBe(false);
    expect(tab.chat.state.is).toBe('ended');
  });

  test('keeps its token new while the guest can reopen it, and no longer', async () => {
    const tab = await browser.begin();
    const refreshed = () => server.calls.filter((call) => call.path.includes('Refresh')).length;
    server.close();
    await settle();
    const before = refreshed();
    server.notify({ type: 'token_expiring', expiration: '' });
    await settle();
    expect(refreshed()).toBe(before);
    server.reopenableFor = 3_600;
    server.loseSockets();
    await browser.clock.advance(60_000);
    server.notify({ type: 'token_expiring', expiration: '' });
    await settle();
    expect(refreshed()).toBe(before + 1);
    expect(tab.chat.state.is).toBe('ended');
    expect(await tab.chat.reopen()).toBe(true);
  });

  test('is not reopened by an outage, and can be once it is over', async () => {
    server.reopenableFor = 3_600;
    const tab = await browser.begin();
    server.close();
    await settle();
    server.fault = () => 'request lost';
    expect(await tab.chat.reopen()).toBe(false);
    expect(tab.chat.reopenable).toBeGreaterThan(0);
    server.fault = () => undefined;
    expect(await tab.chat.reopen()).toBe(true);
  });

  test('is not reopened once the session is over, and says so', async () => {
    server.reopenableFor = 3_600;
    const tab = await browser.begin();
    server.close();
    await settle();
    server.revoke();
    expect(await tab.chat.reopen()).toBe(false);
    expect(tab.chat.reopenable).toBe(0);
    expect(tab.chat.state.is).toBe('ended');
  });

  test('is not closed by another tab that handles its end late', async () => {
    const tab = await browser.begin();
    const late = await browser.open();
    const socket = server.sockets[1]!;
    const frames: Frame[] = [];
    const { say } = socket;
    socket.say = (frame) => void frames.push(frame);
    late.received = () => {}; // it sleeps
    server.close();
    server.reopen();
    await settle();
    expect(tab.chat.state.is).toBe('live');
    frames.splice(1); // it knows nothing of the reopening
    for (const frame of frames) say(frame);
    await settle();
    expect(late.chat.state.is).toBe('ended');
    expect(tab.chat.state.is).toBe('live');
    tab.received({ data: { is: 'ended', conversation: server.sid } } as MessageEvent); // of an older widget
    expect(tab.chat.state.is).toBe('ended');
  });

  test('is not closed by an event of its end that arrives twice', async () => {
    const tab = await browser.begin();
    server.close();
    const revision = server.stateRevision;
    server.reopen();
    server.notify({ type: 'state', revision, state: 'closed' });
    await settle();
    expect(tab.states).toEqual(['idle', 'resuming', 'live', 'ended', 'live']);
  });

  for (const [call, act] of [
    ['End', (tab: Tab) => tab.chat.end()],
    ['Messages', (tab: Tab) => tab.chat.send('Hi')],
  ] as const) {
    test(`is not closed by a late answer to ${call}`, async () => {
      const tab = await browser.begin();
      let answered = () => {};
      const late = new Promise<void>((resolve) => (answered = resolve));
      browser.fetch = async (...given) => {
        const answer = await server.fetch(...given);
        if (String(given[0]).endsWith(`/${call}`)) await late;
        return answer;
      };
      const { notify } = server;
      const frames: Frame[] = [];
      server.notify = (frame) => void frames.push(frame);
      if (call === 'Messages') server.close();
      const done = act(tab);
      await settle();
      expect(server.count(call)).toBeGreaterThan(0);
      server.notify = notify;
      for (const frame of frames) server.notify(frame);
      await settle();
      expect(tab.chat.state.is).toBe('ended');
      server.reopen();
      await settle();
      answered();
      await settle();
      expect(tab.states).toEqual(['idle', 'resuming', 'live', 'ended', 'live']);
      expect(await done).not.toBe(false);
      expect(tab.says()).toEqual(call === 'End' ? [] : ['Hi']);
    });
  }

  describe('and whose reopening is answered late', () => {
    let tab: Tab;
    let answered: () => void;
    let done: Promise<boolean | undefined>;

    beforeEach(async () => {
      server.reopenableFor = 3_600;
      tab = await browser.begin();
      server.close();
      await settle();
      const late = new Promise<void>((resolve) => (answered = resolve));
      browser.fetch = async (...given) => {
        const answer = await server.fetch(...given);
        if (String(given[0]).endsWith('/Reopen')) await late;
        return answer;
      };
    });

    test('stays closed if it was closed again meanwhile', async () => {
      done = tab.chat.reopen();
      await settle();
      server.close();
      await settle();
      answered();
      await browser.clock.advance(60_000);
      expect(await done).toBe(true);
      expect(tab.states).toEqual(['idle', 'resuming', 'live', 'ended', 'live', 'ended']);
      expect(tab.chat.reopenable).toBeGreaterThan(0);
    });

    test('stays closed also if the socket was lost meanwhile, and nothing of it was received', async () => {
      server.notify = () => {};
      done = tab.chat.reopen();
      await settle();
      server.close();
      server.loseSockets();
      await browser.clock.advance(10_000);
      expect(server.sockets).toHaveLength(1);
      answered();
      await browser.clock.advance(60_000);
      await done;
      expect(tab.states).toEqual(['idle', 'resuming', 'live', 'ended']);
    });

    test('goes on though the socket says nothing of it', async () => {
      server.notify = () => {};
      done = tab.chat.reopen();
      await settle();
      answered();
      await settle();
      expect(tab.chat.canWrite()).toBe(true);
      await browser.clock.advance(10_000);
      expect(tab.chat.state.is).toBe('live');
    });
  });

  test('keeps its token new until it is known whether the guest can reopen it', async () => {
    const tab = await browser.begin();
    const socket = server.sockets[0];
    const { notify } = server;
    server.notify = () => {}; // the event of its end is late
    expect(await tab.chat.end()).toBe(true);
    const before = server.count('Token/Refresh');
    socket?.say({ type: 'token_expiring', expiration: '' });
    await settle();
    expect(tab.chat.state.is).toBe('ended');
    expect(tab.chat.reopenable).toBe(0);
    expect(server.count('Token/Refresh')).toBe(before + 1);
    server.notify = notify;
    server.notify({ type: 'state', revision: server.stateRevision, state: 'closed', reopenable_for: null });
    server.notify({ type: 'token_expiring', expiration: '' });
    await settle();
    expect(server.count('Token/Refresh')).toBe(before + 1);
  });

  test('can be reopened as before if an outage keeps the server from saying for how long', async () => {
    server.reopenableFor = 3_600;
    const tab = await browser.begin();
    server.close();
    await settle();
    server.notify({ type: 'state', revision: server.stateRevision, state: 'closed' });
    await settle();
    expect(tab.chat.reopenable).toBe(3_600_000);
    server.notify({ type: 'state', revision: server.stateRevision, state: 'closed', reopenable_for: null });
    await settle();
    expect(tab.chat.reopenable).toBe(0);
  });

  test('can be reopened later if the server does not know that call yet', async () => {
    server.reopenableFor = 3_600;
    const tab = await browser.begin();
    server.close();
    await settle();
    vi.spyOn(console, 'error').mockImplementation(() => {});
    server.fault = () => new Response(JSON.stringify({ code: 45770, message: 'There is nothing at this path.' }), { status: 404 });
    expect(await tab.chat.reopen()).toBe(false);
    expect(tab.chat.reopenable).toBeGreaterThan(0);
    server.fault = () => undefined;
    expect(await tab.chat.reopen()).toBe(true);
  });

  test('is not reopened by a tab that slept while another one began a new chat: it joins that', async () => {
    server.reopenableFor = 3_600;
    const one = await browser.begin();
    const asleep = await browser.open();
    await one.chat.end();
    await settle();
    asleep.storageChanged = () => {};
    void one.chat.startAgain();
    await settle();
    void one.chat.start('', {});
    await settle();
    expect(asleep.chat.state.is).toBe('ended');
    expect(await asleep.chat.reopen()).toBeUndefined();
    await settle();
    expect(server.count('Reopen')).toBe(0);
    expect(asleep.chat.sid).toBe(server.sid);
    expect(asleep.chat.state.is).toBe('live');
  });

  test('and whose token has expired meanwhile makes no further call', async () => {
    const tab = await browser.begin();
    server.close();
    await settle();
    server.revoke();
    server.loseSockets();
    await browser.clock.advance(60_000);
    const asked = server.calls.length;
    await browser.clock.advance(600_000);
    expect(server.calls.length).toBe(asked);
    expect(tab.chat.state.is).toBe('ended');
  });
});
