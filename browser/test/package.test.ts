// @vitest-environment node
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEY, Server } from './server';

const BROWSER = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'parlour-package-'));
const project = join(folder, 'shop');
const server = new Server();

/** The calls of a guest to Parlour. */
const http = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = parts.length ? Buffer.concat(parts).toString() : null;
  const answer = await server.fetch(`https://chat.example.com${request.url}`, { method: request.method ?? '', headers: request.headers as Record<string, string>, body });
  response.writeHead(answer.status, { 'Content-Type': 'application/json', ...Object.fromEntries(answer.headers) }).end(await answer.text());
});

/** A page of a site that has nothing but TypeScript. */
const PAGE = `
import { Chat, initWebchat, type ChatMessage, type ChatState, type Webchat } from '@parlour/webchat';

const states: ChatState[] = [];

export async function chats(server: string): Promise<object> {
  const chat = new Chat({ server, deploymentKey: '${KEY}' });
  chat.on('state', (state) => states.push(state));
  const isTooEarly = !chat.send('Too early');
  const isStarted = await chat.start({ name: 'Ada', context: { page: 'shop' }, question: 'Is it open on Sunday?' });
  const isSent = chat.send('And on Monday?');
  const all: readonly ChatMessage[] = await new Promise((resolve) => {
    chat.on('change', () => chat.messages.length > 1 && chat.messages.every(({ status }) => status === 'sent') && resolve(chat.messages));
  });
  chat.destroy();
  return { isTooEarly, isStarted, isSent, texts: all.map(({ author, text }) => author + ': ' + text), state: chat.state, states };
}

export const widget = (server: string): Promise<Webchat> => initWebchat({ server, deploymentKey: '${KEY}', language: 'de' });
`;

/** The parts of a browser that a chat cannot do without. */
const RUN = `
globalThis.navigator ??= { language: 'en', cookieEnabled: true };
globalThis.document = { createElement: () => ({}), addEventListener() {} };
globalThis.addEventListener = () => {};
globalThis.WebSocket = class { send() {} close() {} };
const { chats } = await import('./page.js');
console.log(JSON.stringify(await chats(process.argv[2])));
process.exit();
`;

const run = (command: string, ...given: string[]) => execFileSync(command, given, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(() => {
  mkdirSync(project, { recursive: true });
  execFileSync(process.execPath, [join(BROWSER, 'package.mjs'), join(folder, 'npm')]);
  const [archive = ''] = readdirSync(join(folder, 'npm')).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'shop', private: true, type: 'module' }));
  writeFileSync(join(project, 'page.ts'), PAGE);
  writeFileSync(join(project, 'run.js'), RUN);
  run('npm', 'install', '--offline', '--no-audit', '--no-fund', '--silent', join(folder, 'npm', archive));
  run(process.execPath, join(BROWSER, 'node_modules/typescript/bin/tsc'), '--strict', '--target', 'es2022', '--lib', 'es2022,dom', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--types', '', 'page.ts');
}, 120_000);

afterAll(() => {
  http.close();
  rmSync(folder, { recursive: true });
});

test('the package is small, needs no other, and has the licence', () => {
  const installed = join(project, 'node_modules/@parlour/webchat');
  expect(readdirSync(installed).sort()).toEqual(['LICENSE', 'README.md', 'index.d.ts', 'index.js', 'package.json']);
  const described = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(described).toMatchObject({ name: '@parlour/webchat', license: 'Apache-2.0', type: 'module' });
  expect(described.dependencies).toBeUndefined();
  expect(readFileSync(join(installed, 'index.js'), 'utf8')).not.toMatch(/^import|attachShadow|\.panel|drawn:/m);
});

test('an empty TypeScript project builds with it, and chats', async () => {
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { stdout } = await promisify(execFile)(process.execPath, ['run.js', `http://127.0.0.1:${port}`], { cwd: project, timeout: 60_000 });
  const { states, ...result } = JSON.parse(stdout) as { states: string[] };
  expect(result).toEqual({
    isTooEarly: true,
    isStarted: true,
    isSent: true,
    texts: ['guest: Is it open on Sunday?', 'guest: And on Monday?'],
    state: 'idle',
  });
  expect(states).not.toContain('interrupted');
});
