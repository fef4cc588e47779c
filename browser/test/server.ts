import type { Attached } from '../src/dom/files';
import type { StoredSession } from '../src/widget/storage';
import type { Frame, Message, Participant } from '../src/widget/wire';
import { Proofs, type Judgement, type RawCall } from './proofs';
import { wire } from './wire';

export const KEY = `CV${'a'.repeat(32)}`;
export const HOST = 'https://chat.example.com';

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: Record<string, string>;
  /** The bytes of an upload. */
  file?: Buffer;
}

/** The fault of a call: the request is lost, the answer is lost, or this is the answer. */
export type Fault = 'request lost' | 'answer lost' | Response;

export interface Socket {
  session: StoredSession;
  after: number;
  tokens: string[];
  say: (frame: Frame) => void;
  lose: () => void;
}

/**
 * A fake server with one conversation at a time, whose answers are those of docs/wire. It treats indices, revisions and repeated
 * messages as the tests of the real server expect.
 */
export class Server {
  readonly calls: Call[] = [];
  readonly sockets: Socket[] = [];
  messages: Message[] = [];
  participants: Participant[] = [];
  state: 'active' | 'closed' = 'active';
  /** How long guests can reopen a chat that has ended, in seconds; null: not at all. */
  reopenableFor: number | null = null;
  stateRevision = 0;
  /** When the chat got its state; a server of an earlier version does not send it. */
  stateAt: string | undefined;
  revision = 0;
  hasSockets = true;
  fault: (call: Call) => Fault | undefined = () => undefined;
  good = new Set<string>();
  /** Bound tokens that have expired: only good for a renewal. */
  expired = new Set<string>();
  chats = 0;
  /** The uploaded files, each once. */
  readonly files: { id: string; sid: string; filename: string; bytes: Buffer }[] = [];
  /** Calls about files are not answered before this. */
  hold: Promise<unknown> | undefined;
  /** Whether it answers a browser's key by one of its own: an older version does not. */
  bindsSessions = true;
  /** Whether answers say the server's time: a proxy can remove the header. */
  tellsTime = true;
  /** Whether an answer to a proof that is not of now says it in the body, too: an older version does not. */
  tellsTimeInBody = true;
  /** Answers whether somebody answers the chats now, which does not belong to a chat. */
  availability: (url: URL) => Response | Promise<Response> = () => wire('availability').answer();
  /** The server's clock, in milliseconds. */
  now: () => number = Date.now;
  /** Proofs that were not good, in the order of their calls. */
  readonly badProofs: Judgement[] = [];
  /** The keys of sessions, by their tokens. */
  readonly secrets = new Map<string, Buffer>();
  /** The conversations of sessions, by their tokens. */
  private readonly sids = new Map<string, string>();
  readonly proofs = new Proofs();

  private issued = 0;
  private idempotencyKey: string | undefined;

  get sid(): string {
    return `CH${String(this.chats).padStart(32, '0')}`;
  }

  get identity(): string {
    return 'guest-1';
  }

  count(path: string): number {
    return this.calls.filter((call) => call.path === path).length;
  }

  readonly fetch: typeof fetch = async (input, init = {}) => {
    await hop();
    const url = new URL(String(input));
    if (url.pathname.endsWith('/Availability')) return this.availability(url);
    const file = init.body instanceof ArrayBuffer ? Buffer.from(init.body) : undefined;
    const raw = { method: init.method ?? 'GET', url, headers: new Headers(init.headers), body: file ?? String(init.body ?? '') };
    const call: Call = {
      method: raw.method,
      path: url.pathname.replace('/v2/Webchat/', ''),
      query: url.searchParams,
      headers: raw.headers,
      body: !file && raw.body ? JSON.parse(String(raw.body)) : {},
      ...(file ? { file } : {}),
    };
    this.calls.push(call);
    const fault = this.fault(call);
    if (fault === 'request lost') throw new TypeError('Failed to fetch');
    if (fault instanceof Response) return fault;
    const answer = call.path.startsWith('Media') && this.hold ? await this.hold.then(() => this.answer(call, raw)) : this.answer(call, raw);
    answer.headers.set('Parlour-Time', this.tellsTime ? String(this.seconds()) : '');
    await hop();
    if (fault === 'answer lost') throw new TypeError('Failed to fetch');
    return answer;
  };

  /** Revokes all tokens. */
  revoke(): void {
    this.good.clear();
    this.expired.clear();
  }

  /** All tokens expire. */
  expire(): void {
    for (const token of this.good) if (this.secrets.has(token)) this.expired.add(token);
    this.good.clear();
  }

  private seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  private answer({ method, path, query, headers, body, file }: Call, raw: RawCall): Response {
    if (path === 'Init') {
      if (!body['idempotencyKey'] || body['idempotencyKey'] !== this.idempotencyKey) this.begin(body['customerFriendlyName'] ?? '');
      this.idempotencyKey = body['idempotencyKey'];
      if (body['firstMessage']) this.add(body['firstMessage'], body['clientId'] ?? '');
      const proofKey = body['proofKey'];
      if (!proofKey || !this.bindsSessions) {
        return wire('init').answer({ token: this.issue(), identity: this.identity, conversationSid: this.sid });
      }
      const { secret, serverKey } = this.proofs.agree(proofKey, this.sid);
      const token = this.issue(secret);
      return wire('init-bound').answer({ token, identity: this.identity, conversationSid: this.sid, serverKey });
    }
    const token = path === 'Token/Refresh' ? body['token'] : headers.get('Authorization')?.replace('Bearer ', '');
    const refused = this.refusal(token ?? '', path === 'Token/Refresh', raw);
    if (refused) return refused;
    switch (`${method} ${path}`) {
      case 'POST Token/Refresh':
        return this.refresh(token ?? '');
      case 'GET Messages':
        return this.page(Number(query.get('limit')), Number(query.get('before') ?? Infinity));
      case 'POST Messages':
        return this.add(body['body'] ?? '', body['client_id'] ?? '', (body['media_sids'] ?? []) as string[]);
      case 'POST Read':
        return wire('read').answer();
      case 'POST Typing':
        return wire('typing').answer();
      case 'POST End':
        this.close();
        if (body['forget']) this.revoke();
        return wire('end').answer();
      case 'POST Reopen':
        if (this.state === 'closed' && !this.reopenableFor) return wire('reopen-too-late').answer();
        if (this.state === 'closed') this.reopen();
        return wire('reopen').answer();
      case 'POST Media':
        return this.store(query.get('Filename') ?? '', query.get('ClientId') ?? '', file ?? Buffer.of());
      default:
        if (method === 'GET' && this.files.some(({ sid }) => path === `Media/${sid}`)) return wire('upload').answer({ linkOfMedia: '/media/one' });
        throw new Error(`${method} ${path}?`);
    }
  }

  /** As the server judges: first the token, then the proof, then its age. */
  private refusal(token: string, isRenewal: boolean, raw: RawCall): Response | undefined {
    const isExpired = this.expired.has(token);
    const over = () => wire('refresh-refused-token').answer();
    if (!isExpired && !this.good.has(token)) return over();
    const secret = this.secrets.get(token);
    const judgement = secret ? this.proofs.judge(secret, raw, this.seconds()) : 'good';
    const renew = () => wire('messages-renew').answer();
    if (judgement === 'good') return isExpired && !isRenewal ? renew() : undefined;
    this.badProofs.push(judgement);
    if (judgement.startsWith('malformed')) return wire('refresh-proof-malformed').answer();
    if (judgement === 'wrong time') {
      return wire('refresh-proof-out-of-time').answer({ time: this.tellsTimeInBody ? String(this.seconds()) : '0' });
    }
    if (judgement === 'replayed') return renew();
    return isExpired ? over() : wire('refresh-refused-proof').answer();
  }

  /** Another token of the same session. */
  issueFor(token: string): string {
    return this.issue(this.secrets.get(token));
  }

  private refresh(token: string): Response {
    const conversationSid = this.sids.get(token) ?? this.sid;
    return wire('refresh').answer({ nextToken: this.issue(this.secrets.get(token), conversationSid), identity: this.identity, conversationSid });
  }

  private issue(secret?: Buffer, sid = this.sid): string {
    const token = `plr1.${++this.issued}`;
    this.good.add(token);
    this.sids.set(token, sid);
    if (secret) this.secrets.set(token, secret);
    return token;
  }

  private begin(name: string): void {
    this.chats++;
    this.messages = [];
    this.state = 'active';
    this.stateRevision = 0;
    this.revision = 1;
    this.participants = [participant({ identity: this.identity, name, revision: 1 })];
  }

  private page(limit: number, before: number): Response {
    const older = this.messages.filter((message) => message.index < before);
    const messages = older.slice(-limit);
    return json(wire('messages').answer({ conversationSid: this.sid, identity: this.identity }), {
      conversation_sid: this.sid,
      state: this.state,
      state_at: this.stateAt,
      revision: this.revision,
      identity: this.identity,
      reopenable_for: this.state === 'closed' ? this.reopenableFor : null,
      participants: this.participants,
      messages,
      has_more: older.length > messages.length,
    });
  }

  /** An upload; a repeated one is the same file. */
  private store(filename: string, id: string, bytes: Buffer): Response {
    const before = this.files.find((one) => one.id === id);
    const file = before ?? { id, sid: `ME${String(this.files.length).padStart(32, '0')}`, filename, bytes };
    if (!before) this.files.push(file);
    return wire('upload').answer({ mediaSid: file.sid });
  }

  private add(body: string, clientId: string, sids: string[] = []): Response {
    const before = this.messages.find((message) => message.client_id === clientId);
    if (before) return json(wire('messages-send-again').answer(), before);
    if (this.state === 'closed') return wire('messages-send-closed').answer();
    const media = this.files.filter(({ sid }) => sids.includes(sid)).map(({ sid, filename, bytes }) => attached({ sid, filename, size: bytes.length }));
    return json(wire('messages-send').answer(), this.says(this.identity, body, clientId, media));
  }

  // ---- the other side's actions

  says(author: string, body: string, client_id: string | null = null, media: Attached[] = []): Message {
    const added = message({ index: this.messages.length, author, body, client_id, media, revision: ++this.revision });
    this.messages.push(added);
    this.notify({ type: 'message', revision: added.revision, change: 'added', message: added });
    return added;
  }

  change(index: number, changes: Partial<Message>): void {
    const changed = { ...(this.messages[index] as Message), ...changes, revision: ++this.revision };
    this.messages[index] = changed;
    const change = changed.removed ? 'removed' : 'changed';
    this.notify({ type: 'message', revision: changed.revision, change, message: changed });
  }

  meet(given: Partial<Participant>): void {
    const met = participant({ ...given, revision: ++this.revision });
    this.participants = [...this.participants.filter((one) => one.sid !== met.sid), met];
    this.notify({ type: 'read', revision: met.revision, participant: met });
  }

  close(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.stateRevision = ++this.revision;
    this.notify({ type: 'state', revision: this.revision, state: 'closed', reopenable_for: this.reopenableFor, ...this.since });
  }

  reopen(): void {
    this.state = 'active';
    this.stateRevision = ++this.revision;
    this.notify({ type: 'state', revision: this.revision, state: 'active', ...this.since });
  }

  private get since(): { state_at?: string } {
    return this.stateAt ? { state_at: this.stateAt } : {};
  }

  notify(frame: Frame): void {
    for (const socket of this.sockets) socket.say(frame);
  }

  // ---- sockets

  /** Opens the socket of a tab, which first sends the missed changes, in the order of their revisions. */
  stream(session: StoredSession, after: number, received: (frame: Frame) => void, ended: () => void): { token(token: string): void; close(): void } {
    let isOpen = true;
    const lose = () => {
      if (!isOpen) return;
      isOpen = false;
      this.sockets.splice(this.sockets.indexOf(socket), 1);
      ended();
    };
    const socket: Socket = { session, after, tokens: [], say: (frame) => isOpen && received(frame), lose };
    this.sockets.push(socket);
    queueMicrotask(() => {
      if (!this.hasSockets) return lose();
      if (!this.good.has(session.token)) {
        socket.say({ type: 'refused', code: 45775, action: 'restart', message: '', trace_id: 'of-socket', retry_after: null });
        return lose();
      }
      const { state, revision, participants, identity } = this;
      const reopenable_for = state === 'closed' ? this.reopenableFor : null;
      socket.say({ type: 'welcome', identity, state, revision, reopenable_for, ...this.since, participants });
      const missed = this.messages.filter((one) => one.revision > after).sort((a, b) => a.revision - b.revision);
      for (const one of missed) socket.say({ type: 'message', revision: one.revision, change: 'added', message: one });
      if (this.stateRevision > after) socket.say({ type: 'state', revision: this.stateRevision, state, reopenable_for, ...this.since });
    });
    return { token: (token) => void socket.tokens.push(token), close: lose };
  }

  loseSockets(): void {
    for (const socket of [...this.sockets]) socket.lose();
  }
}

export function attached(given: Partial<Attached>): Attached {
  return { sid: `ME${'1'.repeat(32)}`, filename: 'a.txt', content_type: 'text/plain', size: 5, preview: false, ...given };
}

export function message(given: Partial<Message>): Message {
  const index = given.index ?? 0;
  return {
    sid: `IM${String(index).padStart(32, '0')}`,
    index,
    author: 'agent-1',
    author_kind: given.author?.startsWith('guest') ? 'guest' : 'agent',
    author_name: 'Ann',
    body: `message ${index}`,
    client_id: null,
    date_created: '2025-11-22T08:30:00Z',
    revision: index + 2,
    removed: false,
    ...given,
  };
}

export function participant(given: Partial<Participant>): Participant {
  return {
    sid: `MB-${given.identity}`,
    identity: 'agent-1',
    kind: given.identity?.startsWith('guest') ? 'guest' : 'agent',
    name: 'Ann',
    read_index: -1,
    revision: 1,
    joined: true,
    ...given,
  };
}

/** Replaces the body of an answer of docs/wire. */
function json(answer: Response, body: object): Response {
  return new Response(JSON.stringify(body), { status: answer.status, headers: answer.headers });
}

function hop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
