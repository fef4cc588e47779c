import type { Conversation } from './conversation';
import type { Backoff } from './backoff';
import type { Session } from './storage';
import type { State } from './state';
import type { Stream } from './stream';
import type { Frame, Message, Outcome, Participant } from './wire';
import type { Dependencies } from './dependencies';

const PAGE = 50;
/** Pages loaded at once after a long absence; older ones are loaded when the guest scrolls to them. */
const PAGES_AT_ONCE = 10;
/** A socket that lasted for this long was a working connection. */
const STEADY_MS = 10_000;
/** Attempts without a socket, whose welcome says when the token expires: some minutes. */
const RENEWED_EVERY = 10;
const TYPING_SHOWN_MS = 6_000;
/** Typing events that arrive this soon after a message of the same person are older than the message. */
const TYPING_OVERTAKEN_MS = 1_000;
/** If a call takes longer while the socket is silent, too, the connection may be lost. */
const SLOW_MS = 1_800;

const NOTHING_LEFT = { is: 'ok', value: undefined } as const;

/** The parts of the chat that the connection uses. */
export interface Listener {
  readonly state: State;
  goesOn(c: Conversation): boolean;
  isShown(c: Conversation): boolean;
  become(state: State): void;
  changed(): void;
  ask<T>(c: Conversation, call: (session: Session) => Promise<Outcome<T>>): Promise<Outcome<T>>;
  newest(c: Conversation): Session;
  renew(c: Conversation): Promise<boolean>;
  drain(c: Conversation): Promise<void>;
  close(c: Conversation): void;
  erasedByServer(c: Conversation): Promise<void>;
  take(c: Conversation, messages: Message[], how?: { from?: number; revision?: number; anew?: boolean }): Promise<void>;
}

/**
 * Keeps a conversation up to date: fetches missed messages, listens to a socket until it is lost, pauses, and begins again.
 * Detects a lost connection before the socket does.
 */
export class Connection {
  private stream: Pick<Stream, 'token' | 'close'> | undefined;
  private failures = 0;
  /** Grows with every frame. */
  private frames = 0;
  private doubts = false;
  private probing = false;

  constructor(
    private readonly deps: Dependencies,
    private readonly backoff: Backoff,
    private readonly chat: Listener,
  ) {}

  token(token: string): void {
    this.stream?.token(token);
  }

  close(): void {
    const { stream } = this;
    this.stream = undefined;
    stream?.close();
  }

  /** The network seems to have changed, or to be gone: find out whether the socket still works. */
  drop(): void {
    this.stream?.close();
  }

  /**
   * Repeats while this is the chat: fetch missed messages, listen until the socket is lost, pause. Goes on
   * after the chat has ended, as long as its token lasts, because an agent may reopen it.
   */
  async follow(c: Conversation): Promise<void> {
    for (this.failures = 0; this.chat.isShown(c); ) {
      let outcome: Outcome<unknown> = await this.catchUp(c);
      let polls = false;
      if (outcome.is === 'ok' && this.chat.isShown(c)) {
        void this.chat.drain(c);
        const { frames } = this;
        outcome = await this.listen(c);
        polls = this.frames === frames; // the messages came, but no socket opened
      }
      if (!this.chat.isShown(c) || outcome.is === 'refused') return;
      if (this.chat.goesOn(c)) this.chat.become(reconnecting(c, outcome, polls));
      await this.backoff.wait(this.failures++, outcome);
      if (this.failures % RENEWED_EVERY === 0) await this.chat.renew(c);
    }
  }

  /** Fetches the newest page, and all missed messages before it. The socket delivers the changes meanwhile. */
  private async catchUp(c: Conversation): Promise<Outcome<unknown>> {
    const { protocol } = this.deps;
    const newest = await this.chat.ask(c, (session) => protocol.history(session, PAGE));
    if (newest.is !== 'ok') return newest;
    const { revision, participants, state } = newest.value;
    const missed = [...newest.value.messages];
    const begins = () => missed[0]?.index ?? 0;
    for (let page = 1; page < PAGES_AT_ONCE && c.last >= 0 && begins() > c.last + 1; page++) {
      const older = await this.chat.ask(c, (session) => protocol.history(session, PAGE, begins()));
      if (older.is !== 'ok') return older;
      missed.unshift(...older.value.messages);
      if (older.value.messages.length === 0) break;
    }
    if (!this.chat.isShown(c)) return NOTHING_LEFT;
    // If the server knows less than this tab, it was restored from a backup: its state is the true one.
    const joins = c.last >= 0 && begins() <= c.last + 1 && c.revision <= revision;
    if (!joins) c.clear();
    for (const participant of participants) c.meet(participant);
    await this.chat.take(c, missed, joins ? { from: begins() } : { revision, anew: true });
    if (state === 'closed') this.chat.close(c);
    else if (!this.chat.goesOn(c) && this.chat.isShown(c)) this.chat.become({ is: 'resuming', of: c });
    this.chat.changed();
    return NOTHING_LEFT;
  }

  async older(c: Conversation): Promise<void> {
    const outcome = await this.chat.ask(c, (session) => this.deps.protocol.history(session, PAGE, c.first));
    if (outcome.is !== 'ok' || !this.chat.isShown(c)) return;
    await this.chat.take(c, outcome.value.messages, { from: 0 });
    this.chat.changed();
  }

  /**
   * Listens until the socket is lost. It never ends a session, because a message about a token may be about one that was renewed
   * meanwhile. The next call decides.
   */
  private listen(c: Conversation): Promise<Outcome<never>> {
    return new Promise((resolve) => {
      let afterSeconds = 0;
      let handling = Promise.resolve();
      const lost = () => {
        if (this.stream === stream) this.stream = undefined;
        void handling.then(() => resolve({ is: 'later', afterSeconds }));
      };
      const received = (frame: Frame) => {
        this.frames++;
        if (frame.type === 'refused') afterSeconds = frame.retry_after ?? 0;
        handling = handling
          .then(() => (this.stream === stream && this.chat.isShown(c) ? this.onFrame(c, frame) : undefined))
          .catch((bug: unknown) => {
            console.error(bug);
            stream?.close(); // it does not work any more, but a new one may
          });
      };
      let stream: Pick<Stream, 'token' | 'close'> | undefined;
      this.doubts = false;
      try {
        this.stream = stream = this.deps.stream(this.chat.newest(c), c.revision, received, lost);
      } catch {
        lost(); // forbidden by the page's policy, or by the browser
      }
    });
  }

  private async onFrame(c: Conversation, frame: Frame): Promise<void> {
    this.trust(c);
    switch (frame.type) {
      case 'welcome':
        for (const participant of frame.participants) c.meet(participant);
        this.setState(c, frame.state);
        this.steadyUnlessLost();
        this.backoff.wake(); // waiting messages can be sent now
        return;
      case 'message':
        await this.chat.take(c, [frame.message], { revision: frame.revision });
        this.spoken(c, frame.message);
        break;
      case 'participant':
      case 'read':
        c.revision = Math.max(c.revision, frame.revision);
        c.meet(frame.participant);
        break;
      case 'state':
        c.revision = Math.max(c.revision, frame.revision);
        this.setState(c, frame.state);
        break;
      case 'typing':
        this.typing(c, frame.participant);
        break;
      case 'token_expiring':
        void this.chat.renew(c).then((renewed) => renewed && this.token(c.session.token));
        return;
      case 'token_superseded':
        this.token(this.chat.newest(c).token); // this tab slept while another one renewed it
        return;
      case 'erased':
        return this.chat.erasedByServer(c);
      case 'token_accepted':
      case 'ping':
      case 'refused':
        return;
    }
    this.chat.changed();
  }

  /** Handles closing and reopening of a conversation. */
  private setState(c: Conversation, state: 'active' | 'closed'): void {
    if (state === 'closed') return this.chat.close(c);
    this.chat.become({ is: 'live', of: c });
    void this.chat.drain(c); // also messages that came too late for an ended chat
  }

  private steadyUnlessLost(): void {
    const { stream } = this;
    void this.deps.wait(STEADY_MS).then(() => {
      if (this.stream === stream) this.failures = 0;
    });
  }

  private spoken(c: Conversation, { author }: Message): void {
    c.spoken = { author, at: this.deps.now() };
    if (c.typing?.identity === author) c.typing = undefined;
  }

  private typing(c: Conversation, typing: Participant): void {
    const { spoken } = c;
    if (spoken?.author === typing.identity && Math.abs(this.deps.now() - spoken.at) < TYPING_OVERTAKEN_MS) return;
    c.typing = typing;
    void this.deps.wait(TYPING_SHOWN_MS).then(() => {
      if (c.typing !== typing) return;
      c.typing = undefined;
      this.chat.changed();
    });
  }

  // ---- signs of a lost connection

  /**
   * Watches a call. If it is not answered soon and the socket is silent, the guest sees that the connection is lost, but the
   * socket is kept: the network may just be slow. If the server could not be reached, a second call decides, because one call
   * alone may fail for its own reasons.
   */
  async watch<T>(c: Conversation, call: Promise<Outcome<T>>): Promise<Outcome<T>> {
    const { stream, frames } = this;
    let isAnswered = false;
    void this.deps.wait(SLOW_MS).then(() => {
      if (isAnswered || this.frames !== frames || this.stream !== stream) return;
      if (this.chat.state.is !== 'live' || this.chat.state.of !== c) return;
      this.doubts = true;
      this.chat.become(reconnecting(c, NOTHING_LEFT, false));
    });
    const outcome = await call;
    isAnswered = true;
    if (outcome.is === 'later' && outcome.isUnreachable) void this.probe(c, stream);
    else this.trust(c);
    return outcome;
  }

  private async probe(c: Conversation, stream: Connection['stream']): Promise<void> {
    if (!stream || this.stream !== stream || this.probing) return;
    this.probing = true;
    const outcome = await this.deps.protocol.history(this.chat.newest(c), 1);
    this.probing = false;
    if (outcome.is === 'later' && outcome.isUnreachable && this.stream === stream) stream.close();
    else this.trust(c);
  }

  private trust(c: Conversation): void {
    if (!this.doubts) return;
    this.doubts = false;
    const { state } = this.chat;
    if (this.stream && state.is === 'reconnecting' && state.of === c) this.chat.become({ is: 'live', of: c });
  }
}

export function reconnecting(of: Conversation, outcome: Outcome<unknown>, polls: boolean): State {
  if (outcome.is === 'wrong') return { is: 'reconnecting', of, problem: outcome };
  return polls ? { is: 'reconnecting', of, polls } : { is: 'reconnecting', of };
}
