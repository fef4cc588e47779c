import type { Frame } from '../src/widget/wire';
import { newNonce } from './proofs';
import { KEY, type Server } from './server';

/** Makes WebSockets to the fake server, which challenges each and verifies the proof of every frame with a token. */
export function webSocketsTo(server: Server): new (url: string) => object {
  return class {
    readyState = 0;
    onopen = () => {};
    onclose = () => {};
    onerror = () => {};
    onmessage: (event: { data: string }) => void = () => {};
    private readonly nonce = newNonce();
    private stream: ReturnType<Server['stream']> | undefined;

    constructor() {
      queueMicrotask(() => {
        this.readyState = 1;
        this.onopen();
        this.receive({ type: 'challenge', nonce: this.nonce });
      });
    }

    send(text: string): void {
      const { type, token, proof, after } = JSON.parse(text) as { type: string; token: string; proof?: string; after: number };
      if (type === 'pong') return;
      const secret = server.secrets.get(token);
      if (secret && !server.proofs.proves(secret, this.nonce, token, KEY, proof)) {
        server.badProofs.push(proof ? 'wrong' : 'missing');
        this.receive({ type: 'refused', code: 45779, action: 'restart', message: '', trace_id: 'of-socket', retry_after: null });
        return this.close();
      }
      if (type === 'token') return this.stream?.token(token);
      const session = { token, expiration: '', identity: '', conversationSid: '', loginTimestamp: '' };
      this.stream = server.stream(session, after, (frame) => this.receive(frame), () => this.close());
    }

    close(): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.stream?.close();
      this.onclose();
    }

    private receive(frame: Frame): void {
      this.onmessage({ data: JSON.stringify(frame) });
    }
  };
}
