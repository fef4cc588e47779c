/**
 * The service worker of the inbox. It shows pushes, and controls no page: its scope is a path of its own.
 */
import { WORDS } from '../dom/worker';
import { type PushWorker, read } from '../push-worker/pushes';

/** Of all notifications of the inbox: a later one replaces an earlier one. */
const TAG = 'parlour-inbox';
const INBOX = '/inbox';
const PUSH = '/inbox/api/push';
const SID = /^CH[0-9a-f]{32}$/;

const worker = self as unknown as PushWorker;

worker.addEventListener('push', (event) => {
  const message = read(event.data?.text() ?? '');
  if (!message) return;
  const { title, text: body, conversation: data } = message;
  event.waitUntil(worker.registration.showNotification(title, { body, data, tag: TAG, renotify: true, icon: '/icon.svg' }));
});

worker.addEventListener('notificationclick', (event) => {
  const { notification } = event;
  notification.close();
  const sid = String(notification.data);
  event.waitUntil(showInbox(SID.test(sid) ? sid : ''));
});

worker.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(subscribeAgain()));

/** The browser has replaced or ended the subscription. Nothing to do if the agent has signed out, or switched pushes off. */
async function subscribeAgain(): Promise<void> {
  const offer = (await (await fetch(PUSH)).json()) as { key?: string; subscribed?: boolean };
  const words = await caches.match(WORDS);
  if (!offer.key || !offer.subscribed || !words) return;
  const made = await worker.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: offer.key });
  const { endpoint, keys } = made.toJSON();
  const body = JSON.stringify({ endpoint, p256dh: keys?.['p256dh'], auth: keys?.['auth'], ...((await words.json()) as object) });
  await fetch(PUSH, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
}

/** Shows the conversation in an inbox that is open, or opens one. */
async function showInbox(conversation: string): Promise<void> {
  const pages = (await worker.clients.matchAll({ type: 'window', includeUncontrolled: true })).filter(({ url }) => new URL(url).pathname === INBOX);
  const page = pages.find((one) => one.visibilityState === 'visible') ?? pages[0];
  if (!page) return void (await worker.clients.openWindow(conversation ? `${INBOX}#${conversation}` : INBOX));
  await page.focus();
  page.postMessage({ parlour: 'open', conversation });
}
