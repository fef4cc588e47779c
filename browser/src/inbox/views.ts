import type { Me, Summary } from './api';
import { texts } from './language';
import { NOBODY, type Filter } from './filter';
import { BY_ACTIVITY, Listing, type Order } from './listing';

/** A part of the conversations that the list can show. */
export type View = 'waiting' | 'mine' | 'unassigned' | 'all' | 'closed' | 'labelled' | 'filtered';

/** The views of the filter bar, in its order. */
export const BAR: readonly View[] = ['waiting', 'mine', 'unassigned', 'all', 'closed'];

/** The choice of a list: a view, and the label if it shows the conversations with one. */
export interface Choice {
  view: View;
  /** Of the view `labelled`. */
  label?: string;
  /** Of the view `filtered`. */
  filter?: Filter;
  /** Of the view `waiting`: those who have waited the longest come first. */
  isOldestFirst?: boolean;
}

/** The name of a view in the filter bar. */
export function nameOf(view: View): string {
  const { waiting, mine, unassigned, all, closed } = texts;
  return { waiting, mine, unassigned, all, closed, labelled: '', filtered: '' }[view];
}

/** The text of an empty list. */
export function emptyText(view: View): string {
  return {
    waiting: texts.noneWaiting,
    mine: texts.noneMine,
    unassigned: texts.noneUnassigned,
    all: texts.noneOpen,
    closed: texts.noneClosed,
    labelled: texts.noneLabelled,
    filtered: texts.noneFiltered,
  }[view];
}

/** The call that reads the first page of a choice; `after` continues it. */
export function addressOf({ view, label, filter, isOldestFirst }: Choice, after = ''): string {
  const query = new URLSearchParams({ list: view, ...filter });
  if (label !== undefined) query.set('label', label);
  if (isOldestFirst) query.set('order', 'oldest');
  if (after) query.set('after', after);
  return `/conversations?${query}`;
}

export function listingOf({ view, label, filter, isOldestFirst = false }: Choice, me: Me): Listing {
  if (view === 'filtered' && filter) return new Listing((one) => meets(one, filter), filter.state && !filter.label ? BY_ACTIVITY : BY_START);
  return new Listing((one) => accepts(view, one, me, label), orderOf(view, isOldestFirst));
}

/** Whether a conversation belongs to a view, as the server decides. */
function accepts(view: View, one: Summary, me: Me, label = ''): boolean {
  const isOpen = one.state === 'active';
  switch (view) {
    case 'waiting':
      return isOpen && one.waiting_since !== null;
    case 'mine':
      return isOpen && one.assignee === me.identity;
    case 'unassigned':
      return isOpen && one.assignee === null;
    case 'all':
      return isOpen;
    case 'closed':
      return !isOpen;
    case 'labelled':
      return one.labels.includes(label);
    case 'filtered':
      return false; // `meets` decides
  }
}

function meets(one: Summary, { state, assignee, label, desk }: Filter): boolean {
  return (!state || one.state === state) && (!assignee || (one.assignee ?? NOBODY) === assignee)
    && (!label || one.labels.includes(label)) && (!desk || one.desk === desk);
}

const BY_START: Order = { value: (one) => one.date_created, isOldestFirst: false };

function orderOf(view: View, isOldestFirst: boolean): Order {
  if (view === 'waiting') return { value: (one) => one.waiting_since ?? one.date_active, isOldestFirst };
  return view === 'labelled' ? BY_START : BY_ACTIVITY;
}
