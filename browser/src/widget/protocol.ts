import { plain } from '../dom/plain';
import { publicKeyOf, signed, type SignedCall } from './proof';
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
  /** The pair that binds the session to this browser; undefined if it cannot keep a key. */
  pair?: CryptoKeyPair | undefined;
}

/** Longer than the deadlines of the server, which then answers with an error. */
const PATIENCE_MS = 20_000;

/** 45785: the proof was not made now, by the server's clock, which the answer says. */
const NOT_NOW = 428;
/** How often a call is made, each time with a new proof. */
const PROOFS = 3;

type Caller = Pick<StoredSession, 'loginTimestamp'> & Partial<StoredSession>;

/** The body of an error of Parlour. */
interface Failed {
  code?: number;
  action?: string;
  message?: string;
  trace_id?: string;
  /** In seconds since 1970; only after 45785. */
  server_time?: number;
}

const idOf = ({ path, headers, body }: SignedCall) => path + body + headers['Authorization'];

const anything = (body: unknown): body is unknown => body !== undefined;

/** The calls of a guest. None of them throws: each outcome is a value. */
export class Protocol {
  readonly #reported = new Set<string>();
  /** The proof of the call that the guest may confirm. */
  #ready: { of: string; proof: Record<string, string> } | undefined;

  constructor(
    readonly server: string,
    readonly deploymentKey: string,
    private readonly keys: Pick<ProofKeys, keyof ProofKeys>,
    private readonly fetching: typeof fetch = (...call) => fetch(...call),
  ) {}

  async init(loginTimestamp: string, start: Start, identity?: string): Promise<Outcome<Issued>> {
    return this.exchange('Init', { loginTimestamp }, isIssued, {
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
    return this.exchange('Token/Refresh', { ...session, token: '' }, isIssued, body);
  }

  /** @param before the page ends before this index; without it, this is the newest page */
  history(session: StoredSession, limit: number, before?: number): Promise<Outcome<History>> {
    const query = `limit=${limit}${before === undefined ? '' : `&before=${before}`}`;
    return this.exchange(`Messages?${query}`, session, isHistory);
  }

  /** @param media_sids the files of the message, which are uploaded */
  send(session: StoredSession, body: string, client_id: string, media_sids?: string[]): Promise<Outcome<Message>> {
    return this.exchange('Messages', session, isMessage, { body: plain(body), client_id, media_sids });
  }

  read(session: StoredSession, index: number): Promise<Outcome<unknown>> {
    return this.exchange('Read', session, anything, { index });
  }

  typing(session: StoredSession): Promise<Outcome<unknown>> {
    return this.exchange('Typing', session, anything, {});
  }

  /** Is sent even if the guest leaves the page at once, as guests do on a shared computer; in a bound session after `signEnd`. */
  end(session: StoredSession, forget: boolean): Promise<Outcome<unknown>> {
    return this.exchange('End', session, anything, { forget });
  }

  reopen(session: StoredSession): Promise<Outcome<unknown>> {
    return this.exchange('Reopen', session, anything, {});
  }

  /** Signs a call that may follow, because signing takes longer than a page that is being left can wait. */
  async signEnd(session: StoredSession, forget: boolean): Promise<void> {
    const key = await this.#keyOf(session);
    const request = this.requestOf('End', session, { forget });
    if (key) this.#ready = { of: idOf(request), proof: await signed(key, request, this.keys.serverTime()) };
  }

  /** A mistake of the page or of its deployment, which the page's developer can fix, and the guest cannot. */
  protected warnDeveloper({ code, message = '' }: Failed, { headers }: Response): void {
    if (this.#reported.has(message)) return;
    this.#reported.add(message);
    console.error(`Parlour: ${message} (${code}, reference ${headers.get('Parlour-Trace-Id') ?? 'none'})`);
  }

  /** Undefined: the call needs no proof, or the key is lost. Null: the database failed. */
  async #keyOf({ bound, conversationSid = '' }: Partial<StoredSession>): Promise<CryptoKey | undefined | null> {
    return bound ? this.keys.of(conversationSid).catch(() => null) : undefined;
  }

  /** @param content the body of a POST; without it, this is a GET */
  protected requestOf(path: string, { loginTimestamp, token }: Caller, content?: object): SignedCall {
    const headers: Record<string, string> = signals(loginTimestamp);
    const body = content ? JSON.stringify(content) : null;
    if (body) headers['Content-Type'] = 'application/json';
    if (token) {
      headers['Authorization'] = `Bearer ${token}`;
      headers['Webchat-Deployment-Key'] = this.deploymentKey;
    }
    return { method: body ? 'POST' : 'GET', path: `/v2/Webchat/${path}`, headers, body };
  }

  /** A proof is good for one attempt. */
  #readyFor(request: SignedCall): Record<string, string> | undefined {
    if (this.#ready?.of !== idOf(request)) return undefined;
    const { proof } = this.#ready;
    this.#ready = undefined;
    return proof;
  }

  protected async exchange<T>(
    path: string,
    caller: Caller,
    isAnswer: (body: unknown) => body is T,
    content?: object,
  ): Promise<Outcome<T>> {
    const key = await this.#keyOf(caller);
    if (key === null) return LATER; // the database failed: a call without a proof would end the session
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), PATIENCE_MS);
    try {
      const request = this.requestOf(path, caller, content);
      for (let attempt = 1; ; attempt++) {
        const proof = this.#readyFor(request) ?? (key && (await signed(key, request, this.keys.serverTime())));
        const answer = await this.fetching(this.server + request.path, {
          method: request.method,
          headers: { ...request.headers, ...proof },
          body: request.body,
          credentials: 'omit',
          cache: 'no-store',
          keepalive: path === 'End',
          signal: deadline.signal,
        });
        const time = Number(answer.headers.get('Parlour-Time'));
        this.keys.serverSays(time);
        const received: unknown = answer.status === 204 ? null : await answer.json();
        if (answer.ok) return success(received, isAnswer);
        const failed = failure(answer, received);
        const isNotNow = answer.status === NOT_NOW;
        const isHidden = isNotNow && !time; // the page cannot read the header
        if (isHidden) this.keys.serverSays(Number((received as Failed).server_time));
        if (failed.is === 'wrong' || isHidden || (isNotNow && attempt === PROOFS)) this.warnDeveloper(received as Failed, answer);
        if (isNotNow && attempt < PROOFS) {
          void this.keys.restore(caller.conversationSid ?? '', true); // for the next page
          continue;
        }
        return failed.is === 'refused' ? { ...failed, isKeyLost: !!caller.bound && !key } : failed;
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
  const { code, action, message = '', trace_id = '' } = body as Failed;
  if (status === 429 || status >= 500 || status === 408 || status === NOT_NOW || typeof code !== 'number') {
    return { is: 'later', afterSeconds: Number(headers.get('Retry-After')) || 0 };
  }
  if (code === 45775 && action === 'refresh') return { is: 'stale' };
  if (SESSION_OVER.includes(code) && (status === 401 || status === 403)) {
    return { is: 'refused', code, reference: trace_id, isKeyLost: false };
  }
  return code === 45781 ? { is: 'closed' } : { is: 'wrong', code, message };
}
