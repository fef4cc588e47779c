import { afterEach, beforeEach, describe, expect, test, vi, type Mock } from 'vitest';
import type { Child } from '../src/dom/element';
import { use } from '../src/inbox/language';
import GERMAN from '../src/inbox/languages/de';
import { ENGLISH } from '../src/inbox/texts';
import { conversationOfAddress, forgetWords, pushSettings, renewPushes, whenClicked } from '../src/inbox/push';
import { ENGLISH as IN_ENGLISH, languageFor } from '../src/widget/languages';
import { ME } from './inbox-page';

const SUBSCRIPTION = { endpoint: 'https://push.example.com/1', keys: { p256dh: 'BBROWSER', auth: 'SECRET' } };
const SID = `CH${'a'.repeat(32)}`;

let calls: { path: string; body: unknown }[];
let offer: { key?: string; subscribed: boolean };
let permission: NotificationPermission;
let answer: NotificationPermission;
let subscribe: Mock<(options: { applicationServerKey: string }) => Promise<unknown>>;
let shown: { close: () => void }[];
/** The subscription of the browser, and the key under which it was made. */
let own: { toJSON: () => object; options: { applicationServerKey: ArrayBuffer }; unsubscribe: () => Promise<boolean> } | null;
/** The agent of this browser. */
let signedIn: typeof ME | undefined;
/** No POST reaches the server. */
let isOffline = false;
let refusal: { status: number; body: object } | undefined;

const bytesOf = (key: string) => Uint8Array.from(atob(key.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0)).buffer;
const pushManager = {
  subscribe: (options: { applicationServerKey: string }) => subscribe(options),
  getSubscription: async () => own,
};

const container = Object.assign(new EventTarget(), {
  register: vi.fn(async (_url: string, _options: object) => ({
    active: {},
    pushManager,
  })),
  getRegistration: async () => ({ getNotifications: async () => shown, pushManager }),
});

beforeEach(() => {
  calls = [];
  offer = { key: 'B-_KEY', subscribed: false };
  permission = 'default';
  answer = 'granted';
  shown = [];
  own = null;
  refusal = undefined;
  signedIn = ME;
  isOffline = false;
  subscribe = vi.fn(async ({ applicationServerKey }: { applicationServerKey: string }) => {
    const made = bytesOf(applicationServerKey);
    if (own && new Uint8Array(own.options.applicationServerKey).join() !== new Uint8Array(made).join()) throw new DOMException('another key', 'InvalidStateError');
    own = { toJSON: () => SUBSCRIPTION, options: { applicationServerKey: made }, unsubscribe: async () => !(own = null) };
    return own;
  });
  container.register.mockClear();
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('PushManager', class {});
  vi.stubGlobal('Notification', {
    get permission() {
      return permission;
    },
    requestPermission: async () => (permission = answer),
  });
  Object.defineProperty(navigator, 'serviceWorker', { value: container, configurable: true });
  vi.stubGlobal('fetch', async (path: string, { method, body }: RequestInit = {}) => {
    calls.push({ path, body: body ? JSON.parse(body as string) : undefined });
    if (isOffline && method === 'POST') throw new TypeError('Failed to fetch');
    if (refusal && method === 'POST') return new Response(JSON.stringify(refusal.body), { status: refusal.status, headers: { 'Content-Type': 'application/json' } });
    if (method === 'POST') offer.subscribed = path === '/inbox/api/push';
    if (path === '/inbox/api/me') return Response.json(signedIn ?? { code: 45782 }, { status: signedIn ? 200 : 401 });
    return new Response(JSON.stringify(offer), { headers: { 'Content-Type': 'application/json' } });
  });
  const kept = new Map<string, Response>();
  const cache = { put: async (path: string, response: Response) => void kept.set(path, response), delete: async (path: string) => kept.delete(path) };
  vi.stubGlobal('caches', { open: async () => cache, match: async (path: string) => kept.get(path)?.clone() });
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
  Reflect.deleteProperty(navigator, 'serviceWorker');
});

/** The settings as the agent reads them. */
async function settings() {
  const parts: Child[] = await pushSettings(ME);
  const [button, status] = parts.slice(2) as [HTMLButtonElement, HTMLElement];
  return {
    button,
    get says() {
      return [button.hidden ? '' : button.textContent, status.textContent];
    },
    async click() {
      button.click();
      await vi.waitFor(() => expect(button.disabled).toBe(false));
    },
  };
}

describe('pushes of the inbox', () => {
  test('are switched on by a click, with the key of the server and words of the page, and off again', async () => {
    const made = await settings();
    expect(made.says).toEqual([ENGLISH.pushTurnOn, ENGLISH.pushIsOff]);
    await made.click();
    expect(made.says).toEqual([ENGLISH.pushTurnOff, ENGLISH.pushIsOn]);
    expect(container.register.mock.calls).toEqual([['/inbox-worker.js', { scope: '/inbox-worker.js/' }]]);
    expect(subscribe.mock.calls).toEqual([[{ userVisibleOnly: true, applicationServerKey: 'B-_KEY' }]]);
    expect(calls.at(-1)).toEqual({
      path: '/inbox/api/push',
      body: { endpoint: 'https://push.example.com/1', p256dh: 'BBROWSER', auth: 'SECRET', title: 'Inbox – Parlour', text: 'New message in {desk}' },
    });
    await made.click();
    expect(calls.at(-1)?.path).toBe('/inbox/api/push/end');
    expect(made.says).toEqual([ENGLISH.pushTurnOn, ENGLISH.pushIsOff]);
  });

  test('say that the browser asks, and that it was refused', async () => {
    const asked = vi.fn();
    vi.stubGlobal('Notification', { permission: 'default', requestPermission: () => new Promise((resolve) => asked.mockImplementation(resolve)) });
    const made = await settings();
    made.button.click();
    expect(made.says).toEqual(['', ENGLISH.pushAsked]);
    vi.stubGlobal('Notification', { permission: 'denied' });
    asked('denied');
    await vi.waitFor(() => expect(made.says).toEqual(['', ENGLISH.pushDenied]));
    expect(calls).toHaveLength(1);
  });

  test('say why there can be none', async () => {
    vi.stubGlobal('isSecureContext', false);
    expect((await settings()).says).toEqual(['', ENGLISH.pushInsecure]);
    vi.stubGlobal('isSecureContext', true);
    Reflect.deleteProperty(window, 'PushManager');
    expect((await settings()).says).toEqual(['', ENGLISH.pushUnsupported]);
    vi.stubGlobal('PushManager', class {});
    permission = 'denied';
    expect((await settings()).says).toEqual(['', ENGLISH.pushDenied]);
    expect(calls).toEqual([]);
    permission = 'granted';
    offer = { subscribed: false };
    expect((await settings()).says).toEqual(['', ENGLISH.pushUnavailable]);
  });

  test('can be tried again after the browser could not subscribe', async () => {
    subscribe.mockRejectedValueOnce(new Error('no push service'));
    const made = await settings();
    await made.click();
    expect(made.says).toEqual([ENGLISH.pushTurnOn, ENGLISH.pushFailed]);
    await made.click();
    expect(made.says).toEqual([ENGLISH.pushTurnOff, ENGLISH.pushIsOn]);
  });

  test('say the reason of the server when they cannot be switched on', async () => {
    refusal = { status: 409, body: { code: 45794, message: 'You get pushes in 10 browsers already.' } };
    const made = await settings();
    await made.click();
    expect(made.says).toEqual([ENGLISH.pushTurnOn, 'You get pushes in 10 browsers already.']);
    use(languageFor('de', '', 'ltr', []), GERMAN);
    await made.click();
    expect(made.says).toEqual([GERMAN.pushTurnOn, GERMAN.pushImpossible]);
    use(IN_ENGLISH, ENGLISH);
  });

  test('say why they could not be switched off, and stay on also after the next sign-in', async () => {
    const made = await settings();
    await made.click();
    refusal = { status: 503, body: {} };
    await made.click();
    expect(made.says).toEqual([ENGLISH.pushTurnOff, ENGLISH.unavailable]);
    refusal = undefined;
    offer.subscribed = false;
    await renewPushes(ME);
    expect(offer.subscribed).toBe(true);
    await made.click();
    expect(made.says).toEqual([ENGLISH.pushTurnOn, ENGLISH.pushIsOff]);
  });

  test('are renewed under a new key of the installation, and after the browser has lost its subscription', async () => {
    await (await settings()).click();
    offer.key = 'BNEW';
    expect((await settings()).says).toEqual([ENGLISH.pushTurnOn, ENGLISH.pushIsOff]);
    await renewPushes(ME);
    expect(new Uint8Array(own!.options.applicationServerKey)).toEqual(new Uint8Array(bytesOf('BNEW')));
    expect(calls.at(-1)?.path).toBe('/inbox/api/push');
    expect(calls.at(-1)?.body).toBeDefined();
    expect((await settings()).says).toEqual([ENGLISH.pushTurnOff, ENGLISH.pushIsOn]);
    own = null;
    await renewPushes(ME);
    expect(own).not.toBeNull();
  });

  test('come back after a sign-in of the same agent, and of no other', async () => {
    await (await settings()).click();
    offer.subscribed = false; // the sign-in has ended
    await renewPushes({ ...ME, identity: 'agent-ben' });
    expect(offer.subscribed).toBe(false);
    await renewPushes(ME);
    expect(offer.subscribed).toBe(true);
    calls = [];
    await renewPushes(ME);
    expect(calls.map(({ path }) => path)).toEqual(['/inbox/api/push']);
    await (await settings()).click();
    await renewPushes(ME);
    expect(offer.subscribed).toBe(false);
  });

  test('are subscribed anew for an agent whose browser keeps no words for its worker, or those of an earlier version', async () => {
    await (await settings()).click();
    for (const kept of [undefined, { title: 'Inbox', text: 'New message' }]) {
      await forgetWords();
      if (kept) await (await caches.open('')).put('/inbox-worker.js/words', Response.json(kept));
      calls = [];
      await renewPushes(ME);
      await renewPushes(ME);
      expect(calls.map(({ body }) => !!body)).toEqual([false, true, false]);
    }
  });

  test('are not shown any more in an inbox that is opened', async () => {
    const close = vi.fn();
    shown = [{ close }];
    await renewPushes(ME);
    expect(close).toHaveBeenCalledOnce();
    expect(calls).toEqual([]);
  });

  test('open their conversation by a click, in an open page or by the address', () => {
    const open = vi.fn();
    const leaving = new AbortController();
    whenClicked(open, leaving.signal);
    container.dispatchEvent(new MessageEvent('message', { data: { parlour: 'open', conversation: '' } }));
    container.dispatchEvent(new MessageEvent('message', { data: { parlour: 'open', conversation: SID } }));
    leaving.abort();
    container.dispatchEvent(new MessageEvent('message', { data: { parlour: 'open', conversation: SID } }));
    expect(open.mock.calls).toEqual([[SID]]);
    expect(conversationOfAddress()).toBeUndefined();
    location.hash = `#${SID}`;
    expect(conversationOfAddress()).toBe(SID);
    expect(conversationOfAddress()).toBeUndefined();
  });
});

describe('the worker of the inbox', () => {
  const listeners = new Map<string, (event: object) => void>();
  const notified = vi.fn(async (_title: string, _options: object) => {});
  const opened = vi.fn(async (_url: string) => {});
  let pages: object[];
  let work: Promise<unknown>[];

  beforeEach(async () => {
    pages = [];
    work = [];
    notified.mockClear();
    opened.mockClear();
    vi.stubGlobal('self', {
      addEventListener: (type: string, listener: (event: object) => void) => listeners.set(type, listener),
      registration: { showNotification: notified, pushManager },
      clients: { matchAll: async () => pages, openWindow: opened },
    });
    vi.resetModules();
    await import('../src/inbox-worker/main');
  });

  async function happens(type: string, event: object): Promise<void> {
    listeners.get(type)?.({ ...event, waitUntil: (one: Promise<unknown>) => work.push(one) });
    await Promise.all(work);
  }

  const page = (path: string, visibilityState: string) => ({ url: `https://desk.example${path}`, visibilityState, focus: vi.fn(), postMessage: vi.fn() });
  const clicked = (data: unknown) => happens('notificationclick', { notification: { data, close() {} } });

  test('shows one notification, which a later one replaces', async () => {
    await happens('push', { data: { text: () => JSON.stringify({ parlour: 1, title: 'Inbox', text: 'New message in Sales', conversation: SID }) } });
    await happens('push', { data: { text: () => '{"title":"of another sender"}' } });
    await happens('push', { data: null });
    expect(notified.mock.calls).toEqual([['Inbox', { body: 'New message in Sales', data: SID, tag: 'parlour-inbox', renotify: true, icon: '/icon.svg' }]]);
  });

  test('subscribes again with the words of the page when the browser replaces the subscription', async () => {
    offer.subscribed = true;
    await renewPushes(ME); // keeps nothing, because pushes are off for this agent
    await happens('pushsubscriptionchange', {});
    expect(subscribe).not.toHaveBeenCalled();
    permission = 'granted';
    await (await settings()).click();
    offer.subscribed = true;
    subscribe.mockClear();
    await happens('pushsubscriptionchange', {});
    expect(subscribe.mock.calls).toEqual([[{ userVisibleOnly: true, applicationServerKey: 'B-_KEY' }]]);
    expect(calls.at(-1)).toEqual({
      path: '/inbox/api/push',
      body: { endpoint: 'https://push.example.com/1', p256dh: 'BBROWSER', auth: 'SECRET', title: 'Inbox – Parlour', text: 'New message in {desk}' },
    });
  });

  const posts = () => calls.filter(({ body }) => body);

  test('subscribes again also if the server has deleted the subscription, after a push to its old address', async () => {
    await (await settings()).click();
    own = null;
    offer.subscribed = false;
    calls = [];
    await happens('pushsubscriptionchange', {});
    expect(own).not.toBeNull();
    expect(posts()).toHaveLength(1);
  });

  test('subscribes for nobody but the agent who has switched pushes on', async () => {
    await (await settings()).click();
    calls = [];
    subscribe.mockClear();
    for (const other of [undefined, { ...ME, identity: 'agent-ben' }]) {
      signedIn = other;
      await happens('pushsubscriptionchange', {});
    }
    signedIn = ME;
    await forgetWords(); // a sign-out
    await happens('pushsubscriptionchange', {});
    await renewPushes(ME);
    await (await settings()).click(); // switches pushes off
    calls = [];
    subscribe.mockClear();
    await happens('pushsubscriptionchange', {});
    expect(subscribe).not.toHaveBeenCalled();
    expect(posts()).toEqual([]);
  });

  test.each([['refuses', async () => void (refusal = { status: 503, body: {} })], ['cannot be reached for', async () => void (isOffline = true)]])(
    'keeps no subscription that the server %s, so that the next visit subscribes again', async (_, fail) => {
      await (await settings()).click();
      own = null;
      await fail();
      await happens('pushsubscriptionchange', {});
      expect(subscribe).toHaveBeenCalledTimes(2);
      expect(own).toBeNull();
      refusal = undefined;
      isOffline = false;
      calls = [];
      await renewPushes(ME);
      expect(own).not.toBeNull();
      expect(posts()).toHaveLength(1);
    });

  test('a click shows the conversation in an inbox that is open, and opens one otherwise', async () => {
    const [other, hidden, visible] = [page('/console', 'visible'), page('/inbox', 'hidden'), page('/inbox', 'visible')];
    pages = [other, hidden, visible];
    await clicked(SID);
    expect(visible.focus).toHaveBeenCalledOnce();
    expect(visible.postMessage.mock.calls).toEqual([[{ parlour: 'open', conversation: SID }]]);
    expect(opened).not.toHaveBeenCalled();
    pages = [other];
    await clicked(SID);
    await clicked('https://evil.example');
    expect(opened.mock.calls).toEqual([[`/inbox#${SID}`], ['/inbox']]);
  });
});
