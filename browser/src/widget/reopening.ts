import type { Conversation } from './conversation';
import type { Current } from './current';
import type { Dependencies } from './dependencies';
import type { OtherTabs } from './other-tabs';
import type { Session } from './session';

/** A stream that works says within this time that the chat was reopened. */
const WELCOME_MS = 2_000;

/** Reopens a chat that has ended. */
export class Reopening {
  constructor(
    private readonly deps: Dependencies,
    private readonly current: Current,
    private readonly session: Session,
    private readonly otherTabs: OtherTabs,
  ) {}

  /** How long the guest can still do so, in milliseconds; 0: not at all. */
  get left(): number {
    const { state } = this.current;
    return state.is === 'ended' ? Math.max(0, (state.of.reopenableUntil ?? 0) - this.deps.now()) : 0;
  }

  /**
   * Reopens it. False if it is too late for that, or the server could not be reached. Undefined if the guest has
   * left it: another tab has begun a new chat.
   */
  async reopen(): Promise<boolean | undefined> {
    const { current, deps } = this;
    const { state } = current;
    if (state.is !== 'ended') return false;
    const c = state.of;
    if (deps.storage.session()?.conversationSid !== c.sid) return void this.otherTabs.wake(); // it slept meanwhile
    const { revision } = c;
    const answer = await this.session.ask(c, (session) => deps.protocol.reopen(session));
    if (answer.is === 'closed') c.reopenableUntil = 0; // as after a refusal of the token
    if (answer.is === 'left') return;
    if (answer.is === 'ok') void this.#reopened(c, revision);
    return answer.is === 'ok' || current.goesOn(c);
  }

  /** Waits until the stream reports the reopened chat. If it reports something else, or nothing in time, reconnects. */
  async #reopened(c: Conversation, revision: number): Promise<void> {
    const { current } = this;
    const { backoff, link } = current;
    if (!current.goesOn(c) && c.revision === revision) {
      current.become({ is: 'resuming', of: c });
      backoff.wake();
      await this.deps.wait(WELCOME_MS);
    }
    if (c.active > revision || current.conversation !== c) return;
    link.drop();
    backoff.wake();
  }
}
