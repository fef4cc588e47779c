import { expect, test, vi } from 'vitest';
import type { SessionState, Summary } from '../src/inbox/api';
import { copyRefusedAt, refusalOf, sessionStatus } from '../src/inbox/format';

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
    reopenable_for: null,
    page: null,
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

test('a closed conversation says until when it can be reopened, and after that why it cannot', () => {
  vi.useFakeTimers({ now: new Date('2026-01-01T11:00:00') });
  const closed: Summary = { ...summary({}), state: 'closed' };
  const minutes = 60_000;
  expect(sessionStatus(closed, 90 * minutes)).toMatch(/^Closed\. You can reopen it until \S*12:30/);
  expect(sessionStatus(closed, 90 * minutes)).not.toMatch(/Jan/);
  expect(sessionStatus(closed, (90 + 24 * 60) * minutes)).toMatch(/(2 Jan|Jan 2).*12:30/);
  expect(sessionStatus(closed, 0)).toContain('the time to reopen it is over');
  expect(sessionStatus({ ...closed, session: { ...closed.session, state: 'expired' } }, -1)).toContain('session is over');
  vi.useRealTimers();
});
