import uPlot from 'uplot';
import type { Line } from '../plots';

/** A drawn plot. */
export interface Chart {
  remove(): void;
}

/**
 * Draws lines.
 *
 * @param times of the points, in seconds since 1970
 */
export type Draw = (into: HTMLElement, times: number[], lines: Line[], format: (value: number) => string) => Chart;

const HEIGHT = 220;
/** The room for the numbers of the vertical axis. */
const AXIS_WIDTH = 72;
/** So that the lines differ also without colours. */
const DASHES = [[], [8, 4], [2, 3], [12, 3, 2, 3]];

export const draw: Draw = (into, times, lines, format) => {
  let plot = made(into, times, lines, format);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const drawAnew = (): void => {
    plot.destroy();
    plot = made(into, times, lines, format);
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

function made(into: HTMLElement, times: number[], lines: Line[], format: (value: number) => string): uPlot {
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
      axes: [axis, { ...axis, size: AXIS_WIDTH, values: (_plot, splits) => splits.map(format) }],
      series: [{}, ...lines.map(({ label }, at) => ({ label, stroke: colour(`--line-${at + 1}`), width: 2, dash: DASHES[at % DASHES.length] ?? [], spanGaps: false }))],
    },
    [times, ...lines.map(({ values }) => values)],
    into,
  );
}
