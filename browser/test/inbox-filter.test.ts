import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { filterOfAddress, NOBODY, type Filter } from '../src/inbox/filter';
import { Shelf } from '../src/inbox/shelf';
import { addressOf, listingOf } from '../src/inbox/views';
import { settle } from './browser';
import { BEN, conversation, ME, team } from './inbox-page';

let calls: string[];
const SALES = `IG${'1'.repeat(32)}`;

beforeEach(() => {
  calls = [];
  vi.stubGlobal('fetch', async (path: string) => {
    calls.push(path.replace('/inbox/api', ''));
    const body = path.endsWith('/labels') ? { labels: ['VIP', 'a & b'] } : path.endsWith('/desks') ? { desks: [{ sid: SALES, name: 'Sales' }] } : { conversations: [], next: null };
    return new Response(JSON.stringify(body));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  history.replaceState(null, '', '/');
});

function shown(): Shelf {
  const shelf = new Shelf(ME, team(), { open: () => {}, openFound: () => {}, openSid: () => '', failed: () => {}, counted: () => {} });
  document.body.replaceChildren(shelf.element);
  shelf.show();
  return shelf;
}

const button = () => document.querySelector<HTMLButtonElement>('[aria-controls=filter]')!;
const panel = () => document.querySelector<HTMLElement>('#filter')!;
const choice = (name: string) => panel().querySelector<HTMLSelectElement>(`[name=${name}]`)!;

async function choose(name: string, value: string): Promise<void> {
  choice(name).value = value;
  choice(name).dispatchEvent(new Event('change', { bubbles: true }));
  await settle();
}

const lists = () => calls.filter((path) => path.startsWith('/conversations'));

test.each<[Filter, string[]]>([
  [{ state: 'active' }, ['m', 'b', 'w']],
  [{ state: 'closed', assignee: ME.identity }, ['c']],
  [{ assignee: NOBODY }, ['w']],
  [{ assignee: BEN.identity, label: 'VIP' }, ['b']],
  [{ label: 'VIP' }, ['b', 'c']],
  [{ state: 'active', label: 'VIP', desk: SALES }, ['b']],
  [{ desk: SALES, assignee: NOBODY }, []],
])('a list with the conditions %j has what meets all of them', (filter, expected) => {
  const listing = listingOf({ view: 'filtered', filter }, ME);
  [
    conversation(0, { name: 'm', assignee: ME.identity }),
    conversation(1, { name: 'b', assignee: BEN.identity, labels: ['VIP', 'x'], desk: SALES }),
    conversation(2, { name: 'w' }),
    conversation(3, { name: 'c', state: 'closed', labels: ['VIP'], assignee: ME.identity }),
  ].forEach((each) => listing.take(each));
  expect([...listing].map(({ name }) => name)).toEqual(expected);
});

test('a filter without a label has the order of the latest activity if it has a state, and otherwise that of the beginnings', () => {
  const old = conversation(1, { date_created: '2025-11-01T12:00:00Z', date_active: '2025-11-22T12:00:00Z', labels: ['VIP'] });
  const young = conversation(2, { date_created: '2025-11-02T12:00:00Z', date_active: '2025-11-21T12:00:00Z', labels: ['VIP'] });
  const order = (filter: Filter) => {
    const listing = listingOf({ view: 'filtered', filter }, ME);
    [old, young].forEach((each) => listing.take(each));
    return [...listing].map(({ name }) => name);
  };
  expect(order({ state: 'active' })).toEqual([old.name, young.name]);
  expect(order({ state: 'active', label: 'VIP' })).toEqual([young.name, old.name]);
  expect(order({ label: 'VIP' })).toEqual([young.name, old.name]);
});

test('each condition goes to the server, with the place of the page', () => {
  expect(addressOf({ view: 'filtered', filter: { state: 'closed', label: 'a & b' } }, 'x_CH1')).toBe('/conversations?list=filtered&state=closed&label=a+%26+b&after=x_CH1');
});

test('conditions are combined in the bar, which says whether there is a filter', async () => {
  shown();
  expect([button().getAttribute('aria-expanded'), button().getAttribute('aria-pressed'), panel().hidden]).toEqual(['false', 'false', true]);
  button().click();
  await settle();
  expect([button().getAttribute('aria-expanded'), panel().hidden, document.activeElement]).toEqual(['true', false, choice('state')]);
  expect([...choice('label').options].map(({ text }) => text)).toEqual(['Any', 'VIP', 'a & b']);
  expect([...choice('desk').options].map(({ text }) => text)).toEqual(['Any', 'Sales']);
  await choose('label', 'a & b');
  await choose('assignee', NOBODY);
  expect(lists()).toEqual(['/conversations?list=filtered&label=a+%26+b', '/conversations?list=filtered&assignee=nobody&label=a+%26+b']);
  expect(button().getAttribute('aria-pressed')).toBe('true');
  expect(document.querySelector('.scroller .empty')?.textContent).toBe('No conversation meets all conditions.');
  panel().querySelector('button')?.click();
  await settle();
  expect(lists().at(-1)).toBe('/conversations?list=all');
  expect([button().getAttribute('aria-pressed'), panel().hidden, document.activeElement, location.hash]).toEqual(['false', true, button(), '']);
});

test('Escape closes the bar, keeps the filter, and returns the focus', async () => {
  shown();
  button().click();
  await choose('state', 'closed');
  choice('state').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  expect([panel().hidden, document.activeElement, button().getAttribute('aria-pressed')]).toEqual([true, button(), 'true']);
});

test('a reload keeps the filter, which the address of the page has in its fragment, and another list removes it', async () => {
  shown();
  button().click();
  await settle();
  await choose('label', 'a & b');
  expect(location.hash).toBe('#filter?label=a+%26+b');
  calls = [];
  const again = shown();
  await again.load();
  expect(lists()).toContain('/conversations?list=filtered&label=a+%26+b');
  expect(choice('label').value).toBe('a & b');
  again.choose({ view: 'mine' });
  expect([location.hash, button().getAttribute('aria-pressed')]).toEqual(['', 'false']);
});

test('only known conditions of an address are a filter', () => {
  for (const [hash, filter] of [
    ['#filter?state=late&x=y', undefined],
    ['#filter?', undefined],
    ['#filter?state=closed&x=y', { state: 'closed' }],
    [`#${conversation(1).conversation_sid}`, undefined],
  ] as const) {
    history.replaceState(null, '', `/${hash}`);
    expect(filterOfAddress(), hash).toEqual(filter);
  }
});
