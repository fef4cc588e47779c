import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { beforeEach, expect, test } from 'vitest';
import { Transcript } from '../src/widget/transcript';
import { Browser, Clock, settle } from './browser';
import { message, Server } from './server';

let clock: Clock;
let transcript: Transcript;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  globalThis.IDBKeyRange = IDBKeyRange;
  clock = new Clock();
  transcript = new Transcript('parlour', (milliseconds) => clock.wait(milliseconds));
});

test('what is kept is there for another page, of one conversation only', async () => {
  await transcript.begin('CH1', 'CV1');
  await transcript.keep('CH1', { messages: [message({ index: 0 }), message({ index: 1 })], revision: 3, arrived: [] });
  await transcript.put({ clientId: 'b', conversation: 'CH1', body: 'first' });
  await transcript.put({ clientId: 'a', conversation: 'CH1', body: 'second' });
  const other = new Transcript('parlour', () => clock.wait(1));
  const kept = await other.load('CH1');
  expect(kept.messages.map((one) => one.body)).toEqual(['message 0', 'message 1']);
  expect(kept.outbox.map((one) => one.body)).toEqual(['first', 'second']);
  expect(kept).toMatchObject({ revision: 3, deployment: 'CV1' });
  expect(await other.load('CH2')).toEqual({ messages: [], outbox: [], revision: -1, readUpTo: -1 });
});

test('a message that is put again keeps its place', async () => {
  for (const clientId of ['b', 'a']) await transcript.put({ clientId, conversation: 'CH1', body: clientId });
  await transcript.put({ clientId: 'b', conversation: 'CH1', body: 'b', failed: 'too large' });
  expect(await transcript.outbox('CH1')).toMatchObject([{ clientId: 'b', failed: 'too large' }, { clientId: 'a' }]);
});

test('a new conversation forgets all others, and only those', async () => {
  for (const sid of ['CH1', 'CH2', 'CH3']) {
    await transcript.keep(sid, { messages: [message({ index: 0 })], revision: 1, arrived: [] });
    await transcript.put({ clientId: sid, conversation: sid, body: sid });
  }
  await transcript.erase('CH2');
  for (const sid of ['CH1', 'CH3']) expect(await transcript.load(sid)).toEqual({ messages: [], outbox: [], revision: -1, readUpTo: -1 });
  expect(await transcript.load('CH2')).toMatchObject({ revision: 1, messages: [{ index: 0 }], outbox: [{ clientId: 'CH2' }] });
});

test('a copy that is too old to be joined goes when the new one comes', async () => {
  await transcript.keep('CH1', { messages: [message({ index: 0 })], revision: 2, arrived: [] });
  await transcript.keep('CH1', { messages: [message({ index: 900 })], revision: 902, arrived: [], anew: true });
  expect((await transcript.load('CH1')).messages.map((one) => one.index)).toEqual([900]);
});

test('what was removed leaves no word behind', async () => {
  await transcript.keep('CH1', { messages: [message({ index: 0, body: 'secret' })], revision: 2, arrived: [] });
  await transcript.keep('CH1', { messages: [message({ index: 0, body: '', removed: true, revision: 3 })], revision: 3, arrived: [] });
  expect(JSON.stringify(await transcript.load('CH1'))).not.toContain('secret');
});

test('a database that was closed behind our back is opened again', async () => {
  const opened: IDBOpenDBRequest[] = [];
  const open = indexedDB.open.bind(indexedDB);
  indexedDB.open = (...call) => {
    opened.push(open(...call));
    return opened.at(-1) as IDBOpenDBRequest;
  };
  await transcript.put({ clientId: 'a', conversation: 'CH1', body: 'a' });
  opened[0]?.result.close();
  expect(await transcript.outbox('CH1')).toMatchObject([{ clientId: 'a' }]);
  expect(opened).toHaveLength(2);
});

test('a newer widget in another tab is not held up', async () => {
  await transcript.put({ clientId: 'a', conversation: 'CH1', body: 'a' });
  const newer = indexedDB.open('parlour', 2);
  await new Promise((resolve) => (newer.onsuccess = resolve));
  newer.result.close();
  expect(await transcript.outbox('CH1')).toBeUndefined(); // of another version: nothing is known of it
});

for (const [what, factory] of Object.entries({
  'is missing': undefined,
  'throws': { open: () => { throw new DOMException('denied', 'SecurityError'); } },
  'never answers': { open: () => ({}) },
})) {
  test(`a database that ${what} is done without, and holds nobody up`, async () => {
    globalThis.indexedDB = factory as unknown as IDBFactory;
    let isDone = false;
    const all = (async () => {
      await transcript.begin('CH1', 'CV1');
      await transcript.put({ clientId: 'a', conversation: 'CH1', body: 'a' });
      expect(await transcript.load('CH1')).toEqual({ messages: [], outbox: [], revision: -1, readUpTo: -1 });
      expect(await transcript.outbox('CH1')).toBeUndefined();
      await transcript.erase();
      isDone = true;
    })();
    await clock.advance(2_001);
    await all;
    expect(isDone).toBe(true);
  });

  test(`a database that ${what} does not keep a reload of an unbound session from going on`, async () => {
    const server = new Server();
    server.bindsSessions = false;
    const browser = new Browser(server);
    const before = await browser.begin();
    server.says('agent-1', 'Hello');
    await settle();
    globalThis.indexedDB = factory as unknown as IDBFactory;
    const tab = await before.reload();
    await browser.clock.advance(2_001);
    expect(tab.chat.state.is).toBe('live');
    expect(tab.says()).toEqual(['Hello']);
    void tab.chat.send('Hi');
    await browser.clock.advance(2_001);
    expect(tab.says()).toEqual(['Hello', 'Hi']);
    server.revoke();
    void tab.chat.send('Ho');
    await settle();
    expect(tab.chat.state.is).toBe('interrupted');
    expect(tab.says()).toEqual(['Hello', 'Hi', 'Ho (failed)']);
  });
}
