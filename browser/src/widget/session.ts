import type { Conversation } from './conversation';
import type { Current } from './current';
import type { Dependencies } from './dependencies';
import type { Outage } from './state';
import type { StoredSession } from './storage';
import type { Kept } from './transcript';
import { LATER, type Answer, type Issued, type Outcome } from './wire';

/** Makes the calls of a conversation with its newest token, and renews the token. All tabs share one token. */
export class Session {
  constructor(
    private readonly deps: Dependencies,
    private readonly current: Current,
  ) {}

  /** The session with the token of the tab that renewed it last. */
  newest(c: Conversation): StoredSession {
    const stored = this.deps.storage.session();
    if (stored?.conversationSid === c.sid) c.session = stored;
    return c.session;
  }

  /** Whether a session is of this page's deployment: a site can have several deployments, and all share one storage. */
  async isOurs({ conversationSid }: StoredSession): Promise<boolean> {
    return this.keptHere(await this.deps.transcript.load(conversationSid));
  }

  /** The same, of what this browser has kept of the conversation. */
  keptHere({ deployment }: Pick<Kept, 'deployment'>): boolean {
    return !deployment || deployment === this.deps.protocol.deploymentKey;
  }

  /**
   * Makes a call with the newest token. If that is too old, but the browser has proven that it is its own, the token is renewed and
   * the call repeated.
   *
   * @param isLong whether the call takes long, which says nothing about the connection
   */
  async ask<T>(c: Conversation, call: (session: StoredSession) => Promise<Outcome<T>>, isLong = false): Promise<Answer<T>> {
    const { token } = this.newest(c);
    const answer = await this.#once(c, call, isLong);
    if (answer.is !== 'stale') return answer;
    const renewed = await this.#renewOnce(c, token);
    if (renewed.is === 'wrong') return LATER; // it is not about this call
    const again = renewed.is === 'ok' ? await this.#once(c, call, isLong) : renewed;
    return again.is === 'stale' ? LATER : again;
  }

  /** A refusal ends the session, unless the token was renewed meanwhile: then it is not about the token that is valid now. */
  async #once<T>(c: Conversation, call: (session: StoredSession) => Promise<Outcome<T>>, isLong = false): Promise<Answer<T>> {
    const session = this.newest(c);
    const calling = call(session);
    const outcome = isLong ? await calling : await this.current.link.watch(c, calling, () => this.deps.protocol.history(this.newest(c), 1));
    if (this.current.conversation !== c) return { is: 'left' };
    if (outcome.is !== 'refused') return outcome;
    if (this.newest(c).token !== session.token) return LATER;
    this.current.interrupt(c, outcome);
    return outcome;
  }

  /**
   * Renews the token, however long it takes, one tab at a time: the next tab finds that it was renewed. True if the conversation
   * goes on.
   */
  async renew(c: Conversation): Promise<boolean> {
    for (let attempt = 0; this.current.isWanted(c); attempt++) {
      const answer = await this.#renewOnce(c, this.newest(c).token);
      if (answer.is === 'ok') return this.current.isWanted(c);
      if (answer.is === 'refused' || !this.current.isWanted(c)) return false;
      if (this.current.goesOn(c) && this.current.state.is !== 'live') this.current.become({ is: 'reconnecting', of: c, why: outageOf(answer) });
      await this.current.backoff.wait(attempt, answer);
    }
    return false;
  }

  /** Ends a session that this browser removes. */
  async end(session: StoredSession): Promise<void> {
    const { protocol } = this.deps;
    if ((await protocol.end(session, true)).is !== 'stale') return;
    const renewed = await protocol.refresh(session);
    if (renewed.is === 'ok') await protocol.end(sessionOf(renewed.value, session), true);
  }

  #renewOnce(c: Conversation, known: string): Promise<Answer<unknown>> {
    return this.deps.tabs.withLock('refresh', () => this.#refresh(c, known));
  }

  async #refresh(c: Conversation, known: string): Promise<Answer<unknown>> {
    const { deps } = this;
    if (!this.current.isWanted(c)) return { is: 'left' };
    if (!deps.storage.session()) {
      await this.current.remove(c); // the page or another tab removed it, so nothing of it must be left
      return { is: 'left' };
    }
    if (this.newest(c).token !== known) return { is: 'ok', value: undefined };
    drawn: deps.step?.('B->>FWO: POST /v2/Webchat/Token/Refresh {deploymentKey, token}');
    const answer = await this.#once(c, (session) => deps.protocol.refresh(session));
    if (answer.is === 'ok' && this.current.isWanted(c)) {
      const before = c.sid;
      c.session = sessionOf(answer.value, c.session);
      if (deps.storage.session()?.conversationSid === before) deps.storage.write(c.session);
      drawn: deps.step?.('B->>B: keeps the new token and its expiration');
    }
    return answer;
  }
}

export function outageOf(answer: Answer<unknown>): Outage {
  return answer.is === 'wrong' ? answer : 'lost';
}

/** @param kept what stays the same when the token is renewed */
export function sessionOf(issued: Issued, { loginTimestamp, bound }: Pick<StoredSession, 'loginTimestamp' | 'bound'>): StoredSession {
  const { token, expiration, identity, conversation_sid: conversationSid } = issued;
  return { token, expiration, identity, conversationSid, loginTimestamp, bound };
}
