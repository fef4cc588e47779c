import type { Conversation } from './conversation';
import type { Dependencies } from './dependencies';
import type { InConversation, State } from './state';
import type { StoredSession } from './storage';
import type { Stream } from './stream';
import type { Frame, Outcome } from './wire';

/** If a call takes longer while the stream is silent, too, the connection may be lost. */
const SLOW_MS = 1_800;

export type OpenStream = Pick<Stream, 'token' | 'close'>;

/** The conversation that the stream belongs to. */
interface Owner {
  readonly state: State;
  canGoOn(c: Conversation): boolean;
  become(state: InConversation): void;
}

/** How a stream ended. */
interface End {
  /** The pause that the server asked for. */
  afterSeconds: number;
  /** Whether the stream worked at all. */
  isWorking: boolean;
}

/** The stream from the server, of which there is at most one. Detects a lost connection before the stream does. */
export class Link {
  #stream: OpenStream | undefined;
  /** Grows with every frame. */
  #frames = 0;
  #doubts = false;
  #probing = false;

  constructor(
    private readonly deps: Dependencies,
    private readonly current: Owner,
  ) {}

  /** Sends a newer token of the same session. */
  token(token: string): void {
    this.#stream?.token(token);
  }

  close(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.close();
  }

  /** The network seems to have changed, or to be gone: find out whether the stream still works. */
  drop(): void {
    this.#stream?.close();
  }

  /** Whether the stream that is open now still is after this time. */
  async lasts(milliseconds: number): Promise<boolean> {
    const stream = this.#stream;
    await this.deps.wait(milliseconds);
    return this.#stream === stream;
  }

  /** Opens a stream, and has its frames handled one after the other until it ends. */
  listen(c: Conversation, session: StoredSession, onFrame: (frame: Frame) => Promise<void>): Promise<End> {
    return new Promise((resolve) => {
      const end: End = { afterSeconds: 0, isWorking: false };
      let handling = Promise.resolve();
      const lost = () => {
        if (this.#stream === stream) this.#stream = undefined;
        void handling.then(() => resolve(end));
      };
      const handle = async (frame: Frame) => {
        if (this.#stream !== stream || !this.current.canGoOn(c)) return;
        this.#trust(c);
        await onFrame(frame);
      };
      const received = (frame: Frame) => {
        this.#frames++;
        end.isWorking = true;
        if (frame.type === 'refused') end.afterSeconds = frame.retry_after ?? 0;
        handling = handling.then(() => handle(frame)).catch((bug: unknown) => {
          console.error(bug);
          stream?.close(); // a new one may work again
        });
      };
      let stream: OpenStream | undefined;
      this.#doubts = false;
      try {
        this.#stream = stream = this.deps.stream(session, c.revision, received, lost);
      } catch {
        lost(); // forbidden by the page's policy, or by the browser
      }
    });
  }

  /**
   * Watches a call. If it is not answered soon and the stream is silent, the guest sees that the connection is lost, but the
   * stream is kept: the network may just be slow. If the server could not be reached, a probe decides, because one call alone
   * may fail for its own reasons.
   */
  async watch<T>(c: Conversation, call: Promise<Outcome<T>>, probe: () => Promise<Outcome<unknown>>): Promise<Outcome<T>> {
    const stream = this.#stream;
    const frames = this.#frames;
    let isAnswered = false;
    void this.deps.wait(SLOW_MS).then(() => {
      const { state } = this.current;
      if (isAnswered || this.#frames !== frames || this.#stream !== stream || state.is !== 'live' || state.of !== c) return;
      this.#doubts = true;
      this.current.become({ is: 'reconnecting', of: c, why: 'lost' });
    });
    const outcome = await call;
    isAnswered = true;
    if (isUnreachable(outcome)) void this.#probe(c, stream, probe);
    else this.#trust(c);
    return outcome;
  }

  async #probe(c: Conversation, stream: OpenStream | undefined, probe: () => Promise<Outcome<unknown>>): Promise<void> {
    if (!stream || this.#stream !== stream || this.#probing) return;
    this.#probing = true;
    const outcome = await probe();
    this.#probing = false;
    if (isUnreachable(outcome) && this.#stream === stream) stream.close();
    else this.#trust(c);
  }

  #trust(c: Conversation): void {
    if (!this.#doubts) return;
    this.#doubts = false;
    const { state } = this.current;
    if (this.#stream && state.is === 'reconnecting' && state.of === c) this.current.become({ is: 'live', of: c });
  }
}

function isUnreachable(outcome: Outcome<unknown>): boolean {
  return outcome.is === 'later' && outcome.isUnreachable === true;
}
