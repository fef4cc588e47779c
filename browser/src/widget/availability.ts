import type { Dependencies } from './dependencies';

/** The server's answer about who is available now. */
interface Answer {
  open: boolean;
  opens_at?: string;
  away_text?: string;
}

/** An open window asks the server this often. */
const INTERVAL_MS = 60_000;

/** A window that is shown without the answer would change under the guest's pointer; a longer wait would be felt. */
const PATIENCE_MS = 300;
/** A window that is opened this soon after an answer needs no other one. */
const FRESH_MS = 5_000;

/**
 * Whether somebody answers now. Unknown counts as yes: an outage sends no guest away. The call has no header of its own, so that a
 * browser makes it without asking first, and answers a repeated one from its cache.
 */
export class Availability {
  #answer: Answer = { open: true };
  #isWatching = false;
  #askedAt = -Infinity;

  /** @param changed is called after each answer that differs from the one before */
  constructor(
    private readonly deps: Pick<Dependencies, 'protocol' | 'wait' | 'now'>,
    private readonly fetching: typeof fetch,
    private readonly changed: () => void,
  ) {}

  /** Undefined while somebody answers. An announced opening that is over counts as one. */
  get away(): { opensAt: string | undefined; text: string | undefined } | undefined {
    const { open, opens_at: opensAt, away_text: text } = this.#answer;
    return open || (opensAt && Date.parse(opensAt) <= this.deps.now()) ? undefined : { opensAt, text };
  }

  /** Asks once, before the window is shown for the first time. Resolves with the answer, or soon without it. */
  known(): Promise<void> {
    return Promise.race([this.#ask(), this.deps.wait(PATIENCE_MS)]);
  }

  /** The window was opened: asks now, and again while it is open and can be seen. */
  async watch(isOpen: () => boolean): Promise<void> {
    if (this.deps.now() - this.#askedAt > FRESH_MS) void this.#ask();
    if (this.#isWatching) return;
    this.#isWatching = true;
    for (;;) {
      await this.deps.wait(INTERVAL_MS);
      if (!isOpen()) break;
      if (document.visibilityState === 'visible') void this.#ask();
    }
    this.#isWatching = false;
  }

  async #ask(): Promise<void> {
    const { server, deploymentKey } = this.deps.protocol;
    const before = this.#answer;
    this.#askedAt = this.deps.now();
    try {
      const response = await this.fetching(`${server}/v2/Webchat/Availability?deploymentKey=${deploymentKey}`, { credentials: 'omit' });
      const received: unknown = await response.json();
      this.#answer = response.ok && isAnswer(received) ? received : { open: true };
    } catch {
      this.#answer = { open: true }; // no network, or an answer that cannot be read
    }
    if (JSON.stringify(before) !== JSON.stringify(this.#answer)) this.changed();
  }
}

function isAnswer(received: unknown): received is Answer {
  const { open, opens_at: opensAt = '', away_text: text = '' } = Object(received) as Record<string, unknown>;
  return typeof open === 'boolean' && typeof opensAt === 'string' && typeof text === 'string';
}
