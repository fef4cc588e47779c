/**
 * The service worker of the inbox. It shows pushes, and controls no page: its scope is a path of its own.
 */
import { type PushWorker, read } from '../push-worker/pushes';

/** Of all notifications of the inbox: a later one replaces an earlier one. */
const TAG = 'parlour-inbox';
const INBOX = '/inbox';
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

/** Shows the conversation in an inbox that is open, or opens one. */
async function showInbox(conversation: string): Promise<void> {
  const pages = (await worker.clients.matchAll({ type: 'window', includeUncontrolled: true })).filter(({ url }) => new URL(url).pathname === INBOX);
  const page = pages.find((one) => one.visibilityState === 'visible') ?? pages[0];
  if (!page) return void (await worker.clients.openWindow(conversation ? `${INBOX}#${conversation}` : INBOX));
  await page.focus();
  page.postMessage({ parlour: 'open', conversation });
}
