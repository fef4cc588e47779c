import { afterEach, expect, test, vi } from 'vitest';
import { newPair } from '../src/widget/proof';
import { ProofKeys } from '../src/widget/proof-keys';
import { Protocol, type Start } from '../src/widget/protocol';
import type { StoredSession } from '../src/widget/storage';
import type { Outcome } from '../src/widget/wire';
import { HOST, KEY } from './server';
import { wire } from './wire';

afterEach(() => vi.useRealTimers());

const SESSION: StoredSession = {
  token: 'plr1.first',
  expiration: '',
  identity: 'guest-1',
  conversationSid: `CH${'1'.repeat(32)}`,
  loginTimestamp: '1763800000000',
};

const START: Start = {
  name: 'Ada',
  preEngagementData: '{"orderNumber":"4711"}',
  firstMessage: 'Is it open?',
  clientId: '8d7f7bb5-7e5c-4f0b-9a2a-3d9ff1c2a001',
  idempotencyKey: '6a3b1b52-5a4e-4b4e-8d0a-0f6f0a6f2b10',
};

const protocolOf = (fetching: typeof fetch) =>
  new Protocol(HOST, KEY, new ProofKeys('parlour-keys', async () => {}, Date.now), fetching);

/** The headers that the browser adds by itself. */
const OF_THE_BROWSER = ['origin', 'user-agent', 'accept-language'];

/** The names of the headers that the widget adds. */
const names = (of: Headers) => [...of.keys()].map((header) => header.toLowerCase()).filter((header) => !OF_THE_BROWSER.includes(header)).sort();

const calls: [string, (protocol: Protocol) => Promise<Outcome<unknown>>][] = [
  ['init-first-message', (protocol) => protocol.init('1763800000000', START)],
  ['refresh', (protocol) => protocol.refresh(SESSION)],
  ['messages', (protocol) => protocol.history(SESSION, 50)],
  ['messages-send', (protocol) => protocol.send(SESSION, 'Is it open on Sundays?', '0b3f7c1e-1')],
  ['messages-send-again', (protocol) => protocol.send(SESSION, 'Is it open on Sundays?', '0b3f7c1e-1')],
  ['read', (protocol) => protocol.read(SESSION, 0)],
  ['typing', (protocol) => protocol.typing(SESSION)],
  ['end', (protocol) => protocol.end(SESSION, false)],
];

for (const [name, call] of calls) {
  test(`${name} is sent and understood as docs/wire has it`, async () => {
    const example = wire(name);
    const sent = vi.fn<typeof fetch>(async () => example.answer());
    const outcome = await call(protocolOf(sent));
    const [url, init] = sent.mock.calls[0] as [string, RequestInit];
    expect(`${init.method} ${url}`).toBe(`${example.method} ${HOST}${example.path}`);
    expect(init.credentials).toBe('omit');
    const headers = new Headers(init.headers);
    expect(names(headers)).toEqual(names(example.headers));
    if (init.body) {
      const placed = JSON.stringify(example.body).replace('{{deploymentKey}}', KEY).replace('{{token}}', SESSION.token);
      expect(JSON.parse(String(init.body))).toEqual(JSON.parse(placed));
    }
    const answer = example.answer();
    expect(outcome).toEqual({ is: 'ok', value: answer.status === 204 ? null : await answer.json() });
  });
}

test('control characters that come with what is pasted are sent as spaces', async () => {
  const sent = vi.fn<typeof fetch>(async () => wire('messages-send').answer());
  const protocol = protocolOf(sent);
  await protocol.send(SESSION, 'a\u000bb\tc\r\nd\u0085e', 'id');
  await protocol.init('1', { ...START, name: 'A\u001bda', firstMessage: 'x\u0001y' });
  const [message, init] = sent.mock.calls.map(([, call]) => JSON.parse(String(call?.body)) as Record<string, string>);
  expect(message?.['body']).toBe('a b\tc\r\nd e');
  expect(init?.['customerFriendlyName']).toBe('A da');
  expect(init?.['firstMessage']).toBe('x y');
});

test('init-bound is sent and understood as docs/wire has it, with a key of its own', async () => {
  const example = wire('init-bound');
  const sent = vi.fn<typeof fetch>(async () => example.answer({ serverKey: 'of the server' }));
  const pair = await newPair();
  const outcome = await protocolOf(sent).init('1763800000000', { ...START, firstMessage: '', pair });
  const body = JSON.parse(String(sent.mock.calls[0]?.[1]?.body)) as Record<string, string>;
  expect(Object.keys(body)).toEqual(expect.arrayContaining(Object.keys(example.body as object)));
  expect(body['proofKey']).toHaveLength((example.body as { proofKey: string }).proofKey.length);
  expect(outcome).toMatchObject({ is: 'ok', value: { proof_key: 'of the server' } });
});

test('refresh-bound is sent in the form that docs/wire has', async () => {
  const example = wire('refresh-bound');
  const keys = new ProofKeys('parlour-keys', async () => {}, Date.now);
  const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  keys.of = async () => key as CryptoKey;
  const sent = vi.fn<typeof fetch>(async () => example.answer());
  await new Protocol(HOST, KEY, keys, sent).refresh({ ...SESSION, bound: '1' });
  const headers = new Headers(sent.mock.calls[0]?.[1]?.headers);
  for (const name of ['Content-Digest', 'Signature-Input', 'Signature']) {
    const form = (example.headers.get(name) ?? '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\\\{\\\{\w+\\\}\\\}/g, '[A-Za-z0-9+/=_-]+');
    expect(headers.get(name)).toMatch(new RegExp(`^${form}$`));
  }
  expect(names(headers)).toEqual(names(example.headers));
});

const failures: [string, Outcome<unknown>][] = [
  ['messages-renew', { is: 'stale' }],
  ['refresh-proof-out-of-time', { is: 'later', afterSeconds: 0 }],
  ['refresh-refused-proof', { is: 'refused', code: 45779, reference: 'f4b8e8ef3cb4', isKeyLost: false }],
  ['refresh-proof-malformed', { is: 'wrong', code: 45770, message: expect.stringContaining('Signature-Input') as unknown as string }],
  ['refresh-refused-token', { is: 'refused', code: 45775, reference: 'f4b8e8ef3cb4', isKeyLost: false }],
  ['refresh-refused-fingerprint', { is: 'refused', code: 45779, reference: 'f4b8e8ef3cb4', isKeyLost: false }],
  ['refresh-too-many-requests', { is: 'later', afterSeconds: 7 }],
  ['refresh-unavailable', { is: 'later', afterSeconds: 2 }],
  ['init-unavailable', { is: 'later', afterSeconds: 2 }],
  ['request-timeout', { is: 'later', afterSeconds: 0 }],
  ['messages-send-closed', { is: 'closed' }],
  ['refresh-unknown-deployment-key', { is: 'wrong', code: 45778, message: 'There is no such deployment key.' }],
  ['refresh-origin-not-allowed', { is: 'wrong', code: 45772, message: expect.stringContaining('--add-origin') as unknown as string }],
  ['too-large', { is: 'wrong', code: 45770, message: 'The body is too large.' }],
];

for (const [name, outcome] of failures) {
  test(`${name} is understood as: ${outcome.is}`, async () => {
    expect(await protocolOf(async () => wire(name).answer()).refresh(SESSION)).toEqual(outcome);
  });
}

test('a mistake of the page or its deployment is reported to its developer, once, with its reference', async () => {
  const reported = vi.spyOn(console, 'error').mockImplementation(() => {});
  const protocol = protocolOf(async () => wire('refresh-origin-not-allowed').answer());
  await protocol.refresh(SESSION);
  await protocol.refresh(SESSION);
  expect(reported).toHaveBeenCalledTimes(1);
  expect(reported.mock.calls[0]?.[0]).toMatch(/^Parlour: https:.* is not on the list of .*--add-origin https:\/\/\S+ \(45772, reference \w+\)$/);
});

test('a call in which a shim of the page throws is an outage', async () => {
  vi.spyOn(document, 'createElement').mockImplementation(() => { throw new Error('of the page'); });
  const outcome = await protocolOf(async () => wire('refresh').answer()).refresh(SESSION);
  expect(outcome).toMatchObject({ is: 'later', afterSeconds: 0 });
});

test('an unreadable answer is an outage', async () => {
  for (const [body, status] of [
    ['<html>', 200], ['{}', 200], ['null', 200], ['', 200], ['[]', 201], ['<html>', 401], ['{}', 403], ['null', 404],
    ['{"code":"45775"}', 401], ['<html>', 502], ['{"code":45775}', 500],
  ] as const) {
    const outcome = await protocolOf(async () => new Response(body, { status })).refresh(SESSION);
    expect(outcome, `${status} ${body}`).toMatchObject({ is: 'later' });
  }
});

test('a page of messages with an invalid one is ignored as a whole', async () => {
  const good = (await wire('messages').answer().json()) as { messages: object[] };
  for (const spoilt of [{ ...good, messages: [{}] }, { ...good, messages: 7 }, { ...good, participants: [null] }, { ...good, revision: '2' }]) {
    const outcome = await protocolOf(async () => Response.json(spoilt)).history(SESSION, 50);
    expect(outcome).toEqual({ is: 'later', afterSeconds: 0 });
  }
});

test('a Retry-After without a number of seconds is ignored', async () => {
  for (const [given, seconds] of [['Wed, 21 Oct 2026 07:28:00 GMT', 0], ['soon', 0], ['1.5', 1.5]] as const) {
    const answer = new Response('{"code":45780}', { status: 429, headers: { 'Retry-After': given } });
    expect(await protocolOf(async () => answer).refresh(SESSION)).toEqual({ is: 'later', afterSeconds: seconds });
  }
});

test('a call that is slow is given up after 20 seconds, and is an outage', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const slow: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error)));
  let outcome: Outcome<unknown> | undefined;
  void protocolOf(slow).refresh(SESSION).then((come) => (outcome = come));
  await vi.advanceTimersByTimeAsync(19_000);
  expect(outcome).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(outcome).toEqual({ is: 'later', afterSeconds: 0, isUnreachable: true });
});
