import { el, type Child } from '../dom/element';
import { get } from '../inbox/api';
import { importFrom } from '../widget/chunks';
import { fill, PLOT_TEXTS as TEXTS } from './plots/texts';
import type { Chart, Draw } from './plots/chart';
import type { View } from './view';

/** The file that draws, which only this part needs: `build.mjs` writes it. */
declare const PLOTS_CHUNK: string;

/** `/console/plots?span=…` */
export interface Plots {
  is_shown: boolean;
  begin: string;
  step_seconds: number;
  plots: Plot[];
}

export interface Plot {
  name: keyof typeof TEXTS.plots;
  series: { label: string; values: number[] }[];
}

/** A line as it is shown: null is a gap. */
export interface Line {
  label: string;
  values: (number | null)[];
}

type Span = keyof typeof TEXTS.spans;

let attempts = 0;
const load = async (): Promise<Draw> => ((await importFrom('', PLOTS_CHUNK, attempts++)) as { draw: Draw }).draw;

/** The last hour, day or week of the installation, as plots and as tables. */
export class PlotList {
  readonly element = el('section', { 'aria-label': TEXTS.part });
  readonly #view: View;
  readonly #load: () => Promise<Draw>;
  readonly #span = el('select', {}, ...Object.entries(TEXTS.spans).map(([value, name]) => el('option', { value }, name)));
  readonly #list = el('div', { class: 'plots' });
  #charts: Chart[] = [];
  #asked = 0;

  constructor(view: View, from: () => Promise<Draw> = load) {
    this.#view = view;
    this.#load = from;
    const form = el('form', { class: 'filters' }, el('label', {}, TEXTS.span, this.#span), el('button', { class: 'plain', type: 'submit' }, TEXTS.show));
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.#view.refresh();
    };
    this.#span.onchange = () => void this.#view.refresh();
    this.element.append(form, this.#list);
  }

  async show(): Promise<void> {
    const asked = ++this.#asked;
    const span = this.#span.value as Span;
    const [read, draw] = await Promise.all([get<Plots>(`/console/plots?span=${span}`), this.#load().catch(() => undefined)]);
    if (asked !== this.#asked) return; // an answer that another one has overtaken
    for (const chart of this.#charts.splice(0)) chart.remove();
    if (!read.is_shown) {
      this.#list.replaceChildren(el('p', { class: 'empty' }, TEXTS.severalAccounts));
      return;
    }
    const open = new Set([...this.#list.querySelectorAll('details[open]')].map((one) => one.id));
    const times = timesOf(read);
    const figures = read.plots.map((plot) => figureOf(plot, times, span, open));
    this.#list.replaceChildren(...figures.map(({ element }) => element));
    if (!draw) this.#view.say(TEXTS.notDrawn);
    const when = (seconds: number): string => shortTimeOf(seconds, span);
    for (const { canvas, lines, isWhole, format } of figures) {
      if (draw && lines.length) this.#charts.push(draw(canvas, { times, lines, isWhole, format, when }));
    }
  }
}

interface Figure {
  element: HTMLElement;
  canvas: HTMLElement;
  lines: Line[];
  isWhole: boolean;
  format: (value: number) => string;
}

function figureOf({ name, series }: Plot, times: number[], span: Span, open: Set<string>): Figure {
  const texts = TEXTS.plots[name];
  const scale = name === 'latency' ? 1_000 : 1;
  const lines = series.map(({ label, values }) => ({ label, values: values.map((value) => (value < 0 ? null : value / scale)) }));
  const format = name === 'latency' ? milliseconds : whole;
  const canvas = el('div', { class: 'canvas', 'aria-hidden': 'true' });
  const title = `plot-${name}`;
  const children: Child[] = [el('h2', { id: title }, texts.title), el('p', { class: 'soft' }, fill(texts.what, { step: TEXTS.steps[span] }))];
  if (lines.some(({ values }) => values.some((value) => value !== null))) {
    children.push(legend(lines, format), canvas, numbers(name, texts.title, lines, times, span, format, open));
  } else {
    children.push(el('p', {}, TEXTS.nothing));
    lines.length = 0;
  }
  return { element: el('section', { class: 'card plot', 'aria-labelledby': title }, ...children), canvas, lines, isWhole: scale === 1, format };
}

/** The names of the lines in their colours, with the last number of each. */
function legend(lines: Line[], format: (value: number) => string): HTMLElement {
  return el(
    'ul',
    { class: 'legend' },
    ...lines.map(({ label, values }, at) => {
      const last = values.at(-1) ?? null;
      return el('li', {}, el('span', { class: `swatch line-${at + 1}`, 'aria-hidden': 'true' }), `${label}: ${last === null ? TEXTS.gap : format(last)}`);
    }),
  );
}

/** The same numbers as a table, the newest first. */
function numbers(name: string, title: string, lines: Line[], times: number[], span: Span, format: (value: number) => string, open: Set<string>): HTMLElement {
  const head = el('tr', {}, el('th', { scope: 'col' }, TEXTS.time), ...lines.map(({ label }) => el('th', { scope: 'col' }, label)));
  const rows = times.map((time, at) => {
    const cells = lines.map(({ values }) => values[at] ?? null).map((value) => el('td', {}, value === null ? TEXTS.gap : format(value)));
    return el('tr', {}, el('th', { scope: 'row' }, timeOf(time, span)), ...cells);
  });
  const region = el('div', { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': fill(TEXTS.tableOf, { plot: title }) });
  const details = el('details', { id: `numbers-${name}` }, el('summary', {}, fill(TEXTS.tableOf, { plot: title })), region);
  // A week has a thousand cells: they are made when somebody opens the table.
  const fillTable = (): void => {
    if (details.open && !region.firstChild) region.append(el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows.reverse())));
  };
  details.ontoggle = fillTable;
  details.open = open.has(details.id);
  fillTable();
  return details;
}

/** The beginning of each step, in seconds since 1970. */
function timesOf({ begin, step_seconds: step, plots }: Plots): number[] {
  const steps = Math.max(0, ...plots.flatMap(({ series }) => series.map(({ values }) => values.length)));
  const first = Date.parse(begin) / 1_000;
  return Array.from({ length: steps }, (_, at) => first + at * step);
}

function timeOf(seconds: number, span: Span): string {
  return new Date(seconds * 1_000).toLocaleString([], { ...(span === 'hour' ? {} : { weekday: 'short', day: 'numeric', month: 'short' }), hour: '2-digit', minute: '2-digit' });
}

function shortTimeOf(seconds: number, span: Span): string {
  return new Date(seconds * 1_000).toLocaleString([], { ...(span === 'week' ? { weekday: 'short' } : {}), hour: '2-digit', minute: '2-digit' });
}

function whole(value: number): string {
  return value.toLocaleString();
}

function milliseconds(value: number): string {
  return `${value.toLocaleString([], { maximumFractionDigits: value < 10 ? 1 : 0 })} ms`;
}
