import type { Current } from './current';
import type { Dependencies } from './dependencies';
import type { Session } from './session';

/** Notes how far the guest has read, here and at the server. */
export class Reading {
  constructor(
    private readonly deps: Dependencies,
    private readonly current: Current,
    private readonly session: Session,
  ) {}

  /** The guest sees the newest message: it is read, and the server is notified. */
  async markRead(): Promise<void> {
    const c = this.current.conversation;
    if (!c) return;
    const last = c.lastOfOthers();
    if (last > c.readUpTo) {
      c.readUpTo = last;
      void this.deps.transcript.read(c.sid, last);
      this.current.changed();
    }
    if (this.current.state.is !== 'live' || c.readUpTo <= c.reported) return;
    const before = c.reported;
    const index = (c.reported = c.readUpTo);
    const answer = await this.session.ask(c, (session) => this.deps.protocol.read(session, index));
    if (answer.is !== 'ok' && c.reported === index) c.reported = before; // reported again with the next call
  }
}
