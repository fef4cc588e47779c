import { vi } from 'vitest';
import type { Message } from '../src/widget/wire';
import type { Agent, Me, Opened, Summary } from '../src/inbox/api';
import { Team, type Note } from '../src/inbox/team';

/** The parts that the tests of the inbox share: an agent, and answers of the server. */

export const ME: Me = { name: 'ann', display_name: 'Ann Lee', role: 'agent', identity: 'agent-ann', account_sid: 'AC', lacks_second_factor: false, is_of_provider: false };

export const BEN: Agent = { identity: 'agent-ben', name: 'ben', display_name: 'Ben Okafor', role: 'agent' };

/** The team of Ann and Ben, whose names are known. */
export function team(): Team {
  const made = new Team(() => {});
  vi.spyOn(made, 'agents', 'get').mockReturnValue([ME, BEN]);
  vi.spyOn(made, 'meet').mockReturnValue();
  vi.spyOn(made, 'nameOf').mockImplementation((identity) => (identity === BEN.identity ? 'Ben Okafor' : 'Ann Lee'));
  return made;
}

/** A conversation in a list. The older, the higher its number. */
export function conversation(number: number, changes: Partial<Summary> = {}): Summary {
  const moment = new Date(Date.UTC(2025, 10, 22, 12) - number * 60_000).toISOString();
  return {
    conversation_sid: `CH${String(number).padStart(32, '0')}`,
    state: 'active',
    name: `Guest ${number}`,
    revision: 1,
    unread: 0,
    last_message: null,
    date_created: moment,
    date_active: moment,
    assignee: null,
    waiting_since: null,
    labels: [],
    reopenable_for: null,
    page: null,
    session: { state: 'live', bound: false, revoked_why: null, refusals: 0, last_refused_at: null, last_refused_why: null },
    ...changes,
  };
}

export function opened(summary: Summary, changes: Partial<Opened> = {}): Opened {
  return { summary, pre_engagement_data: '{}', participants: [], messages: [], has_more: false, others: [], ...changes };
}

export function message(index: number, changes: Partial<Message> = {}): Message {
  return {
    sid: `IM${index}`,
    index,
    author: 'guest-1',
    author_kind: 'guest',
    author_name: 'Ada',
    body: `message ${index}`,
    client_id: null,
    date_created: new Date(Date.UTC(2025, 10, 22, 12, 0, index)).toISOString(),
    revision: index + 2,
    removed: false,
    ...changes,
  };
}

export function note(revision: number, changes: Partial<Note> = {}): Note {
  return {
    added_revision: revision,
    revision,
    author: 'agent-ben',
    author_name: 'Ben Okafor',
    body: `note ${revision}`,
    date_created: new Date(Date.UTC(2025, 10, 22, 12, 0, revision)).toISOString(),
    removed: false,
    ...changes,
  };
}

/** Elements have no size without a browser: gives all of them one, so that the list has a view. */
export function withHeight(pixels: number): () => void {
  const before = Object.getOwnPropertyDescriptor(HTMLElement.prototype, 'clientHeight');
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => pixels });
  return () => {
    if (before) Object.defineProperty(HTMLElement.prototype, 'clientHeight', before);
    else delete (HTMLElement.prototype as { clientHeight?: number }).clientHeight;
  };
}

/** Actions of a conversation that nobody waits for. */
export const UNUSED = { failed: () => {}, putAway: () => {}, choose: () => {}, list: () => {}, say: () => {} };
