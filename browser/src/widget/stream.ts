import { proofOf } from './proof';
import type { ProofKeys } from './proof-keys';
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
  #token: string;
  /** The nonce that the proofs on this socket cover. */
  #nonce = '';
  #saidHello = false;
  /** Ends when all frames with a proof are sent, in their order. */
  #sending = Promise.resolve();

  /** @param after the last revision that is known; the server sends what is newer */
  constructor(
    server: string,
    private readonly deploymentKey: string,
    private readonly keys: Pick<ProofKeys, 'of'>,
    private readonly session: StoredSession,
    private readonly after: number,
    private readonly onFrame: (frame: Frame) => void,
    private readonly onEnd: () => void,
  ) {
    this.#token = session.token;
    this.#socket = new WebSocket(`${server.replace(/^http/, 'ws')}/v2/Webchat/Stream`);
    this.#socket.onopen = () => session.bound || this.#hello();
    this.#socket.onmessage = (event) => this.#read(String(event.data));
    this.#socket.onclose = this.#socket.onerror = () => this.close();
    this.#watch();
  }

  /** Sends a newer token of the same session. */
  token(token: string): void {
    this.#token = token;
    if (this.#saidHello) this.#sendProven({ type: 'token', token });
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
    else if (frame.type === 'challenge') this.#answer(frame.nonce);
    else this.onFrame(frame);
  }

  /** A bound session waits for the server's nonce; others have said hello already. */
  #answer(nonce: string): void {
    if (this.#saidHello) return;
    this.#nonce = nonce;
    this.#hello();
  }

  #hello(): void {
    const { deploymentKey, session, after } = this;
    this.#saidHello = true;
    this.#sendProven({ type: 'hello', deploymentKey, token: this.#token, signals: signals(session.loginTimestamp), after });
  }

  /** Sends a frame with a token. If the key is lost, the server says so. */
  #sendProven(frame: { type: string; token: string; [field: string]: unknown }): void {
    const { session, deploymentKey } = this;
    if (!session.bound) return this.#send(frame);
    this.#sending = this.#sending
      .then(async () => {
        const key = await this.keys.of(session.conversationSid);
        this.#send(key ? { ...frame, proof: await proofOf(key, this.#nonce, frame.token, deploymentKey) } : frame);
      })
      .catch(() => this.close());
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
