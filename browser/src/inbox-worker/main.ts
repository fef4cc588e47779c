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

/**
 * The browser has replaced or ended the subscription. Its agent still wants pushes if their words are kept, and no other agent is
 * signed in. The server may have deleted the subscription already, after a push to its old address.
 */
async function subscribeAgain(): Promise<void> {
  const read = async (path: string) => (await fetch(path)).json() as Promise<{ identity?: string; key?: string }>;
  const kept = await caches.match(WORDS);
  if (!kept) return;
  const { identity = '', ...words } = (await kept.json()) as { identity?: string };
  const { key } = await read(PUSH);
  if (!key || (await read('/inbox/api/me')).identity !== identity) return;
  const made = await worker.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = made.toJSON();
  const body = JSON.stringify({ endpoint, ...keys, ...words });
  const answered = fetch(PUSH, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  if (!(await answered.catch(() => undefined))?.ok) await made.unsubscribe(); // the server does not know it: the next visit subscribes again
}

/** Shows the conversation in an inbox that is open, or opens one. */
async function showInbox(conversation: string): Promise<void> {
  const pages = (await worker.clients.matchAll({ type: 'window', includeUncontrolled: true })).filter(({ url }) => new URL(url).pathname === INBOX);
  const page = pages.find((one) => one.visibilityState === 'visible') ?? pages[0];
  if (!page) return void (await worker.clients.openWindow(conversation ? `${INBOX}#${conversation}` : INBOX));
  await page.focus();
  page.postMessage({ parlour: 'open', conversation });
}
