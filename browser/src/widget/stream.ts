import { signals, type Session } from './protocol';
import type { Frame } from './wire';

/** No sign of life for this long: the server sends one every 25 s. */
const SILENCE_MS = 60_000;

/** One socket, from its hello to its end. It tells its end once, whatever it was. */
export class Stream {
  private readonly socket: WebSocket;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  constructor(
    server: string,
    private readonly hello: { deploymentKey: string; session: Session; after: number },
    private readonly heard: (frame: Frame) => void,
    private readonly ended: () => void,
  ) {
    this.socket = new WebSocket(`${server.replace(/^http/, 'ws')}/v2/Webchat/Stream`);
    this.socket.onopen = () => this.say({
      type: 'hello',
      deploymentKey: this.hello.deploymentKey,
      token: this.hello.session.token,
      signals: signals(this.hello.session.loginTimestamp),
      after: this.hello.after,
    });
    this.socket.onmessage = (event) => this.hears(JSON.parse(String(event.data)) as Frame);
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

  private hears(frame: Frame): void {
    if (this.over) return;
    this.listen();
    if (frame.type === 'ping') this.say({ type: 'pong' });
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
