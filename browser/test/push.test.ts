import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { FileParts } from '../src/widget/files/parts';
import { optionsOf } from '../src/widget/options';
import { Push } from '../src/widget/push/push';
import { Tabs } from '../src/widget/tabs';
import { Transcript } from '../src/widget/transcript';
import { Browser, settle } from './browser';
import { never, withDatabase } from './database';
import { live } from './page';
import { KEY, Server } from './server';

const OFFER = { key: 'BKEY', subscribed: false };
const FIRST = { endpoint: 'https://push.example.com/1', keys: { p256dh: 'BBROWSER', auth: 'SECRET' } };

/** The browser's subscription. */
let subscription: typeof FIRST;
let calls: { method: string; path: string; body: unknown }[];
let answers: Record<string, object>;
let permission: NotificationPermission;
/** Runs before the server answers a call. */
let answering: (path: string) => Promise<unknown>;
/** The chat on the page. */
let running: { sid: string };
let state: { is: string; why?: string };

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
  new Browser(new Server()); // with an empty database
  calls = [];
  permission = 'granted';
  subscription = FIRST;
  running = { sid: 'CH1' };
  state = { is: 'live' };
  answering = async () => {};
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

interface PageOfPush {
  words?: { title: string; text: string };
  /** Those that share it exclude each other. A page that is left holds no lock. */
  tabs?: Tabs;
  wait?: () => Promise<void>;
}

function push({ words = { title: 'Ask us', text: 'New message' }, tabs = new Tabs('parlour', undefined, undefined), wait = () => new Promise(() => {}) }: PageOfPush = {}): Push {
  const current = {
    get running() { return running; },
    get state() { return state; },
    goesOn: (c: unknown) => c === running,
  };
  const parts = {
    deps: { wait, tabs, protocol: { server: 'https://chat.example.com', deploymentKey: KEY }, keys: { serverSays() {}, serverTime: () => 0 } },
    current,
    session: { ask: (c: { sid: string }, call: (of: unknown) => unknown) => call({ loginTimestamp: '1', token: c.sid, conversationSid: c.sid }) },
  } as unknown as FileParts;
  return new Push(parts, '/parlour-push.js', words, async (url, { method = '', body } = {}) => {
    const path = String(url).replace('https://chat.example.com/v2/Webchat/', '');
    calls.push({ method, path, body: body ? JSON.parse(body as string) : undefined });
    await answering(`${method} ${path}`);
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
    const made = push({ words: { title: 'x'.repeat(200), text: 'New message' } });
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

  test('is registered if the server has one and the browser stores nothing; no database is made', async () => {
    new Browser(new Server());
    expect(await push().isOn()).toBe(true);
    expect(posted()).toEqual([FIRST.endpoint]);
    expect(await push().turn(false)).toBe(false);
    expect(await indexedDB.databases()).toEqual([]);
  });

  test.each([
    ['leaves the page at once', () => new Promise(() => {})],
    ['gets no answer', () => Promise.reject(new TypeError('no network'))],
  ])('is not registered for a guest who switches pushes off and %s', async (_what, answer) => {
    answering = async (path) => path === 'POST Push/End' && answer();
    void push().turn(false);
    await vi.waitFor(() => expect(posted()).toEqual(['Push/End']));
    answers['GET Push'] = OFFER;
    expect(await push().isOn()).toBe(false);
    expect(posted()).toEqual(['Push/End']);
  });

  test('is registered as before if the server has not switched pushes off', async () => {
    answers['POST Push/End'] = { code: 50300, action: 'retry', message: 'later' };
    expect(await push().turn(false)).toBe(true);
    expect(await push().isOn()).toBe(true);
    answers['GET Push'] = OFFER;
    expect(await push().isOn()).toBe(true);
    expect(posted()).toEqual(['Push/End', FIRST.endpoint, FIRST.endpoint]);
  });

  test.each([
    ['fails', () => { throw new DOMException('no', 'UnknownError'); }],
    ['hangs', never],
  ])('may be registered again if the database %s, so the guest does not see that pushes are off', async (_what, open) => {
    const repair = withDatabase({ open });
    expect(await push({ wait: async () => {} }).turn(false)).toBe(true);
    repair();
    expect(posted()).toEqual(['Push/End']);
    expect(await push().turn(false)).toBe(false);
    answers['GET Push'] = OFFER;
    expect(await push().isOn()).toBe(false);
    expect(posted()).toEqual(['Push/End', 'Push/End']);
  });

  test.each(['in another tab', 'in the same tab'])('is not registered after the guest has switched pushes off %s while it was looked for', async (where) => {
    replaced();
    let answer = (): void => {};
    answering = (path) => (path === 'POST Push' ? new Promise<void>((resolve) => (answer = resolve)) : Promise.resolve());
    const tabs = new Tabs('parlour', undefined, undefined);
    const made = push({ tabs });
    const looks = made.isOn();
    await vi.waitFor(() => expect(posted()).toHaveLength(1));
    const turns = (where === 'in the same tab' ? made : push({ tabs })).turn(false);
    await settle();
    expect(posted()).toEqual(['https://push.example.com/2']);
    answer();
    expect(await Promise.all([looks, turns])).toEqual([true, false]);
    answers['GET Push'] = OFFER;
    expect(await push().isOn()).toBe(false);
    expect(posted()).toEqual(['https://push.example.com/2', 'Push/End']);
  });

  test.each([
    ['looked for', 'GET Push', (made: Push) => made.isOn()],
    ['switched on', 'the guest permits it', (made: Push) => made.turn(true)],
  ])('is not registered for another chat that begins while it is %s', async (_what, when, act) => {
    replaced();
    const begins = async () => void (running = { sid: 'CH2' });
    if (when === 'GET Push') answering = begins;
    else vi.stubGlobal('Notification', { permission, requestPermission: async () => begins().then(() => permission) });
    expect(await act(push())).toBeFalsy();
    expect(posted()).toEqual([]);
  });

  test('is looked for until the server has answered and has what it needs, for each chat', async () => {
    const made = push();
    expect(made.isDue).toBe(true);
    answers['GET Push'] = { code: 50300, action: 'retry', message: 'later' };
    await made.isOn();
    expect(made.isDue).toBe(true);
    answers['GET Push'] = { ...OFFER, subscribed: true };
    answers['POST Push'] = { code: 50300, action: 'retry', message: 'later' };
    replaced();
    await made.isOn();
    expect(made.isDue).toBe(true);
    answers['POST Push'] = { subscribed: true };
    const looks = made.isOn();
    expect(made.isDue).toBe(false);
    await looks;
    expect(made.isDue).toBe(false);
    running = { sid: 'CH2' };
    expect(made.isDue).toBe(true);
    answers['GET Push'] = { subscribed: false }; // it has no key
    await made.isOn();
    expect(made.isDue).toBe(false);
  });

  test.each([
    ['live', undefined, true],
    ['reconnecting', 'polling', true],
    ['reconnecting', 'lost', false],
    ['resuming', undefined, false],
  ])('is looked for in a chat that is connected: %s, %s', (is, why, isDue) => {
    state = { is, ...(why ? { why } : {}) };
    expect(push().isDue).toBe(isDue);
  });
});

vi.mock('../src/widget/chunks', () => ({
  importFrom: async () => {
    if (!isReachable) throw new TypeError('no network');
    await loading();
    return import('../src/widget/push/chunk');
  },
}));
let isReachable = true;
let loading = async () => {};

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

  test('has its code loaded when a chat is connected and the guest has permitted notifications, so that a replaced subscription is found', async () => {
    permission = 'default';
    const without = await live({ push: '/parlour-push.js' });
    await settle();
    expect(Push.prototype.isOn).not.toHaveBeenCalled();
    without.webchat.destroy();
    permission = 'granted';
    const made = await live({ push: '/parlour-push.js' });
    await settle();
    expect(Push.prototype.isOn).toHaveBeenCalled();
    expect(() => made.button(NAME)).toThrow('no button'); // the menu is closed
  });

  test('looks for a replaced subscription whenever the chat is connected again, until it knows', async () => {
    vi.mocked(Push.prototype.isOn).mockRestore();
    let isDown = true;
    const asked = vi.fn(async () => new Response(isDown ? 'down' : JSON.stringify(OFFER), { status: isDown ? 502 : 200, headers: { 'Content-Type': 'application/json' } }));
    vi.stubGlobal('fetch', async (url: string, ...rest: unknown[]) => (url.endsWith('/Push') ? asked(...(rest as [])) : new Response('{}')));
    const made = await live({ push: '/parlour-push.js' });
    const reconnects = async () => {
      made.server.fault = () => 'request lost';
      made.server.loseSockets();
      await settle();
      expect(made.find('.panel').dataset['state']).toBe('reconnecting');
      made.server.fault = () => undefined;
      await made.browser.clock.advance(60_000);
      expect(made.find('.panel').dataset['state']).toBe('live');
    };
    expect(asked).toHaveBeenCalledTimes(1);
    await reconnects();
    expect(asked).toHaveBeenCalledTimes(2);
    isDown = false;
    await reconnects();
    expect(asked).toHaveBeenCalledTimes(3);
    await reconnects();
    expect(asked).toHaveBeenCalledTimes(3);
    await made.click('More');
    expect(asked).toHaveBeenCalledTimes(4);
  });

  test('has one switch, also if its code is loaded twice at once', async () => {
    const loaded: (() => void)[] = [];
    loading = () => new Promise((resolve) => loaded.push(resolve));
    onTestFinished(() => void (loading = async () => {}));
    const made = await live({ push: '/parlour-push.js' });
    await made.click('More');
    for (const one of loaded) one();
    await settle();
    expect(loaded.length).toBeGreaterThan(1);
    expect(made.all('.menu button').filter((one) => one.textContent === NAME)).toHaveLength(1);
  });

  test('looks for it also where no socket works', async () => {
    const server = new Server();
    server.hasSockets = false;
    const made = await live({ push: '/parlour-push.js' }, new Browser(server));
    await made.browser.clock.advance(3_000);
    expect(made.find('.panel').dataset['state']).toBe('reconnecting');
    expect(Push.prototype.isOn).toHaveBeenCalled();
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
