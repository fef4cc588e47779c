import type { Conversation } from './conversation';
import type { Backoff } from './backoff';
import type { Outgoing } from './transcript';
import type { Message, Outcome } from './wire';
import type { Dependencies } from './dependencies';

/** The parts of the chat that the outbox uses. */
export interface Sender {
  goesOn(c: Conversation): boolean;
  ask(c: Conversation, call: (session: Conversation['session']) => Promise<Outcome<Message>>): Promise<Outcome<Message>>;
  take(c: Conversation, messages: Message[]): Promise<void>;
  close(c: Conversation): void;
  changed(): void;
}

/** Sends the guest's messages in order and once, whichever tab comes first. */
export class Outbox {
  constructor(
    private readonly deps: Dependencies,
    private readonly backoff: Backoff,
    private readonly chat: Sender,
  ) {}

  /** Keeps a message, and sends it when its turn comes. */
  async put(c: Conversation, outgoing: Outgoing): Promise<void> {
    await this.deps.transcript.put(outgoing);
    c.push(outgoing);
    this.chat.changed();
    this.deps.tabs.notify({ is: 'outbox', conversation: c.sid });
    await this.drain(c);
  }

  /** Sends the waiting messages, one after the other. */
  async drain(c: Conversation): Promise<void> {
    if (c.sending) return;
    c.sending = true;
    for (let attempt = 0; this.chat.goesOn(c) && c.next(); ) {
      const outcome = await this.deps.tabs.withLock('outbox', () => this.sendNext(c));
      if (outcome.is === 'later') await this.backoff.wait(attempt++, outcome);
      else attempt = 0;
    }
    c.sending = false;
  }

  /** Reads messages that other tabs have added. */
  async read(c: Conversation): Promise<void> {
    const kept = await this.deps.transcript.outbox(c.sid);
    if (kept) c.queue(kept);
  }

  private async sendNext(c: Conversation): Promise<Outcome<unknown>> {
    await this.read(c);
    const next = c.next();
    if (!next || !this.chat.goesOn(c)) return { is: 'ok', value: undefined };
    const outcome = await this.chat.ask(c, (session) => this.deps.protocol.send(session, next.body, next.clientId));
    if (outcome.is === 'ok') {
      await this.chat.take(c, [outcome.value]);
    } else if (outcome.is === 'wrong') {
      const failed = { ...next, failed: outcome.message, code: outcome.code };
      await this.deps.transcript.put(failed);
      c.push(failed);
    } else if (outcome.is === 'closed') {
      this.chat.close(c);
    }
    this.chat.changed();
    return outcome;
  }
}
