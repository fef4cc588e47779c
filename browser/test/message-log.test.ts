import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Times } from '../src/widget/times';
import { settle } from './browser';
import { live, type Page } from './page';
import { participant } from './server';

beforeEach(() => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
});

/** Lets an agent say something at this time. */
function says(made: Page, body: string, date: string, author = 'agent-1'): void {
  const added = made.server.says(author, body);
  made.server.change(added.index, { date_created: date });
}

/** The lines, each with the names of its groups' ends. */
const lines = (made: Page) => made.all('.log li').map((line) => {
  const { classList } = line;
  if (!classList.contains('line')) return line.textContent;
  const text = line.querySelector('.body')?.textContent;
  return `${classList.contains('first') ? '(' : ''}${text}${classList.contains('last') ? ')' : ''}`;
});

describe('the log', () => {
  test('joins messages of one author within five minutes', async () => {
    const made = await live();
    says(made, 'one', '2025-11-22T08:20:00Z');
    says(made, 'two', '2025-11-22T08:24:59Z');
    says(made, 'three', '2025-11-22T08:30:00Z');
    says(made, 'of another', '2025-11-22T08:30:01Z', 'agent-2');
    await settle();
    expect(lines(made)).toEqual(['Today', '(one', 'two)', '(three)', '(of another)']);
    expect(made.all('.who:not(.unseen)')).toHaveLength(3);
    await made.say('mine');
    await made.say('mine, too');
    expect(lines(made).slice(-2)).toEqual(['(mine', 'mine, too)']);
  });

  test('names the day above its first message', async () => {
    const made = await live();
    for (const day of ['2024-03-05', '2025-03-05', '2025-11-18', '2025-11-21', '2025-11-22']) says(made, day, `${day}T12:00:00Z`);
    await settle();
    expect(lines(made)).toEqual([
      expect.stringMatching(/2024/), '(2024-03-05)', expect.stringMatching(/^(?=.*Wednesday)(?!.*2025)/), '(2025-03-05)',
      'Tuesday', '(2025-11-18)', 'Yesterday', '(2025-11-21)', 'Today', '(2025-11-22)',
    ]);
  });

  test('has the exact time of each message', async () => {
    const made = await live();
    says(made, 'one', '2025-11-22T08:20:07Z');
    await settle();
    const time = made.find('time');
    expect(time.getAttribute('datetime')).toBe('2025-11-22T08:20:07Z');
    expect(time.title).toMatch(/2025.*20:07/);
    expect(time.textContent).toMatch(/^\d\d:20/);
    expect(made.find('.body').title).toBe(time.title);
  });

  test('makes addresses links that give nothing away, and no markup', async () => {
    const made = await live();
    await made.say('See https://shop.example/a?b=1&c. <a href=x>Or</a> ask help@shop.example.');
    const links = made.all('.body a') as HTMLAnchorElement[];
    expect(links.map((one) => one.getAttribute('href'))).toEqual(['https://shop.example/a?b=1&c', 'mailto:help@shop.example']);
    for (const link of links) expect([link.rel, link.target]).toEqual(['noopener noreferrer nofollow', '_blank']);
    expect(made.find('.body').textContent).toBe('See https://shop.example/a?b=1&c. <a href=x>Or</a> ask help@shop.example.');
  });

  test('says in neutral lines, at their places, who joined and left, and that the chat ended', async () => {
    const made = await live();
    const { server } = made;
    await made.say('Hello');
    const joined_revision = ++server.revision;
    const ann = participant({ joined_revision, revision: joined_revision });
    server.participants.push(ann);
    server.notify({ type: 'participant', revision: joined_revision, change: 'joined', participant: ann });
    says(made, 'Good day', '2025-11-22T08:27:00Z');
    await made.say('Bye');
    const revision = ++server.revision;
    server.notify({ type: 'participant', revision, change: 'left', participant: { ...ann, revision, joined: false } });
    await made.say('Oh');
    server.close();
    await settle();
    expect(lines(made)).toEqual(['Today', '(Hello)', 'Ann joined the chat', '(Good day)', '(Bye)', 'Ann left the chat', '(Oh)', 'This chat has ended.']);
    server.reopen();
    await settle();
    expect(lines(made).slice(-2)).toEqual(['(Oh)', 'This chat is open again.']);
  });

  test('says when somebody joined and left and when the chat ended, and of which day that was', async () => {
    const made = await live();
    const { server } = made;
    says(made, 'Monday', '2025-11-17T08:00:00Z');
    await settle();
    const joined_revision = ++server.revision;
    const ann = participant({ joined_revision, revision: joined_revision, date_created: '2025-11-17T08:01:00Z' });
    server.participants.push(ann);
    server.notify({ type: 'participant', revision: joined_revision, change: 'joined', participant: ann });
    const revision = ++server.revision;
    server.notify({ type: 'participant', revision, change: 'left', participant: { ...ann, revision, joined: false, date_updated: '2025-11-18T09:02:00Z' } });
    server.stateAt = '2025-11-19T10:03:00Z';
    server.close();
    await settle();
    const times = new Times('en');
    const time = (moment: string) => times.time(moment);
    expect(lines(made)).toEqual([
      'Monday', '(Monday)', `Ann joined the chat · ${time('2025-11-17T08:01:00Z')}`,
      'Tuesday', `Ann left the chat · ${time('2025-11-18T09:02:00Z')}`,
      'Wednesday', `This chat has ended. · ${time('2025-11-19T10:03:00Z')}`,
    ]);
    server.stateAt = '2025-11-20T11:04:00Z';
    server.reopen();
    await settle();
    expect(lines(made).slice(-2)).toEqual(['Thursday', `This chat is open again. · ${time('2025-11-20T11:04:00Z')}`]);
  });

  test('shows an agent who has joined again at the time of the message that followed', async () => {
    const made = await live();
    const { server } = made;
    says(made, 'Yesterday', '2025-11-21T08:00:00Z');
    await settle();
    const joined_revision = ++server.revision;
    const ann = participant({ joined_revision, revision: joined_revision, date_created: '2025-11-20T08:01:00Z' });
    server.participants.push(ann);
    server.notify({ type: 'participant', revision: joined_revision, change: 'joined', participant: ann });
    says(made, 'Back again', '2025-11-22T08:05:00Z');
    await settle();
    expect(lines(made)).toEqual(['Yesterday', '(Yesterday)', 'Today', `Ann joined the chat · ${new Times('en').time('2025-11-22T08:05:00Z')}`, '(Back again)']);
  });

  test('shows three dots while somebody types, until the message is there', async () => {
    const made = await live();
    expect(made.all('.dots')).toEqual([]);
    made.server.notify({ type: 'typing', participant: participant({}) });
    await settle();
    expect(made.find('.dots').getAttribute('aria-hidden')).toBe('true');
    expect(made.find('.typing').textContent).toBe('Ann is typing…');
    let both = false;
    const watching = new MutationObserver(() => (both ||= made.all('.dots').length + made.all('.body').length > 1));
    watching.observe(made.find('.log'), { childList: true, subtree: true, attributes: true });
    made.server.says('agent-1', 'Here');
    await settle();
    watching.disconnect();
    expect(made.all('.dots')).toEqual([]);
    expect(made.all('.body')).toHaveLength(1);
    expect(both).toBe(false);
  });

  test('counts the new messages for a guest who has scrolled up', async () => {
    const made = await live();
    const log = made.find('.log');
    Object.defineProperties(log, { scrollHeight: { value: 900 }, clientHeight: { value: 300 } });
    log.dispatchEvent(new Event('scroll')); // measures it
    log.scrollTop = 100;
    log.dispatchEvent(new Event('scroll'));
    made.server.says('agent-1', 'one');
    await settle();
    expect(made.find('.newer').textContent).toBe('1 new message');
    made.server.says('agent-1', 'two');
    await settle();
    await made.click('2 new messages');
    expect(made.all('.newer')).toEqual([]);
    expect(log.scrollTop).toBe(900);
    expect(made.server.calls.filter((call) => call.path === 'Read').at(-1)?.body).toEqual({ index: 1 });
  });
});

test('days are counted by the calendar, also where the clock was changed between them', () => {
  vi.stubEnv('TZ', 'Europe/Berlin');
  const words = { today: 'Today', yesterday: 'Yesterday' };
  const times = new Times('en');
  const now = new Date(2025, 2, 31, 0, 30).getTime(); // the day after the change to summer time
  expect(times.day(new Date(2025, 2, 30, 23, 59).toISOString(), now, words)).toBe('Yesterday');
  expect(times.day(new Date(2025, 2, 29, 0, 1).toISOString(), now, words)).toBe('Saturday');
  expect(times.day(new Date(2025, 2, 31, 23, 59).toISOString(), now, words)).toBe('Today');
  expect(times.day('not a date', now, words)).toBe('');
  vi.unstubAllEnvs();
});
