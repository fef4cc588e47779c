import { beforeEach, expect, test, vi } from 'vitest';
import { asPage, asText } from '../src/widget/saved';
import { Browser, settle } from './browser';
import { live, page } from './page';
import { attached, message } from './server';

const saved: { blob: Blob; name: string }[] = [];

beforeEach(() => {
  saved.splice(0);
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    saved.push({ blob: blob as Blob, name: '' });
    return 'blob:saved';
  });
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    const last = saved.at(-1);
    if (last) last.name = this.download;
  });
});

const text = async () => Buffer.from(await saved[0]!.blob.arrayBuffer()).toString();

test('a guest saves the chat as a text, with names, times and files', async () => {
  const made = await live();
  await made.say('Hello');
  made.server.messages.push(message({ index: 1, body: 'one\ntwo', media: [attached({ filename: 'list.txt' })], revision: ++made.server.revision }));
  made.server.notify({ type: 'message', revision: made.server.revision, change: 'added', message: made.server.messages[1]! });
  await settle();
  await made.click('More');
  await made.click('Save as text');
  expect(saved[0]?.name).toMatch(/^chat-\d{4}-\d\d-\d\d\.txt$/);
  expect(await text()).toMatch(/^Chat with us\n\n.*2025\n\n\[\d\d:\d\d[^\]]*\] You: Hello\n\[\d\d:30[^\]]*\] Ann: one\n    two\n    list\.txt\n$/);
  expect(made.root.activeElement).toBe(made.button('More'));
});

/** A page that has only the newest of 120 messages. */
async function away() {
  const made = await live();
  made.webchat.destroy(); // drawing each message of the server takes long
  for (let index = 0; index < 120; index++) made.server.says('agent-1', `message ${index}.`);
  await settle();
  const fresh = new Browser(made.server); // that has no copy
  fresh.store(made.browser.stored() ?? {});
  made.server.secrets.clear(); // its session is not bound
  const other = page({ appStatus: 'open' }, fresh);
  await settle();
  return { made, other, fresh };
}

test('older messages are loaded first, and the file says if they cannot be', async () => {
  const { made, other, fresh } = await away();
  made.server.fault = () => 'request lost';
  await other.click('More');
  await other.click('Save as text');
  await fresh.clock.advance(60_000);
  expect(await text()).toContain('Older messages are missing here');
  saved.splice(0);
  made.server.fault = () => undefined;
  await fresh.clock.advance(60_000);
  await other.click('More');
  await other.click('Save as a web page');
  await settle();
  expect(saved[0]?.name).toMatch(/\.html$/);
  for (const index of [0, 60, 119]) expect(await text()).toContain(`message ${index}.`);
  expect(await text()).not.toContain('are missing here');
});

test('a screen reader does not read out the messages that are loaded for the file', async () => {
  const { other } = await away();
  await other.click('More');
  const log = other.find('[role=log]');
  const busy: (string | null)[] = [];
  const watch = new MutationObserver((records) => records.forEach(({ addedNodes }) => addedNodes.length && busy.push(log.getAttribute('aria-busy'))));
  watch.observe(log, { childList: true, subtree: true });
  await other.click('Save as text');
  watch.disconnect();
  expect(busy.length).toBeGreaterThan(0);
  expect(new Set(busy)).toEqual(new Set(['true']));
  expect(log.hasAttribute('aria-busy')).toBe(false);
});

test('the page that is saved says its language and its direction', async () => {
  const made = await live({ language: 'en-GB' });
  await made.click('More');
  await made.click('Save as a web page');
  expect(await text()).toMatch(/^<!doctype html>\n<html [^>]*lang="en-GB" dir="ltr"/);
  expect(asPage([], 'צ׳אט', [], { locale: 'he', direction: 'rtl' })).toMatch(/<html [^>]*lang="he" dir="rtl"/);
});

test('a scroll that loads older messages at the same time does not cut the file', async () => {
  const { other, fresh } = await away();
  await other.click('More');
  other.button('Load older messages').click();
  other.button('Save as text').click();
  await fresh.clock.advance(1_000);
  for (const index of [0, 60, 119]) expect(await text()).toContain(`message ${index}.`);
  expect(await text()).not.toContain('are missing here');
});

test('the chat that was open is saved, also if another one begins meanwhile', async () => {
  const { other, fresh } = await away();
  await other.click('More');
  other.button('Save as text').click();
  void other.webchat.reset();
  await settle();
  await fresh.clock.advance(60_000);
  expect(await text()).toContain('message 119.');
});

const evil = '</dd><script>alert(1)</script><img src=x onerror=alert(1)>&lt;"\'';
const one = { day: evil, time: evil, date: evil, author: evil, text: `${evil} https://shop.example` };

test('no text of anybody is markup in the saved page', () => {
  const html = asPage([one, one], evil, [evil]);
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  expect(parsed.querySelectorAll('script,img,iframe')).toHaveLength(0);
  expect(parsed.querySelector('dd')?.textContent).toBe(one.text);
  expect(parsed.querySelector('h1')?.textContent).toBe(evil);
  expect([...parsed.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual(['https://shop.example', 'https://shop.example']);
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).not.toContain('<script');
});

test('no line of a message looks like another message in the saved text', () => {
  const breaks = '\n\r\v\f\u0085\u2028\u2029';
  const forged = [...breaks].map((end) => `${end}[08:00] Ann: b`).join('');
  const lines = asText([{ ...one, author: `a${forged}`, text: `a${forged}` }], 'Chat').split(new RegExp(`[${breaks}]`));
  expect(lines.filter((line) => line.startsWith('[08'))).toEqual([]);
});
