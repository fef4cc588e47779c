import { beforeEach, describe, expect, test } from 'vitest';
import { Browser, settle } from './browser';
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
