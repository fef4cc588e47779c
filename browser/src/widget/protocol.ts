import { plain } from '../dom/plain';
import { publicKeyOf, signed } from './proof';
import type { ProofKeys } from './proof-keys';
import type { StoredSession } from './storage';
import type { History, Issued, Message, Outcome } from './wire';
import { isHistory, isIssued, isMessage, LATER, SESSION_OVER } from './wire';

/** The browser's signals. The server makes a fingerprint of them and does not store them. */
export function signals(loginTimestamp: string): Record<string, string> {
  const plays = (kind: 'audio' | 'video', types: string[]) => {
    const element = document.createElement(kind);
    return types.filter((type) => element.canPlayType?.(type));
  };
  return {
    'x-twilio-sec-usersettings': JSON.stringify({
      language: navigator.language,
      cookieEnabled: navigator.cookieEnabled,
      userTimezone: new Date().getTimezoneOffset(),
    }),
    'x-twilio-sec-webchatinfo': JSON.stringify({ loginTimestamp }),
    'x-twilio-sec-decoders': JSON.stringify({
      audio: plays('audio', ['audio/mp4', 'audio/webm', 'audio/ogg']),
      video: plays('video', ['video/mp4', 'video/webm', 'video/ogg']),
    }),
  };
}

/** The content of a guest's start. */
export interface Start {
  name: string;
  /** JSON text. */
  preEngagementData: string;
  /** Becomes message 0; empty: none. */
  firstMessage: string;
  /** The id of the first message. */
  clientId: string;
  /** A secret: a repeated start with the same key begins no second chat. */
  idempotencyKey: string;
  /** What binds the session to this browser; undefined if it cannot keep a key. */
  pair?: CryptoKeyPair | undefined;
}

/** Longer than the deadlines of the server, which then answers with an error. */
const PATIENCE_MS = 20_000;

/** 45785: the proof was not made now, by the server's clock, which the answer says. */
const NOT_NOW = 428;
/** How often a call is made, each time with a new proof. */
const PROOFS = 3;

const anything = (body: unknown): body is unknown => body !== undefined;

/** The calls of a guest. None of them throws: each outcome is a value. */
export class Protocol {
  readonly #reported = new Set<string>();

  constructor(
    readonly server: string,
    readonly deploymentKey: string,
    private readonly keys: ProofKeys,
    private readonly fetching: typeof fetch = (...call) => fetch(...call),
  ) {}

  async init(loginTimestamp: string, start: Start, identity?: string): Promise<Outcome<Issued>> {
    return this.#call('POST', '/v2/Webchat/Init', { loginTimestamp }, isIssued, {
      deploymentKey: this.deploymentKey,
      customerFriendlyName: plain(start.name),
      preEngagementData: start.preEngagementData,
      idempotencyKey: start.idempotencyKey,
      ...(start.firstMessage ? { firstMessage: plain(start.firstMessage), clientId: start.clientId } : {}),
      ...(identity ? { identity } : {}),
      ...(start.pair ? { proofKey: await publicKeyOf(start.pair) } : {}),
    });
  }

  refresh(session: StoredSession): Promise<Outcome<Issued>> {
    const body = { deploymentKey: this.deploymentKey, token: session.token };
    return this.#call('POST', '/v2/Webchat/Token/Refresh', { ...session, token: '' }, isIssued, body);
  }

  /** @param before the page ends before this index; without it, this is the newest page */
  history(session: StoredSession, limit: number, before?: number): Promise<Outcome<History>> {
    const query = `limit=${limit}${before === undefined ? '' : `&before=${before}`}`;
    return this.#call('GET', `/v2/Webchat/Messages?${query}`, session, isHistory);
  }

  send(session: StoredSession, body: string, client_id: string): Promise<Outcome<Message>> {
    return this.#call('POST', '/v2/Webchat/Messages', session, isMessage, { body: plain(body), client_id });
  }

  read(session: StoredSession, index: number): Promise<Outcome<unknown>> {
    return this.#call('POST', '/v2/Webchat/Read', session, anything, { index });
  }

  typing(session: StoredSession): Promise<Outcome<unknown>> {
    return this.#call('POST', '/v2/Webchat/Typing', session, anything, {});
  }

  /** Is sent even if the guest leaves the page at once, as guests do on a shared computer. */
  end(session: StoredSession, forget: boolean): Promise<Outcome<unknown>> {
    return this.#call('POST', '/v2/Webchat/End', session, anything, { forget }, true);
  }

  /** A mistake of the page or of its deployment, which the page's developer can fix, and the guest cannot. */
  #warnDeveloper(code: number, message: string, { headers }: Response): void {
    if (this.#reported.has(message)) return;
    this.#reported.add(message);
    console.error(`Parlour: ${message} (${code}, reference ${headers.get('Parlour-Trace-Id') ?? 'none'})`);
  }

  async #call<T>(
    method: 'GET' | 'POST',
    path: string,
    caller: Pick<StoredSession, 'loginTimestamp'> & Partial<StoredSession>,
    isAnswer: (body: unknown) => body is T,
    content?: object,
    keepalive = false,
  ): Promise<Outcome<T>> {
    const { bound, conversationSid = '' } = caller;
    const key = bound ? await this.keys.of(conversationSid).catch(() => null) : undefined;
    if (key === null) return LATER; // the database failed: a call without a proof would end the session
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), PATIENCE_MS);
    try {
      const headers: Record<string, string> = signals(caller.loginTimestamp);
      const body = content ? JSON.stringify(content) : null;
      if (body) headers['Content-Type'] = 'application/json';
      if (caller.token) {
        headers['Authorization'] = `Bearer ${caller.token}`;
        headers['Webchat-Deployment-Key'] = this.deploymentKey;
      }
      for (let attempt = 1; ; attempt++) {
        const proof = key ? await signed(key, { method, path, headers, body }, this.keys.serverTime()) : {};
        const answer = await this.fetching(this.server + path, {
          method,
          headers: { ...headers, ...proof },
          body,
          credentials: 'omit',
          cache: 'no-store',
          keepalive,
          signal: deadline.signal,
        });
        this.keys.serverSays(Number(answer.headers.get('Parlour-Time')));
        const received: unknown = answer.status === 204 ? null : await answer.json();
        if (answer.ok) return success(received, isAnswer);
        const failed = failure(answer, received);
        if (key && answer.status === NOT_NOW && attempt < PROOFS) {
          void this.keys.restore(conversationSid, true); // for the next page
          continue;
        }
        if (failed.is === 'wrong') this.#warnDeveloper(failed.code, failed.message, answer);
        return failed.is === 'refused' ? { ...failed, isKeyLost: !!bound && !key } : failed;
      }
    } catch {
      return { is: 'later', afterSeconds: 0, isUnreachable: true }; // no network, a timeout, an unreadable answer, or shims of the page
    } finally {
      clearTimeout(timer);
    }
  }
}

function success<T>(body: unknown, isAnswer: (body: unknown) => body is T): Outcome<T> {
  return isAnswer(body) ? { is: 'ok', value: body } : LATER;
}

function failure({ status, headers }: Response, body: unknown): Outcome<never> {
  const { code, action, message = '', trace_id = '' } = body as { code?: number; action?: string; message?: string; trace_id?: string };
  if (status === 429 || status >= 500 || status === 408 || status === NOT_NOW || typeof code !== 'number') {
    return { is: 'later', afterSeconds: Number(headers.get('Retry-After')) || 0 };
  }
  if (code === 45775 && action === 'refresh') return { is: 'stale' };
  if (SESSION_OVER.includes(code) && (status === 401 || status === 403)) {
    return { is: 'refused', code, reference: trace_id, isKeyLost: false };
  }
  return code === 45781 ? { is: 'closed' } : { is: 'wrong', code, message };
}
