/** What one tab tells the others of a conversation. */
export type News = { conversation: string } & (
  | { is: 'outbox' }
  | { is: 'ended' }
  /** byServer: the server ended it, and not the guest, who must be informed. */
  | { is: 'erased'; byServer?: true }
  | { is: 'interrupted'; code: number; reference: string }
);

/** Whoever holds a lock for longer is not coming back: a tab that was put to sleep. */
const PATIENCE_MS = 45_000;

/** The other tabs of this browser that have the same chat. */
export class Tabs {
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(
    private readonly name: string,
    private readonly locks: LockManager | undefined,
    private readonly channel: BroadcastChannel | undefined,
  ) {}

  /**
   * Does something while no other tab does it; where the browser has no locks, this tab only. What
   * is done so is harmless when it is done twice: a tab that is stuck holds nobody up for long.
   */
  async alone<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (!this.locks) return this.inTurn(what, work);
    let begun = false;
    try {
      const patience = new AbortController();
      const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
      return await this.locks.request(`${this.name} ${what}`, { signal: patience.signal }, () => {
        clearTimeout(timer);
        begun = true;
        return work();
      });
    } catch (failure) {
      if (begun) throw failure;
      return this.inTurn(what, work);
    }
  }

  tell(news: News): void {
    this.channel?.postMessage(news);
  }

  hear(listener: (news: News) => void): void {
    this.channel?.addEventListener('message', (event: MessageEvent<News>) => listener(event.data));
  }

  private inTurn<T>(what: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.queues.get(what) ?? Promise.resolve()).then(work, work);
    this.queues.set(what, turn);
    return turn;
  }
}
