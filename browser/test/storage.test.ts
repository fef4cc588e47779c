import { expect, test } from 'vitest';
import { SessionStorage } from '../src/widget/storage';
import { Browser } from './browser';
import { Server } from './server';
import { MapStorage } from './browser';

const SESSION = { token: 't', expiration: 'e', identity: 'i', conversationSid: 'c', loginTimestamp: '1' };

test('a session is kept under the name and in the layout of the Twilio web app', () => {
  const storage = new MapStorage();
  new SessionStorage(storage).write(SESSION);
  expect(JSON.parse(storage.getItem('TWILIO_WEBCHAT_WIDGET') ?? '')).toEqual(SESSION);
  expect(new SessionStorage(storage).session()).toEqual(SESSION);
});

class Forbidden extends MapStorage {
  override getItem(): string | null {
    throw new DOMException('denied', 'SecurityError');
  }

  override setItem(): void {
    throw new DOMException('denied', 'SecurityError');
  }

  override removeItem(): void {
    throw new DOMException('denied', 'SecurityError');
  }
}

for (const [what, storage] of [['missing', undefined], ['forbidden', new Forbidden()]] as const) {
  test(`where localStorage is ${what} a session lives as long as the page`, () => {
    const sessions = new SessionStorage(storage);
    expect(sessions.session()).toBeUndefined();
    sessions.write(SESSION);
    expect(sessions.session()).toEqual(SESSION);
    sessions.erase();
    expect(sessions.session()).toBeUndefined();
    expect(new SessionStorage(storage).session()).toBeUndefined();
  });
}

test('where localStorage is full an older session is not taken for the newer one', () => {
  const storage = new MapStorage();
  const sessions = new SessionStorage(storage);
  sessions.write({ ...SESSION, token: 'old' });
  storage.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  sessions.write({ ...SESSION, token: 'new' });
  expect(sessions.session()?.token).toBe('new');
  expect(storage.length).toBe(0);
});

test('the changes of another tab are reported: of the session, or of everything', () => {
  let received = 0;
  new SessionStorage(undefined).watch(() => received++);
  for (const key of ['TWILIO_WEBCHAT_WIDGET', 'something else', null]) {
    globalThis.dispatchEvent(Object.assign(new Event('storage'), { key }));
  }
  expect(received).toBe(2);
});

test('a chat goes on without localStorage, until the page is left', async () => {
  const browser = new Browser(new Server());
  browser.localStorage.setItem = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  const tab = await browser.begin();
  expect(tab.chat.state.is).toBe('live');
  browser.server.notify({ type: 'token_expiring', expiration: '' });
  await browser.clock.advance(5_000);
  expect(browser.server.sockets[0]?.tokens).toEqual(['plr1.2']);
  expect(tab.chat.state.is).toBe('live');
});
