import { afterEach, describe, expect, it, vi } from 'vitest';
import { Sessions } from '../src/console/sessions';
import type { View } from '../src/console/view';

const went: string[] = [];
const view: View = { go: (place) => void went.push(place), refresh: () => Promise.resolve(), say: () => undefined, attempt: (work: () => Promise<void>) => work() };

function session(sid: string, why: string | null = null): object {
  return { sid, state: why ? 'revoked' : 'live', bound: true, created: '2026-01-01T00:00:00Z', last_seen: '2026-01-01T00:00:00Z', revoked_why: why, last_refused_why: 'expired' };
}

async function shown(asked: string[]): Promise<HTMLElement> {
  vi.stubGlobal('fetch', (to: string) => {
    asked.push(to);
    if (to.includes('/console/deployments')) return Promise.resolve(Response.json({ deployments: [{ deployment_key: 'CV1', name: 'Shop' }] }));
    const isSecond = to.includes('before=');
    return Promise.resolve(Response.json(isSecond ? { sessions: [session('GS2', '<b>by an admin</b>')], next: null } : { sessions: [session('GS1')], next: '1-GS1' }));
  });
  const sessions = new Sessions(view);
  document.body.append(sessions.element);
  await sessions.show('');
  return sessions.element;
}

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

describe('the list of sessions', () => {
  it('goes on where its page ended, and begins anew with other filters', async () => {
    const asked: string[] = [];
    const element = await shown(asked);
    expect([...element.querySelectorAll('tbody a')].map((link) => link.textContent)).toEqual(['GS1']);
    expect(element.textContent).toContain('expired');
    const more = [...element.querySelectorAll('button')].find((button) => button.textContent === 'Show older sessions')!;
    more.click();
    await vi.waitFor(() => expect(element.querySelectorAll('tbody tr')).toHaveLength(2));
    expect(asked.at(-1)).toContain('deployment=CV1&state=all&binding=any&before=1-GS1');
    expect(more.hidden).toBe(true);
    expect(document.activeElement!.textContent).toBe('GS2');
    expect(element.textContent).toContain('<b>by an admin</b>');
    const [, state] = element.querySelectorAll('select');
    state!.value = 'refused';
    element.querySelector<HTMLFormElement>('.filters')!.requestSubmit();
    await vi.waitFor(() => expect(asked.at(-1)).toContain('state=refused&binding=any'));
    await vi.waitFor(() => expect(element.querySelectorAll('tbody tr')).toHaveLength(1));
  });
});

describe('the field for a session', () => {
  it.each([
    ['GS0123456789abcdef0123456789abcdef', 'sessions/GS0123456789abcdef0123456789abcdef'],
    [' the chat CH0123456789abcdef0123456789abcdef ', 'sessions/CH0123456789abcdef0123456789abcdef'],
    ['45779 · 9560079653d3', 'requests/9560079653d3'],
    ['nothing', 'sessions/nothing'],
  ])('leads from "%s" to %s', async (typed, place) => {
    const element = await shown([]);
    element.querySelector('input')!.value = typed;
    element.querySelector<HTMLFormElement>('.find')!.requestSubmit();
    expect(went.at(-1)).toBe(place);
  });
});
