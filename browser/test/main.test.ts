import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { beforeEach, expect, test, vi } from 'vitest';
import type { RawOptions } from '../src/widget/options';
import type { Webchat } from '../src/widget/webchat';
import { settle } from './browser';
import { KEY, Server } from './server';

let server: Server;
/** Of the test before: each is taken off the page, as a page does it. */
const chats: Webchat[] = [];
const initWebchat = (given: RawOptions | string) => {
  const chat = (window.Parlour as NonNullable<typeof window.Parlour>).initWebchat(given);
  chats.push(chat);
  return chat;
};

beforeEach(() => {
  vi.resetModules();
  chats.splice(0).forEach((chat) => chat.destroy());
  document.body.replaceChildren();
  localStorage.clear();
  sessionStorage.clear();
  globalThis.indexedDB = new IDBFactory();
  globalThis.IDBKeyRange = IDBKeyRange;
  server = new Server();
  vi.stubGlobal('fetch', server.fetch);
  vi.stubGlobal('WebSocket', class { readyState = 0; send() {} close() {} });
  Object.assign(window, { Parlour: undefined, Twilio: { Device: 'of another library' } });
});

test('a script tag with a key is enough', async () => {
  const script = document.createElement('script');
  script.dataset['deploymentKey'] = KEY;
  Object.defineProperty(script, 'src', { value: 'https://chat.example.com/webchat.js' });
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(script);
  await import('../src/widget/main');
  const root = document.querySelector('[data-parlour]')?.shadowRoot;
  root?.querySelector<HTMLElement>('.bubble')?.click();
  const name = root?.querySelector<HTMLInputElement>('[name=friendlyName]');
  if (name) name.value = 'Ada';
  expect(localStorage.length).toBe(0);
  expect(await indexedDB.databases()).toEqual([]);
  expect(server.calls).toEqual([]);
  root?.querySelector<HTMLElement>('.start .go')?.click();
  await vi.waitFor(() => expect(server.calls.map((call) => call.path)).toEqual(['Init', 'Messages']));
  expect(localStorage.length).toBe(1);
  expect(document.cookie).toBe('');
  initWebchat(KEY);
});

test('Parlour.initWebchat and Twilio.initWebchat are one call, which puts one chat on the page', async () => {
  await import('../src/widget/main');
  expect(document.querySelector('[data-parlour]')).toBeNull();
  const chat = initWebchat({ deploymentKey: KEY });
  expect(window.Twilio?.initWebchat?.(KEY)).toBe(chat);
  expect(document.querySelectorAll('[data-parlour]')).toHaveLength(1);
  expect(window.Twilio).toMatchObject({ Device: 'of another library' });
});

test('a mistake of the page is an error that names it, and puts nothing on the page', async () => {
  await import('../src/widget/main');
  expect(() => initWebchat({ deploymentKey: 'CV1' })).toThrow('deploymentKey must be');
  expect(document.querySelector('[data-parlour]')).toBeNull();
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  initWebchat({ deploymentKey: KEY, colour: 'red' } as never);
  expect(warn).toHaveBeenCalledWith('Parlour: colour is not known');
});

/** The script comes once more: from a tag manager, or as a framework evaluates a new body's scripts. */
async function evaluatedAgain() {
  vi.resetModules();
  await import('../src/widget/main');
}

const hosts = () => [...document.querySelectorAll<HTMLElement>('[data-parlour]')];
const mutations = () => new Promise((resolve) => setTimeout(resolve, 0));

test('a body that is replaced does not take the chat with it', async () => {
  await import('../src/widget/main');
  initWebchat(KEY);
  const [host] = hosts();
  document.documentElement.replaceChild(document.createElement('body'), document.body);
  await mutations();
  expect(hosts()).toEqual([host]);
});

test('a chat that another script removes is put back, unless it is removed at once again and again', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  await import('../src/widget/main');
  initWebchat({ deploymentKey: KEY, server: 'https://chat.example.com' });
  const [host] = hosts();
  host?.remove();
  await mutations();
  expect(hosts()).toEqual([host]);
  const hostile = new MutationObserver(() => host?.remove());
  hostile.observe(document.documentElement, { childList: true });
  host?.remove();
  for (let i = 0; i < 100; i++) await mutations();
  hostile.disconnect();
  expect(hosts()).toEqual([]);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[0]).toContain('keeps removing the chat from the page');
  initWebchat(KEY);
  expect(hosts()).toEqual([host]);
});

test('the script evaluated twice makes one chat, which receives the calls of both', async () => {
  await import('../src/widget/main');
  const first = initWebchat(KEY);
  await evaluatedAgain();
  const second = initWebchat(KEY);
  expect(second).toBe(first);
  expect(hosts()).toHaveLength(1);
});

test('a chat of another version of this script is left as it is', async () => {
  const again = vi.fn(() => 'the chat of the other version');
  Object.assign(window, { [Symbol.for('parlour.webchat')]: { again } });
  await import('../src/widget/main');
  expect(window.Parlour?.initWebchat(KEY)).toBe('the chat of the other version');
  Reflect.deleteProperty(window, Symbol.for('parlour.webchat'));
  expect(again).toHaveBeenCalledWith(KEY);
  expect(hosts()).toEqual([]);
});

test('the context of a second call is sent, and a warning names options that cannot change', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  await import('../src/widget/main');
  const given = { deploymentKey: KEY, server: 'https://chat.example.com', theme: { isLight: true } };
  initWebchat({ ...given, context: { page: 'first' } });
  initWebchat({ ...given, context: { page: 'second' } });
  expect(warn).not.toHaveBeenCalled();
  initWebchat({ deploymentKey: KEY, theme: { isLight: false }, texts: { title: 'Ask us' } });
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[0]).toContain('its theme, texts stay as they are');
  const root = hosts()[0]?.shadowRoot;
  root?.querySelector<HTMLElement>('.bubble')?.click();
  const name = root?.querySelector<HTMLInputElement>('[name=friendlyName]');
  if (name) name.value = 'Ada';
  root?.querySelector<HTMLElement>('.start .go')?.click();
  await settle();
  const init = server.calls.find((call) => call.path === 'Init');
  expect(JSON.stringify(init)).toContain('second');
  expect(JSON.stringify(init)).not.toContain('first');
});

test('a destroyed chat is gone, receives no more events, and another can begin', async () => {
  await import('../src/widget/main');
  const first = initWebchat({ deploymentKey: KEY, preEngagement: false });
  first?.open();
  await vi.waitFor(() => expect(server.calls.map((call) => call.path)).toEqual(['Init', 'Messages']));
  first?.destroy();
  await settle();
  expect(hosts()).toEqual([]);
  expect(localStorage.length).toBe(1);
  const calls = server.calls.length;
  dispatchEvent(new StorageEvent('storage', { key: 'TWILIO_WEBCHAT_WIDGET' }));
  dispatchEvent(new Event('online'));
  document.documentElement.append(document.createElement('i'));
  await settle();
  expect(hosts()).toEqual([]);
  expect(server.calls).toHaveLength(calls);
  expect(initWebchat(KEY)).not.toBe(first);
  await settle();
  expect(hosts()).toHaveLength(1);
  expect(server.calls.slice(calls).map((call) => call.path)).toContain('Token/Refresh');
});

test('a chat that was destroyed begins nothing, and takes no other one with it', async () => {
  await import('../src/widget/main');
  const given = { deploymentKey: KEY, preEngagement: false, server: 'https://chat.example.com' } as const;
  const first = initWebchat(given);
  first.destroy();
  const second = initWebchat(given);
  first.destroy();
  expect(initWebchat(given)).toBe(second);
  second.destroy();
  second.open();
  await settle();
  expect(server.calls).toEqual([]);
});

test('a script of type=module is found by its attribute', async () => {
  const script = document.createElement('script');
  script.type = 'module';
  script.dataset['deploymentKey'] = KEY;
  Object.defineProperty(script, 'src', { value: 'https://chat.example.com/webchat.js' });
  document.body.append(script);
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(null);
  await import('../src/widget/main');
  expect(hosts()).toHaveLength(1);
  initWebchat(KEY);
});

test('a script that does not know where it came from says so, and asks for the server', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  await import('../src/widget/main');
  initWebchat(KEY);
  expect(warn.mock.calls[0]?.[0]).toContain('pass `server`');
});
