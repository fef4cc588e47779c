/** The messages between browser and server, as docs/wire describes them. */

import type { Attached } from '../dom/files';

export interface Message {
  sid: string;
  index: number;
  author: string;
  author_kind: 'guest' | 'agent' | 'system';
  author_name: string;
  body: string;
  /** Absent in transcripts that an earlier version stored. */
  media?: Attached[];
  client_id: string | null;
  date_created: string;
  /** The revision that added it. Absent in transcripts that an earlier version stored. */
  added_revision?: number;
  revision: number;
  removed: boolean;
}

/** The text of a message, and the names of its files. */
export const textOf = ({ body, media = [] }: { body: string; media?: { filename: string }[] | undefined }): string =>
  [body, ...media.map((file) => file.filename)].filter(Boolean).join('\n');

export interface Participant {
  sid: string;
  identity: string;
  kind: 'guest' | 'agent' | 'system';
  name: string;
  read_index: number;
  /** The revision with which they joined last. An earlier server does not send it. */
  joined_revision?: number;
  revision: number;
  date_created?: string;
  /** When they left, if they have. An earlier server does not send it. */
  date_updated?: string;
  joined: boolean;
}

export interface History {
  conversation_sid: string;
  state: 'active' | 'closed';
  revision: number;
  identity: string;
  /** How long the guest can reopen it, in seconds. An earlier server does not send it. */
  reopenable_for?: number | null;
  /** When the chat got its state. An earlier server does not send it. */
  state_at?: string;
  participants: Participant[];
  messages: Message[];
  has_more: boolean;
}

export interface Issued {
  token: string;
  expiration: string;
  identity: string;
  conversation_sid: string;
  /** The server's part of the key that binds the session to this browser. */
  proof_key?: string;
}

export type Frame =
  | { type: 'welcome'; identity: string; state: 'active' | 'closed'; revision: number; reopenable_for?: number | null; state_at?: string; participants: Participant[] }
  | { type: 'message'; revision: number; change: 'added' | 'changed' | 'removed'; message: Message }
  | { type: 'participant'; revision: number; change: 'joined' | 'left'; participant: Participant }
  | { type: 'read'; revision: number; participant: Participant }
  | { type: 'state'; revision: number; state: 'active' | 'closed'; reopenable_for?: number | null; state_at?: string }
  | { type: 'typing'; participant: Participant }
  | { type: 'token_expiring' | 'token_accepted'; expiration: string }
  | { type: 'challenge'; nonce: string }
  | { type: 'token_superseded' | 'erased' | 'ping' }
  | { type: 'refused'; code: number; action: string; message: string; trace_id: string; retry_after: number | null };

/** Why the session is over. */
export interface Interruption {
  code: number;
  reference: string;
  /** The browser has lost the key that the session is bound to. */
  isKeyLost: boolean;
}

/** The outcome of a call. A new kind must not compile until every caller handles it. */
export type Outcome<T> =
  | { is: 'ok'; value: T }
  /** The session is over: 45775 or 45779. */
  | ({ is: 'refused' } & Interruption)
  /** The token is too old, but the browser has proven that it is its own: 45775 with the action refresh. */
  | { is: 'stale' }
  /** The conversation has ended: 45781. */
  | { is: 'closed' }
  /** Not decided: too many calls, an outage, no network. The caller retries. */
  | { is: 'later'; afterSeconds: number; /** There was no answer. */ isUnreachable?: true }
  /** The call itself was wrong, and will be again. */
  | { is: 'wrong'; code: number; message: string };

export const LATER = { is: 'later', afterSeconds: 0 } as const;

/** The outcome of a conversation's call. `left`: this tab has left the conversation meanwhile, so nobody needs the answer. */
export type Answer<T> = Outcome<T> | { is: 'left' };

export const SESSION_OVER: readonly number[] = [45775, 45779];

// Checks of received values. A wrong one counts as an outage: it is neither stored nor shown.

type Fields = Record<string, unknown>;

export function isIssued(value: unknown): value is Issued {
  return has(value, 'string', 'token', 'expiration', 'identity', 'conversation_sid') && value['token'] !== '';
}

export function isMessage(value: unknown): value is Message {
  return has(value, 'number', 'index', 'revision') && has(value, 'string', 'sid', 'author', 'author_name', 'body', 'date_created');
}

export function isParticipant(value: unknown): value is Participant {
  return has(value, 'number', 'read_index', 'revision') && has(value, 'string', 'sid', 'identity', 'name');
}

export function isHistory(value: unknown): value is History {
  return has(value, 'number', 'revision') && has(value, 'string', 'state')
    && isListOf(value['messages'], isMessage) && isListOf(value['participants'], isParticipant);
}

export function isFrame(value: unknown): value is Frame {
  if (!has(value, 'string', 'type')) return false;
  switch (value['type']) {
    case 'welcome':
      return has(value, 'string', 'state') && isListOf(value['participants'], isParticipant);
    case 'message':
      return has(value, 'number', 'revision') && isMessage(value['message']);
    case 'participant':
    case 'read':
      return has(value, 'number', 'revision') && isParticipant(value['participant']);
    case 'typing':
      return isParticipant(value['participant']);
    case 'state':
      return has(value, 'number', 'revision') && has(value, 'string', 'state');
    case 'refused':
      return has(value, 'number', 'code');
    case 'challenge':
      return has(value, 'string', 'nonce');
    default:
      return true; // unknown frames are ignored
  }
}

function has(value: unknown, type: 'string' | 'number', ...names: string[]): value is Fields {
  return typeof value === 'object' && value !== null && names.every((name) => typeof (value as Fields)[name] === type);
}

function isListOf<T>(value: unknown, is: (one: unknown) => one is T): value is T[] {
  return Array.isArray(value) && value.every(is);
}
