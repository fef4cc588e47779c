import type { Summary } from './api';

/** A part of the conversations that the list can show. */
export type View = 'all' | 'closed';

interface ViewOf {
  name: string;
  /** Of the call that reads its pages. */
  query: string;
  /** Whether a conversation belongs to it, as the server decides. */
  accepts(one: Summary): boolean;
  /** What an empty list says. */
  empty: string;
}

export const VIEWS: Record<View, ViewOf> = {
  all: {
    name: 'Open',
    query: 'state=active',
    accepts: (one) => one.state === 'active',
    empty: 'No open conversations. New ones appear here as they come in.',
  },
  closed: {
    name: 'Closed',
    query: 'state=closed',
    accepts: (one) => one.state === 'closed',
    empty: 'No conversation was closed yet.',
  },
};
