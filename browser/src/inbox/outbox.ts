import { copyOf, FILES_OF_A_MESSAGE, type Fault } from '../dom/files';
import { plain } from '../dom/plain';
import type { Message } from '../widget/wire';
import { Failure, post, upload } from './api';
import { put, texts } from './language';
import type { Note } from './team';

/** A file that was chosen, and was not sent yet. */
export interface OutgoingFile {
  /** The server recognizes a repeated upload by it. */
  clientId: string;
  name: string;
  content: Blob;
  /** How many bytes the server has received. */
  sent: number;
  /** The server's sid of it, once it has arrived. */
  sid?: string;
  /** Why the server refused it; empty if it did not. */
  problem: string;
}

/** A reply is for the guest; a note is only for the team. */
export type Kind = 'reply' | 'note';

/** A reply or a note that waits. The server recognizes a repeated one by its id. */
export interface Reply {
  kind: Kind;
  conversation: string;
  clientId: string;
  body: string;
  files: OutgoingFile[];
  /** Failed attempts, one after the other. */
  attempts: number;
  /** Whether its files were uploaded a second time, because the server had deleted the first ones. */
  isRenewed: boolean;
}

type Listener = (conversation: string, arrived?: Message | Note) => void;

function wordsOf(fault: Fault): string {
  return { empty: texts.fileEmpty, tooLarge: texts.fileTooLarge, unreadable: texts.fileUnreadable }[fault];
}

/** The pause before a reply is sent again. With files, each further one is twice as long: they take more of a bad network than a text. */
const PAUSE_SECONDS = 2;
const LONGEST_PAUSE_SECONDS = 60;
/** An agent would not understand why a reply waits any longer. The rate of a day's uploads can ask for hours. */
const LONGEST_WAIT_SECONDS = 120;

function isWorthWaiting(failure: Failure): boolean {
  return failure.isPassing && failure.retryAfterSeconds <= LONGEST_WAIT_SECONDS;
}

/** The part of an outbox that the tab keeps. */
interface Kept {
  drafts: Record<Kind, [string, string][]>;
  waiting: Pick<Reply, 'kind' | 'conversation' | 'clientId' | 'body'>[];
}

/**
 * An agent's drafts, and the replies that wait until they are sent. It lives as long as the page, so it survives closing a
 * conversation and signing in again. Its texts are also in sessionStorage until the agent signs out, so that they survive a
 * reload and a crash; its files are not.
 */
export class Outbox {
  static readonly #ofAgents = new Map<string, Outbox>();

  #drafts: Record<Kind, Map<string, string>> = { reply: new Map(), note: new Map() };
  readonly #draftFiles = new Map<string, OutgoingFile[]>();
  #replies: Reply[] = [];
  /** The conversations whose replies are being sent: a long file delays no other conversation. */
  readonly #sending = new Set<string>();
  readonly #uploads = new Map<Reply, AbortController>();
  #signedIn = false;
  #changed: Listener = () => {};
  #failed: (failure: Failure) => void = () => {};

  /** Whether the tab has kept the newest texts. */
  #isKept = true;

  private constructor(private readonly name: string) {
    try {
      const { drafts, waiting } = JSON.parse(sessionStorage.getItem(name) ?? '') as Kept;
      this.#drafts = { reply: new Map(drafts.reply), note: new Map(drafts.note) };
      // Files are lost with the page: such a reply is a draft again.
      this.#replies = waiting.map((one) => ({ ...one, files: [], attempts: 0, isRenewed: false }));
    } catch {
      // nothing was kept
    }
  }

  static of(identity: string): Outbox {
    const outbox = Outbox.#ofAgents.get(identity) ?? new Outbox(`parlour inbox ${identity}`);
    Outbox.#ofAgents.set(identity, outbox);
    return outbox;
  }

  /** The agent has signed out: nothing of it stays in the tab. */
  forget(): void {
    this.#store('');
  }

  #store(text: string): void {
    try {
      sessionStorage.setItem(this.name, text);
      this.#isKept = true;
    } catch {
      this.#isKept = false; // full or forbidden
    }
  }

  #keep(): void {
    const reply = new Map(this.#drafts.reply);
    const waiting: Kept['waiting'] = [];
    for (const { kind, conversation, clientId, body, files } of this.#replies) {
      if (files.length) reply.set(conversation, joined(body, reply.get(conversation)));
      else waiting.push({ kind, conversation, clientId, body });
    }
    const kept: Kept = { drafts: { reply: [...reply], note: [...this.#drafts.note] }, waiting };
    this.#store(JSON.stringify(kept));
  }

  /** The agent has signed in: sends the waiting replies. */
  begin(changed: Listener, failed: (failure: Failure) => void): void {
    this.#changed = changed;
    this.#failed = failed;
    this.#signedIn = true;
    for (const conversation of new Set(this.#replies.map((one) => one.conversation))) void this.#send(conversation);
  }

  /** The agent was signed out: the replies wait until the next sign-in. */
  pause(): void {
    this.#signedIn = false;
    this.#changed = () => {};
    this.#failed = () => {};
    for (const upload of this.#uploads.values()) upload.abort();
  }

  get isEmpty(): boolean {
    return this.#replies.length === 0;
  }

  /** Whether the page can end without a loss, and without leaving a reply unsent until the agent comes back. */
  get isSafe(): boolean {
    const hasDrafts = this.#drafts.reply.size + this.#drafts.note.size > 0;
    return this.isEmpty && this.#draftFiles.size === 0 && (this.#isKept || !hasDrafts);
  }

  waiting(conversation: string): Reply[] {
    return this.#replies.filter((one) => one.conversation === conversation);
  }

  draft(conversation: string, kind: Kind = 'reply'): string {
    return this.#drafts[kind].get(conversation) ?? '';
  }

  /** The files of the reply that is being written. */
  draftFiles(conversation: string): OutgoingFile[] {
    return this.#draftFiles.get(conversation) ?? [];
  }

  keepDraft(conversation: string, text: string, kind: Kind = 'reply'): void {
    if (text) this.#drafts[kind].set(conversation, text);
    else this.#drafts[kind].delete(conversation);
    this.#keep();
  }

  /**
   * Adds files to the reply that is being written.
   *
   * @returns why some of them were not added; empty if all were
   */
  async attach(conversation: string, files: File[]): Promise<string> {
    const problems: string[] = [];
    for (const file of files) {
      const content = await copyOf(file);
      if (typeof content === 'string') {
        problems.push(put(wordsOf(content), { name: plain(file.name) }));
      } else if (this.draftFiles(conversation).length === FILES_OF_A_MESSAGE) {
        problems.push(put(texts.tooManyFiles, { n: FILES_OF_A_MESSAGE }));
        break;
      } else {
        this.#keepFiles(conversation, [...this.draftFiles(conversation), { clientId: newId(), name: file.name, content, sent: 0, problem: '' }]);
        this.#changed(conversation);
      }
    }
    return problems.join(' ');
  }

  /** Removes a file from the reply that is being written. */
  detach(conversation: string, clientId: string): void {
    this.#keepFiles(conversation, this.draftFiles(conversation).filter((one) => one.clientId !== clientId));
    this.#changed(conversation);
  }

  #keepFiles(conversation: string, files: OutgoingFile[]): void {
    if (files.length) this.#draftFiles.set(conversation, files);
    else this.#draftFiles.delete(conversation);
  }

  /** The conversation was erased, so unsent replies to it are removed, too. */
  remove(conversation: string): void {
    for (const drafts of Object.values(this.#drafts)) drafts.delete(conversation);
    this.#draftFiles.delete(conversation);
    for (const reply of this.waiting(conversation)) this.#drop(reply);
    this.#keep();
  }

  /** Sends a text as soon as possible: a reply with the files of the draft, a note without files. */
  add(conversation: string, body: string, kind: Kind = 'reply'): void {
    const files = kind === 'reply' ? this.draftFiles(conversation) : [];
    for (const file of files) file.problem = '';
    if (kind === 'reply') this.#draftFiles.delete(conversation);
    this.#replies.push({ kind, conversation, clientId: newId(), body: plain(body), files, attempts: 0, isRenewed: false });
    this.#keep();
    this.#changed(conversation);
    void this.#send(conversation);
  }

  /** Makes a draft again of a reply whose files are still being sent. */
  cancel(clientId: string): void {
    const reply = this.#replies.find((one) => one.clientId === clientId);
    if (!reply || reply.files.every((file) => file.sid)) return; // the server may have it
    this.#takeBack(reply);
  }

  /** Removes a reply that the server has. */
  arrived(clientId: string | null): void {
    const { length } = this.#replies;
    this.#replies = this.#replies.filter((one) => one.clientId !== clientId);
    if (this.#replies.length < length) this.#keep();
  }

  #drop(reply: Reply): void {
    this.arrived(reply.clientId);
    this.#uploads.get(reply)?.abort();
  }

  #takeBack(reply: Reply): void {
    const { conversation, kind } = reply;
    this.#drop(reply);
    this.keepDraft(conversation, joined(reply.body, this.draft(conversation, kind)), kind);
    if (reply.files.length) this.#keepFiles(conversation, [...reply.files, ...this.draftFiles(conversation)]);
    this.#changed(conversation);
  }

  /** Sends the waiting replies of a conversation, one after the other. */
  async #send(conversation: string): Promise<void> {
    if (this.#sending.has(conversation)) return;
    this.#sending.add(conversation);
    for (let next = this.waiting(conversation)[0]; next && this.#signedIn; next = this.waiting(conversation)[0]) {
      try {
        const message = await this.#post(next);
        this.arrived(next.clientId);
        this.#changed(conversation, message);
      } catch (failure) {
        await this.#notSent(next, failure as Failure);
      }
    }
    this.#sending.delete(conversation);
  }

  async #post(reply: Reply): Promise<Message | Note> {
    const { kind, conversation, clientId, body, files } = reply;
    if (kind === 'note') return post<Note>(`/conversations/${conversation}/notes`, { body, client_id: clientId });
    for (const file of files) {
      await this.#upload(reply, file);
      // The agent can cancel after the server has the last byte, and before this knows it.
      if (!this.#replies.includes(reply)) throw new Error('cancelled, or erased');
    }
    const media_sids = files.length ? files.map((file) => file.sid) : undefined;
    return post<Message>(`/conversations/${conversation}/messages`, { body, client_id: clientId, media_sids });
  }

  async #upload(reply: Reply, file: OutgoingFile): Promise<void> {
    if (file.sid) return;
    const cancelled = new AbortController();
    this.#uploads.set(reply, cancelled);
    try {
      const query = new URLSearchParams({ ClientId: file.clientId, Filename: file.name });
      const stored = await upload(`/conversations/${reply.conversation}/media?${query}`, file.content, cancelled.signal, (bytes) => {
        file.sent = bytes;
        this.#changed(reply.conversation);
      });
      file.sid = stored.sid;
      reply.attempts = 0;
    } catch (failure) {
      file.sent = 0;
      if (!isWorthWaiting(failure as Failure) && (failure as Failure).status !== 401) file.problem = (failure as Failure).message;
      throw failure;
    } finally {
      this.#uploads.delete(reply);
      this.#changed(reply.conversation);
    }
  }

  async #notSent(reply: Reply, failure: Failure): Promise<void> {
    if (!this.#replies.includes(reply)) return; // cancelled, erased, or it has arrived after all
    if (isWorthWaiting(failure)) {
      const pause = reply.files.length ? Math.min(PAUSE_SECONDS * 2 ** reply.attempts, LONGEST_PAUSE_SECONDS) : PAUSE_SECONDS;
      reply.attempts++;
      this.#changed(reply.conversation);
      await new Promise((resolve) => setTimeout(resolve, Math.max(pause, failure.retryAfterSeconds) * 1000));
      return;
    }
    if (failure.status === 400 && !reply.isRenewed && reply.files.some((file) => file.sid)) {
      reply.isRenewed = true; // the server deletes files that no message takes in an hour
      for (const file of reply.files) {
        delete file.sid;
        file.sent = 0;
      }
      return;
    }
    if (failure.status === 401) {
      this.#signedIn = false;
      this.#changed(reply.conversation);
    } else {
      this.#takeBack(reply);
    }
    this.#failed(failure);
  }
}

function joined(...texts: (string | undefined)[]): string {
  return texts.filter(Boolean).join('\n');
}

function newId(): string {
  return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`.replace('.', '');
}
