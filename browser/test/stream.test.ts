import { hkdfSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Stream } from '../src/widget/stream';
import type { Frame } from '../src/widget/wire';
import { newNonce, Proofs } from './proofs';
import { HOST, KEY, message, participant } from './server';

class Socket {
  static last: Socket;
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  isClosed = false;
  onopen = () => {};
  onclose = () => {};
  onerror = () => {};
  onmessage: (event: { data: unknown }) => void = () => {};

  constructor(readonly url: string) {
    Socket.last = this;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.isClosed = true;
  }

  open(): void {
    this.readyState = 1;
    this.onopen();
  }
}

const SESSION = { token: 'plr1.first', expiration: '', identity: 'guest-1', conversationSid: 'CH1', loginTimestamp: '1763800000000' };
const KEYS = { of: async () => undefined };
let frames: Frame[];
let ends: number;
let stream: Stream;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.stubGlobal('WebSocket', Socket);
  frames = [];
  ends = 0;
  stream = new Stream(HOST, KEY, KEYS, SESSION, 7, (frame) => frames.push(frame), () => ends++);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('says hello with the token, which is never part of the address', () => {
  expect(Socket.last.url).toBe('wss://chat.example.com/v2/Webchat/Stream');
  Socket.last.open();
  expect(Socket.last.sent).toMatchObject([{ type: 'hello', deploymentKey: KEY, token: 'plr1.first', after: 7 }]);
  const signals = Socket.last.sent[0]?.['signals'] as Record<string, string>;
  expect(Object.keys(signals)).toEqual(['x-twilio-sec-usersettings', 'x-twilio-sec-webchatinfo', 'x-twilio-sec-decoders']);
});

test('answers a ping, and hands on the rest', () => {
  Socket.last.open();
  receive({ type: 'ping' });
  receive({ type: 'token_accepted', expiration: '' });
  expect(Socket.last.sent.at(-1)).toEqual({ type: 'pong' });
  expect(frames.map((frame) => frame.type)).toEqual(['token_accepted']);
});

test('sends a newer token, once it is open', () => {
  stream.token('plr1.early');
  Socket.last.open();
  stream.token('plr1.newer');
  expect(Socket.last.sent.slice(1)).toEqual([{ type: 'token', token: 'plr1.newer' }]);
});

test('ends once, whatever happens, and ignores later frames', () => {
  Socket.last.open();
  Socket.last.onerror();
  Socket.last.onclose();
  stream.close();
  receive({ type: 'token_accepted', expiration: '' });
  expect(ends).toBe(1);
  expect(frames).toEqual([]);
  expect(Socket.last.isClosed).toBe(true);
});

test('ends after a minute without a sign of life', () => {
  Socket.last.open();
  vi.advanceTimersByTime(59_000);
  receive({ type: 'ping' });
  vi.advanceTimersByTime(59_000);
  expect(ends).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(ends).toBe(1);
});

test('ends at nonsense, and hands none of it on', () => {
  const good = { revision: 3, message: message({}), participant: participant({}) };
  for (const nonsense of [
    'no JSON', 'null', '7', '{}',
    JSON.stringify({ ...good, type: 'message', message: {} }),
    JSON.stringify({ ...good, type: 'message', revision: '3' }),
    JSON.stringify({ ...good, type: 'read', participant: null }),
    JSON.stringify({ type: 'welcome', state: 'active', participants: [7] }),
    JSON.stringify({ type: 'state', state: 'closed' }),
    JSON.stringify({ type: 'challenge' }),
    JSON.stringify({ type: 'challenge', nonce: 7 }),
  ]) {
    ends = 0;
    stream = new Stream(HOST, KEY, KEYS, SESSION, 7, (frame) => frames.push(frame), () => ends++);
    Socket.last.open();
    Socket.last.onmessage({ data: nonsense });
    expect(ends, nonsense).toBe(1);
  }
  expect(frames).toEqual([]);
});

test('an unbound session ignores a challenge: it has said hello already, without a proof', () => {
  Socket.last.open();
  receive({ type: 'challenge', nonce: newNonce() });
  stream.token('plr1.newer');
  expect(Socket.last.sent).toMatchObject([{ type: 'hello', token: 'plr1.first' }, { type: 'token', token: 'plr1.newer' }]);
  for (const frame of Socket.last.sent) expect(frame).not.toHaveProperty('proof');
  expect(ends).toBe(0);
});

describe('a bound session', () => {
  const secret = Buffer.from(hkdfSync('sha256', 'a secret', 'CH1', 'parlour proof 1', 32));
  const proofs = new Proofs();
  let of: () => Promise<CryptoKey | undefined>;

  beforeEach(async () => {
    const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    of = async () => key;
    stream.close();
    ends = 0;
    stream = new Stream(HOST, KEY, { of: () => of() }, { ...SESSION, bound: '1' }, 7, (frame) => frames.push(frame), () => ends++);
  });

  test('waits for the challenge, and answers it in its hello', async () => {
    Socket.last.open();
    expect(Socket.last.sent).toEqual([]);
    const nonce = newNonce();
    receive({ type: 'challenge', nonce });
    await vi.waitFor(() => expect(Socket.last.sent).toHaveLength(1));
    const [hello] = Socket.last.sent;
    expect(hello).toMatchObject({ type: 'hello', deploymentKey: KEY, token: 'plr1.first', after: 7 });
    expect(proofs.proves(secret, nonce, 'plr1.first', KEY, hello?.['proof'])).toBe(true);
    for (const [other, token, deployment] of [[newNonce(), 'plr1.first', KEY], [nonce, 'plr1.second', KEY], [nonce, 'plr1.first', `CV${'b'.repeat(32)}`]] as const) {
      expect(proofs.proves(secret, other, token, deployment, hello?.['proof'])).toBe(false);
    }
    expect(frames).toEqual([]);
  });

  test('says hello with the newest token, and proves each newer one on the same socket, in order', async () => {
    const nonce = newNonce();
    const key = await of();
    let reads = 0;
    of = async () => {
      if (!reads++) await new Promise((resolve) => setImmediate(resolve)); // the first read of the database takes longer
      return key;
    };
    Socket.last.open();
    stream.token('plr1.newer');
    receive({ type: 'challenge', nonce });
    receive({ type: 'challenge', nonce: newNonce() }); // only the first one counts
    for (let index = 0; index < 20; index++) stream.token(`plr1.${index}`);
    await vi.waitFor(() => expect(Socket.last.sent).toHaveLength(21));
    expect(Socket.last.sent.map(({ token }) => token)).toEqual(['plr1.newer', ...Array.from({ length: 20 }, (_, index) => `plr1.${index}`)]);
    for (const { token, proof } of Socket.last.sent) expect(proofs.proves(secret, nonce, token as string, KEY, proof)).toBe(true);
  });

  test('that has lost its key says hello without a proof, so that the server says what follows', async () => {
    of = async () => undefined;
    Socket.last.open();
    receive({ type: 'challenge', nonce: newNonce() });
    await vi.waitFor(() => expect(Socket.last.sent).toHaveLength(1));
    expect(Socket.last.sent[0]).not.toHaveProperty('proof');
    expect(ends).toBe(0);
  });

  test('whose key cannot be read now says nothing, and ends the stream', async () => {
    of = () => Promise.reject(new Error('too slow'));
    Socket.last.open();
    receive({ type: 'challenge', nonce: newNonce() });
    await vi.waitFor(() => expect(ends).toBe(1));
    expect(Socket.last.sent).toEqual([]);
  });

  test('ends after a minute if no challenge comes', () => {
    Socket.last.open();
    vi.advanceTimersByTime(60_000);
    expect(ends).toBe(1);
    expect(Socket.last.sent).toEqual([]);
  });

  test('sends nothing on a socket that was closed meanwhile', async () => {
    let give: (key: CryptoKey) => void = () => {};
    const key = (await of()) as CryptoKey;
    of = () => new Promise((resolve) => (give = resolve));
    Socket.last.open();
    receive({ type: 'challenge', nonce: newNonce() });
    await vi.waitFor(() => expect(give).toHaveLength(1));
    stream.close();
    Socket.last.readyState = 3;
    give(key);
    await new Promise((resolve) => setImmediate(resolve));
    expect(Socket.last.sent).toEqual([]);
    expect(ends).toBe(1);
  });
});

test('lets pass what a newer server may say', () => {
  Socket.last.open();
  receive({ type: 'weather' });
  expect(ends).toBe(0);
});

function receive(frame: object): void {
  Socket.last.onmessage({ data: JSON.stringify(frame) });
}
