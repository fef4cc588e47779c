import { plain } from '../dom/plain';
import type { StoredSession } from './storage';
import type { History, Issued, Message, Outcome } from './wire';
import { isHistory, isIssued, isMessage, SESSION_OVER } from './wire';

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
}

/** Longer than the deadlines of the server, which then answers with an error. */
const PATIENCE_MS = 20_000;

const anything = (body: unknown): body is unknown => body !== undefined;

/** The calls of a guest. None of them throws: each outcome is a value. */
export class Protocol {
  readonly #reported = new Set<string>();

  constructor(
    readonly server: string,
    readonly deploymentKey: string,
    private readonly fetching: typeof fetch = (...call) => fetch(...call),
  ) {}

  init(loginTimestamp: string, start: Start, identity?: string): Promise<Outcome<Issued>> {
    return this.#call('POST', '/v2/Webchat/Init', { loginTimestamp }, isIssued, {
      deploymentKey: this.deploymentKey,
      customerFriendlyName: plain(start.name),
      preEngagementData: start.preEngagementData,
      idempotencyKey: start.idempotencyKey,
      ...(start.firstMessage ? { firstMessage: plain(start.firstMessage), clientId: start.clientId } : {}),
      ...(identity ? { identity } : {}),
    });
  }

  refresh({ loginTimestamp, token }: StoredSession): Promise<Outcome<Issued>> {
    const body = { deploymentKey: this.deploymentKey, token };
    return this.#call('POST', '/v2/Webchat/Token/Refresh', { loginTimestamp }, isIssued, body);
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
    caller: { loginTimestamp: string; token?: string },
    isAnswer: (body: unknown) => body is T,
    body?: object,
    keepalive = false,
  ): Promise<Outcome<T>> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), PATIENCE_MS);
    try {
      const headers: Record<string, string> = signals(caller.loginTimestamp);
      if (body) headers['Content-Type'] = 'application/json';
      if (caller.token) {
        headers['Authorization'] = `Bearer ${caller.token}`;
        headers['Webchat-Deployment-Key'] = this.deploymentKey;
      }
      const answer = await this.fetching(this.server + path, {
        method,
        headers,
        body: body ? JSON.stringify(body) : null,
        credentials: 'omit',
        cache: 'no-store',
        keepalive,
        signal: deadline.signal,
      });
      const content: unknown = answer.status === 204 ? null : await answer.json();
      if (answer.ok) return success(content, isAnswer);
      const failed = failure(answer, content);
      if (failed.is === 'wrong') this.#warnDeveloper(failed.code, failed.message, answer);
      return failed;
    } catch {
      return { is: 'later', afterSeconds: 0, isUnreachable: true }; // no network, a timeout, an unreadable answer, or shims of the page
    } finally {
      clearTimeout(timer);
    }
  }
}

function success<T>(body: unknown, isAnswer: (body: unknown) => body is T): Outcome<T> {
  return isAnswer(body) ? { is: 'ok', value: body } : { is: 'later', afterSeconds: 0 };
}

function failure({ status, headers }: Response, body: unknown): Outcome<never> {
  const { code, message = '', trace_id = '' } = body as { code?: number; message?: string; trace_id?: string };
  if (status === 429 || status >= 500 || status === 408 || typeof code !== 'number') {
    return { is: 'later', afterSeconds: Number(headers.get('Retry-After')) || 0 };
  }
  if (SESSION_OVER.includes(code) && (status === 401 || status === 403)) {
    return { is: 'refused', code, reference: trace_id };
  }
  return code === 45781 ? { is: 'closed' } : { is: 'wrong', code, message };
}
