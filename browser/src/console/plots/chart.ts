import uPlot from 'uplot';
import type { Line } from '../plots';

/** A drawn plot. */
export interface Chart {
  remove(): void;
}

export interface Drawing {
  /** Of the points, in seconds since 1970. */
  times: number[];
  lines: Line[];
  /** Whether there is no number between 0 and 1. */
  isWhole: boolean;
  format: (value: number) => string;
  /** A time below the plot. */
  when: (seconds: number) => string;
}

export type Draw = (into: HTMLElement, drawing: Drawing) => Chart;

const HEIGHT = 220;
/** The room for the numbers of the vertical axis. */
const AXIS_WIDTH = 72;
/** The least room between two times. */
const TIME_WIDTH = 80;
const WHOLE_STEPS = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();
/** So that the lines differ also without colours. */
const DASHES = [[], [8, 4], [2, 3], [12, 3, 2, 3]];

export const draw: Draw = (into, drawing) => {
  let plot = made(into, drawing);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const drawAnew = (): void => {
    plot.destroy();
    plot = made(into, drawing);
  };
  dark.addEventListener('change', drawAnew);
  const sized = new ResizeObserver(() => {
    if (into.clientWidth && into.clientWidth !== plot.width) plot.setSize({ width: into.clientWidth, height: HEIGHT });
  });
  sized.observe(into);
  return {
    remove: () => {
      dark.removeEventListener('change', drawAnew);
      sized.disconnect();
      plot.destroy();
    },
  };
};

function made(into: HTMLElement, { times, lines, isWhole, format, when }: Drawing): uPlot {
  const style = getComputedStyle(into);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = { stroke: colour('--soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { stroke: colour('--line'), width: 1 } };
  return new uPlot(
    {
      width: into.clientWidth || 600,
      height: HEIGHT,
      legend: { show: false },
      cursor: { drag: { x: false, y: false } },
      scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
      axes: [
        { ...axis, space: TIME_WIDTH, values: (_plot, splits) => splits.map(when) },
        { ...axis, size: AXIS_WIDTH, values: (_plot, splits) => splits.map(format), ...(isWhole ? { incrs: WHOLE_STEPS } : {}) },
      ],
      series: [{}, ...lines.map(({ label }, at) => ({ label, stroke: colour(`--line-${at + 1}`), width: 2, dash: DASHES[at % DASHES.length] ?? [], spanGaps: false }))],
    },
    [times, ...lines.map(({ values }) => values)],
    into,
  );
}
