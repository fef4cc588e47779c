import { signals } from './protocol';
import type { StoredSession } from './storage';
import { isFrame, type Frame } from './wire';

/** No sign of life for this long: the server sends one every 25 s. */
const SILENCE_MS = 60_000;

/** One socket, from its hello to its end. It reports its end once, whatever the cause. */
export class Stream {
  readonly #socket: WebSocket;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  /** @param after everything up to this revision is known */
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

  /** A newer token for the same session. */
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
    if (!isFrame(frame)) this.close(); // the peer is no Parlour: what follows may depend on this frame
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
