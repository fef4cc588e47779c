import type { Dependencies } from './dependencies';
import type { Answer } from './wire';

const BACKOFF_MS = { min: 500, max: 30_000 };
/** A call that the server refused as wrong is refused again until the page's owner corrects the cause. */
const WRONG_SECONDS = 30;
/** The longest Retry-After that is respected: no guest waits for longer. */
const MAX_SECONDS = 600;

/** Exponential backoff with jitter between attempts. */
export class Backoff {
  readonly #waiting = new Set<() => void>();

  constructor(private readonly deps: Pick<Dependencies, 'wait' | 'random'>) {}

  /** Waits for as long as the server asked, then for a growing, random time, which `wake` cuts short. */
  async wait(attempt: number, answer: Answer<unknown>): Promise<void> {
    const seconds = answer.is === 'wrong' ? WRONG_SECONDS : answer.is === 'later' ? answer.afterSeconds : 0;
    if (seconds > 0) await this.deps.wait(Math.min(seconds, MAX_SECONDS) * 1000);
    const backOff = Math.min(BACKOFF_MS.max, BACKOFF_MS.min * 2 ** Math.min(attempt, 10));
    let resume = () => {};
    const woken = new Promise<void>((resolve) => this.#waiting.add((resume = resolve)));
    await Promise.race([woken, this.deps.wait(backOff * (0.5 + this.deps.random() / 2))]);
    this.#waiting.delete(resume);
  }

  wake(): void {
    for (const resume of this.#waiting) resume();
  }
}
