import type { Outcome } from './wire';
import type { World } from './world';

const BACKOFF_MS = { least: 500, most: 30_000 };
/** A call that was wrong will be so again, until somebody puts it right. */
const WRONG_SECONDS = 30;
/** Whatever a server says: a guest does not wait for longer, and a timer can not. */
const MOST_SECONDS = 600;

/** Pauses between attempts, growing, and no two guests' alike. */
export class Pauses {
  private readonly waiting = new Set<() => void>();

  constructor(private readonly world: Pick<World, 'wait' | 'random'>) {}

  /** What the server asked for is waited for; what was guessed on top of it is cut short by `wake`. */
  async after(attempt: number, outcome: Outcome<unknown>): Promise<void> {
    const seconds = outcome.is === 'wrong' ? WRONG_SECONDS : outcome.is === 'later' ? outcome.afterSeconds : 0;
    if (seconds > 0) await this.world.wait(Math.min(seconds, MOST_SECONDS) * 1000);
    const backOff = Math.min(BACKOFF_MS.most, BACKOFF_MS.least * 2 ** Math.min(attempt, 10));
    let goOn = () => {};
    const woken = new Promise<void>((resolve) => this.waiting.add((goOn = resolve)));
    await Promise.race([woken, this.world.wait(backOff * (0.5 + this.world.random() / 2))]);
    this.waiting.delete(goOn);
  }

  wake(): void {
    for (const goOn of this.waiting) goOn();
  }
}
