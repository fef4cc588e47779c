import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Details } from '../src/inbox/details';
import { moment } from '../src/inbox/format';
import { List } from '../src/inbox/list';
import { Listing } from '../src/inbox/listing';
import { row } from '../src/inbox/row';
import { settle } from './browser';
import { conversation, ME, opened, team, withHeight } from './inbox-page';

const ROW = 72;
let restore: () => void;
let listing: Listing;
let list: List;
let more: number;

beforeEach(() => {
  restore = withHeight(10 * ROW);
  listing = new Listing(() => true);
  more = 0;
  list = new List({ me: ME, team: team(), open: () => {}, openSid: () => '', more: () => more++ });
  document.body.replaceChildren(list.element);
  listing.restart({ conversations: Array.from({ length: 100 }, (_, number) => conversation(number)), next: null }, new Set());
  list.show(listing, 'nothing');
});

afterEach(() => restore());

const shown = () => [...list.element.querySelectorAll('.name')].map((name) => Number(name.textContent?.replace('Guest ', '')));

async function scrollTo(row: number): Promise<void> {
  list.element.scrollTop = row * ROW;
  list.element.dispatchEvent(new Event('scroll'));
  await vi.waitFor(() => expect(shown()).toContain(row));
}

test('only the rows near the view exist, each at its place, and the list is as high as all of them', async () => {
  expect(shown()).toEqual(Array.from({ length: 18 }, (_, row) => row));
  await scrollTo(50);
  expect(shown()).toEqual(Array.from({ length: 26 }, (_, row) => row + 42));
  const rows = list.element.querySelector<HTMLElement>('.rows');
  expect(rows?.style.blockSize).toBe(`${100 * ROW}px`);
  const item = list.element.querySelectorAll<HTMLElement>('.rows > li')[8];
  expect(item?.style.insetBlockStart).toBe(`${50 * ROW}px`);
  expect([item?.getAttribute('aria-posinset'), item?.getAttribute('aria-setsize')]).toEqual(['51', '100']);
});

test('the row with the focus stays while it is out of view, in its order', async () => {
  list.element.querySelectorAll<HTMLElement>('.item')[3]?.focus();
  await scrollTo(50);
  expect(shown().slice(0, 2)).toEqual([3, 42]);
  expect(document.activeElement?.textContent).toContain('Guest 3');
  await scrollTo(3);
  expect(shown().filter((row) => row === 3)).toHaveLength(1);
});

test('the next page is requested once when the end comes near, and the button asks for it, too', async () => {
  listing.hasMore = true;
  list.show(listing, '');
  expect(more).toBe(0);
  await scrollTo(75);
  await scrollTo(76);
  await settle();
  expect(more).toBe(1);
  list.element.querySelector<HTMLElement>('.more')?.click();
  expect(more).toBe(2);
});

test('a further page that adds nothing says how far it was read, until one adds a conversation', () => {
  const notice = () => {
    list.show(listing, 'nothing');
    const element = list.element.querySelector<HTMLElement>('.empty');
    return element?.hidden ? '' : element?.textContent;
  };
  const next = (number: number) => `${conversation(number).date_active}_CH${'0'.repeat(32)}`;
  const back = (number: number) => `None found yet. Searched back to ${moment(conversation(number).date_active)}.`;
  expect(notice()).toBe('');
  listing.extend({ conversations: [conversation(120)], next: next(3000) });
  expect(notice()).toBe('');
  listing.extend({ conversations: [], next: next(6000) });
  expect(notice()).toBe(back(6000));
  listing.extend({ conversations: [], next: next(9000) });
  expect(notice()).toBe(back(9000));
  expect(list.element.querySelector<HTMLElement>('.more')?.hidden).toBe(false);
  listing.extend({ conversations: [conversation(9001)], next: next(12000) });
  expect(notice()).toBe('');
  listing.extend({ conversations: [], next: null });
  expect(notice()).toBe('');
});

test('a row shows the page on which the chat began, as text', () => {
  const place = (page: string | null) => {
    const element = row(conversation(1, { page }), ME, team(), { isOpen: false, isAlarming: false, now: 0 }).querySelector<HTMLElement>('.page');
    return element && [element.title, element.parentElement?.textContent];
  };
  expect(place('https://shop.example/cart/%3Cb%3E')).toEqual(['https://shop.example/cart/%3Cb%3E', 'On the page /cart/%3Cb%3E']);
  expect(place('https://shop.example/')).toEqual(['https://shop.example/', 'On the page shop.example']);
  expect(place(null)).toBeNull();
});

test('the details have the whole address as a link, and once only', () => {
  const details = new Details([], () => {}, () => {});
  const summary = conversation(1, { page: 'https://shop.example/cart' });
  details.show(summary);
  details.showOpened(opened(summary, { pre_engagement_data: '{"location":"https://shop.example/cart","order":"4711"}' }));
  const link = details.element.querySelector<HTMLAnchorElement>('.page a');
  expect([link?.href, link?.rel, link?.textContent]).toEqual(['https://shop.example/cart', 'noopener noreferrer nofollow', 'https://shop.example/cart']);
  expect([...details.element.querySelectorAll('dd')].map((one) => one.textContent)).toEqual(['4711']);
  details.showOpened(opened(summary, { pre_engagement_data: '{"location":"https://shop.example/cart?size=2"}' }));
  expect([...details.element.querySelectorAll('dd')].map((one) => one.textContent)).toEqual(['https://shop.example/cart?size=2']);
});

test('the details name the language of the guest in that of the agent, and once only', () => {
  const details = new Details([], () => {}, () => {});
  const summary = conversation(1, { language: 'sv' });
  details.show(summary);
  details.showOpened(opened(summary, { pre_engagement_data: '{"language":"sv","order":"4711"}' }));
  expect(details.element.querySelector('.guest')?.textContent).toContain('Reads in: Swedish');
  expect([...details.element.querySelectorAll('dd')].map((one) => one.textContent)).toEqual(['4711']);
  const unknown = conversation(2, { language: null });
  details.show(unknown);
  details.showOpened(opened(unknown, { pre_engagement_data: '{"language":"tlh"}' }));
  expect(details.element.querySelector('.guest')?.textContent).not.toContain('Reads in');
  expect([...details.element.querySelectorAll('dd')].map((one) => one.textContent)).toEqual(['tlh']);
});

test('a row whose conversation did not change stays the same element', () => {
  const before = [...list.element.querySelectorAll('.item')];
  listing.take(conversation(1, { revision: 2, name: 'Guest 1000' }));
  list.show(listing, '');
  const after = [...list.element.querySelectorAll('.item')];
  expect(after.map((item, row) => item === before[row])).toEqual(before.map((_, row) => row !== 1));
});
