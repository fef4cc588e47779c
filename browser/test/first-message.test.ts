import { beforeEach, describe, expect, test } from 'vitest';
import { Browser, settle } from './browser';
import { Server } from './server';

let server: Server;
let browser: Browser;

beforeEach(() => {
  server = new Server();
  browser = new Browser(server);
});

const inits = () => server.calls.filter((call) => call.path === 'Init').map((call) => call.body);

describe('the first message of a chat', () => {
  test('is shown before the server is asked again', async () => {
    const tab = await browser.open();
    server.fault = (call) => (call.path === 'Messages' ? 'request lost' : undefined);
    void tab.chat.start('Ada', {}, ' Is it open? ');
    await settle();
    expect(tab.says()).toEqual(['Is it open? (waiting)']);
    server.fault = () => undefined;
    await browser.clock.advance(2_000);
    expect(tab.says()).toEqual(['Is it open?']);
    expect(server.messages.map((one) => one.body)).toEqual(['Is it open?']);
    expect(server.calls.filter((call) => call.path === 'Messages' && call.method === 'POST')).toEqual([]);
  });

  test('is there once, in one chat, when the answer is lost and the guest starts again', async () => {
    const tab = await browser.open();
    server.fault = (call) => (call.path === 'Init' ? 'answer lost' : undefined);
    void tab.chat.start('Ada', {}, 'Is it open?');
    await settle();
    expect(tab.chat.state).toMatchObject({ is: 'idle', start: 'unavailable' });
    server.fault = () => undefined;
    void tab.chat.start('Ada', {}, 'Is it open?');
    await settle();
    expect(server.chats).toBe(1);
    expect(tab.says()).toEqual(['Is it open?']);
    expect(inits()[0]).toEqual(inits()[1]);
  });

  test('is a different start if the text differs, the first one was refused, or it was long ago', async () => {
    const tab = await browser.open();
    server.fault = (call) => (call.path === 'Init' ? 'request lost' : undefined);
    for (const [words, minutes] of [['one', 0], ['two', 0], ['two', 6]] as const) {
      await browser.clock.advance(minutes * 60_000);
      void tab.chat.start('Ada', {}, words);
      await settle();
    }
    const keys = inits().map((body) => body['idempotencyKey']);
    expect(new Set(keys).size).toBe(3);
  });
});

test('two tabs that start at once are in one chat, with the question of each, once', async () => {
  const one = await browser.open();
  const other = await browser.open();
  void one.chat.start('Ada', {}, 'Is it open?');
  void other.chat.start('Ada', {}, 'And on Sunday?');
  await settle();
  expect(server.count('Init')).toBe(1);
  expect(server.messages.map((message) => message.body)).toEqual(['Is it open?', 'And on Sunday?']);
  expect(one.says()).toEqual(['Is it open?', 'And on Sunday?']);
  expect(other.says()).toEqual(one.says());
});
