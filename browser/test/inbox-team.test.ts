import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Assigning } from '../src/inbox/assigning';
import { accountMenu } from '../src/inbox/account-menu';
import { signIn } from '../src/inbox/sign-in';
import type { Counted, Counts } from '../src/inbox/api';
import { Conversation } from '../src/inbox/conversation';
import type { TeamEvent } from '../src/inbox/history';
import { Labels } from '../src/inbox/labels';
import { merged, MessageLog } from '../src/inbox/log';
import { Outbox } from '../src/inbox/outbox';
import { Looking } from '../src/inbox/looking';
import { Shelf } from '../src/inbox/shelf';
import { Team } from '../src/inbox/team';
import type { Message } from '../src/widget/wire';
import { addressOf, listingOf, type Choice } from '../src/inbox/views';
import { settle } from './browser';
import { participant } from './server';
import { BEN, conversation, ME, message, note, opened, team, UNUSED } from './inbox-page';

let calls: [string, Record<string, unknown> | undefined][];
let answer: (path: string) => Response;
const one = conversation(1);
const sid = one.conversation_sid;

beforeEach(() => {
  calls = [];
  answer = () => new Response(null, { status: 204 });
  vi.stubGlobal('fetch', async (path: string, call?: RequestInit) => {
    const body = call?.body ? JSON.parse(String(call.body)) : undefined;
    calls.push([path.replace('/inbox/api', ''), body]);
    return answer(path);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const json = (body: object, status = 200) => new Response(JSON.stringify(body), { status });

test.each<[Choice, string[]]>([
  [{ view: 'waiting' }, ['w']],
  [{ view: 'mine' }, ['m']],
  [{ view: 'unassigned' }, ['w']],
  [{ view: 'all' }, ['m', 'b', 'w']],
  [{ view: 'closed' }, ['c']],
  [{ view: 'labelled', label: 'VIP' }, ['b', 'c']],
])('the list of %j has its conversations', (choice, expected) => {
  const listing = listingOf(choice, ME);
  const all = [
    conversation(0, { name: 'm', assignee: ME.identity }),
    conversation(1, { name: 'b', assignee: BEN.identity, labels: ['VIP', 'x'] }),
    conversation(2, { name: 'w', waiting_since: '2025-11-22T12:00:00Z' }),
    conversation(3, { name: 'c', state: 'closed', labels: ['VIP'] }),
  ];
  all.forEach((each) => listing.take(each));
  expect([...listing].map(({ name }) => name)).toEqual(expected);
});

test('the call of a list has its label, its order and its place', () => {
  expect(addressOf({ view: 'labelled', label: 'a & b' })).toBe('/conversations?list=labelled&label=a+%26+b');
  expect(addressOf({ view: 'mine' }, '2025-11-22T12:00:00Z_CH1')).toBe('/conversations?list=mine&after=2025-11-22T12%3A00%3A00Z_CH1');
  expect(addressOf({ view: 'waiting', isOldestFirst: true })).toBe('/conversations?list=waiting&order=oldest');
});

test('those who wait the longest come first on demand', () => {
  const listing = listingOf({ view: 'waiting', isOldestFirst: true }, ME);
  for (const number of [1, 2, 3]) listing.take(conversation(number, { waiting_since: `2025-11-22T12:0${number}:00Z` }));
  expect([...listing].map(({ name }) => name)).toEqual(['Guest 1', 'Guest 2', 'Guest 3']);
});

test('the open conversation stays in the list while it is open, though its guest no longer waits, and leaves it when closed', () => {
  const listing = listingOf({ view: 'waiting' }, ME);
  const waits = (number: number) => conversation(number, { waiting_since: `2025-11-22T12:0${number}:00Z` });
  [1, 2, 3].forEach((number) => listing.take(waits(number)));
  listing.pin(waits(2).conversation_sid);
  listing.take({ ...waits(2), revision: 2, waiting_since: null, name: 'answered' });
  expect([...listing].map(({ name }) => name)).toEqual(['Guest 3', 'answered', 'Guest 1']);
  listing.pin(waits(1).conversation_sid);
  expect([...listing].map(({ name }) => name)).toEqual(['Guest 3', 'Guest 1']);
  listing.take({ ...waits(1), revision: 2, waiting_since: null, state: 'closed' });
  expect([...listing].map(({ name }) => name)).toEqual(['Guest 3']);
});

test('a claim names nobody as the one before, and two who claim at once see who won', async () => {
  const lost: string[] = [];
  const assigning = new Assigning(ME, team(), { failed: () => {}, lost: (text) => lost.push(text) });
  assigning.show(one);
  assigning.claim.click();
  await settle();
  expect(calls).toEqual([[`/conversations/${sid}/assignee`, { assignee: ME.identity, from: '' }]]);
  answer = () => json({ code: 45799, message: 'no', assignee: BEN.identity }, 409);
  assigning.claim.click();
  await settle();
  expect(lost).toEqual(['Ben Okafor was faster and has this conversation now.']);
});

test('each of a thousand agents can be chosen, and those of one name are told apart', async () => {
  const agents = Array.from({ length: 1_000 }, (_, number) => ({ ...BEN, identity: `agent_${number}`, name: `joe${number}`, display_name: `Joe ${number % 500}` }));
  answer = () => json({ agents });
  const large = new Team(() => {});
  await large.read();
  const assigning = new Assigning(ME, large, { failed: () => {}, lost: () => {} });
  assigning.show({ ...one, assignee: 'agent_999' });
  const select = assigning.choice.querySelector('select') as HTMLSelectElement;
  expect(select.options).toHaveLength(1_002);
  expect(select.value).toBe('agent_999');
  expect(select.selectedOptions[0]?.text).toBe('Joe 499 (joe999)');
  const [first] = select.options;
  assigning.show({ ...one, revision: 9, assignee: 'agent_999' });
  expect(select.options[0], 'a change of something else builds no thousand options').toBe(first);
});

test('a conversation is handed over by the choice, which shows who has it', async () => {
  const assigning = new Assigning(ME, team(), { failed: () => {}, lost: () => {} });
  assigning.show({ ...one, assignee: ME.identity });
  expect(assigning.claim.hidden).toBe(true);
  const select = assigning.choice.querySelector('select') as HTMLSelectElement;
  expect([...select.options].map(({ text }) => text)).toEqual(['Nobody', 'You', 'Ben Okafor']);
  expect(select.value).toBe(ME.identity);
  const button = assigning.choice.querySelector('button') as HTMLButtonElement;
  expect(button.hidden).toBe(true);
  select.value = BEN.identity;
  select.dispatchEvent(new Event('change'));
  await settle();
  expect(calls).toEqual([]); // by an arrow key, perhaps on the way to another agent
  button.click();
  await settle();
  expect(calls.map(([, body]) => body)).toEqual([{ assignee: BEN.identity, from: ME.identity }]);
  assigning.show({ ...one, assignee: BEN.identity });
  expect([select.value, button.hidden]).toEqual([BEN.identity, true]);
});

test('the choice shows again who has the conversation after a hand-over that failed', async () => {
  const failed: number[] = [];
  const assigning = new Assigning(ME, team(), { failed: ({ status }) => failed.push(status), lost: () => {} });
  assigning.show({ ...one, assignee: ME.identity });
  const select = assigning.choice.querySelector('select') as HTMLSelectElement;
  answer = () => json({ message: 'later' }, 503);
  select.value = BEN.identity;
  select.dispatchEvent(new Event('change'));
  assigning.choice.querySelector('button')?.click();
  await settle();
  expect([failed, select.value]).toEqual([[503], ME.identity]);
});

test('agents of the same name are told apart by the name to sign in', async () => {
  answer = () => json({ agents: [{ ...ME, display_name: 'Agent' }, { ...BEN, display_name: 'Agent' }, { ...BEN, identity: 'agent-cy', name: 'cy', display_name: 'Cy' }] });
  const made = new Team(() => {});
  await made.read();
  expect([ME.identity, BEN.identity, 'agent-cy'].map((each) => made.nameOf(each))).toEqual(['Agent (ann)', 'Agent (ben)', 'Cy']);
});

test('the list of agents is read once for conversations that are opened in a short time', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  answer = () => json({ agents: [ME] });
  const made = new Team(() => {});
  for (let opened = 0; opened < 5; opened++) await made.readIfOld();
  expect(calls.map(([path]) => path)).toEqual(['/agents']);
  vi.advanceTimersByTime(61_000);
  await made.readIfOld();
  expect(calls).toHaveLength(2);
  vi.useRealTimers();
});

test('the way to the end counts the new messages of others', () => {
  const log = new MessageLog({ me: ME.identity, older: () => {}, scrolled: () => {}, links: () => new Promise(() => {}), download: () => {}, cancel: () => {}, removeNote: () => {} });
  const show = (messages: Message[], toEnd = false) => log.show({ messages, notes: [], events: [], nameOf: (identity) => identity, participants: [], waiting: [], hasOlder: false, isClosed: false, isRead: true, guestKey: 'a' }, toEnd);
  const newer = log.element.querySelector('.newer') as HTMLButtonElement;
  const mine = message(2, { author: ME.identity, author_kind: 'agent' });
  show([message(0)], true);
  show([message(0), mine]);
  expect(newer.hidden).toBe(true);
  show([message(0), mine, message(3)]);
  expect([newer.hidden, newer.textContent]).toEqual([false, '1 new message']);
  show([message(0), mine, message(3), message(4)]);
  expect(newer.textContent).toBe('2 new messages');
  newer.click();
  expect(newer.hidden).toBe(true);
  show([message(0), mine, message(3), message(4), message(5)]);
  expect(newer.textContent).toBe('1 new message');
});

test('notes stand between the messages that they were added between, and wait for their page', () => {
  const order = (hasOlder: boolean) => merged([message(0), message(3), message(6)], [note(1), note(4), note(9)], hasOlder).map(({ body }) => body);
  expect(order(false)).toEqual(['note 1', 'message 0', 'note 4', 'message 3', 'message 6', 'note 9']);
  expect(order(true)).toEqual(['message 0', 'note 4', 'message 3', 'message 6', 'note 9']);
});

test('the log has the history of a conversation, with names and times, between its messages', async () => {
  const date_created = '2025-11-22T12:00:00Z';
  const at = { date_created, by: null, about: null };
  const history: TeamEvent[] = [
    { ...at, revision: 3, kind: 'assigned', by: BEN.identity, about: BEN.identity },
    { ...at, revision: 4, kind: 'joined', about: 'bot-1' },
    { ...at, revision: 6, kind: 'assigned', by: BEN.identity, about: ME.identity },
    { ...at, revision: 7, kind: 'left', about: 'bot-1' },
    { ...at, revision: 8, kind: 'assigned', by: ME.identity },
    { ...at, revision: 9, kind: 'closed', by: 'guest-1' },
    { ...at, revision: 10, kind: 'reopened', by: ME.identity },
    { ...at, revision: 11, kind: 'closed' },
    { ...at, revision: 12, kind: 'labelled', by: BEN.identity, label: '<b>VIP' },
    { ...at, revision: 13, kind: 'unlabelled', label: '<b>VIP' },
  ];
  const participants = [['guest-1', 'Ada'], ['bot-1', 'Botty']].map(([identity = '', name = '']) => participant({ identity, name, sid: identity }));
  answer = (path) => {
    if (path.includes('/history')) {
      const after = Number(new URL(path, 'https://desk.example').searchParams.get('after'));
      const later = history.filter(({ revision }) => revision > after);
      return json({ events: later.slice(0, 3), more: later.length > 3 });
    }
    if (path.includes('/changes')) return json({ revision: 11, messages: [], participants: [], more: false });
    return json(path.includes('/notes') ? { notes: [], more: false } : opened({ ...one, state: 'closed', revision: 11 }, { participants, messages: [message(0), message(3)] }));
  };
  const open = new Conversation(sid, ME, team(), Outbox.of('of-history'), UNUSED);
  await open.load();
  const lines = [...open.element.querySelectorAll('.event, .line .body')].map((line) => line.textContent);
  const time = open.element.querySelector('.event time')?.textContent;
  expect(lines).toEqual([
    'message 0',
    `Ben Okafor claimed the conversation · ${time}`,
    `Botty joined the chat · ${time}`,
    'message 3',
    `Ben Okafor assigned the conversation to Ann Lee · ${time}`,
    `Botty left the chat · ${time}`,
    `Ann Lee released the conversation · ${time}`,
    `Ada closed the conversation · ${time}`,
    `Ann Lee reopened the conversation · ${time}`,
    `The conversation was closed · ${time}`,
    `Ben Okafor added the label <b>VIP · ${time}`,
    `An agent removed the label <b>VIP · ${time}`,
  ]);
  history.push({ ...at, revision: 14, kind: 'reopened' });
  await open.changed({ ...one, revision: 14 });
  expect(open.element.querySelector('.event:last-child')?.textContent).toBe(`The conversation was reopened · ${time}`);
  open.end();
});

test('a conversation without a history, as a server of an earlier version has it, is still read', async () => {
  const failed = vi.fn();
  answer = (path) => {
    if (path.includes('/history')) return json({}, 404);
    if (path.includes('/changes')) return json({ revision: 3, messages: [], participants: [], more: false });
    return json(path.includes('/notes') ? { notes: [], more: false } : opened({ ...one, state: 'closed' }, { messages: [message(0)] }));
  };
  const open = new Conversation(sid, ME, team(), Outbox.of('of-no-history'), { ...UNUSED, failed });
  await open.load();
  expect([...open.element.querySelectorAll('.event, .line .body')].map((line) => line.textContent)).toEqual(['message 0', 'The conversation was closed']);
  expect(failed).not.toHaveBeenCalled();
  open.end();
});

test('the log shows a note as one, in a group of its own, and its author can remove it', async () => {
  const texts = [message(0, { author: ME.identity, author_kind: 'agent', author_name: 'Ann Lee' })];
  let notes = [note(3, { author: ME.identity, author_name: 'Ann Lee' }), note(4)];
  answer = (path) => {
    if (path.includes('/changes')) return json({ revision: 3, messages: [], participants: [], more: false });
    if (!path.includes('/notes')) return json(opened(one, { messages: texts }));
    const after = Number(new URL(path, 'https://desk.example').searchParams.get('after'));
    const [next, ...more] = notes.filter(({ revision }) => revision > after);
    return json({ notes: next ? [next] : [], more: more.length > 0 });
  };
  const open = new Conversation(sid, ME, team(), Outbox.of('of-notes'), UNUSED);
  await open.load();
  const lines = () => [...open.element.querySelectorAll('.line')];
  expect(lines().map((line) => line.classList.contains('of-team'))).toEqual([false, true, true]);
  expect(lines()[1]?.querySelector('.author, .spoken')?.textContent).toContain('You');
  expect(lines()[2]?.textContent).toContain('note, only for the team');
  expect(lines().map((line) => line.querySelectorAll('.text-button').length)).toEqual([0, 1, 0]);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const removal = lines()[1]?.querySelector<HTMLElement>('.text-button');
  removal?.click();
  await settle();
  expect(removal?.textContent).toBe('Click again to remove');
  expect(calls.at(-1)?.[0]).not.toContain('/remove');
  vi.advanceTimersByTime(500);
  removal?.click();
  vi.useRealTimers();
  await settle();
  expect(calls.at(-1)).toEqual([`/conversations/${sid}/notes/remove`, { added_revision: 3 }]);
  notes = [note(3, { revision: 5, author: ME.identity, removed: true, body: '' }), note(4)];
  await open.changed(conversation(1, { revision: 5 }));
  expect(lines()[1]?.textContent).toContain('Note removed');
  open.end();
});

function withOneMessage(path: string): Response {
  if (path.includes('/changes')) return json({ revision: 3, messages: [], participants: [], more: false });
  return json(path.includes('/notes') ? { notes: [], more: false } : opened(one, { messages: [message(0)] }));
}

test('a conversation that was not read yet offers nothing that needs it', async () => {
  answer = withOneMessage;
  const open = new Conversation(sid, ME, team(), Outbox.of('of-unread'), UNUSED);
  document.body.replaceChildren(open.element);
  const offered = () => ['.composer', '.closing', '.claim', '.add-label', '.assigning'].filter((part) => !open.element.querySelector(part)?.closest('[hidden]'));
  expect(offered()).toEqual([]);
  await open.load();
  expect(offered()).toEqual(['.composer', '.closing', '.claim', '.add-label', '.assigning']);
});

test('an auditor reads, and the page sends nothing else', async () => {
  answer = withOneMessage;
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
  const open = new Conversation(sid, { ...ME, role: 'auditor' }, team(), Outbox.of('of-auditor'), UNUSED);
  document.body.replaceChildren(open.element);
  await open.load();
  open.markRead();
  await settle();
  expect(calls.filter(([, body]) => body)).toEqual([]);
  for (const hidden of ['.composer', '.closing', '.claim', '.add-label']) {
    expect(open.element.querySelector<HTMLElement>(hidden)?.hidden, hidden).toBe(true);
  }
});

test('agents change their name and password and end their browsers in their own menu', async () => {
  const me = { ...ME };
  answer = (path) => {
    if (path.endsWith('/password')) {
      const { old, code } = calls.at(-1)?.[1] ?? {};
      if (old === 'with an app' && code !== '123456') return json({ code: 45796, message: 'Wrong code.' }, 403);
      return old === 'wrong' ? json({ message: 'This is not your password.' }, 403) : json({ password: 'new-one' });
    }
    if (path.endsWith('/me')) return json({ ...ME, display_name: 'Ann L.' });
    if (path.endsWith('/browsers')) return json({ browsers: [{ id: 'b1', browser: 'Firefox', last_used: '2025-11-22T12:00:00Z', current: true }, { id: 'b2', browser: 'Safari', last_used: '2025-11-22T12:00:00Z', current: false }] });
    return new Response(null, { status: 204 });
  };
  document.body.replaceChildren(...accountMenu(me, (work) => work(), () => {}, () => {}));
  (document.querySelector('.menu') as HTMLElement).hidePopover = () => {};
  const click = async (name: string) => {
    [...document.querySelectorAll<HTMLElement>('button')].find((button) => (button.getAttribute('aria-label') ?? button.textContent) === name)?.click();
    await settle();
  };
  const fill = async (text: string) => {
    (document.querySelector('.own input') as HTMLInputElement).value = text;
    document.querySelector('.own form')?.dispatchEvent(new Event('submit', { cancelable: true }));
    await settle();
  };
  const says = () => document.querySelector('.own [role=status]')?.textContent;
  expect([...document.querySelectorAll<HTMLElement>('.menu button')].filter((one) => !one.hidden).map((one) => one.textContent)).not.toContain('Prepared answers');
  await click('New password');
  await fill('wrong');
  expect(says()).toBe('This is not your password.');
  await fill('right');
  expect(says()).toContain('new-one');
  expect([...document.querySelectorAll<HTMLElement>('.own label')].map((label) => label.hidden)).toEqual([false, true]);
  await fill('with an app');
  expect(says()).toBe('Type the code of your authenticator app, or a recovery code.');
  expect(document.activeElement).toBe(document.querySelector('.own [name=code]'));
  (document.querySelector('.own [name=code]') as HTMLInputElement).value = '123456';
  await fill('with an app');
  expect(calls.at(-1)?.[1]).toEqual({ old: 'with an app', code: '123456' });
  expect(says()).toContain('new-one');
  await click('Close');
  await click('Your name');
  await fill('Ann L.');
  expect(me.display_name).toBe('Ann L.');
  await click('Close');
  await click('Signed-in browsers');
  expect(document.querySelectorAll('.browsers li')).toHaveLength(2);
  await click('Sign out Safari');
  expect(calls.at(-1)).toEqual(['/browsers/end', { id: 'b2' }]);
  expect(document.querySelectorAll('.browsers li')).toHaveLength(1);
  await click('Close');
  await click('Signed-in browsers');
  await click('Sign out all others');
  expect(calls.at(-1)).toEqual(['/browsers/end-others', {}]);
  expect(document.querySelector('.browsers')?.textContent).toContain('This browser');
  expect(document.querySelectorAll('.browsers li')).toHaveLength(1);
});

test('labels are text, are added and removed, and list their conversations', async () => {
  const listed: string[] = [];
  const labels = new Labels(true, { list: (label) => listed.push(label), failed: () => {} });
  labels.show({ ...one, labels: ['<b>VIP</b>'] });
  expect(labels.element.querySelector('bdi')?.textContent).toBe('<b>VIP</b>');
  labels.element.querySelector<HTMLElement>('.label-name')?.click();
  labels.element.querySelector<HTMLElement>('.label-remove')?.click();
  const input = labels.element.querySelector('input') as HTMLInputElement;
  input.value = ' refund ';
  labels.element.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
  await settle();
  expect(listed).toEqual(['<b>VIP</b>']);
  expect(calls).toEqual([
    [`/conversations/${sid}/labels/remove`, { label: '<b>VIP</b>' }],
    [`/conversations/${sid}/labels`, { label: 'refund' }],
  ]);
  expect(input.value).toBe('');
});

test('a refused label stays in its field', async () => {
  const failed: string[] = [];
  answer = () => json({ message: 'too many labels' }, 422);
  const labels = new Labels(true, { list: () => {}, failed: ({ message: why }) => failed.push(why) });
  labels.show(one);
  const input = labels.element.querySelector('input') as HTMLInputElement;
  input.value = 'refund';
  labels.element.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
  await settle();
  expect([input.value, failed]).toEqual(['refund', ['too many labels']]);
});

test('agents who look are shown until their reports end, and this one reports while it can be seen', () => {
  vi.useFakeTimers();
  const looking = new Looking(sid, team());
  looking.start();
  looking.saw(BEN.identity);
  vi.advanceTimersByTime(15_000);
  looking.saw(BEN.identity);
  vi.advanceTimersByTime(15_000);
  expect(looking.element.textContent).toContain('Also looking: Ben Okafor');
  vi.advanceTimersByTime(5_000);
  expect(looking.element.textContent).toBe('');
  expect(calls).toHaveLength(4);
  looking.end();
  vi.advanceTimersByTime(60_000);
  expect(calls).toHaveLength(4);
});

test('the lists have the number of their conversations, which changes count again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let counts: Counts | undefined = { waiting: 3, mine: 0, unassigned: 100 };
  answer = (path) => {
    if (!path.endsWith('/counts')) return json({ conversations: [], next: null });
    return counts ? json(counts) : json({}, 503);
  };
  const shelf = new Shelf(ME, team(), { open: () => {}, openFound: () => {}, openSid: () => '', failed: () => {}, counted: () => {} });
  const shown = () => [...shelf.element.querySelectorAll<HTMLElement>('.count')].map((one) => (one.hidden ? '' : one.textContent));
  await shelf.load();
  expect(shown()).toEqual(['3', '', '99+']);
  expect(shelf.element.querySelector('.tabs button')?.getAttribute('aria-description')).toBe('3');
  counts = { waiting: 4, mine: 1, unassigned: 2 };
  for (let changed = 0; changed < 5; changed++) shelf.take(conversation(changed));
  expect(calls.filter(([path]) => path === '/counts')).toHaveLength(1);
  vi.advanceTimersByTime(3_000);
  await settle();
  expect(calls.filter(([path]) => path === '/counts')).toHaveLength(2);
  expect(shown()).toEqual(['4', '1', '2']);
  counts = undefined;
  await shelf.load();
  expect(shown()).toEqual(['4', '1', '2']);
  vi.useRealTimers();
});

test('the number of unread messages has those of pages that were not read, as the server counts them', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let counts: Counted = { waiting: 0, mine: 0, unassigned: 0, unread: 12 };
  let next: string | null = `2020-01-01T00:00:00Z_${conversation(9).conversation_sid}`;
  answer = (path) => (path.endsWith('/counts')
    ? json(counts)
    : json({ conversations: [conversation(0, { unread: 2 }), conversation(1, { unread: 3, assignee: ME.identity }), conversation(2, { unread: 4, assignee: BEN.identity })], next }));
  const counted = vi.fn();
  const members = team();
  vi.spyOn(members, 'canAnswer').mockReturnValue(true);
  const shelf = new Shelf(ME, members, { open: () => {}, openFound: () => {}, openSid: () => '', failed: () => {}, counted });
  await shelf.load();
  expect(shelf.unread).toBe(12);
  expect(counted).toHaveBeenCalled();
  shelf.take(conversation(0, { revision: 2, unread: 0 }));
  expect(shelf.unread, 'before the server counts again').toBe(10);
  counts = { ...counts, unread: 3 };
  vi.advanceTimersByTime(3_000);
  await settle();
  expect(shelf.unread, 'as it counted last').toBe(3);
  counts = { waiting: 0, mine: 0, unassigned: 0 };
  await shelf.load();
  expect(shelf.unread, 'of a server that does not send it').toBe(5);
  counts = { ...counts, unread: 100 };
  next = null;
  await shelf.load();
  expect(shelf.unread, 'if every page was read').toBe(5);
  vi.useRealTimers();
});

test('an answer from before an erasure does not bring the conversation back', async () => {
  const shelf = new Shelf(ME, team(), { open: () => {}, openFound: () => {}, openSid: () => '', failed: () => {}, counted: () => {} });
  document.body.replaceChildren(shelf.element);
  answer = () => json({ conversations: [one, conversation(2)], next: null });
  const reading = shelf.load();
  shelf.remove(sid);
  await reading;
  shelf.choose({ view: 'all' });
  await settle();
  expect(shelf.find(sid)).toBeUndefined();
  expect(shelf.find(conversation(2).conversation_sid)).toBeDefined();
});

test('the names of the team are read once, and again for an agent who is new, not with each event', async () => {
  vi.useFakeTimers();
  answer = () => json({ agents: [BEN] });
  let changes = 0;
  const made = new Team(() => changes++);
  await made.read();
  expect([made.nameOf(BEN.identity), made.nameOf('agent-new'), changes]).toEqual(['Ben Okafor', 'An agent', 1]);
  for (let i = 0; i < 5; i++) made.meet(conversation(1, { assignee: 'agent-new' }));
  expect(calls).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  for (let i = 0; i < 5; i++) made.meet(conversation(1, { assignee: 'agent-new' }));
  expect(calls).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(30_001);
  for (let i = 0; i < 5; i++) made.meet(conversation(1, { assignee: 'agent-new' }));
  await vi.advanceTimersByTimeAsync(1);
  expect(calls).toHaveLength(3);
});

test('a conversation of an agent who was removed, or became an auditor, can be claimed', async () => {
  answer = () => json({ agents: [ME, BEN, { ...BEN, identity: 'agent-cy', display_name: 'Cy', role: 'auditor' }] });
  const made = new Team(() => {});
  const removed = { ...one, assignee: 'agent-gone' };
  const assigning = new Assigning(ME, made, { failed: () => {}, lost: () => {} });
  made.meet(removed);
  assigning.show(removed);
  expect(assigning.claim.hidden).toBe(true);
  await settle();
  assigning.show(removed);
  expect(assigning.claim.hidden).toBe(false);
  expect(assigning.choice.querySelector('select')?.selectedOptions[0]?.text).toBe('A removed agent');
  assigning.claim.click();
  await settle();
  expect(calls.at(-1)?.[1]).toEqual({ assignee: ME.identity, from: 'agent-gone' });
  assigning.show({ ...one, assignee: 'agent-cy' });
  expect(assigning.claim.hidden).toBe(false);
  assigning.show({ ...one, assignee: BEN.identity });
  expect(assigning.claim.hidden).toBe(true);
});

test('an agent adds a second factor, and removes it, in their own menu', async () => {
  let active = false;
  answer = (path) => {
    if (path.endsWith('/second-factor')) return json({ active, recovery_codes: active ? 10 : 0 });
    if (path.endsWith('/begin')) return json({ uri: 'otpauth://totp/Parlour:ann', secret: 'MZXW6YTBOI', qr_size: 29, qr_path: 'M4 4h1v1h-1z' });
    if (path.endsWith('/confirm')) return calls.at(-1)?.[1]?.['code'] === '123456' ? json({ recovery_codes: ['aaaa-bbbb', 'cccc-dddd'] }) : json({ code: 45796, message: 'Wrong code.' }, 403);
    return new Response(null, { status: 204 });
  };
  document.body.replaceChildren(...accountMenu({ ...ME }, (work) => work(), () => {}, () => {}));
  (document.querySelector('.menu') as HTMLElement).hidePopover = () => {};
  const click = async (name: string) => {
    [...document.querySelectorAll<HTMLElement>('button')].find((button) => button.textContent === name)?.click();
    await settle();
  };
  const submit = async (...values: string[]) => {
    document.querySelectorAll<HTMLInputElement>('.own input').forEach((input, i) => (input.value = values[i] ?? ''));
    document.querySelector('.own form')?.dispatchEvent(new Event('submit', { cancelable: true }));
    await settle();
  };
  await click('Second factor');
  await submit('a password');
  expect(calls.at(-1)).toEqual(['/second-factor/begin', { old: 'a password' }]);
  expect(document.querySelector('.own svg')?.getAttribute('aria-label')).toBe('Picture for the authenticator app');
  expect(document.querySelector('.own code')?.textContent).toBe('MZXW6YTBOI');
  expect(document.activeElement).toBe(document.querySelector('.own [name=code]'));
  await submit('000000');
  expect(document.querySelector('.own [role=status]')?.textContent).toBe('Wrong code.');
  const code = document.querySelector('.own [name=code]') as HTMLInputElement;
  expect([document.activeElement, code.selectionStart, code.selectionEnd]).toEqual([code, 0, 6]);
  await submit('123456');
  expect(document.querySelector('.own p')?.textContent).toContain('Your recovery codes');
  expect([...document.querySelectorAll('.codes li')].map((one) => one.textContent)).toEqual(['aaaa-bbbb', 'cccc-dddd']);
  await click('Close');
  active = true;
  await click('Second factor');
  expect(document.querySelector('.own p')?.textContent).toContain('Recovery codes left: 10.');
  document.querySelectorAll<HTMLInputElement>('.own input').forEach((input, i) => (input.value = ['a password', '654321'][i] ?? ''));
  await click('Remove it');
  expect(calls.at(-1)).toEqual(['/second-factor/remove', { old: 'a password', code: '654321' }]);
  expect(document.querySelector('.own [role=status]')?.textContent).toBe('The second factor was removed.');
});

test('the sign-in asks for a code only if the agent has a second factor, and then sends all again', async () => {
  answer = () => {
    const sent = calls.at(-1)?.[1];
    if (!sent?.['code']) return json({ code: 45795, message: 'Send the code, too.' }, 401);
    return sent['code'] === '123456' ? json(ME) : json({ code: 45796, message: 'Wrong code.' }, 403);
  };
  const signedIn = vi.fn();
  const form = signIn('Inbox', '', signedIn);
  document.body.replaceChildren(form.element);
  const field = (name: string) => document.querySelector(`[name=${name}]`) as HTMLInputElement;
  const submit = async () => {
    form.element.dispatchEvent(new Event('submit', { cancelable: true }));
    await settle();
  };
  expect(field('code').closest('label')?.hidden).toBe(true);
  field('name').value = 'ann';
  field('password').value = 'a password';
  await submit();
  expect(calls.at(-1)).toEqual(['/sign-in', { name: 'ann', password: 'a password' }]);
  expect(field('code').closest('label')?.hidden).toBe(false);
  expect(document.querySelector('.problem')?.textContent).toBe('Type the code of your authenticator app, or a recovery code.');
  expect(document.activeElement).toBe(field('code'));
  field('code').value = '000000';
  await submit();
  expect(document.querySelector('.problem')?.textContent).toBe('Wrong code.');
  expect(document.activeElement).toBe(field('code'));
  field('code').value = '123456';
  await submit();
  expect(calls.at(-1)).toEqual(['/sign-in', { name: 'ann', password: 'a password', code: '123456' }]);
  expect(signedIn).toHaveBeenCalledWith(ME);
});
