import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An example of docs/wire, read as docs/wire/README.md describes it. */
export interface Example {
  method: string;
  path: string;
  headers: Headers;
  /** Of the request, with its places for values. */
  readonly body: unknown;
  answer(values?: Record<string, string>): Response;
}

/** The placeholders of values that a test does not compare. */
const SOME: Record<string, string> = {
  traceId: 'f4b8e8ef3cb4',
  seconds: '7',
  time: '1764280000',
  begun: '2026-01-01T09:59:58Z',
  instant: '2026-01-01T10:00:00Z',
  expiration: '2026-01-01T16:00:00Z',
  identity: 'guest-1',
  conversationSid: `CH${'1'.repeat(32)}`,
  participantSid: `MB${'1'.repeat(32)}`,
  messageSid: `IM${'1'.repeat(32)}`,
  token: 'plr1.first',
  nextToken: 'plr1.next',
};

export function wire(name: string): Example {
  const text = readFileSync(join(import.meta.dirname, '../../docs/wire', `${name}.http`), 'utf8');
  const messages = text.replace(/^(#.*\n)+\n/, '').split(/\n(?=HTTP\/1\.1 )/);
  const [request, response] = [messages[0] ?? '', messages[1] ?? ''];
  const [start = '', ...lines] = request.split('\n');
  const [method = '', path = ''] = start.split(' ');
  return {
    method,
    path,
    headers: headersOf(lines),
    get body(): unknown {
      return JSON.parse(bodyOf(request));
    },
    answer(values = {}) {
      const filled = response.replace(/\{\{(\w+)\}\}/g, (_, place: string) => values[place] ?? SOME[place] ?? place);
      const [status = '', ...rest] = filled.split('\n');
      return new Response(bodyOf(filled) || null, { status: Number(status.split(' ')[1]), headers: headersOf(rest) });
    },
  };
}

function headersOf(lines: string[]): Headers {
  const headers = new Headers();
  for (const line of lines.slice(0, lines.indexOf(''))) {
    const [name = '', value = ''] = line.split(/: (.*)/s);
    headers.append(name, value);
  }
  return headers;
}

function bodyOf(message: string): string {
  return message.split(/\n\n(.*)/s)[1]?.trim() ?? '';
}
