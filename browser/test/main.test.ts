import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { RawOptions } from '../src/widget/options';
import type { Webchat } from '../src/widget/webchat';
import { settle } from './browser';
import { KEY, Server } from './server';

/** The files of the server, by their names. */
let files: Record<string, () => unknown> = {};
const imported: string[] = [];
vi.mock('../src/widget/chunks', () => ({
  async importFrom(server: string, file: string) {
    imported.push(`${server}/${file}`);
    const code = files[file];
    if (!code) throw new TypeError('Failed to fetch dynamically imported module');
    return code();
  },
}));

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
  vi.stubGlobal('WINDOW_CHUNK', 'webchat-window-1.js');
  files = { 'webchat-window-1.js': () => import('../src/widget/window-chunk') };
  imported.splice(0);
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
  await vi.waitFor(() => expect(root?.querySelector('.panel')).toBeTruthy());
  expect(imported).toEqual(['https://chat.example.com/webchat-window-1.js']);
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

describe('a quick exit', () => {
  const press = (key: string, more: KeyboardEventInit = {}) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...more }));
  let gone: ReturnType<typeof vi.spyOn>;

  beforeEach(() => {
    gone = vi.spyOn(location, 'replace').mockImplementation(() => {});
    gone.mockClear();
    document.documentElement.style.display = '';
  });

  test('follows three presses of Escape, one soon after the other, and hides the page', async () => {
    await import('../src/widget/main');
    initWebchat({ deploymentKey: KEY, exit: 'https://www.example.com/weather' });
    for (const key of ['Escape', 'Escape', 'a', 'Escape', 'Escape']) press(key);
    press('Escape', { repeat: true });
    expect(gone).not.toHaveBeenCalled();
    press('Escape');
    await vi.waitFor(() => expect(gone).toHaveBeenCalledExactlyOnceWith('https://www.example.com/weather'));
    expect(document.documentElement.style.display).toBe('none');
  });

  test('is prepared at the first press, because its end has to be signed', async () => {
    const { Chat } = await import('../src/widget/chat');
    const prepared = vi.spyOn(Chat.prototype, 'prepareEnd');
    await import('../src/widget/main');
    initWebchat({ deploymentKey: KEY, exit: 'https://www.example.com' });
    press('a');
    expect(prepared).not.toHaveBeenCalled();
    press('Escape');
    expect(prepared).toHaveBeenCalledExactlyOnceWith(true);
  });

  test('does not follow presses that are seconds apart', async () => {
    await import('../src/widget/main');
    initWebchat({ deploymentKey: KEY, exit: 'https://www.example.com' });
    const now = vi.spyOn(Event.prototype, 'timeStamp', 'get');
    for (const at of [1_000, 2_000, 3_000, 4_000]) {
      now.mockReturnValue(at);
      press('Escape');
    }
    expect(gone).not.toHaveBeenCalled();
    now.mockReturnValue(4_500);
    press('Escape');
    await vi.waitFor(() => expect(gone).toHaveBeenCalledOnce());
    now.mockRestore();
  });

  test('is not there without the option, but a button of the page can call it', async () => {
    await import('../src/widget/main');
    const chat = initWebchat(KEY);
    for (let i = 0; i < 5; i++) press('Escape');
    expect(gone).not.toHaveBeenCalled();
    chat.exit();
    await vi.waitFor(() => expect(gone).toHaveBeenCalledExactlyOnceWith('about:blank'));
  });

  test('ends with the chat on the page', async () => {
    await import('../src/widget/main');
    initWebchat({ deploymentKey: KEY, exit: 'https://www.example.com' }).destroy();
    for (let i = 0; i < 3; i++) press('Escape');
    expect(gone).not.toHaveBeenCalled();
  });
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
  await vi.waitFor(() => expect(root?.querySelector('.panel')).toBeTruthy());
  const name = root?.querySelector<HTMLInputElement>('[name=friendlyName]');
  if (name) name.value = 'Ada';
  root?.querySelector<HTMLElement>('.start .go')?.click();
  await settle();
  const init = server.calls.find((call) => call.path === 'Init');
  expect(JSON.stringify(init)).toContain('second');
  expect(JSON.stringify(init)).not.toContain('first');
});

test('an update reaches the chat, is checked like the options, and is what a second call is compared with', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  await import('../src/widget/main');
  const given = { deploymentKey: KEY, server: 'https://chat.example.com', theme: { color: '#0a6b4b' } };
  const chat = initWebchat(given);
  chat.update({ theme: { isLight: false }, texts: { open: 'Ask us' }, context: { page: 'second' } });
  const root = hosts()[0]?.shadowRoot;
  expect(hosts()[0]?.dataset['theme']).toBe('dark');
  expect(root?.querySelector('.bubble')?.getAttribute('aria-label')).toBe('Ask us');
  expect(() => chat.update({ theme: { color: 'red' } })).toThrow('theme.color must be a hex colour');
  expect(() => chat.update({ texts: 'Ask us' } as never)).toThrow('texts must be an object');
  expect(() => chat.update({ language: 'de' } as never)).toThrow('update() takes context, theme and texts; to change language, call destroy()');
  initWebchat({ ...given, theme: { color: '#0a6b4b', isLight: false } });
  expect(warn).not.toHaveBeenCalled();
  initWebchat(given);
  expect(warn.mock.calls[0]?.[0]).toContain('its theme stay as they are');
});

test('the chat is put into an element of the page, also after a framework has made it anew', async () => {
  await import('../src/widget/main');
  const given = { deploymentKey: KEY, server: 'https://chat.example.com', target: '#chat' };
  expect(() => initWebchat(given)).toThrow('target must be an element of this page, and there is none for #chat');
  expect(initWebchat(KEY)).toBeTruthy();
  chats.pop()?.destroy();
  document.body.innerHTML = '<main><div id="chat"></div></main>';
  initWebchat(given);
  const [host] = hosts();
  expect(host?.parentElement?.id).toBe('chat');
  document.body.innerHTML = '<p>Another page</p>';
  await mutations();
  expect(hosts()).toEqual([]);
  document.body.innerHTML = '<section id="chat"></section>';
  await mutations();
  expect(host?.parentElement?.localName).toBe('section');
});

test('a page that calls the logger of the client that this API was made for goes on', async () => {
  await import('../src/widget/main');
  const twilio = window.Twilio as unknown as { initLogger(level: string): void; getLogger(name: string): Console };
  twilio.initLogger('info');
  expect(twilio.getLogger('shop').info).toBe(console.info);
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

describe('after an upgrade of the server, which has no window of this version', () => {
  const other = { open: vi.fn(), close: vi.fn(), end: vi.fn(), reset: vi.fn(), destroy: vi.fn(), on: vi.fn(() => () => {}) };
  /** A newer script does this as it is evaluated. */
  const newer = (init: (raw: RawOptions) => Webchat) => () => kept()?.replaced('webchat-window-2.js', init);
  const kept = () => (window as unknown as Record<symbol, { replaced(chunk: string, init: (raw: RawOptions) => Webchat): void }>)[Symbol.for('parlour.webchat')];
  const given = { deploymentKey: KEY, server: 'https://chat.example.com' } as const;

  beforeEach(() => Object.values(other).forEach((call) => call.mockClear()));

  test('the script of the new version goes on, with the page’s options and listeners, and opens', async () => {
    await import('../src/widget/main');
    const init = vi.fn((_: RawOptions) => other as unknown as Webchat);
    files = { 'webchat.js': newer(init) };
    const chat = initWebchat({ ...given, theme: { isLight: true } });
    initWebchat({ ...given, context: { page: 'second' } });
    const listener = () => {};
    const stop = chat.on('unread', () => {});
    stop();
    chat.on('state', listener);
    chat.open();
    await vi.waitFor(() => expect(other.open).toHaveBeenCalledOnce());
    expect(init.mock.calls).toEqual([[{ ...given, theme: { isLight: true }, context: { page: 'second' } }]]);
    expect(other.on.mock.calls).toEqual([['state', listener]]);
    expect(hosts()).toEqual([]);
    chat.close();
    expect(other.close).toHaveBeenCalledOnce();
    chat.destroy();
    expect(other.destroy).toHaveBeenCalledOnce();
  });

  test('an older version, which knows no send() and no update(), goes on after a downgrade', async () => {
    await import('../src/widget/main');
    files = { 'webchat.js': newer(() => other as unknown as Webchat) };
    const chat = initWebchat(given);
    chat.open();
    await vi.waitFor(() => expect(other.open).toHaveBeenCalledOnce());
    expect(chat.send('Hello')).toBe(false);
    expect(() => chat.update({ texts: { title: 'Ask us' } })).not.toThrow();
  });

  test('this version goes on if the other one does not take the options of the page', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
    await import('../src/widget/main');
    const init = vi.fn(() => {
      throw new Error('Parlour: language is not known');
    });
    files = { 'webchat.js': newer(init) };
    const chat = initWebchat(given);
    chat.open();
    await vi.waitFor(() => expect(hosts()[0]?.shadowRoot?.querySelector('.failure')?.textContent).toContain('try again'));
    expect(init).toHaveBeenCalledOnce();
    expect(logged).toHaveBeenCalledOnce();
    expect(hosts()).toHaveLength(1);
    files = { 'webchat-window-1.js': () => import('../src/widget/window-chunk') };
    chat.open();
    await vi.waitFor(() => expect(hosts()[0]?.shadowRoot?.querySelector('.panel')).toBeTruthy());
    logged.mockRestore();
  });

  test('the new version opens a window that the page asks for by itself, and does not take the focus as for a guest', async () => {
    await import('../src/widget/main');
    const init = vi.fn((_: RawOptions) => other as unknown as Webchat);
    files = { 'webchat.js': newer(init) };
    initWebchat({ ...given, appStatus: 'open' });
    await vi.waitFor(() => expect(init).toHaveBeenCalledOnce());
    expect(init.mock.calls[0]?.[0]).toMatchObject({ appStatus: 'open' });
    expect(other.open).not.toHaveBeenCalled();
  });

  test('nothing is replaced by a script of the same version, and a guest can try again', async () => {
    await import('../src/widget/main');
    files = { 'webchat.js': () => evaluatedAgain() };
    const chat = initWebchat(given);
    const [host] = hosts();
    chat.open();
    await vi.waitFor(() => expect(host?.shadowRoot?.querySelector('.failure')?.textContent).toContain('try again'));
    expect(hosts()).toEqual([host]);
    files = { 'webchat-window-1.js': () => import('../src/widget/window-chunk') };
    host?.shadowRoot?.querySelector<HTMLElement>('.bubble')?.click();
    await vi.waitFor(() => expect(host?.shadowRoot?.querySelector('.panel')).toBeTruthy());
    expect(host?.shadowRoot?.querySelector('.failure')?.textContent).toBe('');
  });

  test('two versions that a proxy asks in turn do not replace each other for ever', async () => {
    const older = vi.fn((_: RawOptions) => other as unknown as Webchat);
    Object.assign(window, {
      [Symbol.for('parlour.webchat')]: {
        replaced(_: string, init: (raw: RawOptions) => Webchat) {
          Reflect.deleteProperty(window, Symbol.for('parlour.webchat'));
          chats.push(init(given));
        },
      },
    });
    files = { 'webchat.js': () => kept()?.replaced('webchat-window-0.js', older) };
    await import('../src/widget/main');
    const failure = () => hosts()[0]?.shadowRoot?.querySelector('.failure')?.textContent;
    const [chat] = chats;
    chat?.open();
    await vi.waitFor(() => expect(failure()).toContain('try again'));
    expect(older).not.toHaveBeenCalled();
    expect(imported).toEqual(['https://chat.example.com/webchat-window-1.js']);
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
    chat?.open();
    await vi.waitFor(() => expect(older).toHaveBeenCalledOnce());
    clock.mockRestore();
  });

  test('nothing is replaced by a script that the page loads while the window can be loaded', async () => {
    await import('../src/widget/main');
    initWebchat(given);
    const [host] = hosts();
    const init = vi.fn();
    newer(init)();
    expect(init).not.toHaveBeenCalled();
    expect(hosts()).toEqual([host]);
  });
});
