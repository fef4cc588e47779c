import { Connection } from './connection';
import { Conversation, type Shown } from './conversation';
import { Current } from './current';
import { FilesLoader, type WithFiles } from './files-loader';
import { OtherTabs } from './other-tabs';
import { Outbox } from './outbox';
import { Reading } from './reading';
import { Reopening } from './reopening';
import { Session } from './session';
import { Starter, type Begun } from './starter';
import type { Idle, State } from './state';
import type { StoredSession } from './storage';
import type { OutgoingFile } from './transcript';

/** The server is notified at most this often that the guest is typing. */
const TYPING_MS = 3_000;

/**
 * A guest's chat, for the view: its state, and the actions of the guest. The view shows it and calls it, and it does not know
 * the view. It stores what must survive a reload before it shows it.
 */
export class Chat {
  readonly files: FilesLoader;
  readonly #current: Current;
  readonly #session: Session;
  readonly #outbox: Outbox;
  readonly #connection: Connection;
  readonly #starter: Starter;
  readonly #otherTabs: OtherTabs;
  readonly #reopening: Reopening;
  readonly #reading: Reading;
  #isTyping = false;
  #isStopped = false;

  constructor(
    private readonly deps: WithFiles,
    changed: () => void,
  ) {
    const current = (this.#current = new Current(deps, changed));
    const session = (this.#session = new Session(deps, current));
    this.files = new FilesLoader({ deps, current, session, put: (...message) => outbox.put(...message) }, (attempt) => deps.loadFiles(attempt));
    const outbox = (this.#outbox = new Outbox(deps, current, session, this.files));
    this.#connection = new Connection(deps, current, session, outbox);
    this.#starter = new Starter(deps, session);
    this.#otherTabs = new OtherTabs(deps, current, session, outbox, (begun) => this.#join(begun));
    this.#reopening = new Reopening(deps, current, session, this.#otherTabs);
    this.#reading = new Reading(deps, current, session);
  }

  get state(): State {
    return this.#current.state;
  }

  /** Grows whenever everything of a guest must be removed, also from the fields. */
  get removals(): number {
    return this.#current.removals;
  }

  get conversation(): Shown | undefined {
    return this.#current.conversation;
  }

  /** Empty: none, or not known yet. */
  get sid(): string {
    return this.conversation?.sid ?? '';
  }

  get hasOlder(): boolean {
    return (this.state.is === 'live' || this.state.is === 'ended') && this.state.of.hasOlder;
  }

  canWrite(): boolean {
    return this.#current.running !== undefined;
  }

  // ---- what a guest does

  /** The page was loaded: goes on with the stored session, or removes the rest of one that is over. */
  async load(): Promise<void> {
    const { storage, memory } = this.deps;
    const session = storage.session();
    const { conversation, form, guest } = memory.read();
    if (!session && conversation) memory.write('', {}); // it belongs to a removed chat
    // Text that was typed here must not give way to the chat of another deployment.
    if (session) return (form || guest) && !(await this.#session.isOurs(session)) ? undefined : await this.#resume(session);
    const { identity, erased } = storage.read();
    if (identity || erased || conversation) await this.#current.removeSession();
  }

  /** @param firstMessage the guest's message that starts the chat; empty: none */
  async start(name: string, preEngagement: object, firstMessage = ''): Promise<void> {
    const { state } = this;
    if (state.is !== 'idle' || state.start === 'starting' || this.#isStopped) return;
    this.#current.leave({ is: 'idle', start: 'starting' });
    let start: Idle['start'] = 'unavailable';
    try {
      const outcome = await this.#starter.start(name, JSON.stringify(preEngagement), firstMessage.trim());
      if (outcome.is === 'ok') return await this.#join(outcome.value);
      if (outcome.is === 'wrong') start = outcome;
    } catch (failure) {
      console.error(failure); // a shim of the page threw, or this has a bug: the guest can try again
    }
    if (!this.conversation) this.#current.leave({ is: 'idle', start });
  }

  async send(text: string, files?: OutgoingFile[]): Promise<void> {
    const c = this.#current.running;
    const body = text.trim();
    if (!c?.sid || !(body || files)) return;
    this.#isTyping = false; // the next character belongs to another message
    await this.#outbox.put(c, { clientId: this.deps.newId(), conversation: c.sid, body, ...(files && { files, failed: '' }) });
  }

  /** Sends a failed message again, under the same id: if it did arrive, it is not repeated. */
  async sendAgain(clientId: string): Promise<void> {
    const c = this.#current.running;
    const outgoing = c?.find(clientId);
    if (!c || !outgoing) return;
    await this.#outbox.put(c, { ...outgoing, failed: '', code: 0 });
  }

  markRead(): Promise<void> {
    return this.#reading.markRead();
  }

  async types(): Promise<void> {
    const { state } = this;
    if (state.is !== 'live' || this.#isTyping) return;
    this.#isTyping = true;
    void this.deps.wait(TYPING_MS).then(() => (this.#isTyping = false));
    await this.#session.ask(state.of, (session) => this.deps.protocol.typing(session));
  }

  /** Loads a page of older messages. False if there is none, or it cannot be loaded now. */
  async loadOlder(): Promise<boolean> {
    const c = this.#current.conversation;
    return c && this.hasOlder ? this.#connection.older(c) : false;
  }

  /** The guest is asked whether to end the chat, and may leave the page right after the answer. */
  prepareEnd(forget: boolean): void {
    const c = this.#current.running;
    if (c) void this.deps.protocol.signEnd(this.#session.newest(c), forget);
  }

  /** Ends the chat; its messages stay on the screen. False if the server could not be reached. */
  async end(): Promise<boolean> {
    const c = this.#current.running;
    if (!c) return true;
    const { revision } = c;
    const answer = await this.#session.ask(c, (session) => this.deps.protocol.end(session, false));
    const isEnded = answer.is === 'ok' || answer.is === 'closed'; // it may have been reopened since
    c.isEndedHere = answer.is === 'ok';
    if (isEnded) this.#current.close(c, revision);
    return isEnded || !this.#current.goesOn(c);
  }

  /** How long the guest can reopen the chat that has ended, in milliseconds; 0: not at all. */
  get reopenable(): number {
    return this.#reopening.left;
  }

  reopen(): Promise<boolean | undefined> {
    return this.#reopening.reopen();
  }

  /** Ends the chat and leaves nothing of it in this browser. The server is notified if it can be reached. */
  async endAndErase(): Promise<void> {
    const { storage, tabs } = this.deps;
    const c = this.#current.conversation;
    if (!c) return;
    const session = this.state.is === 'interrupted' ? undefined : this.#session.newest(c);
    tabs.notify({ is: 'erased', conversation: c.sid });
    if (!storage.session()) storage.write({ erased: '1' }); // replaces the identity
    const ending = session && this.#session.end(session); // reads the key before it is removed
    await this.#current.remove(c);
    await ending;
  }

  /** The same for good: a start that is under way ends when it is answered, and is not stored. */
  async exit(): Promise<unknown> {
    const { storage } = this.deps;
    const starting = this.#starter.leave();
    this.#isStopped = true;
    if (this.conversation) return this.endAndErase();
    const session = storage.session();
    if (!session && !starting) return;
    storage.write({ erased: '1' });
    return Promise.all([session && this.#session.end(session), this.#current.remove(), starting]);
  }

  /** Shows the form again, under the identity of before. If another tab has begun a new chat already, this one joins it. */
  async startAgain(): Promise<void> {
    const c = this.#current.conversation;
    if (!c) {
      this.#current.removals++; // also empties the form
      this.#starter.reset();
      return this.#current.leave();
    }
    const session = this.deps.storage.session();
    const isOther = session && session.conversationSid !== c.sid;
    if (isOther && (await this.#session.isOurs(session))) return this.#join({ session, question: '' });
    await this.#current.removeSession(c);
  }

  /** @param isNewNetwork then the stream may be one of the old network */
  wake(isNewNetwork = false): void {
    if (isNewNetwork) this.#current.link.drop();
    this.#current.backoff.wake();
    this.#otherTabs.wake();
  }

  offline(): void {
    this.#current.link.drop();
  }

  /** Removes the chat from the page. Its session stays in this browser, for the next script that loads it. */
  stop(): void {
    this.#isStopped = true;
    this.#current.hangUp();
    this.#current.leave();
  }

  /** Arrow 3 is the call that this makes; the server's side of it is numbered there. */
  async #resume(stored: StoredSession): Promise<void> {
    const current = this.#current;
    if (current.conversation || this.#isStopped) return;
    const c = new Conversation(stored);
    current.enter(c);
    drawn: this.deps.step?.('C->>B: has a chat open on the page'); // arrow 1
    drawn: this.deps.step?.('C->>B: reloads the page'); // arrow 2
    const kept = await this.deps.transcript.load(c.sid);
    if (!current.goesOn(c)) return;
    if (!this.#session.keptHere(kept)) return current.leave();
    c.recall(kept);
    current.changed();
    if (!(await this.#session.renew(c))) return;
    drawn: this.deps.step?.('B->>C: the chat goes on');
    await this.#connection.follow(c);
  }

  /** Enters a conversation that began in this page or in another tab, so that its token is new. */
  async #join(begun: Begun): Promise<void> {
    const { session } = begun;
    const kept = await this.deps.transcript.load(session.conversationSid);
    if (this.#isStopped || this.conversation?.sid === session.conversationSid) return; // called twice
    const c = new Conversation(session);
    c.recall(kept);
    if ('start' in begun && begun.start.firstMessage) {
      // The server has the message, so it is shown at once, and never sent from here.
      const { clientId, firstMessage: body } = begun.start;
      c.push({ clientId, conversation: c.sid, body, elsewhere: true });
    }
    this.#current.hangUp();
    this.#current.enter(c);
    if ('question' in begun) void this.send(begun.question);
    await this.#connection.follow(c);
  }
}
