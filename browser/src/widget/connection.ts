import type { Conversation } from './conversation';
import type { Current } from './current';
import type { Dependencies } from './dependencies';
import type { Outbox } from './outbox';
import { outageOf, type Session } from './session';
import type { Answer, Frame, History, Message, Participant } from './wire';

const PAGE = 50;
/** Pages loaded at once after a long absence; older ones are loaded when the guest scrolls to them. */
const PAGES_AT_ONCE = 10;
/** A stream that lasted for this long was a working connection. */
const STEADY_MS = 10_000;
/** Attempts without a stream, whose welcome says when the token expires: some minutes. */
const RENEWED_EVERY = 10;
const TYPING_SHOWN_MS = 6_000;
/** Typing events that arrive this soon after a message of the same person are older than the message. */
const TYPING_OVERTAKEN_MS = 1_000;

/** Keeps a conversation up to date: fetches missed messages, listens to the stream until it is lost, pauses, and begins again. */
export class Connection {
  #failures = 0;
  #loading: Promise<boolean> | undefined;

  constructor(
    private readonly deps: Dependencies,
    private readonly current: Current,
    private readonly session: Session,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Repeats while the conversation can go on: fetch missed messages, listen until the stream is lost, pause. Also after the
   * conversation was closed, as long as its token lasts, because it may be reopened.
   */
  async follow(c: Conversation): Promise<void> {
    const { current } = this;
    for (this.#failures = 0; current.canGoOn(c); ) {
      let answer = await this.#catchUp(c);
      let why = outageOf(answer);
      if (answer.is === 'ok' && current.canGoOn(c)) {
        void this.outbox.drain(c);
        const onFrame = (frame: Frame) => this.#onFrame(c, frame);
        const { afterSeconds, isWorking } = await current.link.listen(c, this.session.newest(c), onFrame);
        answer = { is: 'later', afterSeconds };
        why = isWorking ? 'lost' : 'polling';
      }
      if (!current.canGoOn(c) || answer.is === 'refused' || answer.is === 'left') return;
      if (current.goesOn(c)) current.become({ is: 'reconnecting', of: c, why });
      await this.current.backoff.wait(this.#failures++, answer);
      if (this.#failures % RENEWED_EVERY === 0) await this.session.renew(c);
    }
  }

  /** Fetches the newest page, and all missed messages before it. The stream delivers the changes meanwhile. */
  async #catchUp(c: Conversation): Promise<Answer<unknown>> {
    const { current, deps: { protocol } } = this;
    const newest = await this.session.ask(c, (session) => protocol.history(session, PAGE));
    if (newest.is !== 'ok') return newest;
    const { revision, participants, state } = newest.value;
    c.stateAt = newest.value.state_at;
    const missed = [...newest.value.messages];
    const begins = () => missed[0]?.index ?? 0;
    for (let page = 1; page < PAGES_AT_ONCE && c.last >= 0 && begins() > c.last + 1; page++) {
      const older = await this.session.ask(c, (session) => protocol.history(session, PAGE, begins()));
      if (older.is !== 'ok') return older;
      missed.unshift(...older.value.messages);
      if (older.value.messages.length === 0) break;
    }
    if (!current.canGoOn(c)) return { is: 'left' };
    // If the server knows less than this tab, it was restored from a backup: its state is the true one.
    const joins = c.last >= 0 && begins() <= c.last + 1 && c.revision <= revision;
    if (!joins) c.clear();
    for (const participant of participants) c.meet(participant);
    await current.take(c, missed, joins ? { from: begins() } : { revision, anew: true });
    if (state === 'closed') this.#close(c, newest.value);
    else {
      c.active = revision;
      if (!current.goesOn(c)) current.become({ is: 'resuming', of: c });
    }
    current.changed();
    return { is: 'ok', value: undefined };
  }

  /** Loads the page before the first message that is known, for all callers of the same time. False if that failed. */
  older(c: Conversation): Promise<boolean> {
    return (this.#loading ??= this.#older(c).finally(() => (this.#loading = undefined)));
  }

  async #older(c: Conversation): Promise<boolean> {
    const answer = await this.session.ask(c, (session) => this.deps.protocol.history(session, PAGE, c.first));
    if (answer.is !== 'ok' || !this.current.canGoOn(c)) return false;
    await this.current.take(c, answer.value.messages, { from: 0 });
    this.current.changed();
    return true;
  }

  async #onFrame(c: Conversation, frame: Frame): Promise<void> {
    switch (frame.type) {
      case 'welcome':
        for (const participant of frame.participants) c.meet(participant);
        this.#setState(c, frame);
        void this.current.link.lasts(STEADY_MS).then((isSteady) => isSteady && (this.#failures = 0));
        this.current.backoff.wake(); // waiting messages can be sent now
        return;
      case 'message':
        await this.current.take(c, [frame.message], { revision: frame.revision });
        this.#noteReceived(c, frame.message);
        break;
      case 'participant':
      case 'read':
        c.revision = Math.max(c.revision, frame.revision);
        c.meet(frame.participant);
        break;
      case 'state':
        c.revision = Math.max(c.revision, frame.revision);
        this.#setState(c, frame);
        break;
      case 'typing':
        this.#typing(c, frame.participant);
        break;
      case 'token_expiring':
        void this.session.renew(c).then((renewed) => renewed && this.current.link.token(c.session.token));
        return;
      case 'token_superseded':
        this.current.link.token(this.session.newest(c).token); // this tab slept while another tab renewed it
        return;
      case 'erased':
        return this.current.erase(c);
      case 'refused': // it may be about a token that was renewed meanwhile: the next call decides
        if (frame.action === 'refresh') await this.session.renew(c);
        return;
      case 'token_accepted':
      case 'challenge':
      case 'ping':
        return;
    }
    this.current.changed();
  }

  /** Handles closing and reopening of a conversation. */
  #setState(c: Conversation, frame: Frame & { type: 'state' | 'welcome' }): void {
    c.stateAt = frame.state_at;
    if (frame.state === 'closed') return this.#close(c, frame);
    c.active = frame.revision;
    this.current.become({ is: 'live', of: c });
    void this.outbox.drain(c); // also messages that came too late for an ended chat
  }

  #close(c: Conversation, { revision, reopenable_for }: Pick<History, 'revision' | 'reopenable_for'>): void {
    if (revision < c.active) return;
    // An outage leaves it out, and then what is known stays. This browser's time may differ from the server's.
    if (reopenable_for !== undefined) c.reopenableUntil = this.deps.now() + (reopenable_for ?? 0) * 1_000;
    this.current.close(c, revision);
  }

  #noteReceived(c: Conversation, { author }: Message): void {
    c.lastReceived = { author, at: this.deps.now() };
    if (c.typing?.identity === author) c.typing = undefined;
  }

  #typing(c: Conversation, typing: Participant): void {
    const { lastReceived } = c;
    if (lastReceived?.author === typing.identity && Math.abs(this.deps.now() - lastReceived.at) < TYPING_OVERTAKEN_MS) return;
    c.typing = typing;
    void this.deps.wait(TYPING_SHOWN_MS).then(() => {
      if (c.typing !== typing) return;
      c.typing = undefined;
      this.current.changed();
    });
  }
}
