import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FileParts } from '../src/widget/files/parts';
import { optionsOf } from '../src/widget/options';
import { Push } from '../src/widget/push/push';
import { Transcript } from '../src/widget/transcript';
import { Browser, settle } from './browser';
import { live } from './page';
import { KEY, Server } from './server';

const OFFER = { key: 'BKEY', subscribed: false };
const FIRST = { endpoint: 'https://push.example.com/1', keys: { p256dh: 'BBROWSER', auth: 'SECRET' } };

/** The browser's subscription. */
let subscription: typeof FIRST;
let calls: { method: string; path: string; body: unknown }[];
let answers: Record<string, object>;
let permission: NotificationPermission;

/** A registration of a worker, which makes subscriptions. */
function registration(scriptURL: string, scope: string) {
  const cancelled = vi.fn(async () => true);
  const made = {
    active: null as unknown,
    waiting: null,
    installing: Object.assign(new EventTarget(), { scriptURL, state: 'installing' }),
    scope: new URL(scope, location.href).href,
    pushManager: {
      subscribe: vi.fn(async (_options: object) => ({ toJSON: () => subscription })),
      getSubscription: vi.fn(async () => ({ unsubscribe: cancelled })),
    },
    cancelled,
    becomes(state: string) {
      made.installing.state = state;
      if (state === 'activated') made.active = made.installing;
      made.installing.dispatchEvent(new Event('statechange'));
    },
  };
  return made;
}

type Registration = ReturnType<typeof registration>;

const container = Object.assign(new EventTarget(), {
  getRegistrations: vi.fn(async (): Promise<Registration[]> => []),
  register: vi.fn(async (url: string, { scope }: { scope: string }) => registered(registration(url, scope))),
});
const registered = (one: Registration) => {
  void Promise.resolve().then(() => one.becomes('activated'));
  return one;
};

beforeEach(() => {
  calls = [];
  permission = 'granted';
  subscription = FIRST;
  answers = { 'GET Push': OFFER, 'POST Push': { subscribed: true }, 'POST Push/End': { subscribed: false } };
  vi.stubGlobal('Notification', { get permission() { return permission; }, requestPermission: async () => permission });
  vi.stubGlobal('PushManager', class {});
  Object.defineProperty(navigator, 'serviceWorker', { value: container, configurable: true });
  container.getRegistrations.mockResolvedValue([]);
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});

afterEach(() => {
  vi.unstubAllGlobals();
  container.register.mockClear();
  Reflect.deleteProperty(navigator, 'serviceWorker');
});

function push(words = { title: 'Ask us', text: 'New message' }): Push {
  const session = { loginTimestamp: '1', token: 'plr1.1', conversationSid: 'CH1' };
  const parts = {
    deps: { wait: () => new Promise(() => {}), protocol: { server: 'https://chat.example.com', deploymentKey: KEY }, keys: { serverSays() {}, serverTime: () => 0 } },
    current: { running: { sid: 'CH1' } },
    session: { ask: (_c: unknown, call: (of: unknown) => unknown) => call(session) },
  } as unknown as FileParts;
  return new Push(parts, '/parlour-push.js', words, async (url, { method = '', body } = {}) => {
    const path = String(url).replace('https://chat.example.com/v2/Webchat/', '');
    calls.push({ method, path, body: body ? JSON.parse(body as string) : undefined });
    const answer = answers[`${method} ${path}`] ?? {};
    return new Response(JSON.stringify(answer), { status: 'code' in answer ? 409 : 200, headers: { 'Content-Type': 'application/json' } });
  });
}

describe('pushes', () => {
  test('are switched on with the key of the server, by a worker that controls no page', async () => {
    const made = push();
    expect(await made.isOn()).toBe(false);
    expect(await made.turn(true)).toBe(true);
    expect(container.register.mock.calls).toEqual([['https://shop.example.com/parlour-push.js', { scope: '/parlour-push.js/' }]]);
    const [one] = await Promise.all(container.register.mock.results.map(({ value }) => value as Promise<Registration>));
    expect(one?.pushManager.subscribe.mock.calls).toEqual([[{ userVisibleOnly: true, applicationServerKey: 'BKEY' }]]);
    expect(calls.at(-1)).toEqual({
      method: 'POST',
      path: 'Push',
      body: { endpoint: 'https://push.example.com/1', p256dh: 'BBROWSER', auth: 'SECRET', title: 'Ask us', text: 'New message' },
    });
    expect(await made.turn(false)).toBe(false);
    expect(calls.at(-1)).toMatchObject({ method: 'POST', path: 'Push/End' });
  });

  test('use the worker that the page has registered, and leave alone what it has subscribed to', async () => {
    const own = registered(registration('https://shop.example.com/parlour-push.js', '/'));
    own.pushManager.subscribe.mockRejectedValue(new Error('another key'));
    container.getRegistrations.mockResolvedValue([registration('https://shop.example.com/other.js', '/a'), own]);
    const made = push();
    await made.isOn();
    expect(await made.turn(true)).toBe(false);
    expect(container.register).not.toHaveBeenCalled();
    expect(own.cancelled).not.toHaveBeenCalled();
    expect(calls).toHaveLength(1);
  });

  test('are made again after the server has another key', async () => {
    container.register.mockImplementationOnce(async (url, { scope }) => {
      const one = registration(url, scope);
      one.pushManager.subscribe.mockRejectedValueOnce(new Error('another key'));
      return registered(one);
    });
    const made = push();
    await made.isOn();
    expect(await made.turn(true)).toBe(true);
  });

  test('are impossible where the server has no key, and stay off without permission or after a refusal', async () => {
    answers['GET Push'] = { subscribed: false };
    expect(await push().isOn()).toBeUndefined();
    answers['GET Push'] = OFFER;
    permission = 'denied';
    const made = push();
    await made.isOn();
    expect(await made.turn(true)).toBe(false);
    permission = 'granted';
    answers['POST Push'] = { code: 45794, action: 'fix', message: 'no' };
    expect(await made.turn(true)).toBe(false);
  });

  test('have texts that the server takes, also if those of the page are long', async () => {
    const made = push({ title: 'x'.repeat(200), text: 'New message' });
    await made.isOn();
    await made.turn(true);
    expect((calls.at(-1)?.body as { title: string }).title).toHaveLength(100);
  });

  test('fail with a worker that fails, instead of waiting for it', async () => {
    container.register.mockImplementationOnce(async (url, { scope }) => {
      const one = registration(url, scope);
      void Promise.resolve().then(() => one.becomes('redundant'));
      return one;
    });
    const made = push();
    await made.isOn();
    expect(await made.turn(true)).toBe(false);
  });
});

describe('a subscription that the browser has replaced', () => {
  let transcript: Transcript;
  const posted = () => calls.filter(({ method }) => method === 'POST').map(({ path, body }) => (body as { endpoint?: string }).endpoint ?? path);

  beforeEach(async () => {
    new Browser(new Server()); // with an empty database
    transcript = new Transcript('parlour', () => new Promise(() => {}));
    await transcript.begin('CH1', KEY);
    const made = push();
    await made.isOn();
    await made.turn(true);
    calls = [];
    answers['GET Push'] = { ...OFFER, subscribed: true };
  });

  const replaced = () => (subscription = { ...FIRST, endpoint: 'https://push.example.com/2' });

  test('is registered when the page is open again, once, and one that is the same is not', async () => {
    expect(await push().isOn()).toBe(true);
    expect(posted()).toEqual([]);
    replaced();
    expect(await push().isOn()).toBe(true);
    expect(await push().isOn()).toBe(true);
    expect(posted()).toEqual(['https://push.example.com/2']);
  });

  test('is registered also if the server has deleted the old one meanwhile, and after other changes of the chat', async () => {
    await transcript.keep('CH1', { messages: [], revision: 7, arrived: [] });
    await transcript.read('CH1', 3);
    answers['GET Push'] = OFFER;
    replaced();
    expect(await push().isOn()).toBe(true);
    expect(posted()).toEqual(['https://push.example.com/2']);
    expect(await transcript.load('CH1')).toMatchObject({ revision: 7, readUpTo: 3, deployment: KEY });
  });

  test('is registered again later if the server does not answer now', async () => {
    replaced();
    answers['POST Push'] = { code: 50300, action: 'retry', message: 'later' };
    expect(await push().isOn()).toBe(false);
    answers['POST Push'] = { subscribed: true };
    expect(await push().isOn()).toBe(true);
    expect(posted()).toEqual(Array(2).fill('https://push.example.com/2'));
  });

  test('is not registered for a guest who has switched pushes off or taken the permission away, or for another chat', async () => {
    replaced();
    permission = 'default';
    expect(await push().isOn()).toBe(false);
    permission = 'granted';
    answers['GET Push'] = OFFER;
    await transcript.begin('CH2', KEY);
    expect(await push().isOn()).toBe(false);
    await transcript.begin('CH1', KEY);
    const made = push();
    await made.turn(true);
    await made.turn(false);
    calls = [];
    expect(await push().isOn()).toBe(false);
    expect(posted()).toEqual([]);
  });

  test('is registered by the word of the server where the browser keeps no messages, and makes no database', async () => {
    new Browser(new Server());
    expect(await push().isOn()).toBe(true);
    expect(posted()).toEqual([FIRST.endpoint]);
    expect(await indexedDB.databases()).toEqual([]);
  });
});

vi.mock('../src/widget/chunks', () => ({
  importFrom: async () => {
    if (!isReachable) throw new TypeError('no network');
    return import('../src/widget/push/chunk');
  },
}));
let isReachable = true;

describe('the menu', () => {
  const NAME = 'Notifications when you are away';
  let isOn: boolean | undefined;

  beforeEach(async () => {
    await import('../src/widget/push/chunk'); // so that a click finds it without a wait
    isReachable = true;
    isOn = false;
    vi.stubGlobal('PUSH_CHUNK', 'webchat-push-1.js');
    vi.spyOn(Push.prototype, 'isOn').mockImplementation(async () => isOn);
  });

  test('has a switch only where the page hosts a worker and the server can send', async () => {
    const without = await live();
    await without.click('More');
    expect(() => without.button(NAME)).toThrow('no button');
    const made = await live({ push: '/parlour-push.js' });
    isOn = undefined;
    await made.click('More');
    expect(() => made.button(NAME)).toThrow('no button');
    await made.click('More');
    isOn = true;
    await made.click('More');
    expect(made.button(NAME).getAttribute('aria-pressed')).toBe('true');
    expect(made.all('.menu button').map((one) => one.textContent)).toEqual(
      ['Save as text', 'Save as a web page', 'Alert me to new messages', NAME, 'End chat', 'End chat and erase it here'],
    );
  });

  test('has its code loaded once when a chat is connected and the guest has permitted notifications, so that a replaced subscription is found', async () => {
    permission = 'default';
    const without = await live({ push: '/parlour-push.js' });
    await settle();
    expect(Push.prototype.isOn).not.toHaveBeenCalled();
    without.webchat.destroy();
    permission = 'granted';
    const made = await live({ push: '/parlour-push.js' });
    await settle();
    expect(Push.prototype.isOn).toHaveBeenCalledTimes(1);
    expect(() => made.button(NAME)).toThrow('no button'); // the menu is closed
    made.server.fault = () => 'request lost';
    await made.say('Hello?');
    made.server.fault = () => undefined;
    await made.browser.clock.advance(60_000);
    expect(made.find('.panel').dataset['state']).toBe('live');
    expect(Push.prototype.isOn).toHaveBeenCalledTimes(1);
  });

  test('lacks it while its code cannot be loaded, and where the browser cannot or must not show notifications', async () => {
    isReachable = false;
    const made = await live({ push: '/parlour-push.js' });
    await made.click('More');
    expect(() => made.button(NAME)).toThrow('no button');
    await made.click('More');
    isReachable = true;
    permission = 'denied';
    await made.click('More');
    expect(() => made.button(NAME)).toThrow('no button');
    await made.click('More');
    permission = 'default';
    await made.click('More');
    expect(made.button(NAME)).toBeTruthy();
  });

  test('switches, and says what to do if that fails', async () => {
    const turn = vi.spyOn(Push.prototype, 'turn').mockResolvedValue(false);
    const made = await live({ push: '/parlour-push.js', texts: { pushFailed: 'Allow it, please.' } });
    await made.click('More');
    await made.click(NAME);
    expect(made.text()).toContain('Allow it, please.');
    turn.mockResolvedValue(true);
    await made.click(NAME);
    expect(made.button(NAME).getAttribute('aria-pressed')).toBe('true');
    expect(made.text()).not.toContain('Allow it, please.');
    turn.mockResolvedValue(false);
    await made.click(NAME);
    expect(made.text()).not.toContain('Allow it, please.');
    expect(turn.mock.calls).toEqual([[true], [true], [false]]);
  });

  test('a click on a notification opens the chat', async () => {
    const made = await live({ push: '/parlour-push.js' });
    made.webchat.close();
    expect(made.all('.panel')).toEqual([]);
    container.dispatchEvent(new MessageEvent('message', { data: { of: 'the page' } }));
    expect(made.all('.panel')).toEqual([]);
    container.dispatchEvent(new MessageEvent('message', { data: { parlour: 'open' } }));
    expect(made.all('.panel')).toHaveLength(1);
  });

  test('a text that does not exist is named', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const made = await live({ push: '/parlour-push.js', texts: { pushTexts: 'x' } as object });
    await made.click('More');
    expect(warned).toHaveBeenCalledWith('Parlour: texts.pushTexts is not known; did you mean pushText?');
  });
});

test.each(['push.js', 'https://other.example.com/push.js', '//other.example.com/push.js', 7])('%s is not the path of a worker', (path) => {
  expect(() => optionsOf({ deploymentKey: KEY, push: path }, () => {})).toThrow('push must be');
});

describe('the worker of the page', () => {
  const listeners = new Map<string, (event: object) => void>();
  const shown = vi.fn(async (_title: string, _options: object) => {});
  const opened = vi.fn(async (_url: string) => {});
  let pages: object[];
  let work: Promise<unknown>[];

  beforeEach(async () => {
    listeners.clear();
    shown.mockClear();
    opened.mockClear();
    pages = [];
    work = [];
    vi.stubGlobal('self', {
      parlourPage: '/help',
      addEventListener: (type: string, listener: (event: object) => void) => listeners.set(type, listener),
      registration: { showNotification: shown },
      clients: { matchAll: async () => pages, openWindow: opened },
    });
    vi.resetModules();
    await import('../src/push-worker/main');
  });

  async function gets(type: string, event: object): Promise<void> {
    listeners.get(type)?.({ ...event, waitUntil: (one: Promise<unknown>) => work.push(one) });
    await Promise.all(work);
  }

  test('shows a push of Parlour, and none of another sender', async () => {
    await gets('push', { data: { text: () => '{"parlour":1,"title":"Ask us","text":"New message"}' } });
    expect(shown.mock.calls).toEqual([['Ask us', { body: 'New message', tag: 'parlour', renotify: true }]]);
    for (const data of [null, { text: () => 'hello' }, { text: () => '{"title":"News"}' }]) await gets('push', { data });
    expect(shown).toHaveBeenCalledTimes(1);
  });

  test('a click shows the page that the guest sees, another one of the site, or opens one', async () => {
    const close = vi.fn();
    const click = { notification: { tag: 'parlour', close } };
    await gets('notificationclick', click);
    expect(opened.mock.calls).toEqual([['/help']]);
    const page = (visibilityState: string) => ({ visibilityState, focus: vi.fn(async () => {}), postMessage: vi.fn() });
    const [hidden, visible] = [page('hidden'), page('visible')];
    pages = [hidden, visible];
    await gets('notificationclick', click);
    expect(visible.postMessage.mock.calls).toEqual([[{ parlour: 'open' }]]);
    expect(hidden.focus).not.toHaveBeenCalled();
    await gets('notificationclick', { notification: { tag: 'news', close } });
    expect(close).toHaveBeenCalledTimes(2);
    expect(visible.focus).toHaveBeenCalledTimes(1);
  });
});
