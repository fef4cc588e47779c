import type { Protocol, Session } from './protocol';
import type { Outgoing, SessionStorage, Stored, Transcript } from './storage';
import { Stream } from './stream';
import type { Frame, History, Issued, Message, Outcome, Participant } from './wire';

/** Where a chat stands. What is not true of a state can not be said in it. */
export type State =
  | { is: 'idle'; starting: boolean; problem?: Problem }
  | { is: 'resuming' }
  | { is: 'live' }
  | { is: 'reconnecting'; problem?: Problem }
  | { is: 'interrupted'; code: number; reference: string }
  | { is: 'ended' };

/** Something that the page's owner, and not the guest, can put right. */
export interface Problem {
  code: number;
  message: string;
}

/** A line of the transcript: said, or still to be sent. */
export type Line =
  | { is: 'said'; message: Message }
  | { is: 'waiting'; outgoing: Outgoing }
  | { is: 'failed'; outgoing: Outgoing };

/** What the outside gives: a test gives something else. */
export interface World {
  protocol: Protocol;
  storage: SessionStorage;
  openTranscript: () => Promise<Transcript>;
  stream: (...call: ConstructorParameters<typeof Stream>) => Stream;
  /** One tab at a time; where the browser has no locks, this tab only. */
  alone: <T>(what: string, work: () => Promise<T>) => Promise<T>;
  /** Tells the other tabs something; `hear` is told what they say. */
  tell: (news: News) => void;
  hear: (listener: (news: News) => void) => void;
  wait: (milliseconds: number) => Promise<void>;
  random: () => number;
  newId: () => string;
  now: () => number;
  /** Sees the steps of the drawings as they are taken. */
  step?: (step: string) => void;
}

export type News =
  | { is: 'outbox' }
  | { is: 'ended' }
  | { is: 'erased' }
  | { is: 'interrupted'; code: number; reference: string };

const PAGE = 50;
/** Pages asked for at once after a long absence; what is older is loaded when it is looked at. */
const CATCH_UP_PAGES = 10;
const BACKOFF_MS = { least: 500, most: 30_000 };
const TYPING_MS = 3_000;
const TYPING_SHOWN_MS = 6_000;

/**
 * A guest's chat: what is known of it, and what happens to it. The view shows it and calls it; it
 * knows nothing of the view. What is to last is kept before it is shown.
 */
export class Chat {
  state: State = { is: 'idle', starting: false };
  hasOlder = false;
  typing: Participant | undefined;

  private transcript: Transcript | undefined;
  private stored: Stored | undefined;
  private messages = new Map<number, Message>();
  private participants = new Map<string, Participant>();
  private outbox: Outgoing[] = [];
  private failed: Outgoing[] = [];
  private revision = -1;
  private readUpTo = -1;
  private stream: Stream | undefined;
  private attempt = 0;
  private connecting = false;
  private wakeUp: () => void = () => {};
  private typingSaid = 0;
  private typingGone: ReturnType<typeof setTimeout> | undefined;
  private reading = -1;
  private loading = false;

  constructor(
    private readonly world: World,
    private readonly changed: () => void,
  ) {
    world.storage.watch(() => this.storageChanged());
    world.hear((news) => this.otherTabSaid(news));
    globalThis.addEventListener?.('online', () => this.wakeUp());
  }

  // ---- what the view shows

  lines(): Line[] {
    const said = [...this.messages.values()]
      .filter((message) => !message.removed)
      .sort((a, b) => a.index - b.index)
      .map((message): Line => ({ is: 'said', message }));
    const waiting = this.outbox.map((outgoing): Line => ({ is: 'waiting', outgoing }));
    const failed = this.failed.map((outgoing): Line => ({ is: 'failed', outgoing }));
    return [...said, ...failed, ...waiting];
  }

  get identity(): string {
    return this.stored?.identity ?? '';
  }

  unread(): number {
    return this.others().filter((message) => message.index > this.readUpTo).length;
  }

  /** How far the other side has read. */
  readByOthers(): number {
    const others = [...this.participants.values()].filter((one) => one.identity !== this.identity);
    return Math.max(-1, ...others.map((one) => one.read_index));
  }

  private others(): Message[] {
    return [...this.messages.values()].filter((one) => !one.removed && one.author !== this.identity);
  }

  // ---- what a guest does

  /** The page was loaded: goes on with the session that is there, or forgets what is left of one. */
  async load(): Promise<void> {
    const stored = this.world.storage.session();
    if (stored) await this.resume(stored);
    else if (this.world.storage.read().identity) {
      await this.world.openTranscript().then((left) => left.erase()).catch(() => {});
    }
  }

  async start(name: string, preEngagement: object): Promise<void> {
    if (this.state.is !== 'idle' || this.state.starting) return;
    this.become({ is: 'idle', starting: true });
    const loginTimestamp = String(this.world.now());
    const identity = this.world.storage.read().identity;
    const outcome = await this.world.protocol.init(loginTimestamp, name, preEngagement, identity);
    switch (outcome.is) {
      case 'ok':
        await this.openTranscript();
        await this.transcript?.erase().catch(() => {}); // what an earlier chat left here
        this.keepSession(outcome.value, loginTimestamp);
        this.world.step?.('C->>B: has a chat open on the page'); // arrow 1
        this.become({ is: 'reconnecting' });
        await this.connect();
        return;
      case 'later':
        this.become({ is: 'idle', starting: false, problem: { code: 0, message: '' } });
        return;
      case 'wrong':
        this.become({ is: 'idle', starting: false, problem: outcome });
        return;
      case 'refused':
      case 'closed':
        this.become({ is: 'idle', starting: false, problem: { code: 0, message: '' } });
    }
  }

  async send(text: string): Promise<void> {
    const body = text.trim();
    if (!body || !this.stored || !this.canWrite()) return;
    const outgoing: Outgoing = {
      clientId: this.world.newId(),
      conversation: this.stored.conversationSid,
      body,
      at: this.world.now(),
    };
    await this.transcript?.put(outgoing).catch(() => {});
    this.outbox.push(outgoing);
    this.changed();
    this.world.tell({ is: 'outbox' });
    await this.empty();
  }

  canWrite(): boolean {
    return this.state.is === 'live' || this.state.is === 'reconnecting' || this.state.is === 'resuming';
  }

  /** The guest looks at the newest message. */
  async look(): Promise<void> {
    const last = Math.max(-1, ...this.others().map((message) => message.index));
    if (last <= this.readUpTo) return;
    this.readUpTo = last;
    this.changed();
    const session = this.session();
    if (session && this.state.is === 'live' && this.reading < last) {
      this.reading = last;
      this.ended(await this.world.protocol.read(session, last));
    }
  }

  async types(): Promise<void> {
    const session = this.session();
    if (!session || this.state.is !== 'live' || this.world.now() - this.typingSaid < TYPING_MS) return;
    this.typingSaid = this.world.now();
    this.ended(await this.world.protocol.typing(session));
  }

  async loadOlder(): Promise<void> {
    const session = this.session();
    const first = Math.min(...this.messages.keys());
    if (!session || this.loading || !this.hasOlder || this.state.is !== 'live') return;
    this.loading = true;
    try {
      const outcome = await this.world.protocol.history(session, `before=${first}&limit=${PAGE}`);
      if (outcome.is === 'ok') {
        this.hasOlder = outcome.value.has_more;
        await this.take(outcome.value.messages);
        this.changed();
      } else {
        this.ended(outcome);
      }
    } finally {
      this.loading = false;
    }
  }

  /** Ends the chat; what was said stays on the screen. */
  async end(): Promise<void> {
    const session = this.session();
    if (!session) return;
    const outcome = await this.world.protocol.end(session, false);
    if (!this.ended(outcome) && outcome.is === 'ok') this.close();
  }

  /** Ends the chat and leaves nothing of it in this browser. The server is told, if it can be. */
  async endAndErase(): Promise<void> {
    const session = this.session();
    await this.erase();
    this.world.tell({ is: 'erased' });
    if (session) await this.world.protocol.end(session, true);
  }

  /** After an interruption or an end: everything begins anew, under the identity of before. */
  async startAgain(): Promise<void> {
    const identity = this.stored?.identity ?? this.world.storage.read().identity;
    await this.erase();
    if (identity) this.world.storage.write({ identity });
  }

  // ---- resuming and connecting

  /** Arrow 3 is the call that this makes; the server's side of it is numbered there. */
  private async resume(stored: Stored): Promise<void> {
    this.stored = stored;
    this.world.step?.('C->>B: reloads the page'); // arrow 2
    this.become({ is: 'resuming' });
    await this.openTranscript();
    await this.showKept();
    await this.refresh(stored.token);
    if (this.session() && this.state.is !== 'ended') await this.connect(); // it may have taken a while
  }

  /**
   * Renews the token, one tab at a time: whoever comes second finds that it was done.
   *
   * @param known the token that this tab thinks is the newest
   */
  private async refresh(known: string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.world.alone('refresh', async (): Promise<Outcome<Issued> | undefined> => {
        const session = this.world.storage.session();
        if (!session || session.token !== known) return undefined;
        this.world.step?.('B->>FWO: POST /v2/Webchat/Token/Refresh {deploymentKey, token}');
        const answer = await this.world.protocol.refresh(session);
        if (answer.is === 'ok') this.keepSession(answer.value, session.loginTimestamp);
        return answer;
      });
      if (!outcome || outcome.is === 'ok') {
        this.stored = this.world.storage.session() ?? this.stored;
        return;
      }
      if (this.ended(outcome) || outcome.is === 'closed') return;
      this.become({ is: 'reconnecting', ...(outcome.is === 'wrong' ? { problem: outcome } : {}) });
      await this.pause(attempt, outcome.is === 'later' ? outcome.afterSeconds : BACKOFF_MS.most / 1000);
      if (!this.session()) return;
    }
  }

  /** The newest page, all that was missed before it, and then the socket. */
  private async connect(): Promise<void> {
    if (this.connecting) return;
    this.connecting = true;
    try {
      while (this.session() && this.state.is !== 'ended') {
        const outcome = await this.catchUp();
        if (outcome.is === 'ok') break;
        if (this.ended(outcome)) return;
        this.become({ is: 'reconnecting', ...(outcome.is === 'wrong' ? { problem: outcome } : {}) });
        await this.pause(this.attempt++, outcome.is === 'later' ? outcome.afterSeconds : 10);
      }
    } finally {
      this.connecting = false;
    }
    this.listen();
    void this.empty();
  }

  private async catchUp(): Promise<Outcome<unknown>> {
    const session = this.session();
    if (!session) return { is: 'closed' };
    const known = Math.max(-1, ...this.messages.keys());
    const newest = await this.world.protocol.history(session, `limit=${PAGE}`);
    if (newest.is !== 'ok') return newest;
    let pages: History = newest.value;
    const missed: Message[] = [...pages.messages];
    for (let page = 1; pages.has_more && first(missed) > known + 1 && known >= 0 && page < CATCH_UP_PAGES; page++) {
      const older = await this.world.protocol.history(session, `before=${first(missed)}&limit=${PAGE}`);
      if (older.is !== 'ok') return older;
      pages = older.value;
      missed.unshift(...pages.messages);
    }
    if (first(missed) > known + 1) this.messages.clear(); // too much was missed: it is loaded when it is looked at
    for (const participant of newest.value.participants) this.meet(participant);
    await this.take(missed);
    this.hasOlder = this.messages.size > 0 && Math.min(...this.messages.keys()) > 0;
    this.revision = Math.max(this.revision, newest.value.revision);
    if (newest.value.state === 'closed') this.close();
    return { is: 'ok', value: undefined };
  }

  private listen(): void {
    const session = this.session();
    if (!session || this.state.is === 'ended' || this.state.is === 'interrupted') return;
    this.stream?.close();
    const stream: Stream = this.world.stream(
      this.world.protocol.server,
      { deploymentKey: this.world.protocol.deploymentKey, session, after: this.revision },
      (frame) => void this.hears(frame),
      () => {
        if (this.stream === stream) void this.lost();
      },
    );
    this.stream = stream;
  }

  private async lost(): Promise<void> {
    this.stream = undefined;
    if (this.state.is !== 'live' && this.state.is !== 'reconnecting') return;
    this.become({ is: 'reconnecting' });
    await this.pause(this.attempt++, this.retryAfter);
    this.retryAfter = 0;
    if (this.state.is === 'reconnecting') await this.connect();
  }

  private retryAfter = 0;

  private async hears(frame: Frame): Promise<void> {
    switch (frame.type) {
      case 'welcome':
        this.attempt = 0;
        for (const participant of frame.participants) this.meet(participant);
        if (frame.state === 'active') this.become({ is: 'live' });
        void this.empty();
        return;
      case 'message':
        this.revision = Math.max(this.revision, frame.revision);
        if (frame.message.author !== this.identity) this.typing = undefined;
        await this.take([frame.message]);
        break;
      case 'participant':
      case 'read':
        this.revision = Math.max(this.revision, frame.revision);
        this.meet(frame.participant);
        break;
      case 'state':
        this.revision = Math.max(this.revision, frame.revision);
        if (frame.state === 'closed') this.close();
        break;
      case 'typing':
        this.typing = frame.participant;
        clearTimeout(this.typingGone);
        this.typingGone = setTimeout(() => {
          this.typing = undefined;
          this.changed();
        }, TYPING_SHOWN_MS);
        break;
      case 'token_expiring':
        if (this.stored) await this.refresh(this.stored.token);
        if (this.stored) this.stream?.token(this.stored.token);
        if (this.stream && this.state.is === 'reconnecting') this.become({ is: 'live' });
        return;
      case 'token_accepted':
      case 'ping':
        return;
      case 'refused':
        if (frame.code === 45775 || frame.code === 45779) this.interrupt(frame.code, frame.trace_id);
        else this.retryAfter = frame.retry_after ?? 10;
        return;
    }
    this.changed();
  }

  // ---- the outbox

  /** Sends what waits, in order and one after the other, from whichever tab comes first. */
  private async empty(): Promise<void> {
    await this.world.alone('outbox', async () => {
      for (let attempt = 0; ; ) {
        const session = this.session();
        const next = this.outbox[0];
        if (!session || !next || this.state.is === 'ended' || this.state.is === 'interrupted') return;
        const outcome = await this.world.protocol.send(session, next.body, next.clientId);
        switch (outcome.is) {
          case 'ok':
            attempt = 0;
            await this.take([outcome.value]);
            this.changed();
            break;
          case 'wrong':
          case 'closed':
            await this.fail(next);
            if (outcome.is === 'closed') this.close();
            break;
          case 'refused':
            this.ended(outcome);
            return;
          case 'later':
            await this.pause(attempt++, outcome.afterSeconds);
        }
      }
    });
  }

  private async fail(outgoing: Outgoing): Promise<void> {
    this.outbox = this.outbox.filter((one) => one.clientId !== outgoing.clientId);
    this.failed.push(outgoing);
    await this.transcript?.sent(outgoing.clientId).catch(() => {});
    this.changed();
  }

  // ---- what is kept

  /** Takes what is newer than what is known; what was sent from here has arrived by it. */
  private async take(messages: Message[]): Promise<void> {
    const news = messages.filter((one) => (this.messages.get(one.index)?.revision ?? -1) < one.revision);
    const sid = this.stored?.conversationSid;
    if (sid && news.length) await this.transcript?.keep(sid, news).catch(() => {});
    for (const message of news) this.messages.set(message.index, message);
    for (const { author, client_id } of messages) {
      if (client_id && author === this.identity && this.outbox.some((one) => one.clientId === client_id)) {
        this.outbox = this.outbox.filter((one) => one.clientId !== client_id);
        await this.transcript?.sent(client_id).catch(() => {});
      }
    }
  }

  private meet(participant: Participant): void {
    if ((this.participants.get(participant.sid)?.revision ?? -1) > participant.revision) return;
    this.participants.set(participant.sid, participant);
    if (participant.identity === this.identity) {
      this.readUpTo = Math.max(this.readUpTo, participant.read_index);
    }
  }

  private async openTranscript(): Promise<void> {
    this.transcript ??= await this.world.openTranscript();
  }

  private async showKept(): Promise<void> {
    const sid = this.stored?.conversationSid;
    if (!sid || !this.transcript) return;
    for (const message of await this.transcript.messages(sid).catch(() => [])) {
      this.messages.set(message.index, message);
    }
    this.outbox = await this.transcript.outbox(sid).catch(() => []);
    this.changed();
  }

  private session(): Session | undefined {
    if (this.state.is === 'interrupted') return undefined;
    const newest = this.world.storage.session();
    if (newest && newest.conversationSid === this.stored?.conversationSid) this.stored = newest;
    return this.stored?.token ? this.stored : undefined;
  }

  private keepSession(issued: Issued, loginTimestamp: string): void {
    this.stored = {
      token: issued.token,
      expiration: issued.expiration,
      identity: issued.identity,
      conversationSid: issued.conversation_sid,
      loginTimestamp,
    };
    this.world.storage.write(this.stored);
  }

  // ---- ends

  /** True when the outcome ends the session. */
  private ended(outcome: Outcome<unknown>): boolean {
    if (outcome.is === 'refused') this.interrupt(outcome.code, outcome.reference);
    return outcome.is === 'refused';
  }

  /** The token goes, the identity and what was said stay; nothing is asked of the server any more. */
  private interrupt(code: number, reference: string, told = false): void {
    if (this.state.is === 'interrupted') return;
    this.state = { is: 'interrupted', code, reference };
    this.stop();
    this.world.storage.write({ identity: this.identity });
    if (!told) this.world.tell({ is: 'interrupted', code, reference });
    this.world.step?.('B->>B: shows the failure by its code, and all the messages it holds');
    this.changed(); // arrow 18
    this.world.step?.('B->>C: session interrupted'); // arrow 19
  }

  private close(): void {
    if (this.state.is === 'interrupted' || this.state.is === 'ended') return;
    this.stop();
    this.world.tell({ is: 'ended' });
    this.become({ is: 'ended' });
  }

  private async erase(): Promise<void> {
    this.stop();
    const transcript = this.transcript ?? (await this.world.openTranscript());
    this.world.storage.erase();
    this.stored = undefined;
    this.messages.clear();
    this.participants.clear();
    this.outbox = [];
    this.failed = [];
    this.revision = this.readUpTo = this.reading = -1;
    this.hasOlder = false;
    await transcript.erase().catch(() => {});
    this.world.step?.('C->>C: reloads the page, and can start again'); // arrow 20
    this.become({ is: 'idle', starting: false });
  }

  private stop(): void {
    const stream = this.stream;
    this.stream = undefined;
    stream?.close();
    this.typing = undefined;
    this.wakeUp();
  }

  // ---- other tabs

  private storageChanged(): void {
    const stored = this.world.storage.session();
    if (stored && !this.stored && this.state.is === 'idle') {
      this.stored = stored; // another tab started a chat, or went on with one
      this.become({ is: 'reconnecting' });
      void this.openTranscript()
        .then(() => this.showKept())
        .then(() => this.connect());
    } else if (stored && stored.token !== this.stored?.token) {
      this.stored = stored;
      this.stream?.token(stored.token);
    }
  }

  private otherTabSaid(news: News): void {
    switch (news.is) {
      case 'outbox':
        void this.showKept().then(() => this.empty());
        return;
      case 'ended':
        if (this.state.is === 'live' || this.state.is === 'reconnecting') {
          this.stop();
          this.become({ is: 'ended' });
        }
        return;
      case 'erased':
        if (this.state.is !== 'idle') void this.erase();
        return;
      case 'interrupted':
        if (this.stored) this.interrupt(news.code, news.reference, true);
    }
  }

  // ---- waiting

  private async pause(attempt: number, afterSeconds: number): Promise<void> {
    const backOff = Math.min(BACKOFF_MS.most, BACKOFF_MS.least * 2 ** Math.min(attempt, 10));
    const jittered = Math.max(afterSeconds * 1000, backOff) * (0.75 + this.world.random() / 2);
    await Promise.race([
      this.world.wait(jittered),
      new Promise<void>((resolve) => {
        this.wakeUp = resolve;
      }),
    ]);
  }

  private become(state: State): void {
    this.state = state;
    this.changed();
  }
}

function first(messages: Message[]): number {
  return messages[0]?.index ?? 0;
}
