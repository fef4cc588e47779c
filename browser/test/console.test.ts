import { afterEach, describe, expect, it, vi } from 'vitest';
import { AgentList } from '../src/console/agents';
import { asks } from '../src/console/ask';
import { copyOf } from '../src/console/copy';
import { DeploymentList } from '../src/console/deployments';
import { DeskList } from '../src/console/desks';
import { diagram, steps } from '../src/console/diagram';
import { referenceIn } from '../src/console/reference';
import { Requests } from '../src/console/requests';
import { Sessions } from '../src/console/sessions';
import type { View } from '../src/console/view';
import type { Arrow } from '../src/console/wire';

const ARROWS: Arrow[] = [
  { from: 'Browser', to: 'FlexWebchatOrchestratorService', text: 'a call', detail: 'from <b>https://evil.example.com</b>' },
  { from: 'FlexWebchatOrchestratorService', to: 'FlexWebchatOrchestratorService', text: "the page's origin is not on the list", detail: '' },
];

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

describe('the reference that a guest reads out', () => {
  it.each([
    ['45779 · 9560079653d3', '9560079653d3'],
    ['Reference: 45779 9560079653D3.', '9560079653d3'],
    ['4bf92f3577b34da6a3ce929d0e0e4736', '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['45779', undefined],
    ['GS0123456789abcdef0123456789abcdef', undefined],
    ['', undefined],
  ])('%s', (typed, reference) => expect(referenceIn(typed)).toBe(reference));
});

describe('a request', () => {
  it('is drawn with a line for each participant and an arrow for each step, hidden from screen readers', () => {
    const svg = diagram(ARROWS);
    expect(svg.getAttribute('aria-hidden')).toBe('true');
    expect(svg.querySelectorAll('.life')).toHaveLength(2);
    expect(svg.querySelectorAll('.arrow')).toHaveLength(2);
    expect(svg.querySelector('b')).toBeNull();
  });

  it('is read as a list that says the same', () => {
    const items = [...steps(ARROWS).querySelectorAll('li')].map((item) => item.textContent);
    expect(items).toEqual([
      'Browser to FlexWebchatOrchestratorService: a call (from <b>https://evil.example.com</b>)',
      "FlexWebchatOrchestratorService: the page's origin is not on the list",
    ]);
  });
});

describe('a question', () => {
  const button = (at: number) => document.querySelectorAll<HTMLButtonElement>('dialog button')[at] as HTMLButtonElement;

  it('is answered once, and begins at the button that changes nothing', async () => {
    const answer = asks('Really?', 'Do it');
    expect(document.activeElement).toBe(button(0));
    button(1).click();
    expect(await answer).toBe(true);
    expect(document.querySelector('dialog')).toBeNull();
  });

  it('is answered no by Cancel', async () => {
    const answer = asks('Really?', 'Do it');
    button(0).click();
    expect(await answer).toBe(false);
  });
});

describe('a text to copy', () => {
  it('is selected where the browser has no clipboard, because the page came without https', async () => {
    const text = document.body.appendChild(document.createElement('code'));
    text.textContent = '<script defer></script>';
    vi.stubGlobal('navigator', {});
    expect(await copyOf(text)).toContain('Ctrl+C');
    expect(String(getSelection())).toBe('<script defer></script>');
  });

  it('is in the clipboard where there is one', async () => {
    const writeText = vi.fn(() => Promise.resolve());
    const text = document.createElement('code');
    text.textContent = 'secret';
    vi.stubGlobal('navigator', { clipboard: { writeText } });
    expect(await copyOf(text)).toBe('Copied.');
    expect(writeText).toHaveBeenCalledWith('secret');
  });
});

/** Answers the calls of the page later, in any order. */
function calls(): { to: string; answer: (body: unknown) => void }[] {
  const made: { to: string; answer: (body: unknown) => void }[] = [];
  vi.stubGlobal('fetch', (to: string) => new Promise((resolve) => made.push({ to, answer: (body) => resolve(Response.json(body)) })));
  return made;
}

const SETTINGS = { name: 'New desk', keep: 'forever', greeting: '', away_text: '', time_zone: '', hours: [], holidays: [] };
const DESK = { settings: SETTINGS, members: [], waiting: null, is_waiting_unknown: true };

describe('a late answer', () => {
  it.each([
    ['desks', DeskList, { desks: [DESK], counted_up_to: 100 }, { desks: [], counted_up_to: 100 }, 'New desk'],
    ['deployments', DeploymentList, { deployments: [{ name: 'New site', allowed_origins: [] }] }, { deployments: [] }, 'New site'],
    ['agents', AgentList, { agents: [{ name: 'new-agent', display_name: 'Agent', role: 'agent' }], removed: [] }, { agents: [], removed: [] }, 'new-agent'],
  ] as const)('does not replace the %s that were read after it', async (_, List, newer, older, name) => {
    const made = calls();
    const list = new List({} as View, 'ann');
    const shown = [list.show(), list.show()];
    made[1]!.answer(newer);
    await shown[1];
    made[0]!.answer(older);
    await shown[0];
    expect(list.element.textContent).toContain(name);
  });

  it('does not replace the session that was asked for after it', async () => {
    const made = calls();
    const sessions = new Sessions({} as View);
    const shown = [sessions.show('GS1'), sessions.show('GS2')];
    made[1]!.answer({ sessions: [{ sid: 'GS2', state: 'live' }] });
    await shown[1];
    made[0]!.answer({ sessions: [{ sid: 'GS1', state: 'live' }] });
    await shown[0];
    expect(sessions.element.querySelector('h2')!.textContent).toContain('GS2');
  });

  it('does not replace the request that was opened after it', async () => {
    const made = calls();
    const requests = new Requests({} as View);
    const list = requests.show('');
    made[0]!.answer({ deployments: [] });
    await vi.waitFor(() => expect(made).toHaveLength(2));
    const one = requests.show('9560079653d3');
    made[2]!.answer({ deployments: [] });
    await vi.waitFor(() => expect(made).toHaveLength(4));
    made[3]!.answer({ trace: '9560079653d3', is_recorded: false, arrows: [], entries: [] });
    await one;
    made[1]!.answer({ entries: [], has_more: false });
    await list;
    expect(requests.element.querySelector('h2')!.textContent).toContain('9560079653d3');
  });
});

describe('a request whose entries cannot be read', () => {
  it('is drawn, and the page says what is missing', async () => {
    const traced = { trace: '9560079653d3', is_recorded: true, is_ledger_down: true, arrows: ARROWS, entries: [] };
    vi.stubGlobal('fetch', (to: string) => Promise.resolve(Response.json(to.includes('/traces/') ? traced : { deployments: [] })));
    const requests = new Requests({} as View);
    await requests.show('9560079653d3');
    expect(requests.element.querySelectorAll('.arrow')).toHaveLength(2);
    expect(requests.element.textContent).toContain('The ledger cannot be read now');
  });
});

describe('a search beside the one of somebody else', () => {
  it('fails with the words of the server, which the page shows, and can be made again', async () => {
    const message = 'Another search of the refusals is running. Try again in a few seconds.';
    vi.stubGlobal('fetch', (to: string) =>
      Promise.resolve(to.includes('/ledger') ? Response.json({ code: 45780, message }, { status: 429, headers: { 'Retry-After': '2' } }) : Response.json({ deployments: [] })),
    );
    const requests = new Requests({} as View);
    await expect(requests.show('')).rejects.toThrow(message);
    expect(requests.element.querySelector('.content')!.textContent).toBe('');
    expect(requests.element.querySelector<HTMLButtonElement>('.filters button')!.disabled).toBe(false);
  });
});

describe('a desk', () => {
  const shown = async (desk: object): Promise<string> => {
    vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ desks: [{ ...DESK, ...desk }], counted_up_to: 100 })));
    const list = new DeskList({} as View);
    await list.show();
    return list.element.querySelector('.facts')!.textContent;
  };

  it('shows a dash and the reason where the server could not count, and never 0', async () => {
    expect(await shown({ waiting: null, is_waiting_unknown: true })).toContain('— (Parlour cannot count them now');
    expect(await shown({ waiting: null, is_waiting_unknown: false })).toContain('not counted');
    expect(await shown({ waiting: 0, is_waiting_unknown: false })).toMatch(/wait\s*0/);
  });

  it('without a time of its own keeps conversations as their deployments say', async () => {
    expect(await shown({})).toMatch(/kept for\s*as their deployments say/);
    expect(await shown({ settings: { ...SETTINGS, keep: '90d' } })).toMatch(/kept for\s*90d/);
  });
});
