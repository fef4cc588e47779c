/**
 * The part of a page's service worker that shows the pushes of Parlour. The worker of the page loads it by
 * importScripts, and may set `parlourPage` before.
 */

interface PushWorker {
  /** The path of the page that a click opens if no page of the site is open. */
  parlourPage?: string;
  addEventListener(type: 'push', listener: (event: PushEvent) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: ClickEvent) => void): void;
  registration: { showNotification(title: string, options: object): Promise<void> };
  clients: {
    matchAll(options: object): Promise<Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
}

interface LastingEvent {
  waitUntil(work: Promise<unknown>): void;
}

interface PushEvent extends LastingEvent {
  data: { text(): string } | null;
}

interface ClickEvent extends LastingEvent {
  notification: { tag: string; close(): void };
}

interface Page {
  visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: object): void;
}

/** Of all notifications of Parlour: a later one replaces an earlier one. */
const TAG = 'parlour';

export {};

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

/** Undefined for a push that another sender than Parlour made. */
function read(text: string): { title: string; text: string } | undefined {
  try {
    const message = JSON.parse(text) as { parlour?: number; title: string; text: string };
    return message.parlour ? message : undefined;
  } catch {
    return undefined;
  }
}

async function showChat(): Promise<void> {
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find((one) => one.visibilityState === 'visible') ?? pages[0];
  if (!page) return void (await worker.clients.openWindow(worker.parlourPage ?? '/'));
  await page.focus();
  page.postMessage({ parlour: 'open' });
}
