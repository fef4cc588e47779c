import { Chat as Core } from '../widget/chat';
import type { Line } from '../widget/conversation';
import { fromBrowser } from '../widget/from-browser';
import { BODY_BYTES, bytes, sendable } from '../widget/sendable';

/** `interrupted` means that this browser can no longer read or write in the conversation; `ended`, that the conversation was closed. */
export type ChatState = 'idle' | 'resuming' | 'live' | 'reconnecting' | 'interrupted' | 'ended';

export interface ChatOptions {
  /** The origin of Parlour, such as `https://chat.example.com`. */
  server: string;
  /** `CV` and 32 lower-case hex digits. */
  deploymentKey: string;
}

/** How a guest starts a chat. */
export interface ChatStart {
  /** The guest's name, which agents see. */
  name?: string;
  /** Sent as pre-engagement data: an object that JSON can hold, at most 16 KB. */
  context?: Record<string, unknown>;
  /** Becomes the first message. */
  question?: string;
}

export interface ChatMessage {
  /** Stays the same when a message is sent. */
  readonly id: string;
  readonly text: string;
  readonly author: 'guest' | 'agent' | 'system';
  /** Empty for a message that is not sent yet. */
  readonly authorName: string;
  /** When the server received it; undefined: not yet. */
  readonly date: Date | undefined;
  readonly status: 'sending' | 'sent' | 'failed';
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

export interface ChatEvents {
  /** State, messages, unread or typing may have changed. */
  change: undefined;
  state: ChatState;
  unread: number;
  interrupted: { code: number; reference: string };
}

/**
 * A guest's chat without a view. It resumes a stored session by itself, keeps messages that are not sent yet, sends each of them
 * once, and shares the chat with other tabs of the site. Use one object per page, in a browser.
 */
export class Chat {
  readonly #core: Core;
  readonly #gone = new AbortController();
  readonly #listeners = new Map<string, Set<(value: never) => void>>();
  #reported = { state: 'idle' as ChatState, unread: 0 };

  constructor({ server, deploymentKey }: ChatOptions) {
    if (!/^https?:\/\/[^/]+\/?$/.test(server)) throw new Error('Parlour: server must be an origin such as https://chat.example.com');
    if (!/^CV[0-9a-f]{32}$/.test(deploymentKey)) throw new Error('Parlour: deploymentKey must be CV and 32 lower-case hex digits');
    const { signal } = this.#gone;
    const loadFiles = () => Promise.reject(new Error('Parlour: a chat without a view has no code for files'));
    this.#core = new Core({ ...fromBrowser(server.replace(/\/$/, ''), deploymentKey, signal), loadFiles }, () => this.#changed());
    addEventListener('online', () => this.#core.wake(true), { signal });
    addEventListener('offline', () => this.#core.offline(), { signal });
    addEventListener('pageshow', () => this.#core.wake(), { signal });
    document.addEventListener('visibilitychange', () => this.#core.wake(), { signal });
    void this.#core.load();
  }

  get state(): ChatState {
    return this.#core.state.is;
  }

  /** In their order, the messages that are not sent yet last. */
  get messages(): readonly ChatMessage[] {
    return (this.#core.conversation?.lines(this.#core.canWrite()) ?? []).map(messageOf);
  }

  /** The number of messages that the guest has not seen: see {@link markRead}. */
  get unread(): number {
    return this.#core.conversation?.unread() ?? 0;
  }

  /** The name of somebody who is typing. */
  get typing(): string | undefined {
    return this.#core.conversation?.typing?.name;
  }

  /** Whether {@link loadOlder} has more messages to load. */
  get hasOlder(): boolean {
    return this.#core.hasOlder;
  }

  /** Starts a chat, if the state is `idle`. Resolves to false if it could not be started; the guest can try again. */
  async start({ name = '', context = {}, question = '' }: ChatStart = {}): Promise<boolean> {
    check(question, 'question', true);
    if (this.state !== 'idle') return false;
    void this.#core.start(name, context, question); // ends with the chat
    while (this.#isStarting()) await new Promise<void>((changed) => this.#once(changed));
    return this.state !== 'idle';
  }

  #isStarting(): boolean {
    const { state } = this.#core;
    return state.is === 'idle' && state.start === 'starting';
  }

  #once(changed: () => void): void {
    const stop = this.on('change', () => {
      stop();
      changed();
    });
  }

  /** Sends a message of at most 32 KiB. False if there is no chat in which the guest can write. */
  send(text: string): boolean {
    check(text, 'message', false);
    if (!this.#core.canWrite() || !this.#core.sid) return false;
    void this.#core.send(sendable(text));
    return true;
  }

  /** Sends a failed message again. It is not repeated if it did arrive. */
  sendAgain(id: string): void {
    void this.#core.sendAgain(id);
  }

  /** The guest is typing: agents see it. */
  types(): void {
    void this.#core.types();
  }

  /** The guest sees the newest message. */
  markRead(): void {
    void this.#core.markRead();
  }

  /** Loads a page of older messages. False if there is none, or it cannot be loaded now. */
  loadOlder(): Promise<boolean> {
    return this.#core.loadOlder();
  }

  /** Ends the chat; its messages stay. False if the server could not be reached; the chat then continues. */
  end(): Promise<boolean> {
    return this.#core.end();
  }

  /** For how many milliseconds the guest can reopen the chat that has ended; 0: not at all. */
  get reopenable(): number {
    return this.#core.reopenable;
  }

  /** Reopens the chat that has ended. False if it is too late for that, or the server could not be reached. */
  async reopen(): Promise<boolean> {
    return !!(await this.#core.reopen());
  }

  /** Removes the chat from this browser. The conversation stays open for the agents unless {@link end} was called before. */
  reset(): Promise<void> {
    return this.#core.startAgain();
  }

  /** Subscribes, and returns a function that unsubscribes. */
  on<E extends keyof ChatEvents>(event: E, listener: (value: ChatEvents[E]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener as (value: never) => void));
    return () => listeners.delete(listener as (value: never) => void);
  }

  /** Disconnects. The session stays in this browser, and the next chat resumes it. */
  destroy(): void {
    this.#gone.abort();
    this.#core.stop();
  }

  #changed(): void {
    const before = this.#reported;
    const { state } = this.#core;
    this.#reported = { state: state.is, unread: this.unread };
    this.#emit('change', undefined);
    if (before.state !== state.is) this.#emit('state', state.is);
    if (before.unread !== this.unread) this.#emit('unread', this.unread);
    if (state.is === 'interrupted' && before.state !== 'interrupted') this.#emit('interrupted', { code: state.code, reference: state.reference });
  }

  #emit<E extends keyof ChatEvents>(event: E, value: ChatEvents[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        (listener as (value: ChatEvents[E]) => void)(value);
      } catch (failure) {
        console.error(failure); // the page's own
      }
    }
  }
}

function messageOf(line: Line): ChatMessage {
  if (line.is === 'sent') {
    const { message, mine } = line;
    return {
      id: (mine && message.client_id) || message.sid,
      text: message.body,
      author: message.author_kind,
      authorName: message.author_name,
      date: new Date(message.date_created),
      status: 'sent',
      files: (message.media ?? []).map(({ filename, size }) => ({ name: filename, bytes: size })),
    };
  }
  const { clientId, body, files = [] } = line.outgoing;
  return {
    id: clientId,
    text: body,
    author: 'guest',
    authorName: '',
    date: undefined,
    status: line.is === 'waiting' ? 'sending' : 'failed',
    files: files.map(({ filename, size }) => ({ name: filename, bytes: size })),
  };
}

function check(text: unknown, what: string, mayBeEmpty: boolean): void {
  if (typeof text !== 'string' || !(mayBeEmpty || sendable(text))) throw new Error(`Parlour: the ${what} must be a text${mayBeEmpty ? '' : ' that is not empty'}`);
  if (bytes(text) > BODY_BYTES) throw new Error(`Parlour: the ${what} must have at most ${BODY_BYTES} bytes in UTF-8`);
}

/** The result of the widget's `initWebchat`; docs/widget.md describes it. */
export interface Webchat {
  open(): void;
  close(): void;
  send(text: string): boolean;
  update(changes: Pick<WebchatOptions, 'context' | 'theme' | 'texts'>): void;
  end(): Promise<boolean>;
  reset(): Promise<void>;
  exit(): void;
  destroy(): void;
  on(event: 'unread', listener: (count: number) => void): () => void;
  on(event: 'state', listener: (state: ChatState) => void): () => void;
  on(event: 'interrupted', listener: (why: { code: number; reference: string }) => void): () => void;
}

/** The options of the widget; docs/widget.md describes them. The server checks them by its own version. */
export interface WebchatOptions extends ChatOptions {
  appStatus?: 'open' | 'closed';
  theme?: { isLight?: boolean; color?: string; logo?: string };
  language?: string;
  texts?: Record<string, string | ({ other: string } & Record<string, string>)>;
  launcher?: boolean;
  target?: Element | string;
  position?: 'left' | 'right' | { side?: 'left' | 'right'; x?: number; y?: number };
  zIndex?: number;
  preEngagement?: false | { fields?: Record<string, unknown>[]; skip?: boolean };
  alerts?: { title?: boolean; sound?: boolean };
  exit?: string;
  context?: Record<string, unknown>;
  [further: string]: unknown;
}

/** Loads the widget of the server, in the server's version, and puts it on the page. Rejects if it cannot be loaded. */
export async function initWebchat(options: WebchatOptions): Promise<Webchat> {
  const address = `${options.server.replace(/\/$/, '')}/webchat.js`;
  await import(/* @vite-ignore */ /* webpackIgnore: true */ address);
  const { Parlour } = window as unknown as { Parlour: { initWebchat(options: WebchatOptions): Webchat } };
  return Parlour.initWebchat(options);
}
