import { expect, test } from 'vitest';
import { BY_ACTIVITY, Listing } from '../src/inbox/listing';
import { conversation } from './inbox-page';

const all = Array.from({ length: 400 }, (_, number) => conversation(number));
const names = (listing: Listing) => [...listing].map((one) => one.name);

const placeOf = (number: number) => `${all[number]?.date_active}_${all[number]?.conversation_sid}`;

function pageFrom(start: number, size = 50) {
  return { conversations: all.slice(start, start + size), next: start + size < all.length ? placeOf(start + size - 1) : null };
}

test('events change a list in its order, and an older revision changes nothing', () => {
  const listing = new Listing((one) => one.state === 'active');
  listing.restart({ conversations: [conversation(1), conversation(3)], next: null }, new Set());
  listing.take(conversation(2, { revision: 5 }));
  listing.take(conversation(2, { revision: 4, name: 'older' }));
  expect(names(listing)).toEqual(['Guest 1', 'Guest 2', 'Guest 3']);
  listing.take({ ...conversation(3, { revision: 2 }), date_active: conversation(0).date_active });
  expect(names(listing)).toEqual(['Guest 3', 'Guest 1', 'Guest 2']);
  expect(listing.indexOf(conversation(2).conversation_sid)).toBe(2);
  listing.take(conversation(1, { revision: 2, state: 'closed' }));
  expect(names(listing)).toEqual(['Guest 3', 'Guest 2']);
  listing.remove(conversation(2).conversation_sid);
  expect(listing.indexOf(conversation(2).conversation_sid)).toBe(-1);
});

test('the oldest first, with equal times in one order everywhere', () => {
  const listing = new Listing(() => true, { ...BY_ACTIVITY, isOldestFirst: true });
  for (const number of [2, 0, 1]) listing.take(conversation(number));
  expect(names(listing)).toEqual(['Guest 2', 'Guest 1', 'Guest 0']);
});

test('a conversation beyond the last page waits for its page', () => {
  const listing = new Listing(() => true);
  listing.restart(pageFrom(0), new Set());
  listing.take(conversation(80, { revision: 2 }));
  expect(listing.length).toBe(50);
  listing.take(conversation(20.5));
  expect(names(listing)[21]).toBe('Guest 20.5');
  listing.extend(pageFrom(50));
  expect(listing.length).toBe(101);
  expect(listing.place).toBe(placeOf(99));
  listing.extend(pageFrom(100));
  expect(listing.length).toBe(151);
});

test('a page without a conversation says how far it was read, and the next page goes on there', () => {
  const listing = new Listing((one) => one.assignee === 'agent_1');
  listing.restart({ conversations: [], next: placeOf(99) }, new Set());
  expect(listing.place).toBe(placeOf(99));
  expect(listing.readBackTo).toBe(Date.parse(all[99]?.date_active ?? ''));
  listing.take(conversation(150, { assignee: 'agent_1' }));
  expect(names(listing)).toEqual([]);
  listing.take(conversation(50, { assignee: 'agent_1' }));
  expect(listing.readBackTo).toBeUndefined();
  listing.extend({ conversations: [], next: placeOf(149) });
  expect(listing.readBackTo).toBe(Date.parse(all[149]?.date_active ?? ''));
  listing.extend({ conversations: [conversation(150, { assignee: 'agent_1' })], next: null });
  expect(names(listing)).toEqual(['Guest 50', 'Guest 150']);
  expect(listing.place).toBe('');
  expect(listing.readBackTo).toBeUndefined();
});

test('a list that nobody scrolls stays bounded, and what it drops is found again by its pages', () => {
  const listing = new Listing(() => true);
  listing.restart({ conversations: all.slice(200, 250), next: null }, new Set());
  for (let number = 199; number >= 0; number--) listing.take(all[number] as never);
  expect(listing.length).toBe(100);
  expect(listing.hasMore).toBe(true);
  expect(listing.place).toBe(placeOf(99));
});

test('a new first page replaces the list, but not a change that came while it was requested', () => {
  const listing = new Listing(() => true);
  listing.restart(pageFrom(0), new Set());
  const asked = new Set(listing);
  listing.take(conversation(7, { revision: 9, name: 'changed' }));
  listing.restart({ conversations: all.slice(5, 10), next: null }, asked);
  expect(names(listing)).toEqual(['Guest 5', 'Guest 6', 'changed', 'Guest 8', 'Guest 9']);
});
