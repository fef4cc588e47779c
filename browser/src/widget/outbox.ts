import type { Conversation } from './conversation';
import type { Current } from './current';
import type { Dependencies } from './dependencies';
import type { FilesLoader } from './files-loader';
import type { Session } from './session';
import { REFUSED, type Outgoing } from './transcript';
import { LATER, type Answer } from './wire';

/** Sends the guest's messages in order and once, whichever tab comes first. */
export class Outbox {
  constructor(
    private readonly deps: Dependencies,
    private readonly current: Current,
    private readonly session: Session,
    private readonly files: FilesLoader,
  ) {}

  /** Stores a message, and sends it when its turn comes. */
  async put(c: Conversation, outgoing: Outgoing): Promise<void> {
    const isStored = await this.deps.transcript.put(outgoing);
    c.push(isStored || !outgoing.files ? outgoing : { ...outgoing, isLoose: true });
    this.current.changed();
    this.deps.tabs.notify({ is: 'outbox', conversation: c.sid });
    await this.drain(c);
  }

  /** Sends the waiting messages, one after the other. */
  async drain(c: Conversation): Promise<void> {
    if (c.isSending) return;
    c.isSending = true;
    for (let attempt = 0; this.current.goesOn(c) && c.next(); ) {
      const answer = await this.deps.tabs.withLock('outbox', () => this.#sendNext(c));
      if (answer.is === 'later') await this.current.backoff.wait(attempt++, answer);
      else attempt = 0;
    }
    c.isSending = false;
  }

  /** Reads messages that other tabs have added. */
  async read(c: Conversation): Promise<void> {
    const kept = await this.deps.transcript.outbox(c.sid);
    if (kept) c.queue(kept);
  }

  async #upload(c: Conversation, { files }: Outgoing): Promise<Answer<string[] | undefined>> {
    if (!files) return { is: 'ok', value: undefined };
    return (await (await this.files.load())?.upload(c, files)) ?? LATER;
  }

  async #sendNext(c: Conversation): Promise<Answer<unknown>> {
    await this.read(c);
    const next = c.next();
    if (!next || !this.current.goesOn(c)) return { is: 'left' };
    const { revision } = c;
    const files = await this.#upload(c, next);
    const answer = files.is === 'ok'
      ? await this.session.ask(c, (session) => this.deps.protocol.send(session, next.body, next.clientId, files.value))
      : files;
    if (answer.is === 'ok') {
      await this.current.take(c, [answer.value]);
    } else if (answer.is === 'wrong') {
      const failed = { ...next, failed: files.is === 'wrong' ? answer.message : REFUSED, code: answer.code };
      await this.deps.transcript.put(failed);
      c.push(failed);
    } else if (answer.is === 'closed') {
      this.current.close(c, revision);
    }
    this.current.changed();
    return answer;
  }
}
