import { activated, workerOf } from '../../dom/worker';
import type { FileParts } from '../files/parts';
import type { StoredSession } from '../storage';
import { PushProtocol, type PushOffer } from './push-protocol';
import { Registered } from './registered';

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
  readonly #registered: Registered;
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
    const { protocol, keys, wait } = parts.deps;
    this.#protocol = new PushProtocol(protocol.server, protocol.deploymentKey, keys, fetching);
    this.#registered = new Registered(wait);
  }

  /**
   * Whether this chat has a subscription. If the browser has replaced it on its own, the server gets the new one.
   *
   * @return undefined: it can have none here, or this is not known now
   */
  async isOn(): Promise<boolean | undefined> {
    const sid = this.#sid;
    const offer = await this.#ask((session) => this.#protocol.find(session));
    this.#key = offer?.key ?? '';
    if (!offer || !this.#key) return undefined;
    if (Notification.permission !== 'granted') return false;
    const registered = await this.#registered.read(sid);
    if (offer.subscribed) return this.#subscribe(sid, registered);
    return registered !== undefined && this.#subscribe(sid); // the server has deleted it, after a push to its old address
  }

  /**
   * Must be called by a click: a browser asks the guest for permission only then. Call {@link isOn} before.
   *
   * @return whether it is on afterwards
   */
  async turn(on: boolean): Promise<boolean> {
    const sid = this.#sid;
    if (on) return (await Notification.requestPermission()) === 'granted' && this.#subscribe(sid);
    const isOff = await this.#ask((session) => this.#protocol.cancel(session));
    if (isOff) await this.#registered.write(sid);
    return !isOff;
  }

  /** @param known the endpoint that the server has */
  async #subscribe(sid: string, known?: string): Promise<boolean> {
    try {
      const { endpoint = '', keys } = (await this.#subscription()).toJSON();
      if (endpoint === known) return true;
      const { title, text } = this.words;
      const of = { endpoint, p256dh: keys?.['p256dh'], auth: keys?.['auth'], title: title.slice(0, TEXT_CHARACTERS), text: text.slice(0, TEXT_CHARACTERS) };
      const isOn = !!(await this.#ask((session) => this.#protocol.put(session, of)))?.subscribed;
      if (isOn) await this.#registered.write(sid, endpoint);
      return isOn;
    } catch (failure) {
      console.warn(`Parlour: no pushes: ${String(failure)}`); // the worker, the browser's push service, or a policy of the page
      return false;
    }
  }

  get #sid(): string {
    return this.parts.current.running?.sid ?? '';
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
