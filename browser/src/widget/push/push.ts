import { activated, workerOf } from '../../dom/worker';
import type { FileParts } from '../files/parts';
import type { StoredSession } from '../storage';
import { PushProtocol, type PushOffer } from './push-protocol';

/** The longest text that the server takes for a notification. */
const TEXT_CHARACTERS = 100;

/** The words of a notification. */
export interface PushWords {
  title: string;
  text: string;
}

/** Web Push for the chat on this page, by a service worker that the page hosts. */
export class Push {
  readonly #protocol: PushProtocol;
  /** Of the last answer of the server. */
  #key = '';

  /**
   * @param worker the path of the service worker
   */
  constructor(
    private readonly parts: FileParts,
    private readonly worker: string,
    private readonly words: PushWords,
    fetching: typeof fetch = (...call) => fetch(...call),
  ) {
    const { protocol, keys } = parts.deps;
    this.#protocol = new PushProtocol(protocol.server, protocol.deploymentKey, keys, fetching);
  }

  /** Whether this chat has a subscription. Undefined: it can have none here, or this is not known now. */
  async isOn(): Promise<boolean | undefined> {
    const offer = await this.#ask((session) => this.#protocol.find(session));
    this.#key = offer?.key ?? '';
    return this.#key ? offer?.subscribed : undefined;
  }

  /**
   * Must be called by a click: a browser asks the guest for permission only then. Call {@link isOn} before.
   *
   * @return whether it is on afterwards
   */
  async turn(on: boolean): Promise<boolean> {
    return on ? this.#turnOn() : !(await this.#ask((session) => this.#protocol.cancel(session)));
  }

  async #turnOn(): Promise<boolean> {
    if ((await Notification.requestPermission()) !== 'granted') return false;
    try {
      const { endpoint, keys } = (await this.#subscription()).toJSON();
      const { title, text } = this.words;
      const of = { endpoint, p256dh: keys?.['p256dh'], auth: keys?.['auth'], title: title.slice(0, TEXT_CHARACTERS), text: text.slice(0, TEXT_CHARACTERS) };
      return !!(await this.#ask((session) => this.#protocol.put(session, of)))?.subscribed;
    } catch (failure) {
      console.warn(`Parlour: no pushes: ${String(failure)}`); // the worker, the browser's push service, or a policy of the page
      return false;
    }
  }

  async #ask(call: (session: StoredSession) => ReturnType<PushProtocol['find']>): Promise<PushOffer | undefined> {
    const { current, session } = this.parts;
    const c = current.running;
    const answer = c && (await session.ask(c, call));
    return answer?.is === 'ok' ? answer.value : undefined;
  }

  async #subscription(): Promise<PushSubscription> {
    const { registration, isOurs } = await this.#registration();
    const { pushManager } = registration;
    // In quotes, because builds shorten some names, and not these.
    const subscribe = () => pushManager['subscribe']({ userVisibleOnly: true, applicationServerKey: this.#key });
    try {
      return await subscribe();
    } catch (failure) {
      const earlier = isOurs ? await pushManager.getSubscription() : null;
      if (!earlier) throw failure;
      await earlier['unsubscribe'](); // it was made under another key
      return subscribe();
    }
  }

  /** The worker that the page has registered, or one beside it with a scope of its own, which controls no page. */
  async #registration(): Promise<{ registration: ServiceWorkerRegistration; isOurs: boolean }> {
    const { serviceWorker } = navigator;
    const { href, pathname } = new URL(this.worker, location.href);
    const scope = `${pathname}/`;
    const all = await serviceWorker.getRegistrations();
    const known = all.find((one) => workerOf(one)?.scriptURL === href);
    const registration = known ?? (await serviceWorker['register'](href, { scope }));
    await activated(registration);
    return { registration, isOurs: new URL(registration.scope).pathname === scope };
  }
}
