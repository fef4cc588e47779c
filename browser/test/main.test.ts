import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { beforeEach, expect, test, vi } from 'vitest';
import { settle } from './browser';
import { KEY, Server } from './server';

let server: Server;

beforeEach(() => {
  vi.resetModules();
  document.body.replaceChildren();
  localStorage.clear();
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
  await settle();
  expect(server.calls.map((call) => call.path)).toEqual(['Init', 'Messages']);
  expect(localStorage.length).toBe(1);
  expect(document.cookie).toBe('');
});

test('Parlour.initWebchat and Twilio.initWebchat are one call, which puts one chat on the page', async () => {
  await import('../src/widget/main');
  expect(document.querySelector('[data-parlour]')).toBeNull();
  const chat = window.Parlour?.initWebchat({ deploymentKey: KEY });
  expect(window.Twilio?.initWebchat?.(KEY)).toBe(chat);
  expect(document.querySelectorAll('[data-parlour]')).toHaveLength(1);
  expect(window.Twilio).toMatchObject({ Device: 'of another library' });
});

test('a mistake of the page is an error that names it, and puts nothing on the page', async () => {
  await import('../src/widget/main');
  expect(() => window.Parlour?.initWebchat({ deploymentKey: 'CV1' })).toThrow('deploymentKey must be');
  expect(document.querySelector('[data-parlour]')).toBeNull();
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  window.Parlour?.initWebchat({ deploymentKey: KEY, colour: 'red' } as never);
  expect(warn).toHaveBeenCalledWith('Parlour: colour is not known');
});
