import { beforeAll, expect, test, vi } from 'vitest';
import type { RawOptions } from '../src/widget/options';
import { Browser, settle } from './browser';
import { page, type Page } from './page';
import { KEY, Server } from './server';
import { wire } from './wire';

const HOUR = 3_600_000;

beforeAll(async () => {
  for (const code of ['de', 'fr']) await import(`../src/widget/languages/${code}.ts`); // a first import can take longer than a test waits
});

/** A page whose server says that nobody answers. */
async function closed(answer: () => Response, options: Partial<RawOptions> = {}): Promise<Page & { asked: URL[] }> {
  const server = new Server();
  const asked: URL[] = [];
  server.availability = (url) => {
    asked.push(url);
    return answer();
  };
  const made = page(options, new Browser(server));
  made.webchat.open();
  await settle();
  return Object.assign(made, { asked });
}

const opensAt = (instant: number) => () => wire('availability-closed').answer({ instant: new Date(instant).toISOString() });
const nobody = () => wire('availability-nobody').answer();
const presence = (made: Page) => made.find('.presence').textContent;
const notice = (made: Page) => made.find('.away').textContent;

/** The next midnight of the guest, and some hours. */
const tomorrow = (now: number, hours: number) => new Date(now).setHours(24 + hours, 0, 0, 0);
const timeOf = (instant: number, locale = 'en') => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(instant);

test('the guest reads before the form that nobody is there, and can ask nevertheless', async () => {
  const made = await closed(nobody);
  expect(made.asked.map(String)).toEqual([`https://chat.example.com/v2/Webchat/Availability?deploymentKey=${KEY}`]);
  expect(presence(made)).toBe('Nobody is here just now');
  expect(made.find('form.start .away').textContent).toBe('Write to us now. We answer as soon as we are back.');
  made.type('[name=friendlyName]', 'Ada');
  made.type('[name=query]', 'Is it open on Sundays?');
  await made.click('Start chat');
  expect(made.server.messages.map(({ body }) => body)).toEqual(['Is it open on Sundays?']);
  expect(made.find('form.composer .away').textContent).toBe('Write to us now. We answer as soon as we are back.');
  expect(presence(made)).toBe('Nobody is here just now');
});

test('a window that is slow to know it waits for the answer, but not for long', async () => {
  for (const [wait, isThere] of [[100, true], [400, false]] as const) {
    const server = new Server();
    const browser = new Browser(server);
    server.availability = () => new Promise<Response>((answer) => void browser.clock.wait(wait).then(() => answer(nobody())));
    const made = page({}, browser);
    made.webchat.open();
    await settle();
    expect(made.all('.panel')).toEqual([]);
    await browser.clock.advance(300);
    expect(made.all('.panel')).toHaveLength(1);
    expect(presence(made) === 'Nobody is here just now').toBe(isThere);
    await browser.clock.advance(200);
    expect(presence(made)).toBe('Nobody is here just now');
  }
});

test('the line below the title says when the desk opens again, in the time and the language of the guest', async () => {
  const { now } = new Browser(new Server()).clock;
  const soon = now + HOUR;
  const isToday = new Date(soon).getDate() === new Date(now).getDate();
  expect(presence(await closed(opensAt(soon)))).toBe(`We open ${isToday ? 'today' : 'tomorrow'} at ${timeOf(soon)}`);
  const morning = tomorrow(now, 9);
  expect(presence(await closed(opensAt(morning)))).toBe(`We open tomorrow at ${timeOf(morning)}`);
  expect(presence(await closed(opensAt(morning), { language: 'de' }))).toBe(`Wir öffnen morgen um ${timeOf(morning, 'de')}`);
  const later = tomorrow(now, 3 * 24 + 9);
  const weekday = new Intl.DateTimeFormat('fr', { weekday: 'long' }).format(later);
  expect(presence(await closed(opensAt(later), { language: 'fr' }))).toBe(`Réouverture : ${weekday}, ${timeOf(later, 'fr')}`);
  const far = tomorrow(now, 20 * 24);
  expect(presence(await closed(opensAt(far)))).toMatch(/^We open again: \w+, December \d+, /);
});

test('the operator’s words replace the widget’s, as plain text', async () => {
  expect(notice(await closed(opensAt(tomorrow(Date.now(), 9))))).toBe('We are back after the weekend.');
  const made = await closed(() => Response.json({ open: false, away_text: '<b>Back</b> soon' }));
  expect(notice(made)).toBe('<b>Back</b> soon');
  expect(made.root.querySelector('.away b')).toBeNull();
});

test.each([
  ['an outage', () => new Response('down', { status: 503 })],
  ['no network', () => { throw new TypeError('Failed to fetch'); }],
  ['an answer of another form', () => Response.json({ open: 'no' })],
  ['an answer that is not JSON', () => new Response('<html>')],
  ['somebody who is there', () => wire('availability').answer()],
])('%s changes nothing', async (_, answer) => {
  const made = await closed(answer);
  expect(presence(made)).toBe('We answer here, in this chat');
  expect(notice(made)).toBe('');
});

test('an open window asks again each minute, and a closed one does not', async () => {
  let answer = nobody;
  const made = await closed(() => answer());
  answer = () => wire('availability').answer();
  await made.browser.clock.advance(61_000);
  expect(made.asked).toHaveLength(2);
  expect(presence(made)).toBe('We answer here, in this chat');
  made.webchat.close();
  await made.browser.clock.advance(600_000);
  expect(made.asked).toHaveLength(2);
  made.webchat.open();
  made.webchat.close();
  made.webchat.open();
  await settle();
  expect(made.asked).toHaveLength(3); // the second time, the answer is new
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  await made.browser.clock.advance(600_000);
  expect(made.asked).toHaveLength(3);
  vi.restoreAllMocks();
});

test('a destroyed window asks no more', async () => {
  const made = await closed(nobody);
  made.webchat.destroy();
  await made.browser.clock.advance(600_000);
  expect(made.asked).toHaveLength(1);
});

test('an agent who has just written is there', async () => {
  const made = await closed(nobody);
  made.type('[name=friendlyName]', 'Ada');
  await made.click('Start chat');
  made.server.says('agent-1', 'I stay a little longer');
  made.server.change(0, { date_created: new Date(made.browser.clock.now).toISOString() });
  await settle();
  expect(notice(made)).toBe('');
  expect(presence(made)).not.toBe('Nobody is here just now');
  await made.browser.clock.advance(16 * 60_000);
  made.server.says('guest-1', 'Still there?');
  await settle();
  expect(presence(made)).toBe('Nobody is here just now');
});
