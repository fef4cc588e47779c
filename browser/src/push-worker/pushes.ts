/** A service worker, as far as those of Parlour use it: TypeScript has its types only for a program of its own. */
export interface PushWorker {
  /** The path of the page that a click opens if no page of the site is open. */
  parlourPage?: string;
  addEventListener(type: 'push', listener: (event: PushEvent) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: ClickEvent) => void): void;
  addEventListener(type: 'pushsubscriptionchange', listener: (event: LastingEvent) => void): void;
  registration: Pick<ServiceWorkerRegistration, 'pushManager'> & { showNotification(title: string, options: object): Promise<void> };
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
  notification: { tag: string; data?: unknown; close(): void };
}

export interface Page {
  url: string;
  visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: object): void;
}

/** The plaintext of a push. */
export interface Push {
  title: string;
  text: string;
  /** Only in a push to an agent. */
  conversation?: string;
}

/** Undefined for a push that another sender than Parlour made. */
export function read(text: string): Push | undefined {
  try {
    const message = JSON.parse(text) as Push & { parlour?: number };
    return message.parlour ? message : undefined;
  } catch {
    return undefined;
  }
}
