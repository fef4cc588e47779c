import type { StoredSession } from './storage';
import type { Kept, Outgoing } from './transcript';
import type { Message, Participant } from './wire';

/** A line of the transcript: said, or still to be sent. */
export type Line =
  | { is: 'said'; message: Message; mine: boolean }
  | { is: 'waiting'; outgoing: Outgoing }
  | { is: 'failed'; outgoing: Outgoing };

/** The parts of a conversation that the view shows. */
export type Shown = Readonly<Pick<Conversation, 'sid' | 'typing' | 'lines' | 'unread' | 'readByOthers' | 'unsent'>>;

/**
 * What is known of one conversation, in memory: it asks nobody and keeps nothing. A new conversation
 * is a new object, so nothing of one is ever seen in another.
 *
 * The messages that are known are all that there are from the first of them on; what lies before is
 * loaded when it is looked at.
 */
export class Conversation {
  /** Every change up to this one is known; -1: none. */
  revision = -1;
  typing: Participant | undefined;
  /** How far the guest has read, and the last index that was reported to the server. */
  readUpTo = -1;
  reported = -1;
  /** Time and author of the last message of others: their typing before it is over. */
  spoken: { author: string; at: number } | undefined;
  /** Whether the outbox is being emptied by this tab. */
  sending = false;

  readonly #messages = new Map<number, Message>();
  readonly #participants = new Map<string, Participant>();
  #outgoing: Outgoing[] = [];

  /** @param session is replaced when its token is renewed */
  constructor(public session: StoredSession) {}

  get sid(): string {
    return this.session.conversationSid;
  }

  get identity(): string {
    return this.session.identity;
  }

  // ---- what there is to see

  /** @param goesOn otherwise what waits will not be sent */
  lines(goesOn: boolean): Line[] {
    const said = [...this.#messages.values()]
      .filter((message) => !message.removed)
      .sort((one, other) => one.index - other.index)
      .map((message): Line => ({ is: 'said', message, mine: message.author === this.identity }));
    const unsaid = this.#outgoing.map(
      (outgoing): Line => ({ is: goesOn && outgoing.failed === undefined ? 'waiting' : 'failed', outgoing }),
    );
    return [...said, ...unsaid];
  }

  get hasOlder(): boolean {
    return this.first > 0;
  }

  /** The first index that is known; 0 when none is. */
  get first(): number {
    return this.#messages.size ? Math.min(...this.#messages.keys()) : 0;
  }

  /** The last index that is known; -1 when none is. */
  get last(): number {
    return Math.max(-1, ...this.#messages.keys());
  }

  unread(): number {
    return this.#ofOthers().filter((message) => message.index > this.readUpTo).length;
  }

  lastOfOthers(): number {
    return Math.max(-1, ...this.#ofOthers().map((message) => message.index));
  }

  /** How far the other side has read. */
  readByOthers(): number {
    const others = [...this.#participants.values()].filter((one) => one.identity !== this.identity);
    return Math.max(-1, ...others.map((one) => one.read_index));
  }

  #ofOthers(): Message[] {
    return [...this.#messages.values()].filter((one) => !one.removed && one.author !== this.identity);
  }

  // ---- what becomes known

  /** What was kept before a reload. Only what hangs together is of use: what is missing was never seen. */
  recall({ messages, outbox, revision, readUpTo }: Kept): void {
    this.revision = revision;
    this.readUpTo = Math.max(this.readUpTo, readUpTo);
    const byIndex = new Map(revision < 0 ? [] : messages.map((message) => [message.index, message]));
    for (let index = Math.max(-1, ...byIndex.keys()); byIndex.has(index); index--) {
      this.#messages.set(index, byIndex.get(index) as Message);
    }
    this.queue(outbox);
  }

  /** What of these is not known yet. Whatever happens to what lies before the first is no news. */
  news(messages: Message[], from = this.first): Message[] {
    return messages.filter(
      (one) => one.index >= from && (this.#messages.get(one.index)?.revision ?? -1) < one.revision,
    );
  }

  /** The ids under which this guest's messages among these were sent. */
  sent(messages: Message[]): string[] {
    return messages.flatMap((one) => (one.author === this.identity && one.client_id ? [one.client_id] : []));
  }

  add(messages: Message[]): void {
    for (const message of messages) this.#messages.set(message.index, message);
    this.#await(this.#outgoing);
  }

  /** Too much was missed: it is loaded when it is looked at. */
  clear(): void {
    this.#messages.clear();
    this.revision = -1;
  }

  meet(participant: Participant): void {
    if ((this.#participants.get(participant.sid)?.revision ?? -1) > participant.revision) return;
    this.#participants.set(participant.sid, participant);
    if (participant.identity === this.identity) {
      this.readUpTo = Math.max(this.readUpTo, participant.read_index);
      this.reported = Math.max(this.reported, participant.read_index);
    }
  }

  // ---- what is still to be sent

  /** The texts that were never sent, in order, without those that the server has by now. */
  unsent(): string[] {
    return this.#outgoing.filter((one) => !one.elsewhere).map((one) => one.body);
  }

  push(outgoing: Outgoing): void {
    this.#await([...this.#outgoing.filter((one) => one.clientId !== outgoing.clientId), outgoing]);
  }

  /** What is kept of the outbox, by all tabs. What was kept and is not any more, another tab has sent. */
  queue(kept: Outgoing[]): void {
    const gone = this.#outgoing.filter((one) => !kept.some(({ clientId }) => clientId === one.clientId));
    const rest = gone.map((one): Outgoing => (one.order === undefined ? one : { ...one, elsewhere: true }));
    this.#await([...rest.filter((one) => one.elsewhere), ...kept, ...rest.filter((one) => !one.elsewhere)]);
  }

  /** A message may arrive while the outbox is being read or written: what is said waits no more. */
  #await(outgoing: Outgoing[]): void {
    const said = new Set(this.sent([...this.#messages.values()]));
    this.#outgoing = outgoing.filter((one) => !said.has(one.clientId));
  }

  next(): Outgoing | undefined {
    return this.#outgoing.find((one) => one.failed === undefined && !one.elsewhere);
  }

  find(clientId: string): Outgoing | undefined {
    return this.#outgoing.find((one) => one.clientId === clientId);
  }
}
