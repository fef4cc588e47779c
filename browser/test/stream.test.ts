import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Stream } from '../src/widget/stream';
import type { Frame } from '../src/widget/wire';
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
  ]) {
    ends = 0;
    stream = new Stream(HOST, KEY, KEYS, SESSION, 7, (frame) => frames.push(frame), () => ends++);
    Socket.last.open();
    Socket.last.onmessage({ data: nonsense });
    expect(ends, nonsense).toBe(1);
  }
  expect(frames).toEqual([]);
});

test('lets pass what a newer server may say', () => {
  Socket.last.open();
  receive({ type: 'weather' });
  expect(ends).toBe(0);
});

function receive(frame: object): void {
  Socket.last.onmessage({ data: JSON.stringify(frame) });
}
