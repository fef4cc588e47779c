import { Conversation, type Line } from './conversation';
import { Pauses } from './pauses';
import type { Problem, State } from './state';
import type { Session } from './storage';
import type { Stream } from './stream';
import type { News } from './tabs';
import type { Outgoing } from './transcript';
import type { Frame, Issued, Message, Outcome, Participant } from './wire';
import type { World } from './world';

const PAGE = 50;
/** Pages asked for at once after a long absence; what is older is loaded when it is looked at. */
const PAGES_AT_ONCE = 10;
/** A socket that lasted for this long was no flicker. */
const STEADY_MS = 10_000;
/** Attempts without a socket, which says when the token expires: some minutes. */
const RENEWED_EVERY = 10;
const TYPING_MS = 3_000;
const TYPING_SHOWN_MS = 6_000;
/** Another tab's word on where a session went may come after the session is gone. */
const NEWS_MS = 1_000;

const NOTHING_LEFT = { is: 'ok', value: undefined } as const;
const TRY_AGAIN: Problem = { code: 0, message: '' };

/**
 * A guest's chat: what happens to it, and where it stands. The view shows it and calls it; it knows
 * nothing of the view. What is to last is kept before it is shown.
 *
 * Whatever waits for something asks afterwards whether its conversation still is the one that this
 * tab is in: `goesOn`.
 */
export class Chat {
  state: State = { is: 'idle', starting: false };

  private stream: Pick<Stream, 'token' | 'close'> | undefined;
  private failures = 0;
  private readonly pauses: Pauses;
  private typingSaid = false;
  private loading = false;

  constructor(
    private readonly world: World,
    private readonly changed: () => void,
  ) {
    this.pauses = new Pauses(world);
    world.storage.watch(() => void this.storageChanged());
    world.tabs.hear((news) => void this.otherTabSaid(news));
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

  private goesOn(c: Conversation): boolean {
    return this.running() === c;
  }

  // ---- what a guest does

  /** The page was loaded: goes on with the session that is there, or forgets what is left of one. */
  async load(): Promise<void> {
    const session = this.world.storage.session();
    if (session) await this.resume(session);
    else if (this.world.storage.read().identity) await this.anew();
  }

  async start(name: string, preEngagement: object): Promise<void> {
    if (this.state.is !== 'idle' || this.state.starting) return;
    this.become({ is: 'idle', starting: true });
    const outcome = await this.world.tabs.alone('start', () => this.init(name, preEngagement));
    if (outcome.is === 'ok') return this.join(outcome.value);
    this.become({ is: 'idle', starting: false, problem: outcome.is === 'wrong' ? outcome : TRY_AGAIN });
  }

  private async init(name: string, preEngagement: object): Promise<Outcome<Session>> {
    const { protocol, storage, transcript } = this.world;
    const other = storage.session();
    if (other && (await this.isOurs(other))) return { is: 'ok', value: other }; // another tab was first
    const loginTimestamp = String(this.world.now());
    drawn: this.world.step?.('C->>B: starts a chat');
    drawn: this.world.step?.('B->>FWO: POST /v2/Webchat/Init {deploymentKey, customerFriendlyName, preEngagementData}');
    const outcome = await protocol.init(loginTimestamp, name, preEngagement, storage.read().identity);
    if (outcome.is !== 'ok') return outcome;
    const session = sessionOf(outcome.value, loginTimestamp);
    await transcript.begin(session.conversationSid, protocol.deploymentKey);
    storage.write(session);
    drawn: this.world.step?.('B->>B: keeps the token, its expiration, the identity and the conversation');
    drawn: this.world.step?.('B->>C: the chat is open');
    return { is: 'ok', value: session };
  }

  async send(text: string): Promise<void> {
    const c = this.running();
    const body = text.trim();
    if (!c || !c.sid || !body) return;
    this.typingSaid = false; // what is typed from here on is something new
    await this.put(c, { clientId: this.world.newId(), conversation: c.sid, body });
  }

  /** What could not be sent, under the same id: if it did arrive, it is not said twice. */
  async sendAgain(clientId: string): Promise<void> {
    const c = this.running();
    const outgoing = c?.find(clientId);
    if (!c || !outgoing) return;
    const { clientId: id, conversation, body } = outgoing;
    await this.put(c, { clientId: id, conversation, body });
  }

  private async put(c: Conversation, outgoing: Outgoing): Promise<void> {
    await this.world.transcript.put(outgoing);
    c.push(outgoing);
    this.changed();
    this.world.tabs.tell({ is: 'outbox', conversation: c.sid });
    await this.drain(c);
  }

  /** The guest looks at the newest message. */
  async look(): Promise<void> {
    const c = this.conversation;
    if (!c) return;
    const last = c.lastOfOthers();
    if (last > c.readUpTo) {
      c.readUpTo = last;
      this.changed();
    }
    if (this.state.is !== 'live' || c.readUpTo <= c.readTold) return;
    const before = c.readTold;
    const index = (c.readTold = c.readUpTo);
    const outcome = await this.ask(c, (session) => this.world.protocol.read(session, index));
    if (outcome.is !== 'ok' && c.readTold === index) c.readTold = before; // said again, when next looked at
  }

  async types(): Promise<void> {
    const c = this.running();
    if (!c || this.state.is !== 'live' || this.typingSaid) return;
    this.typingSaid = true;
    void this.world.wait(TYPING_MS).then(() => (this.typingSaid = false));
    await this.ask(c, (session) => this.world.protocol.typing(session));
  }

  async loadOlder(): Promise<void> {
    const c = this.conversation;
    if (!c || this.loading || !this.hasOlder) return;
    this.loading = true;
    const outcome = await this.ask(c, (session) => this.world.protocol.history(session, PAGE, c.first));
    this.loading = false;
    if (outcome.is !== 'ok' || this.conversation !== c) return;
    await this.take(c, outcome.value.messages, { from: 0 });
    this.changed();
  }

  /** Ends the chat; what was said stays on the screen. False when the server could not be told. */
  async end(): Promise<boolean> {
    const c = this.running();
    if (!c) return true;
    const outcome = await this.ask(c, (session) => this.world.protocol.end(session, false));
    if (outcome.is === 'ok' || outcome.is === 'closed') this.close(c);
    return !this.goesOn(c);
  }

  /** Ends the chat and leaves nothing of it in this browser. The server is told, if it can be. */
  async endAndErase(): Promise<void> {
    const c = this.conversation;
    if (!c) return;
    const session = this.state.is === 'interrupted' ? undefined : this.newest(c);
    this.world.tabs.tell({ is: 'erased', conversation: c.sid });
    if (!this.world.storage.session()) this.world.storage.erase(); // the identity, too
    await this.forget(c);
    if (session) await this.world.protocol.end(session, true);
  }

  /**
   * Everything begins anew, under the identity of before. Where another tab has begun already, this
   * one joins it.
   */
  async startAgain(): Promise<void> {
    const c = this.conversation;
    if (!c) return;
    const session = this.world.storage.session();
    if (session && session.conversationSid !== c.sid && (await this.isOurs(session))) return this.join(session);
    await this.anew(c);
  }

  /**
   * Something may be better now: the guest is back, or the network, and then the socket that is there
   * may be of the old one.
   */
  wake(isNewNetwork = false): void {
    if (isNewNetwork) this.stream?.close();
    this.pauses.wake();
  }

  // ---- resuming and going on

  /** Arrow 3 is the call that this makes; the server's side of it is numbered there. */
  private async resume(session: Session): Promise<void> {
    const c = new Conversation(session);
    this.become({ is: 'resuming', of: c });
    drawn: this.world.step?.('C->>B: has a chat open on the page'); // arrow 1
    drawn: this.world.step?.('C->>B: reloads the page'); // arrow 2
    const kept = await this.world.transcript.load(c.sid);
    if (!this.goesOn(c)) return;
    if (!this.isThisDeployments(kept)) return this.become({ is: 'idle', starting: false });
    c.recall(kept);
    this.changed();
    if (!(await this.renew(c))) return;
    drawn: this.world.step?.('B->>C: the chat goes on');
    await this.follow(c);
  }

  /** A session that begins in this page, or in another tab: its token is new. */
  private async join(session: Session): Promise<void> {
    const kept = await this.world.transcript.load(session.conversationSid);
    if (this.conversation?.sid === session.conversationSid) return; // twice at once
    const c = new Conversation(session);
    c.recall(kept);
    this.leave();
    this.become({ is: 'resuming', of: c });
    await this.follow(c);
  }

  private async isOurs(session: Session): Promise<boolean> {
    return this.isThisDeployments(await this.world.transcript.load(session.conversationSid));
  }

  private isThisDeployments({ deployment }: { deployment?: string }): boolean {
    return !deployment || deployment === this.world.protocol.deploymentKey;
  }

  /**
   * Renews the token, however long it takes, one tab at a time: whoever comes second finds that it
   * was done. True when the session goes on.
   */
  private async renew(c: Conversation): Promise<boolean> {
    for (let attempt = 0; this.goesOn(c); attempt++) {
      const known = this.newest(c).token;
      const outcome = await this.world.tabs.alone('refresh', () => this.refresh(c, known));
      if (outcome.is === 'ok') return this.goesOn(c);
      if (!this.goesOn(c)) return false;
      if (this.state.is !== 'live') this.become(reconnecting(c, outcome));
      await this.pauses.after(attempt, outcome);
    }
    return false;
  }

  private async refresh(c: Conversation, known: string): Promise<Outcome<unknown>> {
    if (!this.goesOn(c)) return { is: 'closed' };
    if (!this.world.storage.session()) {
      await this.forget(c); // the page took it away, or another tab: nothing is to be left of it
      return { is: 'closed' };
    }
    if (this.newest(c).token !== known) return NOTHING_LEFT;
    drawn: this.world.step?.('B->>FWO: POST /v2/Webchat/Token/Refresh {deploymentKey, token}');
    const outcome = await this.ask(c, (session) => this.world.protocol.refresh(session));
    if (outcome.is === 'ok' && this.goesOn(c)) {
      const before = c.sid;
      c.session = sessionOf(outcome.value, c.session.loginTimestamp);
      if (this.world.storage.session()?.conversationSid === before) this.world.storage.write(c.session);
      drawn: this.world.step?.('B->>B: keeps the new token and its expiration');
    }
    return outcome;
  }

  /** As long as this is the chat: what was missed, the socket until it is lost, a pause, and again. */
  private async follow(c: Conversation): Promise<void> {
    for (this.failures = 0; this.goesOn(c); ) {
      let outcome: Outcome<unknown> = await this.catchUp(c);
      if (outcome.is === 'ok' && this.goesOn(c)) {
        void this.drain(c);
        outcome = await this.listen(c);
      }
      if (!this.goesOn(c)) return;
      this.become(reconnecting(c, outcome));
      await this.pauses.after(this.failures++, outcome);
      if (this.failures % RENEWED_EVERY === 0) await this.renew(c);
    }
  }

  /** The newest page, and all that was missed before it. What was changed meanwhile, the socket tells. */
  private async catchUp(c: Conversation): Promise<Outcome<unknown>> {
    const { protocol } = this.world;
    const newest = await this.ask(c, (session) => protocol.history(session, PAGE));
    if (newest.is !== 'ok') return newest;
    const { revision, participants, state } = newest.value;
    const missed = [...newest.value.messages];
    const begins = () => missed[0]?.index ?? 0;
    for (let page = 1; page < PAGES_AT_ONCE && c.last >= 0 && begins() > c.last + 1; page++) {
      const older = await this.ask(c, (session) => protocol.history(session, PAGE, begins()));
      if (older.is !== 'ok') return older;
      missed.unshift(...older.value.messages);
      if (older.value.messages.length === 0) break;
    }
    if (!this.goesOn(c)) return NOTHING_LEFT;
    // A server that knows less than we do was set back: what it knows now holds.
    const joins = c.last >= 0 && begins() <= c.last + 1 && c.revision <= revision;
    if (!joins) c.clear();
    for (const participant of participants) c.meet(participant);
    await this.take(c, missed, joins ? { from: begins() } : { revision, anew: true });
    if (state === 'closed') this.close(c);
    this.changed();
    return NOTHING_LEFT;
  }

  /**
   * Listens until the socket is lost. It never ends a session: what it says of a token may be said of
   * one that was renewed meanwhile. The next call tells.
   */
  private listen(c: Conversation): Promise<Outcome<never>> {
    return new Promise((resolve) => {
      let afterSeconds = 0;
      let hearing = Promise.resolve();
      const lost = () => {
        if (this.stream === stream) this.stream = undefined;
        void hearing.then(() => resolve({ is: 'later', afterSeconds }));
      };
      const heard = (frame: Frame) => {
        if (frame.type === 'refused') afterSeconds = frame.retry_after ?? 0;
        hearing = hearing
          .then(() => (this.stream === stream && this.goesOn(c) ? this.hears(c, frame) : undefined))
          .catch((bug: unknown) => {
            console.error(bug);
            stream?.close(); // it is no good any more, and another one may be
          });
      };
      let stream: Pick<Stream, 'token' | 'close'> | undefined;
      try {
        this.stream = stream = this.world.stream(this.newest(c), c.revision, heard, lost);
      } catch {
        lost(); // the page's policy forbids it, or the browser
      }
    });
  }

  private async hears(c: Conversation, frame: Frame): Promise<void> {
    switch (frame.type) {
      case 'welcome':
        for (const participant of frame.participants) c.meet(participant);
        if (frame.state === 'closed') this.close(c);
        else this.become({ is: 'live', of: c });
        this.steadyUnlessLost();
        return;
      case 'message':
        if (frame.message.author !== c.identity) c.typing = undefined;
        await this.take(c, [frame.message], { revision: frame.revision });
        break;
      case 'participant':
      case 'read':
        c.revision = Math.max(c.revision, frame.revision);
        c.meet(frame.participant);
        break;
      case 'state':
        c.revision = Math.max(c.revision, frame.revision);
        if (frame.state === 'closed') this.close(c);
        break;
      case 'typing':
        this.shows(c, frame.participant);
        break;
      case 'token_expiring':
        void this.renew(c).then((renewed) => renewed && this.stream?.token(c.session.token));
        return;
      case 'token_superseded':
        this.stream?.token(this.newest(c).token); // this tab slept while another one renewed it
        return;
      case 'erased':
        return this.erasedByServer(c);
      case 'token_accepted':
      case 'ping':
      case 'refused':
        return;
    }
    this.changed();
  }

  private steadyUnlessLost(): void {
    const { stream } = this;
    void this.world.wait(STEADY_MS).then(() => {
      if (this.stream === stream) this.failures = 0;
    });
  }

  private shows(c: Conversation, typing: Participant): void {
    c.typing = typing;
    void this.world.wait(TYPING_SHOWN_MS).then(() => {
      if (c.typing !== typing) return;
      c.typing = undefined;
      this.changed();
    });
  }

  // ---- the outbox

  /** Sends what waits, in order and one after the other, from whichever tab comes first. */
  private async drain(c: Conversation): Promise<void> {
    if (c.sending) return;
    c.sending = true;
    for (let attempt = 0; this.goesOn(c) && c.next(); ) {
      const outcome = await this.world.tabs.alone('outbox', () => this.sendNext(c));
      if (outcome.is === 'later') await this.pauses.after(attempt++, outcome);
      else attempt = 0;
    }
    c.sending = false;
  }

  private async sendNext(c: Conversation): Promise<Outcome<unknown>> {
    await this.lookIntoOutbox(c);
    const next = c.next();
    if (!next || !this.goesOn(c)) return NOTHING_LEFT;
    const outcome = await this.ask(c, (session) => this.world.protocol.send(session, next.body, next.clientId));
    if (outcome.is === 'ok') {
      await this.take(c, [outcome.value]);
    } else if (outcome.is === 'wrong') {
      const failed = { ...next, failed: outcome.message };
      await this.world.transcript.put(failed);
      c.push(failed);
    } else if (outcome.is === 'closed') {
      this.close(c);
    }
    this.changed();
    return outcome;
  }

  private async lookIntoOutbox(c: Conversation): Promise<void> {
    const kept = await this.world.transcript.outbox(c.sid);
    if (kept) c.queue(kept);
  }

  // ---- what is known and kept

  /** Takes what is news; what was sent from here has arrived by it. It is kept first, then shown. */
  private async take(
    c: Conversation,
    messages: Message[],
    { from = c.first, revision = c.revision, anew = false }: { from?: number; revision?: number; anew?: boolean } = {},
  ): Promise<void> {
    const news = c.news(messages, from);
    const reached = Math.max(c.revision, revision);
    await this.world.transcript.keep(c.sid, { messages: news, arrived: c.sent(messages), revision: reached, anew });
    c.add(news);
    c.revision = Math.max(c.revision, reached);
  }

  /** The session as the tab that renewed it last has left it. */
  private newest(c: Conversation): Session {
    const stored = this.world.storage.session();
    if (stored && stored.conversationSid === c.sid) c.session = stored;
    return c.session;
  }

  /**
   * Asks with the newest token. A refusal ends the session, unless the token was renewed meanwhile:
   * then it says nothing of the one that is good now.
   */
  private async ask<T>(c: Conversation, call: (session: Session) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const session = this.newest(c);
    const outcome = await call(session);
    if (outcome.is !== 'refused') return outcome;
    if (this.newest(c).token !== session.token) return { is: 'later', afterSeconds: 0 };
    this.interrupt(c, outcome.code, outcome.reference);
    return outcome;
  }

  // ---- ends

  /** The token goes, the identity and what was said stay; nothing is asked of the server any more. */
  private interrupt(c: Conversation, code: number, reference: string, told = false): void {
    if (!this.goesOn(c)) return;
    this.leave();
    if (this.world.storage.session()?.conversationSid === c.sid) this.world.storage.write({ identity: c.identity });
    if (!told) this.world.tabs.tell({ is: 'interrupted', conversation: c.sid, code, reference });
    drawn: this.world.step?.('B->>B: shows the failure by its code, and all the messages it holds');
    this.become({ is: 'interrupted', of: c, code, reference }); // arrow 18
    drawn: this.world.step?.('B->>C: session interrupted'); // arrow 19
  }

  private close(c: Conversation, told = false): void {
    if (!this.goesOn(c)) return;
    this.leave();
    if (!told) this.world.tabs.tell({ is: 'ended', conversation: c.sid });
    this.become({ is: 'ended', of: c });
  }

  /** What is left of a session that is over goes; the identity stays. */
  private async anew(c?: Conversation): Promise<void> {
    const identity = c?.identity ?? this.world.storage.read().identity ?? '';
    await this.forget(c);
    if (identity && !this.world.storage.session()) this.world.storage.write({ identity });
    drawn: this.world.step?.('C->>C: reloads the page, and can start again'); // arrow 20
  }

  /** Leaves nothing of it in this browser; what another tab has begun since is left alone. */
  private async forget(c?: Conversation): Promise<void> {
    const sid = this.world.storage.session()?.conversationSid;
    const isOther = sid !== c?.sid;
    if (sid !== undefined && !isOther) this.world.storage.erase();
    this.leave();
    this.become({ is: 'idle', starting: false });
    await this.world.transcript.erase(isOther ? sid : undefined);
  }

  private async erasedByServer(c: Conversation, told = false): Promise<void> {
    if (!told) this.world.tabs.tell({ is: 'erased', conversation: c.sid, byServer: true });
    await this.forget(c);
    this.become({ is: 'idle', starting: false, erased: true });
  }

  private leave(): void {
    const { stream } = this;
    this.stream = undefined;
    stream?.close();
    const c = this.conversation;
    if (c) c.typing = undefined;
    this.pauses.wake();
  }

  // ---- other tabs

  private async storageChanged(): Promise<void> {
    const session = this.world.storage.session();
    const c = this.conversation;
    if (!session) {
      if (c) await this.sessionIsGone(c);
    } else if (session.conversationSid === c?.sid) {
      if (this.goesOn(c)) this.stream?.token(this.newest(c).token);
    } else if (!(this.state.is === 'idle' && this.state.starting) && (await this.isOurs(session))) {
      if (this.conversation === c) await this.join(session); // another tab has begun anew
    }
  }

  /** Whoever took it away says why, at once or never: a page may do so itself, when somebody signs out. */
  private async sessionIsGone(c: Conversation): Promise<void> {
    await this.world.wait(NEWS_MS);
    const isKept = this.world.storage.session() || (this.state.is === 'interrupted' && this.world.storage.read().identity);
    if (this.conversation === c && !isKept) await this.forget(c);
  }

  private async otherTabSaid(news: News): Promise<void> {
    const c = this.conversation;
    if (!c || news.conversation !== c.sid) return;
    switch (news.is) {
      case 'outbox':
        await this.lookIntoOutbox(c);
        this.changed();
        return this.drain(c);
      case 'ended':
        return this.close(c, true);
      case 'erased':
        return news.byServer ? this.erasedByServer(c, true) : this.forget(c);
      case 'interrupted':
        return this.interrupt(c, news.code, news.reference, true);
    }
  }

  private become(state: State): void {
    this.state = state;
    this.changed();
  }
}

function reconnecting(of: Conversation, outcome: Outcome<unknown>): State {
  return outcome.is === 'wrong' ? { is: 'reconnecting', of, problem: outcome } : { is: 'reconnecting', of };
}

function sessionOf(issued: Issued, loginTimestamp: string): Session {
  const { token, expiration, identity, conversation_sid: conversationSid } = issued;
  return { token, expiration, identity, conversationSid, loginTimestamp };
}
