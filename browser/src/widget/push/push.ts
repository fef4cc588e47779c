import { activated, workerOf } from '../../dom/worker';
import type { Conversation } from '../conversation';
import type { FileParts } from '../files/parts';
import type { StoredSession } from '../storage';
import { PushProtocol, type PushOffer } from './push-protocol';
import { RegisteredEndpoint } from './registered-endpoint';

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
  readonly #registered: RegisteredEndpoint;
  /** Of the last answer of the server. */
  #key = '';
  /** The chat for which the server has been asked, or is being asked, and has what it needs. */
  #settled: Conversation | undefined;

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
    this.#registered = new RegisteredEndpoint(wait);
  }

  /** Whether the server can be asked and may lack the browser's subscription. */
  get isDue(): boolean {
    const { running, state } = this.parts.current;
    const isConnected = state.is === 'live' || (state.is === 'reconnecting' && state.why === 'polling');
    return isConnected && this.#settled !== running;
  }

  /**
   * Whether this chat has a subscription. If the browser has replaced it on its own, the server gets the new one.
   *
   * @return undefined: it can have none here, or this is not known now
   */
  async isOn(): Promise<boolean | undefined> {
    const c = (this.#settled = this.parts.current.running);
    return c && this.#alone(() => this.#isOn(c));
  }

  /**
   * Must be called by a click: a browser asks the guest for permission only then. Call {@link isOn} before.
   *
   * @return whether it is on afterwards, or could come on without a click
   */
  async turn(on: boolean): Promise<boolean> {
    const c = this.parts.current.running;
    if (!c || (on && (await Notification.requestPermission()) !== 'granted')) return false;
    return this.#alone(async () => (on ? this.#subscribe(c) : !(await this.#cancel(c))));
  }

  /** One tab at a time, so that none registers anew what the guest switches off. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.parts.deps.tabs.withLock('push', work);
  }

  async #isOn(c: Conversation): Promise<boolean | undefined> {
    const offer = await this.#ask(c, (session) => this.#protocol.find(session));
    this.#key = offer?.key ?? '';
    if (!offer) this.#settled = undefined;
    if (!offer || !this.#key) return undefined;
    if (Notification.permission !== 'granted') return false;
    const registered = await this.#registered.read(c.sid);
    if (!offer.subscribed && registered === undefined) return false;
    // Without a subscription, the server has probably deleted it after a push to its old address.
    const isOn = await this.#subscribe(c, offer.subscribed ? registered : undefined);
    if (!isOn) this.#settled = undefined;
    return isOn;
  }

  /** @param known the endpoint that the server has */
  async #subscribe(c: Conversation, known?: string): Promise<boolean> {
    try {
      const { endpoint = '', keys } = (await this.#subscription()).toJSON();
      if (endpoint === known) return true;
      const { title, text } = this.words;
      const of = { endpoint, p256dh: keys?.['p256dh'], auth: keys?.['auth'], title: title.slice(0, TEXT_CHARACTERS), text: text.slice(0, TEXT_CHARACTERS) };
      const isOn = !!(await this.#ask(c, (session) => this.#protocol.put(session, of)))?.subscribed;
      if (isOn) await this.#registered.write(c.sid, endpoint);
      return isOn;
    } catch (failure) {
      console.warn(`Parlour: no pushes: ${String(failure)}`); // the worker, the browser's push service, or a policy of the page
      return false;
    }
  }

  /**
   * The endpoint is forgotten first: if the page is left before the answer, the next page would register it again.
   *
   * @return whether it is off, and stays off until a click
   */
  async #cancel(c: Conversation): Promise<boolean> {
    const isForgotten = await this.#registered.write(c.sid);
    const answer = await this.#ask(c, (session) => this.#protocol.cancel(session));
    return isForgotten && !!answer;
  }

  /** Undefined also if the page has left the chat. */
  async #ask(c: Conversation, call: (session: StoredSession) => ReturnType<PushProtocol['find']>): Promise<PushOffer | undefined> {
    const { current, session } = this.parts;
    const answer = current.goesOn(c) && (await session.ask(c, call));
    return answer && answer.is === 'ok' ? answer.value : undefined;
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
