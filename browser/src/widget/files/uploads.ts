import { plain } from '../../dom/element';
import type { Conversation } from '../conversation';
import type { FileParts } from './parts';
import { fill } from '../texts';
import { REFUSED, type Outgoing, type OutgoingFile } from '../transcript';
import type { Answer, Outcome } from '../wire';
import { FileProtocol, type Stored } from './file-protocol';
import type { FileTexts } from './texts';

/** Makes a function like `fetch` that reports progress, and that a guest can cancel. */
export type Uploading = (sent: (bytes: number) => void, cancelled: AbortSignal) => typeof fetch;

/** Attempts that fail while the chat itself works. After them the messages behind the file have their turn. */
const ATTEMPTS = 8;
/** The server's limits for a minute end within this time; that for a day does not. */
const LONGEST_WAIT_SECONDS = 60;
/** How long an uploaded file is used for its message without a new upload: the server keeps it for an hour. */
const KEPT_MS = 30 * 60_000;

const FULL = 45786;
const INFECTED = 45787;

/** How a file is doing. */
export interface Progress {
  bytes: number;
  /** Why it waits; empty if it is being sent. */
  note: string;
}

/** Uploads the files of waiting messages, one after the other, and before their message. */
export class Uploads {
  readonly #progress = new Map<string, Progress>();
  readonly #uploaded = new Map<string, { sid: string; at: number }>();
  readonly #running = new Map<string, AbortController>();
  readonly #failures = new Map<string, number>();
  readonly #withdrawn = new Set<string>();

  /** @param changed is called when the progress of a file has changed */
  constructor(
    private readonly parts: FileParts,
    private readonly texts: FileTexts,
    private readonly changed: (file: OutgoingFile, sid?: string) => void,
    private readonly uploading: Uploading,
  ) {}

  /** The sids of the files of a message, once the server has all of them. */
  async all(c: Conversation, files: OutgoingFile[]): Promise<Answer<string[]>> {
    const sids: string[] = [];
    for (const file of files) {
      const answer = await this.#one(c, file);
      if (answer.is !== 'ok') return answer;
      sids.push(answer.value);
    }
    // The guest may have withdrawn a file that had arrived, here or in another tab, while another one was on its way.
    const kept = await this.parts.deps.transcript.outbox(c.sid);
    if (kept) c.queue(kept);
    return files.every((file) => this.#isWanted(c, file)) ? { is: 'ok', value: sids } : { is: 'left' };
  }

  #isWanted(c: Conversation, { id }: OutgoingFile): boolean {
    return !this.#withdrawn.has(id) && Boolean(c.next()?.files?.some((file) => file.id === id));
  }

  progressOf({ id }: OutgoingFile): Progress {
    return this.#progress.get(id) ?? { bytes: 0, note: '' };
  }

  /** The guest does not want to send a file any more. */
  async cancel(c: Conversation, outgoing: Outgoing, file: OutgoingFile): Promise<void> {
    const { deps, current, put } = this.parts;
    const files = outgoing.files?.filter((one) => one.id !== file.id);
    this.#withdrawn.add(file.id);
    this.#running.get(file.id)?.abort();
    if (outgoing.body || files?.length) return put(c, { ...outgoing, files: files?.length ? files : undefined, failed: '' });
    c.cancel(outgoing.clientId);
    current.changed();
    await deps.transcript.keep(c.sid, { messages: [], revision: c.revision, arrived: [outgoing.clientId] });
    deps.tabs.notify({ is: 'outbox', conversation: c.sid });
  }

  /** A message was refused: its files are uploaded again if the guest sends it again. */
  forget(files: OutgoingFile[]): void {
    for (const { id } of files) {
      for (const map of [this.#uploaded, this.#failures, this.#progress]) map.delete(id);
    }
  }

  async #one(c: Conversation, file: OutgoingFile): Promise<Answer<string>> {
    const { deps, current, session } = this.parts;
    const before = this.#uploaded.get(file.id);
    if (before && Math.abs(deps.now() - before.at) < KEPT_MS) return { is: 'ok', value: before.sid };
    let bytes: ArrayBuffer;
    try {
      bytes = await file.bytes.arrayBuffer();
    } catch {
      return this.#wrong(file, this.texts.fileUnreadable); // the browser has removed the copy
    }
    const cancelled = new AbortController();
    this.#running.set(file.id, cancelled);
    let status = 0;
    const fetching = this.uploading((sent) => {
      if (current.goesOn(c) && this.#isWanted(c, file)) this.#report(file, { bytes: sent, note: '' });
      else cancelled.abort();
    }, cancelled.signal);
    const { server, deploymentKey } = deps.protocol;
    const protocol = new FileProtocol(server, deploymentKey, deps.keys, async (...call) => {
      const answer = await fetching(...call);
      status = answer.status;
      return answer;
    });
    this.#report(file, { bytes: 0, note: '' });
    const answer = await session.ask(c, (newest) => protocol.upload(newest, file, bytes), true);
    this.#running.delete(file.id);
    return cancelled.signal.aborted ? { is: 'left' } : this.#judged(file, answer, status);
  }

  #judged(file: OutgoingFile, answer: Answer<Stored>, status: number): Answer<string> {
    const { texts } = this;
    if (answer.is === 'ok') {
      const { sid } = answer.value;
      this.#uploaded.set(file.id, { sid, at: this.parts.deps.now() });
      this.changed(file, sid);
      return { is: 'ok', value: sid };
    }
    if (answer.is === 'wrong') return this.#wrong(file, this.#why(answer.code, status), answer.code);
    if (answer.is !== 'later') return answer;
    this.#report(file, { bytes: 0, note: status === 429 ? texts.fileBusy : status ? texts.fileUnavailable : texts.fileOffline });
    const isCounted = status !== 429 && this.parts.current.state.is === 'live';
    const failures = (this.#failures.get(file.id) ?? 0) + Number(isCounted);
    this.#failures.set(file.id, failures);
    return failures < ATTEMPTS && answer.afterSeconds <= LONGEST_WAIT_SECONDS ? answer : this.#wrong(file, texts.fileGivenUp);
  }

  #why(code: number, status: number): string {
    const { texts } = this;
    if (code === FULL) return texts.fileFull;
    if (code === INFECTED) return texts.fileInfected;
    return status === 413 ? texts.fileTooLarge : status === 415 ? texts.fileType : REFUSED;
  }

  #wrong(file: OutgoingFile, why: string, code = 0): Outcome<never> {
    return { is: 'wrong', code, message: fill(why, { name: plain(file.filename) }) };
  }

  #report(file: OutgoingFile, progress: Progress): void {
    this.#progress.set(file.id, progress);
    this.changed(file);
  }
}
