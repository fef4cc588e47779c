import { expect, test } from 'vitest';
import type { SessionState, Summary } from '../src/inbox/api';
import { copyRefusedAt, refusalOf } from '../src/inbox/format';

function summary(session: Partial<SessionState>): Summary {
  return {
    conversation_sid: 'CH1',
    state: 'active',
    name: 'Ada',
    revision: 1,
    unread: 0,
    last_message: null,
    date_created: '2026-01-01T10:00:00Z',
    date_active: '2026-01-01T10:00:00Z',
    assignee: null,
    waiting_since: null,
    labels: [],
    session: { state: 'live', bound: false, revoked_why: null, refusals: 0, last_refused_at: null, last_refused_why: null, ...session },
  };
}

test('a refused proof warns the agent like a refused fingerprint, and a repeated call does not', () => {
  const at = '2026-01-01T11:00:00Z';
  for (const why of ['from another browser', 'key: missing', 'key: wrong']) {
    const refused = summary({ bound: true, refusals: 1, last_refused_at: at, last_refused_why: why });
    expect(copyRefusedAt(refused), why).toBe(at);
    expect(refusalOf(refused), why).not.toContain('was refused:');
  }
  const repeated = summary({ bound: true, refusals: 1, last_refused_at: at, last_refused_why: 'key: replayed' });
  expect(copyRefusedAt(repeated)).toBe('');
  expect(refusalOf(repeated)).toContain('a second time');
});
