/** What goes over the wire; the words are those of docs/wire. */

export interface Message {
  sid: string;
  index: number;
  author: string;
  author_kind: 'guest' | 'agent' | 'system';
  author_name: string;
  body: string;
  client_id: string | null;
  date_created: string;
  revision: number;
  removed: boolean;
}

export interface Participant {
  sid: string;
  identity: string;
  kind: 'guest' | 'agent' | 'system';
  name: string;
  read_index: number;
  revision: number;
  joined: boolean;
}

export interface History {
  conversation_sid: string;
  state: 'active' | 'closed';
  revision: number;
  identity: string;
  participants: Participant[];
  messages: Message[];
  has_more: boolean;
}

export interface Issued {
  token: string;
  expiration: string;
  identity: string;
  conversation_sid: string;
}

export type Frame =
  | { type: 'welcome'; identity: string; state: 'active' | 'closed'; revision: number; participants: Participant[] }
  | { type: 'message'; revision: number; change: 'added' | 'changed' | 'removed'; message: Message }
  | { type: 'participant'; revision: number; change: 'joined' | 'left'; participant: Participant }
  | { type: 'read'; revision: number; participant: Participant }
  | { type: 'state'; revision: number; state: 'active' | 'closed' }
  | { type: 'typing'; participant: Participant }
  | { type: 'token_expiring' | 'token_accepted'; expiration: string }
  | { type: 'token_superseded' | 'erased' | 'ping' }
  | { type: 'refused'; code: number; action: string; message: string; trace_id: string; retry_after: number | null };

/** What a call came to. A new kind must not compile until everyone has an answer to it. */
export type Outcome<T> =
  | { is: 'ok'; value: T }
  /** The session is over: 45775 or 45779. */
  | { is: 'refused'; code: number; reference: string }
  /** The conversation has ended: 45781. */
  | { is: 'closed' }
  /** Not decided: too many calls, an outage, no network. Nothing is known, so nothing is given up. */
  | { is: 'later'; afterSeconds: number; /** Nothing came back at all. */ isUnreachable?: true }
  /** The call itself was wrong: another one like it will be, too. */
  | { is: 'wrong'; code: number; message: string };

export const SESSION_OVER: readonly number[] = [45775, 45779];

// Whether something that came is what it should be. What is not is no answer, and so an outage: it
// is neither kept nor shown.

type Fields = Record<string, unknown>;

export function isIssued(given: unknown): given is Issued {
  return has(given, 'string', 'token', 'expiration', 'identity', 'conversation_sid') && given['token'] !== '';
}

export function isMessage(given: unknown): given is Message {
  return has(given, 'number', 'index', 'revision') && has(given, 'string', 'sid', 'author', 'author_name', 'body', 'date_created');
}

export function isParticipant(given: unknown): given is Participant {
  return has(given, 'number', 'read_index', 'revision') && has(given, 'string', 'sid', 'identity', 'name');
}

export function isHistory(given: unknown): given is History {
  return has(given, 'number', 'revision') && has(given, 'string', 'state')
    && isListOf(given['messages'], isMessage) && isListOf(given['participants'], isParticipant);
}

export function isFrame(given: unknown): given is Frame {
  if (!has(given, 'string', 'type')) return false;
  switch (given['type']) {
    case 'welcome':
      return has(given, 'string', 'state') && isListOf(given['participants'], isParticipant);
    case 'message':
      return has(given, 'number', 'revision') && isMessage(given['message']);
    case 'participant':
    case 'read':
      return has(given, 'number', 'revision') && isParticipant(given['participant']);
    case 'typing':
      return isParticipant(given['participant']);
    case 'state':
      return has(given, 'number', 'revision') && has(given, 'string', 'state');
    case 'refused':
      return has(given, 'number', 'code');
    default:
      return true; // of what is not known here nothing is read
  }
}

function has(given: unknown, type: 'string' | 'number', ...names: string[]): given is Fields {
  return typeof given === 'object' && given !== null && names.every((name) => typeof (given as Fields)[name] === type);
}

function isListOf<T>(given: unknown, is: (one: unknown) => one is T): given is T[] {
  return Array.isArray(given) && given.every(is);
}
