import { signals } from './protocol';
import type { StoredSession } from './storage';
import { isFrame, type Frame } from './wire';

/** A stream without a frame for this long is lost: the server pings every 25 s. */
const SILENCE_MS = 60_000;

/** One WebSocket. It reports its end once, whatever the cause. */
export class Stream {
  readonly #socket: WebSocket;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  /** @param after the last revision that is known; the server sends what is newer */
  constructor(
    server: string,
    deploymentKey: string,
    session: StoredSession,
    after: number,
    private readonly onFrame: (frame: Frame) => void,
    private readonly onEnd: () => void,
  ) {
    this.#socket = new WebSocket(`${server.replace(/^http/, 'ws')}/v2/Webchat/Stream`);
    this.#socket.onopen = () => this.#send({
      type: 'hello',
      deploymentKey,
      token: session.token,
      signals: signals(session.loginTimestamp),
      after,
    });
    this.#socket.onmessage = (event) => this.#read(String(event.data));
    this.#socket.onclose = this.#socket.onerror = () => this.close();
    this.#watch();
  }

  /** Sends a newer token of the same session. */
  token(token: string): void {
    this.#send({ type: 'token', token });
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#silence);
    this.#socket.close();
    this.onEnd();
  }

  #read(text: string): void {
    if (this.#over) return;
    this.#watch();
    const frame = parsed(text);
    if (!isFrame(frame)) this.close(); // the peer is not Parlour; later frames may depend on this one
    else if (frame.type === 'ping') this.#send({ type: 'pong' });
    else this.onFrame(frame);
  }

  #watch(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.close(), SILENCE_MS);
  }

  #send(frame: object): void {
    if (this.#socket.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
