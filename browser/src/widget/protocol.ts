import type { History, Issued, Message, Outcome } from './wire';
import { SESSION_OVER } from './wire';

/** What this browser says of itself; the server makes a fingerprint of it and keeps none of it. */
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

const PATIENCE_MS = 20_000;

/** The calls of a guest. None of them throws: what a call came to is a value. */
export class Protocol {
  constructor(
    readonly server: string,
    readonly deploymentKey: string,
    private readonly fetching: typeof fetch = (...call) => fetch(...call),
  ) {}

  init(loginTimestamp: string, name: string, preEngagement: object, identity?: string): Promise<Outcome<Issued>> {
    return this.call('POST', '/v2/Webchat/Init', { loginTimestamp }, {
      deploymentKey: this.deploymentKey,
      customerFriendlyName: name,
      preEngagementData: JSON.stringify(preEngagement),
      ...(identity ? { identity } : {}),
    });
  }

  refresh(session: Session): Promise<Outcome<Issued>> {
    const { loginTimestamp, token } = session;
    return this.call('POST', '/v2/Webchat/Token/Refresh', { loginTimestamp }, { deploymentKey: this.deploymentKey, token });
  }

  history(session: Session, query: string): Promise<Outcome<History>> {
    return this.call('GET', `/v2/Webchat/Messages?${query}`, session);
  }

  send(session: Session, body: string, client_id: string): Promise<Outcome<Message>> {
    return this.call('POST', '/v2/Webchat/Messages', session, { body, client_id });
  }

  read(session: Session, index: number): Promise<Outcome<unknown>> {
    return this.call('POST', '/v2/Webchat/Read', session, { index });
  }

  typing(session: Session): Promise<Outcome<unknown>> {
    return this.call('POST', '/v2/Webchat/Typing', session, {});
  }

  end(session: Session, forget: boolean): Promise<Outcome<unknown>> {
    return this.call('POST', '/v2/Webchat/End', session, { forget });
  }

  private async call<T>(
    method: 'GET' | 'POST',
    path: string,
    session: { loginTimestamp: string; token?: string },
    body?: object,
  ): Promise<Outcome<T>> {
    const headers: Record<string, string> = signals(session.loginTimestamp);
    if (body) headers['Content-Type'] = 'application/json';
    if (session.token) {
      headers['Authorization'] = `Bearer ${session.token}`;
      headers['Webchat-Deployment-Key'] = this.deploymentKey;
    }
    try {
      const answer = await this.fetching(this.server + path, {
        method,
        headers,
        ...(body ? { body: JSON.stringify(body) } : {}),
        credentials: 'omit',
        cache: 'no-store',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (answer.status === 204) return { is: 'ok', value: undefined as T };
      if (answer.ok) return { is: 'ok', value: (await answer.json()) as T };
      return await failure(answer);
    } catch {
      return { is: 'later', afterSeconds: 0 }; // no network, too slow, or an answer that is none
    }
  }
}

/** Who calls: what the browser keeps of a session. */
export interface Session {
  token: string;
  loginTimestamp: string;
}

async function failure(answer: Response): Promise<Outcome<never>> {
  const error = (await answer.json()) as { code: number; message: string; trace_id: string };
  if (SESSION_OVER.includes(error.code) && (answer.status === 401 || answer.status === 403)) {
    return { is: 'refused', code: error.code, reference: error.trace_id };
  }
  if (error.code === 45781) return { is: 'closed' };
  if (answer.status === 429 || answer.status >= 500 || answer.status === 408) {
    return { is: 'later', afterSeconds: Number(answer.headers.get('Retry-After')) || 0 };
  }
  return { is: 'wrong', code: error.code, message: error.message };
}
