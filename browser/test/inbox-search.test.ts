import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Conversation } from '../src/inbox/conversation';
import { Outbox } from '../src/inbox/outbox';
import { marked, Search, type Found } from '../src/inbox/search';
import { conversation, ME, message, note, opened, team, UNUSED } from './inbox-page';

let calls: [string, Record<string, unknown> | undefined][];
let answer: (path: string) => Response;
let search: Search;
let openedOnes: Found[];
let failures: number;

const json = (body: object, status = 200) => new Response(JSON.stringify(body), { status });

function found(number: number, changes: Partial<Found> = {}): Found {
  return { conversation: conversation(number), index: 3, note: null, date_created: '2025-11-22T12:00:00Z', passage: `the order ${number}`, marks: [{ start: 4, end: 9 }], ...changes };
}

beforeEach(() => {
  vi.useFakeTimers();
  calls = [];
  openedOnes = [];
  failures = 0;
  answer = () => json({ results: [found(1), found(2)], next: null });
  vi.stubGlobal('fetch', async (path: string, call?: RequestInit) => {
    calls.push([path.replace('/inbox/api', ''), call?.body ? JSON.parse(String(call.body)) : undefined]);
    return answer(path);
  });
  search = new Search({ me: ME, team: team(), open: (one) => openedOnes.push(one), openSid: () => '', changed: () => {}, signedOut: () => failures++ });
  document.body.replaceChildren(search.form, search.panel);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function type(text: string): Promise<void> {
  search.field.value = text;
  search.field.dispatchEvent(new Event('input'));
  await vi.advanceTimersByTimeAsync(250);
}

const rows = () => [...search.panel.querySelectorAll<HTMLElement>('.item')];
const button = (label: string) => [...search.panel.querySelectorAll('button')].find((one) => one.textContent === label) as HTMLElement;
const more = () => button('Show more') ?? button('Search older texts');
const again = () => button('Try again');
const status = () => search.form.querySelector('[role=status]')?.textContent;
const problem = () => search.panel.querySelector('[role=alert]')?.textContent;
const shown = () =>
  [...search.panel.querySelectorAll<HTMLElement>('*')]
    .filter((part) => !part.children.length && !part.closest('[hidden]'))
    .map((part) => part.textContent)
    .join(' | ');

test('the server is asked once the agent pauses, and its results are rows with the words marked', async () => {
  search.field.value = 'or';
  search.field.dispatchEvent(new Event('input'));
  await vi.advanceTimersByTimeAsync(100);
  expect(shown()).toBe('Searching…');
  await type(' order ');
  expect(calls).toEqual([['/search', { words: 'order' }]]);
  expect(rows().map((row) => row.querySelector('mark')?.textContent)).toEqual(['order', 'order']);
  expect(rows()[0]?.textContent).toContain('Guest 1');
  expect(status()).toBe('2 conversations found');
  rows()[1]?.click();
  expect(openedOnes.map((one) => one.passage)).toEqual(['the order 2']);
});

test('a passage is text and never markup, without controls of its direction', () => {
  const parts = marked('<b>one\u202e</b> <i>two</i>', [{ start: 3, end: 7 }, { start: 15, end: 18 }]);
  const line = document.createElement('p');
  line.append(...parts);
  expect(line.querySelectorAll('b, i')).toHaveLength(0);
  expect(line.textContent).toBe('<b>one</b> <i>two</i>');
  expect([...line.querySelectorAll('mark')].map((mark) => mark.textContent)).toEqual(['one', 'two']);
});

test('nothing found says so and how a search works; the end of the search brings the list back', async () => {
  answer = () => json({ results: [], next: null });
  await type('order');
  expect(search.panel.textContent).toContain('Nothing found for order.');
  expect(shown()).toContain('quotation marks');
  expect(status()).toBe('Nothing found');
  search.close();
  expect([search.isActive, shown(), status()]).toEqual([false, '', '']);
});

test('a search that is too long is not sent, and the results of the one before are gone', async () => {
  await type('order');
  await type('x'.repeat(10_000));
  expect(calls).toHaveLength(1);
  expect(shown()).toBe('A search has at most 200 characters. Search for fewer words.');
  search.form.dispatchEvent(new Event('submit', { cancelable: true }));
  await vi.advanceTimersByTimeAsync(1);
  expect(calls).toHaveLength(1);
  await type('order');
  expect(rows()).toHaveLength(2);
});

test('a failed search says why and can be repeated; of an agent who was signed out, the page is notified', async () => {
  answer = () => json({ message: 'Too many searches.' }, 429);
  await type('order');
  expect(problem()).toBe('Too many searches.');
  expect(rows()).toHaveLength(0);
  answer = () => json({ results: [found(1)], next: null });
  [...search.panel.querySelectorAll('button')].find((button) => button.textContent === 'Try again')?.click();
  await vi.advanceTimersByTimeAsync(1);
  expect(rows()).toHaveLength(1);
  expect(status()).toBe('1 conversation found');
  answer = () => json({}, 401);
  await type('orders');
  expect(failures).toBe(1);
});

test('the answer to other words comes too late', async () => {
  const late: ((response: Response) => void)[] = [];
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => late.push(resolve)));
  await type('one');
  await type('two');
  late[1]?.(json({ results: [found(2)], next: null }));
  await vi.advanceTimersByTimeAsync(1);
  late[0]?.(json({ results: [found(1)], next: null }));
  await vi.advanceTimersByTimeAsync(1);
  expect(rows().map((row) => row.dataset['sid'])).toEqual([conversation(2).conversation_sid]);
});

test('more results are added, each conversation once', async () => {
  answer = () => json({ results: [found(1)], next: '17' });
  await type('order');
  expect(status()).toBe('1 or more conversations found');
  answer = () => json({ results: [found(1, { passage: 'older' }), found(3)], next: null });
  search.panel.querySelector<HTMLElement>('.more')?.click();
  await vi.advanceTimersByTimeAsync(1);
  expect(calls.at(-1)).toEqual(['/search', { words: 'order', after: '17' }]);
  expect(rows().map((row) => row.querySelector('.last')?.textContent)).toEqual(['the order 1', 'the order 3']);
  expect(search.panel.querySelector<HTMLElement>('.more')?.hidden).toBe(true);
});

test('behind new words, the button for more results reads the first page of these words', async () => {
  answer = () => json({ results: [found(1)], next: '17' });
  await type('order');
  search.field.value = 'parcel';
  search.field.dispatchEvent(new Event('input'));
  answer = () => json({ results: [found(2)], next: null });
  more().click();
  await vi.advanceTimersByTimeAsync(250);
  expect(calls.slice(1)).toEqual([['/search', { words: 'parcel' }]]);
  expect(rows().map((row) => row.querySelector('.last')?.textContent)).toEqual(['the order 2']);
});

test('if more results cannot be read, the others stay, and the same page is tried again', async () => {
  answer = () => json({ results: [found(1)], next: '17' });
  await type('order');
  answer = () => json({ message: 'Too many searches.' }, 429);
  more().click();
  await vi.advanceTimersByTimeAsync(1);
  expect(shown()).toContain('| order | Too');
  expect(shown()).toContain('Too many searches. | Try again');
  answer = () => json({ results: [found(2)], next: null });
  again().click();
  await vi.advanceTimersByTimeAsync(1);
  expect(calls.at(-1)).toEqual(['/search', { words: 'order', after: '17' }]);
  expect(rows()).toHaveLength(2);
  expect(problem()).toBe('');
});

test('a text that was edited or removed leaves the results, and so does its conversation if nothing else is found there', async () => {
  answer = () => json({ results: [found(1), found(2)], next: '17' });
  await type('order');
  answer = () => json({ results: [found(3), found(4)], next: null });
  more().click();
  await vi.advanceTimersByTimeAsync(1);
  search.take(conversation(2, { revision: 2 }));
  search.take(conversation(3, { revision: 2 }));
  answer = () => json(calls.at(-1)?.[1]?.['after']
    ? { results: [found(3, { passage: 'an order, edited' }), found(4)], next: null }
    : { results: [found(1), found(9, { date_created: '2025-11-21T12:00:00Z' })], next: '15' });
  await vi.advanceTimersByTimeAsync(10_001);
  expect(rows().map((row) => row.querySelector('.last')?.textContent)).toEqual(['the order 1', 'an order, edited', 'the order 4']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls).toHaveLength(4);
});

test('new words end the sign of a running call, and the last result that is erased leaves an explanation', async () => {
  vi.stubGlobal('fetch', () => new Promise<Response>(() => {}));
  await type('order');
  expect(search.panel.getAttribute('aria-busy')).toBe('true');
  await type('');
  expect(search.panel.hasAttribute('aria-busy')).toBe(false);
  vi.stubGlobal('fetch', async () => json({ results: [found(1)], next: null }));
  await type('order');
  search.remove(conversation(1).conversation_sid);
  expect(shown()).toContain('order | All words must be');
});

test('texts that a page did not reach can be searched further', async () => {
  answer = () => json({ results: [], next: '17' });
  await type('"one two"');
  expect(shown()).toBe('Nothing found in the newest texts | Search older texts');
  more().click();
  await vi.advanceTimersByTimeAsync(1);
  expect(calls.at(-1)).toEqual(['/search', { words: '"one two"', after: '17' }]);
});

test('the arrow keys go along the results, and Escape to the field, the list and away', async () => {
  await type('order');
  const press = (key: string) => document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  search.focus();
  press('ArrowDown');
  press('ArrowDown');
  expect(document.activeElement).toBe(rows()[1]);
  press('ArrowUp');
  press('ArrowUp');
  expect(document.activeElement).toBe(search.field);
  press('ArrowDown');
  press('Escape');
  expect([document.activeElement === search.field, search.isActive]).toEqual([true, true]);
  press('Escape');
  expect([document.activeElement === search.field, search.isActive]).toEqual([true, false]);
  press('Escape');
  expect(document.activeElement).toBe(document.body);
});

test('a result follows its conversation, keeps the focus, and goes with it', async () => {
  await type('order');
  rows()[0]?.focus();
  search.take(conversation(1, { revision: 2, name: 'Ada' }));
  expect(rows()[0]?.textContent).toContain('Ada');
  expect(document.activeElement).toBe(rows()[0]);
  const before = rows();
  search.show();
  expect(rows().map((row, at) => row === before[at])).toEqual([true, true]);
  search.take(conversation(1, { revision: 1, name: 'Old' }));
  expect(rows()[0]?.textContent).toContain('Ada');
  search.remove(conversation(1).conversation_sid);
  expect(rows()).toHaveLength(1);
});

/** A conversation whose last three messages begin with this index, and of which a page has three messages. */
function longConversation(last: number, missing = -1): Conversation {
  const one = conversation(1);
  const page = (first: number) => Array.from({ length: 3 }, (_, number) => message(first + number)).filter(({ index }) => index !== missing);
  answer = (path) => {
    if (path.includes('/messages?before=')) {
      const first = Number(new URL(path, 'https://desk.example').searchParams.get('before')) - 3;
      return json({ messages: page(first), has_more: first > 0 });
    }
    if (path.includes('/notes')) return json({ notes: [note(5)], more: false });
    if (path.includes('/changes')) return json({ revision: 900, messages: [], participants: [], more: false });
    return json(opened(one, { messages: page(last), has_more: true }));
  };
  const shows = new Conversation(one.conversation_sid, ME, team(), Outbox.of(ME.identity), UNUSED);
  document.body.replaceChildren(shows.element);
  void shows.load();
  return shows;
}

const pagesRead = () => calls.filter(([path]) => path.includes('/messages?before=')).length;

test('a conversation opens at the message or note that was found, however far above it is', async () => {
  const shows = longConversation(9);
  await shows.reveal({ index: 4, note: null }, true);
  const line = () => shows.element.querySelector<HTMLElement>('.line[data-found]');
  expect(line()?.textContent).toContain('message 4');
  expect(document.activeElement).toBe(line());
  await shows.reveal({ index: null, note: 5 }, false);
  expect(line()?.textContent).toContain('note 5');
  expect(shows.element.querySelectorAll('[data-found]')).toHaveLength(1);
  shows.end();
});

test('a message or note that is not there any more lets no further page be read', async () => {
  const shows = longConversation(300, 298);
  await shows.reveal({ index: 298, note: null }, true);
  await shows.reveal({ index: null, note: 77 }, true);
  expect(pagesRead()).toBe(1);
  shows.end();
});

test('a conversation that was left reads no older pages, and one that is read receives new messages meanwhile', async () => {
  const shows = longConversation(300);
  const pages = answer;
  let change: Promise<void> | undefined;
  let meanwhile = 0;
  answer = (path) => {
    if (pagesRead() === 3) change ??= shows.changed(conversation(1, { revision: 901 }));
    if (pagesRead() === 6) shows.end();
    if (change && path.includes('/changes') && !meanwhile) {
      meanwhile = pagesRead();
      return json({ revision: 901, messages: [message(303)], participants: [], more: false });
    }
    return pages(path);
  };
  await shows.reveal({ index: 0, note: null }, true);
  await change;
  expect([meanwhile, pagesRead()]).toEqual([3, 6]);
  expect(shows.element.textContent).toContain('message 303');
});
