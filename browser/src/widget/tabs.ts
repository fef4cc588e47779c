import type { Interruption } from './wire';

/** An event of a conversation that a tab sends to the others. */
export type TabEvent = { conversation: string } & (
  | { is: 'outbox' }
  /** revision: as of `Current.close`; an older widget does not send it. */
  | { is: 'ended'; revision?: number }
  /** A tab makes the sound for a new message, so the others need not. */
  | { is: 'rung' }
  /** byServer: the server ended it, and not the guest, who must be informed. */
  | { is: 'erased'; byServer?: true }
  /** isKeyLost is missing in the event of an older widget, which knows no keys. */
  | ({ is: 'interrupted' } & Omit<Interruption, 'isKeyLost'> & Partial<Interruption>)
);

/** All tabs of a site, which share one session, one transcript and one store of keys, whatever their deployment. */
export const SITE = 'parlour';

/** A tab that holds a lock for longer was probably put to sleep by the browser; the others stop waiting. */
const LOCK_TIMEOUT_MS = 45_000;

/** The other tabs of this browser that have the same chat. */
export class Tabs {
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(
    private readonly name: string,
    private readonly locks: LockManager | undefined,
    private readonly channel: BroadcastChannel | undefined,
  ) {}

  /**
   * Runs the work while no other tab runs work under the same name. Without the browser's Web Locks it
   * excludes only work of this tab. All such work is harmless when it runs twice, so a tab that is stuck
   * does not hold up the others for long.
   *
   * @param scope by default, the tabs with the same deployment exclude each other
   */
  async withLock<T>(lock: string, work: () => Promise<T>, scope = this.name): Promise<T> {
    if (!this.locks) return this.#queue(lock, work);
    let begun = false;
    try {
      const timeout = new AbortController();
      const timer = setTimeout(() => timeout.abort(), LOCK_TIMEOUT_MS);
      return await this.locks.request(`${scope} ${lock}`, { signal: timeout.signal }, () => {
        clearTimeout(timer);
        begun = true;
        return work();
      });
    } catch (failure) {
      if (begun) throw failure;
      return this.#queue(lock, work);
    }
  }

  notify(event: TabEvent): void {
    this.channel?.postMessage(event);
  }

  /** @param signal ends the subscription */
  subscribe(listener: (event: TabEvent) => void, signal?: AbortSignal): void {
    this.channel?.addEventListener('message', ({ data }: MessageEvent<TabEvent>) => listener(data), signal && { signal });
  }

  #queue<T>(lock: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#queues.get(lock) ?? Promise.resolve()).then(work, work);
    this.#queues.set(lock, turn);
    return turn;
  }
}
