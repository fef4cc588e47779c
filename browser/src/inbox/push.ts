import { el, type Child } from '../dom/element';
import { activated, WORDS } from '../dom/worker';
import { Failure, get, post, type Me } from './api';
import { language, texts } from './language';
import { titleOfPage } from './notifications';
import type { Texts } from './texts';

const WORKER = '/inbox-worker.js';
/** A path of its own, so that the worker controls no page. */
const SCOPE = `${WORKER}/`;
/** The agent who has switched pushes on in this browser, and the language of their text. */
const CHOICE = 'parlour inbox push';
/** The longest text that the server takes for a notification. */
const TEXT_CHARACTERS = 100;

interface Offer {
  /** The key of the installation, which is missing where Web Push is off. */
  key?: string;
  subscribed: boolean;
}

/** The texts about the state of pushes in this browser. */
type State = 'pushIsOn' | 'pushIsOff' | 'pushAsked' | 'pushDenied' | 'pushInsecure' | 'pushUnsupported' | 'pushUnavailable' | 'pushFailed';

/** Shows a state, and the text of a failure instead of its own. */
type Show = (state: State, failure?: unknown) => void;

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(): string }): { createScriptURL(text: string): string };
}

/** The page's policy permits this address alone as one of a script (Trusted Types). */
const policy = (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy('parlour-worker', { createScriptURL: () => WORKER });

/** The reason why this browser can have no pushes, whatever the server says. */
function obstacle(): State | undefined {
  if (!window.isSecureContext) return 'pushInsecure';
  if (!('PushManager' in window) || !('Notification' in window) || !navigator.serviceWorker) return 'pushUnsupported';
  return Notification.permission === 'denied' ? 'pushDenied' : undefined;
}

/** The settings of pushes to this browser. */
export async function pushSettings(me: Me): Promise<Child[]> {
  let offer: Offer = { subscribed: false };
  const button = el('button', { class: 'go' });
  const status = el('p', { role: 'status' });
  let isOn = false;
  const show: Show = (state, failure) => {
    isOn = state === 'pushIsOn';
    const text: keyof Texts = isOn ? 'pushTurnOff' : 'pushTurnOn';
    button.textContent = texts[text];
    button.hidden = !isOn && state !== 'pushIsOff' && state !== 'pushFailed';
    status.textContent = failure instanceof Failure ? failure.message : texts[state];
  };
  button.onclick = async () => {
    button.disabled = true;
    await (isOn ? turnOff(show) : turnOn(me, offer.key ?? '', show));
    button.disabled = false;
  };
  let state = obstacle();
  if (!state) {
    offer = await get<Offer>('/push');
    if (!offer.key) state = 'pushUnavailable';
    else state = offer.subscribed && Notification.permission === 'granted' && (await isMade(offer.key)) ? 'pushIsOn' : 'pushIsOff';
  }
  show(state);
  return [el('h2', {}, texts.push), el('p', { class: 'soft' }, texts.pushHint), button, status];
}

/** Must be called by a click: a browser asks the agent for permission only then. */
async function turnOn(me: Me, key: string, show: Show): Promise<void> {
  if (Notification.permission === 'default') show('pushAsked');
  if ((await Notification.requestPermission()) !== 'granted') return show(obstacle() ?? 'pushIsOff');
  try {
    await subscribe(me, key);
    show('pushIsOn');
  } catch (failure) {
    console.warn(`Parlour: no pushes: ${String(failure)}`); // the worker, the push service of the browser, or the server
    show('pushFailed', failure);
  }
}

async function turnOff(show: Show): Promise<void> {
  try {
    await post('/push/end', {});
    choose('');
    await forgetWords();
    show('pushIsOff');
  } catch (failure) {
    show('pushIsOn', failure);
  }
}

/**
 * Whether the browser has a subscription under this key. After the installation has lost its key, push services refuse all
 * pushes to earlier subscriptions, and the server cannot know why.
 */
async function isMade(key: string): Promise<boolean> {
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  const own = await registration?.pushManager.getSubscription();
  const made = own?.options.applicationServerKey;
  if (!made) return !!own;
  return String.fromCharCode(...new Uint8Array(made)) === atob(key.replace(/-/g, '+').replace(/_/g, '/'));
}

/**
 * Subscribes again after a sign-in, if the same agent has switched pushes on in this browser: a subscription ends with the
 * sign-in that it belongs to. The same after the browser has lost it, or the installation its key. Removes the notifications that the agent sees in the page now.
 */
export async function renewPushes(me: Me): Promise<void> {
  if (obstacle()) return;
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  for (const one of (await registration?.getNotifications()) ?? []) one.close();
  const [identity, code] = chosen().split(' ');
  if (identity !== me.identity || Notification.permission !== 'granted') return;
  const { key, subscribed } = await get<Offer>('/push');
  if (key && (!subscribed || code !== language.code || !(await isMade(key)) || !(await hasWords(me)))) await subscribe(me, key);
}

/** False for an agent who subscribed under an earlier version, too, which kept none, or kept them for nobody. */
async function hasWords(me: Me): Promise<boolean> {
  const kept = (await (await caches.match(WORDS))?.json()) as Partial<Me> | undefined;
  return kept?.identity === me.identity;
}

/** The worker subscribes for nobody any more: the agent has signed out, or switched pushes off. */
export async function forgetWords(): Promise<void> {
  await keptForWorker().then((cache) => cache.delete(WORDS)).catch(() => {}); // the browser keeps nothing
}

async function subscribe(me: Me, key: string): Promise<void> {
  const { endpoint, keys } = (await subscription(key)).toJSON();
  const [title, text] = [titleOfPage(), texts.pushMessage].map((one) => one.slice(0, TEXT_CHARACTERS));
  await post('/push', { endpoint, p256dh: keys?.['p256dh'], auth: keys?.['auth'], title, text });
  await keepForWorker({ identity: me.identity, title, text }).catch(() => {}); // then the next page subscribes again after a change
  choose(`${me.identity} ${language.code}`);
}

/** The worker subscribes again with these words if the browser replaces its subscription. */
async function keepForWorker(words: object): Promise<void> {
  await (await keptForWorker()).put(WORDS, Response.json(words));
}

const keptForWorker = async () => caches.open('parlour inbox');

async function subscription(applicationServerKey: string): Promise<PushSubscription> {
  const url = policy?.createScriptURL('') ?? WORKER;
  const registration = await navigator.serviceWorker.register(url, { scope: SCOPE });
  await activated(registration);
  const { pushManager } = registration;
  const make = () => pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  try {
    return await make();
  } catch (failure) {
    const earlier = await pushManager.getSubscription();
    if (!earlier) throw failure;
    await earlier.unsubscribe(); // it was made under another key
    return make();
  }
}

/** Calls the listener with the conversation of a notification that the agent has clicked. */
export function whenClicked(open: (sid: string) => void, signal: AbortSignal): void {
  navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent<{ parlour?: string; conversation?: string }>) => {
    if (data.parlour === 'open' && data.conversation) open(data.conversation);
  }, { signal });
}

/** The conversation that the address of the page names, once: a click on a notification has opened the page. */
export function conversationOfAddress(): string | undefined {
  const sid = /^#(CH[0-9a-f]{32})$/.exec(location.hash)?.[1];
  if (sid) history.replaceState(null, '', location.pathname);
  return sid;
}

function chosen(): string {
  try {
    return localStorage.getItem(CHOICE) ?? '';
  } catch {
    return ''; // the browser keeps nothing
  }
}

function choose(choice: string): void {
  try {
    localStorage.setItem(CHOICE, choice);
  } catch {
    // the browser keeps nothing, so the agent must switch pushes on after each sign-in
  }
}
