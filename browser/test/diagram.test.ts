import { beforeEach, expect, test } from 'vitest';
import { Browser, settle } from './browser';
import { drawn } from './drawings';
import { Server } from './server';
import { wire } from './wire';

let server: Server;
let browser: Browser;

beforeEach(() => {
  server = new Server();
  browser = new Browser(server);
});

const alternatives = [
  { title: 'good token, other fingerprint', answer: 'refresh-refused-fingerprint', code: 45779 },
  { title: 'token refused', answer: 'refresh-refused-token', code: 45775 },
];

for (const { title, answer, code } of alternatives) {
  test(`${title}: what the browser does is what refresh-failed draws, arrows 1, 2, 3, 18, 19 and 20`, async () => {
    const before = await browser.begin();
    server.says('agent-1', 'Hello');
    await settle();
    browser.steps.length = 0;
    server.fault = (call) => (call.path === 'Token/Refresh' ? wire(answer).answer() : undefined);

    const tab = await before.reload();
    expect(tab.chat.state).toMatchObject({ is: 'interrupted', code, reference: 'f4b8e8ef3cb4' });
    expect(tab.says()).toEqual(['Hello']);
    const after = await tab.reload();
    expect(after.chat.state).toMatchObject({ is: 'idle' });

    const arrows = drawn('refresh-failed', title);
    expect(browser.steps).toEqual(arrows.map((arrow) => arrow.step));
    expect(arrows.map((arrow) => arrow.number)).toEqual([1, 2, 3, 18, 19, 20]);
  });
}

test('a reload that succeeds is what refresh-succeeded draws', async () => {
  const before = await browser.begin();
  browser.steps.length = 0;
  const tab = await before.reload();
  expect(tab.chat.state.is).toBe('live');
  expect(browser.steps).toEqual(drawn('refresh-succeeded').map((arrow) => arrow.step));
});

test('the start of a chat is what create-session draws', async () => {
  const tab = await browser.begin();
  expect(tab.chat.state.is).toBe('live');
  expect(browser.steps).toEqual(drawn('create-session').map((arrow) => arrow.step));
});

for (const outage of ['outage of ScopedAuth', 'outage of FederatedAuth']) {
  test(`${outage}: a reload is what refresh-unavailable draws, and repeats its call`, async () => {
    const before = await browser.begin();
    server.says('agent-1', 'Hello');
    await settle();
    browser.steps.length = 0;
    server.fault = (call) => (call.path === 'Token/Refresh' ? wire('refresh-unavailable').answer() : undefined);

    const tab = await before.reload();
    expect(tab.chat.state.is).toBe('reconnecting');
    expect(tab.says()).toEqual(['Hello']);
    expect(browser.steps).toEqual(drawn('refresh-unavailable', outage).map((arrow) => arrow.step));

    server.fault = () => undefined;
    await browser.clock.advance(60_000);
    expect(tab.chat.state.is).toBe('live');
    expect(tab.says()).toEqual(['Hello']);
  });
}
