import { afterEach, describe, expect, it, vi } from 'vitest';
import { PlotList, type Line, type Plots } from '../src/console/plots';
import type { Draw } from '../src/console/plots/chart';
import { PLOT_TEXTS } from '../src/console/plots/texts';
import type { View } from '../src/console/view';

const ANSWER: Plots = {
  is_shown: true,
  begin: '2026-01-01T10:00:00Z',
  step_seconds: 60,
  plots: [
    { name: 'refreshes', series: [{ label: 'accepted', values: [4, -1, 7] }] },
    { name: 'latency', series: [{ label: 'half of them', values: [1_500, -1, 12_345] }] },
    { name: 'webhooks', series: [{ label: 'conversations that wait', values: [-1, -1, -1] }] },
    { name: 'refusals', series: [{ label: '<img src=x onerror=alert(1)>', values: [0, 0, 1] }] },
  ],
};

const view = { say: vi.fn(), refresh: vi.fn() } as unknown as View;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

function answering(...answers: Plots[]): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (to: string) => {
    asked.push(to);
    return Response.json(answers[asked.length - 1] ?? answers.at(-1));
  });
  return asked;
}

async function shown(answer: Plots = ANSWER, draw: Draw = () => ({ remove: () => {} })): Promise<PlotList> {
  answering(answer);
  const plots = new PlotList(view, async () => draw);
  await plots.show();
  return plots;
}

function opened(plots: PlotList, name: string): string[][] {
  const details = plots.element.querySelector<HTMLDetailsElement>(`#numbers-${name}`)!;
  details.open = true;
  details.dispatchEvent(new Event('toggle'));
  return [...details.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => cell.textContent ?? ''));
}

describe('the plots of the console', () => {
  it('draw each line with its gaps, and the time of a message in milliseconds', async () => {
    const drawn: { times: number[]; lines: Line[] }[] = [];
    await shown(ANSWER, (_into, { times, lines }) => {
      drawn.push({ times, lines });
      return { remove: () => {} };
    });
    const begin = Date.parse(ANSWER.begin) / 1_000;
    expect(drawn[0]).toEqual({ times: [begin, begin + 60, begin + 120], lines: [{ label: 'accepted', values: [4, null, 7] }] });
    expect(drawn[1]?.lines[0]?.values).toEqual([1.5, null, 12.345]);
    expect(drawn).toHaveLength(3);
  });

  it('have a table with the same numbers, the newest first, which says where there is none', async () => {
    const rows = opened(await shown(), 'refreshes');
    expect(rows.map((row) => row.slice(1))).toEqual([['accepted'], ['7'], [PLOT_TEXTS.gap], ['4']]);
    expect(opened(await shown(), 'latency').map((row) => row[1])).toEqual(['half of them', '12 ms', PLOT_TEXTS.gap, '1.5 ms']);
  });

  it('show labels as text, and say of what nothing is known', async () => {
    const plots = await shown();
    expect(plots.element.querySelector('img')).toBeNull();
    expect(plots.element.textContent).toContain(PLOT_TEXTS.nothing);
    expect(plots.element.querySelector('#numbers-webhooks')).toBeNull();
  });

  it('are not there for an installation with several accounts', async () => {
    const plots = await shown({ ...ANSWER, is_shown: false, plots: [] });
    expect(plots.element.textContent).toContain(PLOT_TEXTS.severalAccounts);
    expect(plots.element.querySelector('.plot')).toBeNull();
  });

  it('leave the tables to read if the file that draws cannot be loaded', async () => {
    answering(ANSWER);
    const plots = new PlotList(view, () => Promise.reject(new Error('no network')));
    await plots.show();
    expect(view.say).toHaveBeenCalledWith(PLOT_TEXTS.notDrawn);
    expect(opened(plots, 'refreshes')).toHaveLength(4);
  });

  it('ask for the span that was chosen, keep an open table open, and remove what was drawn before', async () => {
    const asked = answering(ANSWER);
    let removed = 0;
    const plots = new PlotList(view, async () => () => ({ remove: () => removed++ }));
    await plots.show();
    opened(plots, 'refreshes');
    plots.element.querySelector('select')!.value = 'week';
    await plots.show();
    expect(asked[1]).toContain('/console/plots?span=week');
    expect(removed).toBe(3);
    expect(plots.element.querySelector<HTMLDetailsElement>('#numbers-refreshes')?.open).toBe(true);
  });

  it('do not show an answer that another one has overtaken', async () => {
    const answers: ((answer: Plots) => void)[] = [];
    vi.stubGlobal('fetch', () => new Promise((resolve) => answers.push((answer) => resolve(Response.json(answer)))));
    const plots = new PlotList(view, async () => () => ({ remove: () => {} }));
    const both = [plots.show(), plots.show()];
    answers[1]?.(ANSWER);
    await both[1];
    answers[0]?.({ ...ANSWER, is_shown: false });
    await both[0];
    expect(plots.element.querySelectorAll('.plot')).toHaveLength(4);
  });
});
