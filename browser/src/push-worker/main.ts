/**
 * The part of a page's service worker that shows the pushes of Parlour. The worker of the page loads it by
 * importScripts, and may set `parlourPage` before.
 */

import { type PushWorker, read } from './pushes';

/** Of all notifications of Parlour: a later one replaces an earlier one. */
const TAG = 'parlour';

const worker = self as unknown as PushWorker;

worker.addEventListener('push', (event) => {
  const message = read(event.data?.text() ?? '');
  if (message) event.waitUntil(worker.registration.showNotification(message.title, { body: message.text, tag: TAG, renotify: true }));
});

worker.addEventListener('notificationclick', (event) => {
  const { notification } = event;
  if (notification.tag !== TAG) return; // another one of the site
  notification.close();
  event.waitUntil(showChat());
});

async function showChat(): Promise<void> {
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find((one) => one.visibilityState === 'visible') ?? pages[0];
  if (!page) return void (await worker.clients.openWindow(worker.parlourPage ?? '/'));
  await page.focus();
  page.postMessage({ parlour: 'open' });
}
