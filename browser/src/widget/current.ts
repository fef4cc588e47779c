import { Backoff } from './backoff';
import type { Conversation } from './conversation';
import type { Dependencies } from './dependencies';
import { Link } from './link';
import { IDLE, type Idle, type InConversation, type State } from './state';
import { SITE } from './tabs';
import type { Interruption, Message } from './wire';

/** How received messages join those that are known already. */
export interface Received {
  /** Messages before this index are ignored. */
  from?: number;
  /** Every change up to this one is in the messages. */
  revision?: number;
  /** The messages replace those that were stored before. */
  anew?: boolean;
}

/**
 * The conversation that this tab is in, and its state. A guest can leave a conversation while work for it is waiting for
 * something. Therefore all such work changes the state and stores messages only through this class, which ignores it for a
 * conversation that this tab has left.
 */
export class Current {
  readonly backoff: Backoff;
  readonly link: Link;
  /** Grows whenever everything of a guest must be removed, also from the fields. */
  removals = 0;

  #state: State = IDLE;

  constructor(
    private readonly deps: Dependencies,
    readonly changed: () => void,
  ) {
    this.backoff = new Backoff(deps);
    this.link = new Link(deps, this);
  }

  get state(): State {
    return this.#state;
  }

  get conversation(): Conversation | undefined {
    return this.#state.is === 'idle' ? undefined : this.#state.of;
  }

  /** The conversation, if the guest can write in it. */
  get running(): Conversation | undefined {
    const { is } = this.#state;
    return is === 'ended' || is === 'interrupted' ? undefined : this.conversation;
  }

  goesOn(c: Conversation): boolean {
    return this.running === c;
  }

  /** Whether the guest can write in it, or could again if it were reopened. */
  canGoOn(c: Conversation): boolean {
    return this.conversation === c && this.#state.is !== 'interrupted';
  }

  /** Whether the guest can write in it, or can perhaps reopen it: then its token is renewed. */
  isWanted(c: Conversation): boolean {
    return this.goesOn(c) || (this.canGoOn(c) && (c.reopenableUntil ?? Infinity) > this.deps.now());
  }

  /** Leaves the conversation before, if there is one, for this one. */
  enter(c: Conversation): void {
    if (this.conversation && this.conversation.identity !== c.identity) this.removals++;
    this.#set({ is: 'resuming', of: c });
  }

  leave(next: Idle = IDLE): void {
    this.#set(next);
  }

  /** Changes the state of a conversation, unless this tab has left it or it was interrupted. */
  become(state: InConversation): void {
    if (!this.canGoOn(state.of)) return;
    if (this.#state.is === 'ended' && state.is !== 'ended') {
      state.of.reopened = state.of.revision;
      state.of.reopenableUntil = undefined;
      state.of.isEndedHere = false;
    }
    this.#set(state);
  }

  /** Stores the new ones of these messages, then shows them. The guest's own among them have been sent. */
  async take(c: Conversation, messages: Message[], received: Received = {}): Promise<void> {
    if (this.conversation !== c) return;
    const { from = c.first, revision = c.revision, anew = false } = received;
    const fresh = c.newOf(messages, from);
    const reached = Math.max(c.revision, revision);
    await this.deps.transcript.keep(c.sid, { messages: fresh, arrived: c.sent(messages), revision: reached, anew });
    c.add(fresh);
    if (fresh.some((one) => one.author === c.typing?.identity)) c.typing = undefined;
    c.revision = Math.max(c.revision, reached);
  }

  // ---- how a conversation ends in this browser; the tab in which it ends notifies the others, which do the same `fromOtherTab`

  /** The server refused the token: the token is removed, identity and messages stay, and no further call is made. */
  interrupt(c: Conversation, why: Interruption, fromOtherTab = false): void {
    const { storage, tabs } = this.deps;
    c.reopenableUntil = 0;
    if (!this.goesOn(c)) return this.changed();
    this.hangUp();
    if (storage.session()?.conversationSid === c.sid) storage.write({ identity: c.identity });
    if (!fromOtherTab) tabs.notify({ ...why, is: 'interrupted', conversation: c.sid });
    drawn: this.deps.step?.('B->>B: shows the failure by its code, and all the messages it holds');
    this.become({ ...why, is: 'interrupted', of: c }); // arrow 18
    drawn: this.deps.step?.('B->>C: session interrupted'); // arrow 19
  }

  /**
   * The conversation is closed. The stream stays open, because the conversation may be reopened.
   *
   * @param revision at the close or before it: ignored if the conversation was reopened at a later revision
   */
  close(c: Conversation, revision: number, fromOtherTab = false): void {
    if (!this.goesOn(c) || revision < c.active) return;
    c.typing = undefined;
    this.backoff.wake();
    if (!fromOtherTab) this.deps.tabs.notify({ is: 'ended', conversation: c.sid, revision });
    this.become({ is: 'ended', of: c });
  }

  /** The server erased the conversation. */
  async erase(c: Conversation, fromOtherTab = false): Promise<void> {
    if (!fromOtherTab) this.deps.tabs.notify({ is: 'erased', conversation: c.sid, byServer: true });
    await this.remove(c, { is: 'idle', start: 'erased' });
  }

  /** Removes a session that is over, except the identity of the guest. */
  async removeSession(c?: Conversation): Promise<void> {
    const { storage } = this.deps;
    const identity = c?.identity ?? storage.read().identity ?? '';
    await this.remove(c);
    if (identity && !storage.session()) storage.write({ identity });
    drawn: this.deps.step?.('C->>C: reloads the page, and can start again'); // arrow 20
  }

  /** Removes everything of a conversation from this browser, but not what another tab has begun since. */
  async remove(c?: Conversation, next?: Idle): Promise<void> {
    if (this.conversation !== c) return;
    const { storage, claims, transcript, keys, tabs } = this.deps;
    const stored = () => storage.session()?.conversationSid;
    if (c && stored() === c.sid) storage.write({ erased: '1' });
    this.hangUp();
    if (c) {
      this.removals++;
      if (claims.read().conversation !== c.sid) claims.erase();
    }
    this.leave(next);
    await tabs.withLock('stores', async () => {
      const other = stored();
      const [isErased] = await Promise.all([transcript.erase(other), keys.erase(other)]);
      if (isErased && storage.read().erased) storage.erase();
    }, SITE);
  }

  /** Closes the stream, and wakes all work that waits, which then ends. */
  hangUp(): void {
    this.link.close();
    if (this.conversation) this.conversation.typing = undefined;
    this.backoff.wake();
  }

  #set(state: State): void {
    this.#state = state;
    this.changed();
  }
}
