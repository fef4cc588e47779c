import { createECDH, createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** How far the time of a proof may be from the server's, in seconds. */
const WINDOW = 120;

/** A call as it came: nothing of it is parsed. */
export interface RawCall {
  method: string;
  url: URL;
  headers: Headers;
  body: string | Buffer;
}

export type Judgement = 'good' | 'missing' | 'wrong' | 'wrong time' | 'replayed' | `malformed: ${string}`;

/**
 * The server's side of the proofs, on Node's own functions and none of the widget's. It makes the text that must have been signed
 * from the call alone.
 */
export class Proofs {
  private readonly nonces = new Set<string>();

  /** Agrees on a key with a browser. Throws if the browser's is not a point of P-256 in the one spelling. */
  agree(browserKey: string, conversation: string): { secret: Buffer; serverKey: string } {
    if (!/^[A-Za-z0-9_-]{87}$/.test(browserKey)) throw new Error(`the key ${browserKey}`);
    const own = createECDH('prime256v1');
    const serverKey = own.generateKeys().toString('base64url');
    const shared = own.computeSecret(Buffer.from(browserKey, 'base64url'));
    const secret = Buffer.from(hkdfSync('sha256', shared, Buffer.from(conversation), Buffer.from('parlour proof 1'), 32));
    return { secret, serverKey };
  }

  /** @param now seconds since 1970 */
  judge(secret: Buffer, { method, url, headers, body }: RawCall, now: number): Judgement {
    const input = headers.get('Signature-Input');
    const signature = headers.get('Signature');
    if (input === null && signature === null) return 'missing';
    const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
    if (body && headers.get('Content-Digest') !== digest) return 'malformed: Content-Digest';
    if (!body && headers.has('Content-Digest')) return 'malformed: Content-Digest without a body';
    const parts = [`"@method": ${method}`, `"@path": ${url.pathname.toLowerCase()}`];
    if (url.search) parts.push(`"@query": ${url.search}`);
    if (body) parts.push(`"content-digest": ${digest}`);
    for (const name of ['authorization', 'webchat-deployment-key']) {
      if (headers.has(name)) parts.push(`"${name}": ${headers.get(name)}`);
    }
    const list = parts.map((part) => part.split(':')[0]).join(' ');
    const [, parameters = '', signed, created, nonce = ''] =
      /^p=(\((.*)\);created=([1-9]\d{0,14});nonce="([A-Za-z0-9_-]{16,64})";alg="hmac-sha256")$/.exec(input ?? '') ?? [];
    if (signed !== list) return `malformed: Signature-Input ${input}, not of ${list}`;
    const [, mac] = /^p=:([A-Za-z0-9+/]{43}=):$/.exec(signature ?? '') ?? [];
    if (!mac) return `malformed: Signature ${signature}`;
    if (Math.abs(Number(created) - now) > WINDOW) return 'wrong time';
    const base = [...parts, `"@signature-params": ${parameters}`].join('\n');
    if (!timingSafeEqual(createHmac('sha256', secret).update(base).digest(), Buffer.from(mac, 'base64'))) return 'wrong';
    if (method === 'GET' && this.nonces.has(nonce)) return 'replayed';
    this.nonces.add(nonce);
    return 'good';
  }

  /** Whether a frame with a token proves the key on the socket with this nonce. */
  proves(secret: Buffer, nonce: string, token: string, deploymentKey: string, proof: unknown): boolean {
    const text = `parlour socket 1\n${nonce}\n${createHash('sha256').update(token).digest('base64url')}\n${deploymentKey}`;
    return proof === createHmac('sha256', secret).update(text).digest('base64url');
  }
}

export function newNonce(): string {
  return randomBytes(16).toString('base64url');
}
