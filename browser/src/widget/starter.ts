import type { Dependencies } from './dependencies';
import type { Start } from './protocol';
import { sessionOf, type Session } from './session';
import type { StoredSession } from './storage';
import { SITE } from './tabs';
import { LATER, type Outcome } from './wire';

/** How long a failed start is repeated with the same key: shorter than the server accepts the key. */
const SAME_START_MS = 5 * 60_000;

/** A chat that has begun: with the start that this tab sent, or in another tab, so that the guest's question is not sent yet. */
export type Begun = { session: StoredSession } & ({ start: Start } | { question: string });

/** Starts chats: in one tab at a time, and only one even if a start has to be repeated. */
export class Starter {
  #last: { start: Start; at: number } | undefined;

  #starting: Promise<Outcome<Begun>> | undefined;
  #isLeft = false;

  constructor(
    private readonly deps: Dependencies,
    private readonly session: Session,
  ) {}

  /** A failed start is not repeated any more. */
  reset(): void {
    this.#last = undefined;
  }

  /** The guest leaves the page for good. Returns the last start, which may be under way. */
  leave(): Promise<unknown> | undefined {
    this.#isLeft = true;
    return this.#starting;
  }

  async start(name: string, preEngagementData: string, firstMessage: string): Promise<Outcome<Begun>> {
    const start = this.#startOf(name, preEngagementData, firstMessage);
    const outcome = await (this.#starting = this.deps.tabs.withLock('start', () => this.#init(start)));
    if (outcome.is !== 'later') this.reset(); // otherwise it may have begun: repeat the same start
    return outcome;
  }

  /** The same start as before if it had the same content and its answer did not come. */
  #startOf(name: string, preEngagementData: string, firstMessage: string): Start {
    const { deps } = this;
    const last = this.#last;
    const before = last && Math.abs(deps.now() - last.at) < SAME_START_MS ? last.start : undefined;
    if (before?.name === name && before.preEngagementData === preEngagementData && before.firstMessage === firstMessage) {
      return before;
    }
    const start: Start = { name, preEngagementData, firstMessage, clientId: deps.newId(), idempotencyKey: deps.newId() };
    this.#last = { start, at: deps.now() };
    return start;
  }

  async #init(start: Start): Promise<Outcome<Begun>> {
    const { protocol, storage, transcript, keys, tabs, now } = this.deps;
    const other = storage.session();
    if (other && (await this.session.isOurs(other))) return { is: 'ok', value: { session: other, question: start.firstMessage } };
    const loginTimestamp = String(now());
    if (!('pair' in start)) start.pair = await keys.pair();
    drawn: this.deps.step?.('C->>B: starts a chat');
    drawn: this.deps.step?.('B->>FWO: POST /v2/Webchat/Init {deploymentKey, customerFriendlyName, preEngagementData}');
    const outcome = this.#isLeft ? LATER : await protocol.init(loginTimestamp, start, storage.read().identity);
    if (outcome.is !== 'ok') return outcome;
    const { proof_key: theirs, conversation_sid: sid } = outcome.value;
    const bound = start.pair && theirs ? '1' : undefined;
    const session = sessionOf(outcome.value, { loginTimestamp, bound });
    // Another deployment can begin a chat of its own in this moment: the key and the transcript must be those of the stored session.
    await tabs.withLock('stores', async () => {
      if (!this.#isLeft) await transcript.begin(sid, protocol.deploymentKey);
      const isKept = await keys.begin(sid, start.pair, theirs); // first the key, because another tab needs it with the session
      if (this.#isLeft) return void (await Promise.all([this.session.end(session), transcript.erase(), keys.erase()]));
      // No other page can go on with a session that only this tab has. One that found its messages would remove them.
      if (!storage.write(session, !isKept)) await transcript.leave().then(() => keys.erase());
    }, SITE);
    drawn: this.deps.step?.('B->>B: keeps the token, its expiration, the identity and the conversation');
    drawn: this.deps.step?.('B->>C: the chat is open');
    return { is: 'ok', value: { session, start } };
  }
}
