import { Connection, reconnecting } from './connection';
import { Conversation, type Line } from './conversation';
import { Outbox } from './outbox';
import { Backoff } from './backoff';
import type { Start } from './protocol';
import type { Problem, State } from './state';
import type { Session } from './storage';
import type { TabEvent } from './tabs';
import type { Issued, Message, Outcome, Participant } from './wire';
import type { Dependencies } from './dependencies';

const TYPING_MS = 3_000;
/** Another tab's word on where a session went may come after the session is gone. */
const NEWS_MS = 1_000;
/** How long a failed start is repeated with the same key: shorter than the server accepts the key. */
const SAME_START_MS = 5 * 60_000;

const NOTHING_LEFT = { is: 'ok', value: undefined } as const;
const TRY_AGAIN: Problem = { code: 0, message: '' };

/** A chat that begins, and the question from the form: already sent with it, or not yet if another tab began it. */
interface Begun {
  session: Session;
  said?: Start;
  unsaid?: string;
}

/**
 * A guest's chat: what happens to it, and where it stands. The view shows it and calls it; it knows
 * nothing of the view. What is to last is kept before it is shown.
 *
 * Whatever waits for something asks afterwards whether its conversation still is the one that this
 * tab is in: `goesOn`.
 */
export class Chat {
  state: State = { is: 'idle', starting: false };

  /** Grows whenever everything of a chat must be removed, also from the fields. */
  forgotten = 0;

  private readonly backoff: Backoff;
  private readonly connection: Connection;
  private readonly outbox: Outbox;
  private starting: { start: Start; at: number } | undefined;
  private typingSaid = false;
  private loading = false;
  private stopped = false;

  constructor(
    private readonly deps: Dependencies,
    readonly changed: () => void,
  ) {
    this.backoff = new Backoff(deps);
    this.connection = new Connection(deps, this.backoff, this);
    this.outbox = new Outbox(deps, this.backoff, this);
    deps.storage.watch(() => void this.storageChanged());
    deps.tabs.subscribe((event) => void this.onEvent(event));
  }

  // ---- what the view shows

  private get conversation(): Conversation | undefined {
    return this.state.is === 'idle' ? undefined : this.state.of;
  }

  lines(): Line[] {
    return this.conversation?.lines(this.canWrite()) ?? [];
  }

  unread(): number {
    return this.conversation?.unread() ?? 0;
  }

  readByOthers(): number {
    return this.conversation?.readByOthers() ?? -1;
  }

  /** The conversation that is shown; empty: none. */
  get sid(): string {
    return this.conversation?.sid ?? '';
  }

  /** The guest's messages that were never sent, in order. */
  unsent(): string[] {
    return this.conversation?.unsent() ?? [];
  }

  get typing(): Participant | undefined {
    return this.conversation?.typing;
  }

  get hasOlder(): boolean {
    return (this.state.is === 'live' || this.state.is === 'ended') && this.state.of.hasOlder;
  }

  canWrite(): boolean {
    return this.running() !== undefined;
  }

  /** The conversation that goes on, if one does. */
  private running(): Conversation | undefined {
    const { state } = this;
    return state.is === 'resuming' || state.is === 'live' || state.is === 'reconnecting' ? state.of : undefined;
  }

  goesOn(c: Conversation): boolean {
    return this.running() === c;
  }

  /** Whether it is active, or could become active again. */
  isShown(c: Conversation): boolean {
    return this.conversation === c && this.state.is !== 'interrupted';
  }

  // ---- what a guest does

  /** The page was loaded: goes on with the session that is there, or forgets what is left of one. */
  async load(): Promise<void> {
    const { storage, memory } = this.deps;
    const session = storage.session();
    const { conversation, form, guest } = memory.read();
    if (!session && conversation) memory.write('', {}); // it belongs to a removed chat
    // Text that was typed here must not give way to the chat of another deployment.
    if (session) return (form || guest) && !(await this.isOurs(session)) ? undefined : await this.resume(session);
    if (storage.read().identity) await this.anew();
  }

  /** The text that this guest had not sent when the chat was interrupted, before the page was loaded. */
  async left(): Promise<string[]> {
    const { storage, memory } = this.deps;
    const { conversation, guest, unsent = [], draft = '' } = memory.read();
    if (!guest || storage.session() || storage.read().identity !== guest) return [];
    return [...(await this.claimed(conversation, unsent)), draft];
  }

  /** Takes over the unsent messages of an interrupted chat, so that no two tabs offer them; none if another tab has them. */
  async claimed(conversation: string, unsent: string[]): Promise<string[]> {
    const { tabs, claims } = this.deps;
    if (!unsent.length) return unsent;
    return tabs.withLock('unsent', async () => {
      const isFirst = claims.read().conversation !== conversation;
      claims.write(conversation, {});
      return isFirst ? unsent : [];
    });
  }

  /** @param firstMessage the guest's message that starts the chat; empty: none */
  async start(name: string, preEngagement: object, firstMessage = ''): Promise<void> {
    if (this.state.is !== 'idle' || this.state.starting || this.stopped) return;
    this.become({ is: 'idle', starting: true });
    let problem = TRY_AGAIN;
    try {
      const start = this.startOf(name, JSON.stringify(preEngagement), firstMessage.trim());
      const outcome = await this.deps.tabs.withLock('start', () => this.init(start));
      if (outcome.is !== 'later') this.starting = undefined; // otherwise it may have begun: repeat the same start
      if (outcome.is === 'ok') return await this.join(outcome.value);
      if (outcome.is === 'wrong') problem = outcome;
    } catch (failure) {
      console.error(failure); // a shim of the page threw, or this has a bug: the guest can try again
    }
    if (!this.conversation) this.become({ is: 'idle', starting: false, problem });
  }

  /** The same start as before if it had the same content and its answer did not come. */
  private startOf(name: string, preEngagementData: string, firstMessage: string): Start {
    const { starting, deps } = this;
    const before = starting && Math.abs(deps.now() - starting.at) < SAME_START_MS ? starting.start : undefined;
    if (before?.name === name && before.preEngagementData === preEngagementData && before.firstMessage === firstMessage) {
      return before;
    }
    const start = { name, preEngagementData, firstMessage, clientId: deps.newId(), idempotencyKey: deps.newId() };
    this.starting = { start, at: deps.now() };
    return start;
  }

  private async init(start: Start): Promise<Outcome<Begun>> {
    const { protocol, storage, transcript } = this.deps;
    const other = storage.session();
    if (other && (await this.isOurs(other))) return { is: 'ok', value: { session: other, unsaid: start.firstMessage } }; // another tab was first
    const loginTimestamp = String(this.deps.now());
    drawn: this.deps.step?.('C->>B: starts a chat');
    drawn: this.deps.step?.('B->>FWO: POST /v2/Webchat/Init {deploymentKey, customerFriendlyName, preEngagementData}');
    const outcome = await protocol.init(loginTimestamp, start, storage.read().identity);
    if (outcome.is !== 'ok') return outcome;
    const session = sessionOf(outcome.value, loginTimestamp);
    await transcript.begin(session.conversationSid, protocol.deploymentKey);
    storage.write(session);
    drawn: this.deps.step?.('B->>B: keeps the token, its expiration, the identity and the conversation');
    drawn: this.deps.step?.('B->>C: the chat is open');
    return { is: 'ok', value: { session, said: start } };
  }

  async send(text: string): Promise<void> {
    const c = this.running();
    const body = text.trim();
    if (!c || !c.sid || !body) return;
    this.typingSaid = false; // what is typed from here on is something new
    await this.outbox.put(c, { clientId: this.deps.newId(), conversation: c.sid, body });
  }

  /** What could not be sent, under the same id: if it did arrive, it is not said twice. */
  async sendAgain(clientId: string): Promise<void> {
    const c = this.running();
    const outgoing = c?.find(clientId);
    if (!c || !outgoing) return;
    const { clientId: id, conversation, body } = outgoing;
    await this.outbox.put(c, { clientId: id, conversation, body });
  }

  /** The guest sees the newest message: it is read, and the server is notified. */
  async markRead(): Promise<void> {
    const c = this.conversation;
    if (!c) return;
    const last = c.lastOfOthers();
    if (last > c.readUpTo) {
      c.readUpTo = last;
      void this.deps.transcript.read(c.sid, last);
      this.changed();
    }
    if (this.state.is !== 'live' || c.readUpTo <= c.reported) return;
    const before = c.reported;
    const index = (c.reported = c.readUpTo);
    const outcome = await this.ask(c, (session) => this.deps.protocol.read(session, index));
    if (outcome.is !== 'ok' && c.reported === index) c.reported = before; // reported again with the next call
  }

  async types(): Promise<void> {
    const c = this.running();
    if (!c || this.state.is !== 'live' || this.typingSaid) return;
    this.typingSaid = true;
    void this.deps.wait(TYPING_MS).then(() => (this.typingSaid = false));
    await this.ask(c, (session) => this.deps.protocol.typing(session));
  }

  async loadOlder(): Promise<void> {
    const c = this.conversation;
    if (!c || this.loading || !this.hasOlder) return;
    this.loading = true;
    await this.connection.older(c);
    this.loading = false;
  }

  /** Ends the chat; what was said stays on the screen. False when the server could not be reached. */
  async end(): Promise<boolean> {
    const c = this.running();
    if (!c) return true;
    const outcome = await this.ask(c, (session) => this.deps.protocol.end(session, false));
    if (outcome.is === 'ok' || outcome.is === 'closed') this.close(c);
    return !this.goesOn(c);
  }

  /** Ends the chat and leaves nothing of it in this browser. The server is notified if it can be reached. */
  async endAndErase(): Promise<void> {
    const c = this.conversation;
    if (!c) return;
    const session = this.state.is === 'interrupted' ? undefined : this.newest(c);
    this.deps.tabs.notify({ is: 'erased', conversation: c.sid });
    if (!this.deps.storage.session()) this.deps.storage.erase(); // the identity, too
    await this.forget(c);
    if (session) await this.deps.protocol.end(session, true);
  }

  /**
   * Everything begins anew, under the identity of before. Where another tab has begun already, this
   * one joins it.
   */
  async startAgain(): Promise<void> {
    const c = this.conversation;
    if (!c) {
      this.forgotten++; // also empties the form
      this.starting = undefined;
      return this.become({ is: 'idle', starting: false });
    }
    const session = this.deps.storage.session();
    if (session && session.conversationSid !== c.sid && (await this.isOurs(session))) return this.join({ session });
    await this.anew(c);
  }

  /**
   * Something may be better now: the guest is back, or the network, and then the socket that is there
   * may be of the old one.
   */
  wake(isNewNetwork = false): void {
    if (isNewNetwork) this.connection.drop();
    this.backoff.wake();
    const c = this.conversation;
    if (c && this.deps.storage.session()?.conversationSid !== c.sid) void this.storageChanged(); // it changed while this page slept
  }

  /** The browser says that there is no network. */
  offline(): void {
    this.connection.drop();
  }

  /** Removes the chat from the page. Its session stays in this browser, for the next script that loads it. */
  stop(): void {
    this.stopped = true;
    this.leave();
    this.become({ is: 'idle', starting: false });
  }

  // ---- resuming and going on

  /** Arrow 3 is the call that this makes; the server's side of it is numbered there. */
  private async resume(session: Session): Promise<void> {
    if (this.conversation || this.stopped) return;
    const c = new Conversation(session);
    this.become({ is: 'resuming', of: c });
    drawn: this.deps.step?.('C->>B: has a chat open on the page'); // arrow 1
    drawn: this.deps.step?.('C->>B: reloads the page'); // arrow 2
    const kept = await this.deps.transcript.load(c.sid);
    if (!this.goesOn(c)) return;
    if (!this.isThisDeployments(kept)) return this.become({ is: 'idle', starting: false });
    c.recall(kept);
    this.changed();
    if (!(await this.renew(c))) return;
    drawn: this.deps.step?.('B->>C: the chat goes on');
    await this.connection.follow(c);
  }

  /** A session that begins in this page, or in another tab: its token is new. */
  private async join({ session, said, unsaid }: Begun): Promise<void> {
    const kept = await this.deps.transcript.load(session.conversationSid);
    if (this.stopped || this.conversation?.sid === session.conversationSid) return; // called twice
    const c = new Conversation(session);
    c.recall(kept);
    if (said?.firstMessage) {
      // The server has the message, so it is shown at once, and never sent from here.
      c.push({ clientId: said.clientId, conversation: c.sid, body: said.firstMessage, elsewhere: true });
    }
    if (this.conversation && this.conversation.identity !== c.identity) this.forgotten++;
    this.leave();
    this.become({ is: 'resuming', of: c });
    if (unsaid) void this.send(unsaid);
    await this.connection.follow(c);
  }

  private async isOurs(session: Session): Promise<boolean> {
    return this.isThisDeployments(await this.deps.transcript.load(session.conversationSid));
  }

  private isThisDeployments({ deployment }: { deployment?: string }): boolean {
    return !deployment || deployment === this.deps.protocol.deploymentKey;
  }

  /**
   * Renews the token, however long it takes, one tab at a time: whoever comes second finds that it
   * was done. True when the session goes on.
   */
  async renew(c: Conversation): Promise<boolean> {
    for (let attempt = 0; this.goesOn(c); attempt++) {
      const known = this.newest(c).token;
      const outcome = await this.deps.tabs.withLock('refresh', () => this.refresh(c, known));
      if (outcome.is === 'ok') return this.goesOn(c);
      if (!this.goesOn(c)) return false;
      if (this.state.is !== 'live') this.become(reconnecting(c, outcome, false));
      await this.backoff.wait(attempt, outcome);
    }
    return false;
  }

  private async refresh(c: Conversation, known: string): Promise<Outcome<unknown>> {
    if (!this.goesOn(c)) return { is: 'closed' };
    if (!this.deps.storage.session()) {
      await this.forget(c); // the page took it away, or another tab: nothing is to be left of it
      return { is: 'closed' };
    }
    if (this.newest(c).token !== known) return NOTHING_LEFT;
    drawn: this.deps.step?.('B->>FWO: POST /v2/Webchat/Token/Refresh {deploymentKey, token}');
    const outcome = await this.ask(c, (session) => this.deps.protocol.refresh(session));
    if (outcome.is === 'ok' && this.goesOn(c)) {
      const before = c.sid;
      c.session = sessionOf(outcome.value, c.session.loginTimestamp);
      if (this.deps.storage.session()?.conversationSid === before) this.deps.storage.write(c.session);
      drawn: this.deps.step?.('B->>B: keeps the new token and its expiration');
    }
    return outcome;
  }

  drain(c: Conversation): Promise<void> {
    return this.outbox.drain(c);
  }

  // ---- what is known and kept

  /** Takes what is news; what was sent from here has arrived by it. It is kept first, then shown. */
  async take(
    c: Conversation,
    messages: Message[],
    { from = c.first, revision = c.revision, anew = false }: { from?: number; revision?: number; anew?: boolean } = {},
  ): Promise<void> {
    const news = c.news(messages, from);
    const reached = Math.max(c.revision, revision);
    await this.deps.transcript.keep(c.sid, { messages: news, arrived: c.sent(messages), revision: reached, anew });
    c.add(news);
    if (news.some((one) => one.author === c.typing?.identity)) c.typing = undefined;
    c.revision = Math.max(c.revision, reached);
  }

  /** The session as the tab that renewed it last has left it. */
  newest(c: Conversation): Session {
    const stored = this.deps.storage.session();
    if (stored && stored.conversationSid === c.sid) c.session = stored;
    return c.session;
  }

  /**
   * Asks with the newest token. A refusal ends the session, unless the token was renewed meanwhile:
   * then it says nothing of the one that is good now.
   */
  async ask<T>(c: Conversation, call: (session: Session) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const session = this.newest(c);
    const outcome = await this.connection.watch(c, call(session));
    if (outcome.is !== 'refused') return outcome;
    if (this.newest(c).token !== session.token) return { is: 'later', afterSeconds: 0 };
    this.interrupt(c, outcome.code, outcome.reference);
    return outcome;
  }

  // ---- ends

  /** The token goes, the identity and what was said stay; nothing is asked of the server any more. */
  private interrupt(c: Conversation, code: number, reference: string, fromOtherTab = false): void {
    if (!this.goesOn(c)) return;
    this.leave();
    if (this.deps.storage.session()?.conversationSid === c.sid) this.deps.storage.write({ identity: c.identity });
    if (!fromOtherTab) this.deps.tabs.notify({ is: 'interrupted', conversation: c.sid, code, reference });
    drawn: this.deps.step?.('B->>B: shows the failure by its code, and all the messages it holds');
    this.become({ is: 'interrupted', of: c, code, reference }); // arrow 18
    drawn: this.deps.step?.('B->>C: session interrupted'); // arrow 19
  }

  /** Keeps listening, because an agent may reopen it. */
  close(c: Conversation, fromOtherTab = false): void {
    if (!this.goesOn(c)) return;
    c.typing = undefined;
    this.backoff.wake();
    if (!fromOtherTab) this.deps.tabs.notify({ is: 'ended', conversation: c.sid });
    this.become({ is: 'ended', of: c });
  }

  /** What is left of a session that is over goes; the identity stays. */
  private async anew(c?: Conversation): Promise<void> {
    const identity = c?.identity ?? this.deps.storage.read().identity ?? '';
    await this.forget(c);
    if (identity && !this.deps.storage.session()) this.deps.storage.write({ identity });
    drawn: this.deps.step?.('C->>C: reloads the page, and can start again'); // arrow 20
  }

  /** Leaves nothing of it in this browser; what another tab has begun since is left alone. */
  private async forget(c?: Conversation, next: State = { is: 'idle', starting: false }): Promise<void> {
    const sid = this.deps.storage.session()?.conversationSid;
    const isOther = sid !== c?.sid;
    if (sid !== undefined && !isOther) this.deps.storage.erase();
    this.leave();
    if (c) {
      this.forgotten++;
      if (this.deps.claims.read().conversation !== c.sid) this.deps.claims.erase();
    }
    this.become(next);
    await this.deps.transcript.erase(isOther ? sid : undefined);
  }

  async erasedByServer(c: Conversation, fromOtherTab = false): Promise<void> {
    if (!fromOtherTab) this.deps.tabs.notify({ is: 'erased', conversation: c.sid, byServer: true });
    await this.forget(c, { is: 'idle', starting: false, erased: true });
  }

  private leave(): void {
    this.connection.close();
    const c = this.conversation;
    if (c) c.typing = undefined;
    this.backoff.wake();
  }

  // ---- other tabs

  private async storageChanged(): Promise<void> {
    const session = this.deps.storage.session();
    const c = this.conversation;
    if (!session) {
      if (c) await this.sessionIsGone(c);
    } else if (session.conversationSid === c?.sid) {
      if (this.goesOn(c)) this.connection.token(this.newest(c).token);
    } else if (!(this.state.is === 'idle' && this.state.starting) && (await this.isOurs(session))) {
      if (this.conversation === c) await this.join({ session }); // another tab has begun anew
    }
  }

  /** Whoever took it away says why, at once or never: a page may do so itself, when somebody signs out. */
  private async sessionIsGone(c: Conversation): Promise<void> {
    await this.deps.wait(NEWS_MS);
    const isKept = this.deps.storage.session() || (this.state.is === 'interrupted' && this.deps.storage.read().identity !== undefined);
    if (this.conversation === c && !isKept) await this.forget(c);
  }

  private async onEvent(event: TabEvent): Promise<void> {
    const c = this.conversation;
    if (!c || event.conversation !== c.sid) return;
    switch (event.is) {
      case 'outbox':
        await this.outbox.read(c);
        this.changed();
        return this.drain(c);
      case 'ended':
        return this.close(c, true);
      case 'erased':
        return event.byServer ? this.erasedByServer(c, true) : this.forget(c);
      case 'interrupted':
        return this.interrupt(c, event.code, event.reference, true);
    }
  }

  become(state: State): void {
    this.state = state;
    this.changed();
  }
}

function sessionOf(issued: Issued, loginTimestamp: string): Session {
  const { token, expiration, identity, conversation_sid: conversationSid } = issued;
  return { token, expiration, identity, conversationSid, loginTimestamp };
}
