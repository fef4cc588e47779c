import { beforeEach, describe, expect, test } from 'vitest';
import { Browser, settle } from './browser';
import { Server, type Fault } from './server';
import { wire } from './wire';

let server: Server;
let browser: Browser;

beforeEach(() => {
  server = new Server();
  browser = new Browser(server);
});

const received = () => server.messages.map((one) => one.body);

describe('a message', () => {
  test('whose request was lost is sent again, and arrives once', async () => {
    const tab = await browser.begin();
    let lost = 2;
    server.fault = (call) => (call.method === 'POST' && call.path === 'Messages' && lost-- > 0 ? 'request lost' : undefined);
    void tab.chat.send('Hi');
    await settle();
    expect(tab.says()).toEqual(['Hi (waiting)']);
    await browser.clock.advance(10_000);
    expect(received()).toEqual(['Hi']);
    expect(tab.says()).toEqual(['Hi']);
  });

  test('whose answer was lost is not sent twice', async () => {
    const tab = await browser.begin();
    server.loseSockets();
    server.hasSockets = false;
    let lost = 1;
    server.fault = (call) => (call.method === 'POST' && call.path === 'Messages' && lost-- > 0 ? 'answer lost' : undefined);
    void tab.chat.send('Hi');
    await browser.clock.advance(10_000);
    expect(received()).toEqual(['Hi']);
    expect(tab.says()).toEqual(['Hi']);
  });

  test('that waits outlives the page', async () => {
    const before = await browser.begin();
    server.fault = (call) => (call.path === 'Messages' ? 'request lost' : undefined);
    void before.chat.send('one');
    void before.chat.send('two');
    void before.chat.send('three');
    await settle();
    const tab = await before.reload();
    expect(tab.says()).toEqual(['one (waiting)', 'two (waiting)', 'three (waiting)']);
    server.fault = () => undefined;
    await browser.clock.advance(60_000);
    expect(received()).toEqual(['one', 'two', 'three']);
    expect(tab.says()).toEqual(['one', 'two', 'three']);
  });

  test('sent in the same instant as others keeps its place, also after a reload', async () => {
    const before = await browser.begin();
    server.fault = () => 'request lost';
    const bodies = Array.from({ length: 30 }, (_, number) => `message ${number}`);
    browser.ids = 1_000_000; // so that the ids do not sort in the order of the messages
    for (const body of bodies) void before.chat.send(body);
    await settle();
    const tab = await before.reload();
    expect(tab.says()).toEqual(bodies.map((body) => `${body} (waiting)`));
    server.fault = () => undefined;
    await browser.clock.advance(60_000);
    expect(received()).toEqual(bodies);
  });

  test('that the server does not take is shown with the reason, kept, and can be sent again', async () => {
    const before = await browser.begin();
    server.fault = (call) =>
      call.method === 'POST' && call.path === 'Messages' ? wire('too-large').answer() : undefined;
    void before.chat.send('Hi');
    void before.chat.send('Ho');
    await settle();
    expect(before.says()).toEqual(['Hi (failed)', 'Ho (failed)']);
    const tab = await before.reload();
    expect(tab.says()).toEqual(['Hi (failed)', 'Ho (failed)']);
    const [line] = tab.lines();
    expect(line).toMatchObject({ is: 'failed', outgoing: { failed: expect.stringContaining('') } });
    server.fault = () => undefined;
    if (line?.is === 'failed') void tab.chat.sendAgain(line.outgoing.clientId);
    await settle();
    expect(received()).toEqual(['Hi']);
    expect(tab.says()).toEqual(['Hi', 'Ho (failed)']);
  });

  test('of nothing but white space is none', async () => {
    const tab = await browser.begin();
    void tab.chat.send('  \n\t ');
    await settle();
    expect(server.count('Messages')).toBe(1); // the page of messages
  });

  test('is sent when another one has just been', async () => {
    const tab = await browser.begin();
    for (let number = 0; number < 50; number++) {
      void tab.chat.send(`message ${number}`);
      await new Promise((resolve) => setImmediate(resolve)); // in the midst of what is going on
    }
    await settle();
    expect(received()).toEqual(Array.from({ length: 50 }, (_, number) => `message ${number}`));
  });

  test('does not wait for a page that is stuck in a pause', async () => {
    const one = await browser.begin();
    const other = await browser.open();
    let times = 1;
    server.fault = (call) =>
      call.path === 'Messages' && call.method === 'POST' && times-- > 0
        ? wire('refresh-too-many-requests').answer({ seconds: '300' })
        : undefined;
    other.received = () => {}; // it sleeps
    void one.chat.send('Hi');
    await settle();
    void other.chat.send('Ho');
    await settle();
    expect(received()).toEqual(['Hi', 'Ho']);
    expect(other.says()).toEqual(['Hi', 'Ho']);
    expect(one.says()).toEqual(['Hi', 'Ho']);
  });

  test('is sent by one tab only', async () => {
    const one = await browser.begin();
    const other = await browser.open();
    void one.chat.send('Hi');
    void other.chat.send('Ho');
    await browser.clock.advance(10_000);
    expect(server.calls.filter((call) => call.path === 'Messages' && call.method === 'POST')).toHaveLength(2);
    expect(received().sort()).toEqual(['Hi', 'Ho']);
  });

  test('is sent without a database, too', async () => {
    Reflect.deleteProperty(globalThis, 'indexedDB');
    const tab = await browser.begin();
    server.fault = (call) => (call.method === 'POST' ? 'request lost' : undefined);
    void tab.chat.send('one');
    void tab.chat.send('two');
    await settle();
    server.fault = () => undefined;
    await browser.clock.advance(20_000);
    expect(received()).toEqual(['one', 'two']);
    expect(tab.says()).toEqual(['one', 'two']);
  });
});

/** Small, quick, and the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

test(`whatever is lost, reloaded or sent by another tab, everything arrives once and in order, and all tabs show it (SEED=${SEED})`, async () => {
  console.info(`outbox: SEED=${SEED}`);
  for (let round = 0; round < 12; round++) {
    server = new Server();
    browser = new Browser(server);
    const chance = random(SEED + round);
    const which = <T>(of: T[]): T => of[Math.floor(chance() * of.length)] as T;
    browser.random = chance;
    let badness = 0;
    const faults: (Fault | undefined)[] = ['request lost', 'answer lost', undefined];
    server.fault = (call) => {
      if (call.path === 'Init' || chance() >= badness) return undefined;
      return chance() < 0.2 ? wire('refresh-unavailable').answer() : which(faults);
    };
    await browser.begin();
    await browser.open();
    const expected: string[][] = [];
    let agent = 0;
    badness = 0.5;
    for (let step = 0; step < 60; step++) {
      const tab = which(browser.tabs);
      const roll = chance();
      if (roll < 0.4 && tab.chat.canWrite()) {
        const page = (expected[browser.tabs.indexOf(tab)] ??= []);
        const body = `${round}.${step}`;
        const isKept = tab.chat.send(body);
        void isKept;
        for (let hop = 0; hop < 40; hop++) await new Promise((resolve) => setImmediate(resolve)); // until it is kept
        if (tab.says().some((line) => line.startsWith(body))) page.push(body);
      } else if (roll < 0.5) {
        server.says('agent-1', `agent ${agent++}`);
      } else if (roll < 0.6) {
        server.loseSockets();
      } else if (roll < 0.7) {
        const at = browser.tabs.indexOf(tab);
        tab.close();
        await browser.open();
        browser.tabs.splice(at, 0, browser.tabs.pop() as (typeof browser.tabs)[number]);
      } else if (roll < 0.75) {
        tab.chat.wake(true);
      } else {
        await browser.clock.advance(chance() * 3_000);
      }
    }
    badness = 0;
    await browser.clock.advance(120_000);

    const bodies = received();
    expect(new Set(bodies).size, 'nothing twice').toBe(bodies.length);
    expect(bodies.length).toBe(agent + expected.flat().length);
    for (const page of expected) expect(bodies.filter((body) => page.includes(body)), 'in order').toEqual(page);
    for (const tab of browser.tabs) {
      expect(tab.chat.state.is).toBe('live');
      expect(tab.says()).toEqual(bodies);
    }
    const again = await browser.open();
    expect(again.says(), 'after a reload').toEqual(bodies);
  }
}, 120_000);
