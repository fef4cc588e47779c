import type { StoredSession } from './storage';
import type { Kept, Outgoing } from './transcript';
import type { Message, Participant } from './wire';

/** A line of the transcript: a message that the server has, or one that is not sent yet. */
export type Line =
  | { is: 'sent'; message: Message; mine: boolean }
  | { is: 'waiting'; outgoing: Outgoing }
  | { is: 'failed'; outgoing: Outgoing };

/** The parts of a conversation that the view shows. */
export type Shown = Readonly<Pick<Conversation, 'sid' | 'typing' | 'lines' | 'agents' | 'first' | 'hasOlder' | 'unread' | 'readByOthers' | 'unsent' | 'reopened' | 'stateAt'>>;

/**
 * One conversation in memory. It makes no calls and stores nothing. Each conversation is an object of its own, so that nothing of
 * one is shown in another.
 *
 * It holds all messages from some first one on. Older ones are loaded when the guest scrolls to them.
 */
export class Conversation {
  /** Every change up to this one is known; -1: none. */
  revision = -1;
  typing: Participant | undefined;
  /** How far the guest has read, and the last index that was reported to the server. */
  readUpTo = -1;
  reported = -1;
  /** Time and author of the last received message: typing events from before it are outdated. */
  lastReceived: { author: string; at: number } | undefined;
  /** Until when the guest can reopen it after its end, by this browser's clock; 0: not at all; undefined: not known yet. */
  reopenableUntil: number | undefined;
  /** When it was started, closed or reopened, as far as the server has said. */
  stateAt: string | undefined;
  /** At this revision, the server said last that it is active; -1: not yet. */
  active = -1;
  /** The last revision before it was reopened in this tab. */
  reopened: number | undefined;
  /** The guest has ended it in this tab. */
  isEndedHere = false;
  /** Whether this tab is sending the outbox. */
  isSending = false;

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

  /** @param goesOn whether waiting messages will still be sent */
  lines(goesOn: boolean): Line[] {
    const sent = [...this.#messages.values()]
      .filter((message) => !message.removed)
      .sort((one, other) => one.index - other.index)
      .map((message): Line => ({ is: 'sent', message, mine: message.author === this.identity }));
    const waiting = this.#outgoing.map(
      (outgoing): Line => ({ is: goesOn && !outgoing.failed ? 'waiting' : 'failed', outgoing }),
    );
    return [...sent, ...waiting];
  }

  get hasOlder(): boolean {
    return this.first > 0;
  }

  /** The first known index; 0: none. */
  get first(): number {
    return this.#messages.size ? Math.min(...this.#messages.keys()) : 0;
  }

  /** The last known index; -1: none. */
  get last(): number {
    return Math.max(-1, ...this.#messages.keys());
  }

  unread(): number {
    return this.#ofOthers().filter((message) => message.index > this.readUpTo).length;
  }

  lastOfOthers(): number {
    return Math.max(-1, ...this.#ofOthers().map((message) => message.index));
  }

  /** The last index that an agent has read. */
  readByOthers(): number {
    const others = [...this.#participants.values()].filter((one) => one.identity !== this.identity);
    return Math.max(-1, ...others.map((one) => one.read_index));
  }

  #ofOthers(): Message[] {
    return [...this.#messages.values()].filter((one) => !one.removed && one.author !== this.identity);
  }

  /** The agents who are or were in it. */
  agents(): Participant[] {
    return [...this.#participants.values()].filter((one) => one.kind === 'agent');
  }

  /** Restores the stored part after a reload: the newest messages without a gap. */
  recall({ messages, outbox, revision, readUpTo }: Kept): void {
    this.revision = revision;
    this.readUpTo = Math.max(this.readUpTo, readUpTo);
    const byIndex = new Map(revision < 0 ? [] : messages.map((message) => [message.index, message]));
    for (let index = Math.max(-1, ...byIndex.keys()); byIndex.has(index); index--) {
      this.#messages.set(index, byIndex.get(index) as Message);
    }
    this.queue(outbox);
  }

  /** The messages that are new or changed, except those before the first known one. */
  newOf(messages: Message[], from = this.first): Message[] {
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

  /** Removes all messages, because too many were missed. */
  clear(): void {
    this.#messages.clear();
    this.revision = this.active = -1;
  }

  meet(participant: Participant): void {
    if ((this.#participants.get(participant.sid)?.revision ?? -1) > participant.revision) return;
    this.#participants.set(participant.sid, participant);
    if (!participant.joined && participant.identity === this.typing?.identity) this.typing = undefined;
    if (participant.identity === this.identity) {
      this.readUpTo = Math.max(this.readUpTo, participant.read_index);
      this.reported = Math.max(this.reported, participant.read_index);
    }
  }

  /** The texts that were never sent, in order, without those that the server has by now. */
  unsent(): string[] {
    return this.#outgoing.filter((one) => !one.elsewhere).map((one) => one.body);
  }

  push(outgoing: Outgoing): void {
    this.#await([...this.#outgoing.filter((one) => one.clientId !== outgoing.clientId), outgoing]);
  }

  /** Takes over the stored outbox of all tabs. A message that is not stored any more was sent by another tab. */
  queue(kept: Outgoing[]): void {
    const isKept = (one: Outgoing) => kept.some(({ clientId }) => clientId === one.clientId);
    // A message with files can also have been cancelled in another tab.
    const gone = this.#outgoing.filter((one) => !isKept(one) && !(one.files && one.order));
    const rest = gone.map((one): Outgoing => (one.order === undefined ? one : { ...one, elsewhere: true }));
    this.#await([...rest.filter((one) => one.elsewhere), ...kept, ...rest.filter((one) => !one.elsewhere)]);
  }

  /** Removes messages that have arrived, as they may while the outbox is being read or written. */
  #await(outgoing: Outgoing[]): void {
    const arrived = new Set(this.sent([...this.#messages.values()]));
    this.#outgoing = outgoing.filter((one) => !arrived.has(one.clientId));
  }

  next(): Outgoing | undefined {
    return this.#outgoing.find((one) => !one.failed && !one.elsewhere);
  }

  /** Removes a message that the guest has cancelled. */
  cancel(clientId: string): void {
    this.#outgoing = this.#outgoing.filter((one) => one.clientId !== clientId);
  }

  find(clientId: string): Outgoing | undefined {
    return this.#outgoing.find((one) => one.clientId === clientId);
  }
}
