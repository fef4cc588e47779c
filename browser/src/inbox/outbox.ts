import { plain } from '../dom/plain';
import type { Message } from '../widget/wire';
import { Failure, post } from './api';

/** A reply that waits. The server recognizes a repeated one by its id. */
export interface Reply {
  conversation: string;
  clientId: string;
  body: string;
}

type Listener = (conversation: string, arrived?: Message) => void;

/**
 * An agent's drafts, and the replies that wait until they are sent. It lives as long as the page, so it survives closing a
 * conversation and signing in again.
 */
export class Outbox {
  static readonly #ofAgents = new Map<string, Outbox>();

  readonly #drafts = new Map<string, string>();
  #replies: Reply[] = [];
  #sending = false;
  #signedIn = false;
  #changed: Listener = () => {};
  #failed: (failure: Failure) => void = () => {};

  static of(identity: string): Outbox {
    const outbox = Outbox.#ofAgents.get(identity) ?? new Outbox();
    Outbox.#ofAgents.set(identity, outbox);
    return outbox;
  }

  /** The agent has signed in: sends the waiting replies. */
  begin(changed: Listener, failed: (failure: Failure) => void): void {
    this.#changed = changed;
    this.#failed = failed;
    this.#signedIn = true;
    void this.#send();
  }

  /** The agent was signed out: the replies wait until the next sign-in. */
  pause(): void {
    this.#signedIn = false;
    this.#changed = () => {};
    this.#failed = () => {};
  }

  get isEmpty(): boolean {
    return this.#replies.length === 0;
  }

  waiting(conversation: string): Reply[] {
    return this.#replies.filter((one) => one.conversation === conversation);
  }

  draft(conversation: string): string {
    return this.#drafts.get(conversation) ?? '';
  }

  keepDraft(conversation: string, text: string): void {
    if (text) this.#drafts.set(conversation, text);
    else this.#drafts.delete(conversation);
  }

  /** The conversation was erased, so unsent replies to it are removed, too. */
  remove(conversation: string): void {
    this.#drafts.delete(conversation);
    this.#replies = this.#replies.filter((one) => one.conversation !== conversation);
  }

  add(conversation: string, body: string): void {
    const clientId = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`.replace('.', '');
    this.#replies.push({ conversation, clientId, body: plain(body) });
    this.#changed(conversation);
    void this.#send();
  }

  /** Removes a reply that the server has. */
  arrived(clientId: string | null): void {
    this.#replies = this.#replies.filter((one) => one.clientId !== clientId);
  }

  /** Sends the waiting replies, one after the other. */
  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    for (let next = this.#replies[0]; next && this.#signedIn; next = this.#replies[0]) {
      const { conversation, clientId, body } = next;
      try {
        const message = await post<Message>(`/conversations/${conversation}/messages`, { body, client_id: clientId });
        this.arrived(clientId);
        this.#changed(conversation, message);
      } catch (failure) {
        await this.#notSent(next, failure as Failure);
      }
    }
    this.#sending = false;
  }

  async #notSent(reply: Reply, failure: Failure): Promise<void> {
    if (failure.isPassing) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(2, failure.retryAfterSeconds) * 1000));
      return;
    }
    if (failure.status === 401) {
      this.#signedIn = false;
    } else {
      this.arrived(reply.clientId);
      this.keepDraft(reply.conversation, [reply.body, this.draft(reply.conversation)].filter(Boolean).join('\n'));
    }
    this.#changed(reply.conversation);
    this.#failed(failure);
  }
}
