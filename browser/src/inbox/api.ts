import { uploading, type Links } from '../dom/files';
import type { Message, Participant } from '../widget/wire';
import { language, put, texts } from './language';
import type { Texts } from './texts';

export interface SessionState {
  state: 'live' | 'away' | 'expired' | 'revoked' | 'gone';
  /** Whether the session is bound to a key that the guest's browser cannot give away. */
  bound: boolean;
  revoked_why: string | null;
  refusals: number;
  last_refused_at: string | null;
  last_refused_why: string | null;
}

export interface Summary {
  conversation_sid: string;
  state: 'active' | 'closed';
  /** The sid of its desk. A server of an earlier version does not send it. */
  desk?: string;
  name: string;
  /** The address of the page on which it began, without query and fragment; null if that is not known. */
  page: string | null;
  /** The code of the language in which the guest reads the widget; null if that is not known. A server of an earlier version does not send it. */
  language?: string | null;
  revision: number;
  unread: number;
  last_message: Message | null;
  date_created: string;
  date_active: string;
  /** The identity of the agent who works on it. */
  assignee: string | null;
  /** The time of the guest's first message that nobody has answered, while the conversation is open. */
  waiting_since: string | null;
  /** Names that agents have given it, in alphabetical order. */
  labels: string[];
  /** For how many seconds it can be reopened; null if it is open, or cannot be reopened. */
  reopenable_for: number | null;
  session: SessionState;
}

export interface Opened {
  summary: Summary;
  pre_engagement_data: string;
  participants: Participant[];
  messages: Message[];
  has_more: boolean;
  /** Other conversations of the same guest, the newest first. */
  others: Summary[];
}

/** A page of `/conversations?list=…`. */
export interface Page {
  conversations: Summary[];
  /**
   * The value of `after` for the next page; null if this is the last one. It is the place of the last conversation: the
   * time by which the list is ordered (`date_active`, or `waiting_since` in the list `waiting`), `_`, and its sid.
   */
  next: string | null;
}

/** How many conversations the agent's lists have: `/counts`. The server counts no further than {@link COUNTED}. */
export interface Counts {
  waiting: number;
  mine: number;
  unassigned: number;
}

/** The answer of `/counts`. */
export interface Counted extends Counts {
  /**
   * The unread messages in the agent's own open conversations and in those of nobody, at most {@link COUNTED} of each. A server of
   * an earlier version does not send it.
   */
  unread?: number;
}

export const COUNTED = 100;

/** One of the agents of the account: `/agents`. */
export interface Agent {
  /** Names the agent in `author`, `assignee` and participants. */
  identity: string;
  /** The name to sign in with, which guests do not see. */
  name: string;
  /** The name that guests see. */
  display_name: string;
  role: Role;
}

/** An auditor only reads; an admin also changes what all agents share. */
export type Role = 'admin' | 'agent' | 'auditor';

export interface Me {
  /** The name to sign in with. */
  name: string;
  /** The name that guests see. */
  display_name: string;
  role: Role;
  identity: string;
  account_sid: string;
  /** Whether the account requires a second factor that the agent does not have: every other call is refused. */
  lacks_second_factor: boolean;
  /** Whether the agent has no password, because an identity provider signs them in. */
  is_of_provider: boolean;
}

/** A failed call. Status 0: no network. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfterSeconds = 0,
    /** The other fields of the answer, such as `assignee` of a conversation that another agent has claimed. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  /** Whether the same call may succeed later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const API = '/inbox/api';

/** The password is right, and the agent has a second factor, whose code was not sent. */
export const CODE_NEEDED = 45795;

/** The code is wrong, or the call needs one and had none. */
export const CODE_REFUSED = 45796;

export async function get<T>(path: string): Promise<T> {
  return call<T>(path, {});
}

export async function post<T = void>(path: string, body: object = {}): Promise<T> {
  return call<T>(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** A file that the server has. */
export interface Stored {
  sid: string;
  links: Links;
}

/**
 * Uploads a file.
 *
 * @param sent is called with the number of bytes that were sent
 */
export async function upload(path: string, file: Blob, cancelled: AbortSignal, sent: (bytes: number) => void): Promise<Stored> {
  const headers = { 'Content-Type': 'application/octet-stream' };
  return call<Stored>(path, { method: 'POST', headers, body: file }, uploading(sent, cancelled));
}

async function call<T>(path: string, init: RequestInit, exchange: typeof fetch = (...request) => fetch(...request)): Promise<T> {
  let response: Response;
  try {
    response = await exchange(API + path, { ...init, cache: 'no-store', signal: AbortSignal.timeout(20_000) });
  } catch {
    throw new Failure(0, texts.unreachable);
  }
  if (response.status === 204) return undefined as T;
  const body = (await response.json().catch(() => ({}))) as Refused;
  if (response.ok) return body as T;
  throw new Failure(response.status, reason(response.status, body), Number(response.headers.get('Retry-After')) || 0, body);
}

type Refused = { code?: number; message?: string };

/** The texts for the server's codes. */
const REASONS: Record<number, keyof Texts> = {
  45780: 'tooManyCalls',
  45781: 'isClosed',
  45782: 'signedOut',
  45783: 'wrongPassword',
  45784: 'isFull',
  45786: 'filesFull',
  45787: 'infected',
  45789: 'roleTooLow',
  45790: 'wrongOldPassword',
  45791: 'notMember',
  45794: 'pushImpossible',
  [CODE_NEEDED]: 'codeNeeded',
  [CODE_REFUSED]: 'wrongCode',
  45797: 'factorRequired',
  45798: 'providerDown',
  45799: 'attemptRefused',
  45800: 'tokenRefused',
  45801: 'roleMissing',
  45802: 'agentRemoved',
  45803: 'clientRefused',
};

/** Why a call failed, in the agent's language. The server's own words are English, and more exact. */
function reason(status: number, { code = 0, message }: Refused): string {
  if (language.code === 'en' && message) return message;
  const known = REASONS[code] ?? (status === 404 ? 'noLongerThere' : status >= 500 ? 'unavailable' : undefined);
  if (known) return texts[known] as string;
  return message ? put(texts.refused, { message }) : put(texts.answered, { status: String(status) });
}

export type InboxEvent =
  | { type: 'welcome' }
  | { type: 'ping' }
  | { type: 'signed_out' }
  /** The agent sees other desks than before. */
  | { type: 'desks' }
  | { type: 'conversation'; conversation: Summary }
  | { type: 'erased'; conversation_sid: string }
  | { type: 'looking'; conversation_sid: string; /** The identity of the agent who looks at it. */ agent: string }
  | { type: 'typing'; conversation_sid: string; participant: Participant };

const SILENCE_MS = 60_000;

/**
 * Receives the agent's events until it is stopped. Reconnects by itself, and reports each connection, because events may
 * have been missed without one.
 */
export function listen(onEvent: (event: InboxEvent) => void, onConnection: (isUp: boolean) => void): () => void {
  let attempt = 0;
  let stopped = false;
  let socket: WebSocket | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let next: ReturnType<typeof setTimeout> | undefined;
  const restartTimer = () => {
    clearTimeout(silence);
    silence = setTimeout(() => lost(), SILENCE_MS);
  };
  const open = () => {
    clearTimeout(next);
    const opened = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${API}/stream`);
    socket = opened;
    opened.onmessage = (frame) => {
      restartTimer();
      const event = JSON.parse(String(frame.data)) as InboxEvent;
      if (event.type === 'ping') opened.send('{"type":"pong"}');
      if (event.type === 'welcome') {
        attempt = 0;
        onConnection(true);
      }
      onEvent(event);
    };
    opened.onclose = lost;
    restartTimer();
  };
  const lost = () => {
    if (stopped || !socket) return;
    const gone = socket;
    socket = undefined;
    gone.onclose = gone.onmessage = null; // the browser may report its end much later
    gone.close();
    clearTimeout(silence);
    onConnection(false);
    const backOff = Math.min(30_000, 500 * 2 ** Math.min(attempt++, 10));
    next = setTimeout(open, backOff * (0.75 + Math.random() / 2));
  };
  const online = () => {
    if (!socket) open();
  };
  // A socket stays open for a long time after the network was lost; the browser knows sooner.
  addEventListener('offline', lost);
  addEventListener('online', online);
  open();
  return () => {
    stopped = true;
    clearTimeout(next);
    clearTimeout(silence);
    removeEventListener('offline', lost);
    removeEventListener('online', online);
    socket?.close();
  };
}
