import { signals } from './protocol';
import type { Session } from './storage';
import { isFrame, type Frame } from './wire';

/** No sign of life for this long: the server sends one every 25 s. */
const SILENCE_MS = 60_000;

/** One socket, from its hello to its end. It tells its end once, whatever it was. */
export class Stream {
  private readonly socket: WebSocket;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  /** @param after everything up to this revision is known */
  constructor(
    server: string,
    deploymentKey: string,
    session: Session,
    after: number,
    private readonly heard: (frame: Frame) => void,
    private readonly ended: () => void,
  ) {
    this.socket = new WebSocket(`${server.replace(/^http/, 'ws')}/v2/Webchat/Stream`);
    this.socket.onopen = () => this.say({
      type: 'hello',
      deploymentKey,
      token: session.token,
      signals: signals(session.loginTimestamp),
      after,
    });
    this.socket.onmessage = (event) => this.hears(String(event.data));
    this.socket.onclose = this.socket.onerror = () => this.close();
    this.listen();
  }

  /** A newer token for the same session. */
  token(token: string): void {
    this.say({ type: 'token', token });
  }

  close(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.silence);
    this.socket.close();
    this.ended();
  }

  private hears(text: string): void {
    if (this.over) return;
    this.listen();
    const frame = parsed(text);
    if (!isFrame(frame)) this.close(); // whatever is at the other end: what it says next may hang on this
    else if (frame.type === 'ping') this.say({ type: 'pong' });
    else this.heard(frame);
  }

  private listen(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.close(), SILENCE_MS);
  }

  private say(frame: object): void {
    if (this.socket.readyState === 1) this.socket.send(JSON.stringify(frame));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
