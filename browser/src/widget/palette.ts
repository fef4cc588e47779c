import { contrast, FIRST_COLORS, rgb, variables } from './colors';

/** Text on one of these grounds has a contrast of 4.5:1 and more (WCAG 2.2, 1.4.3), edges 3:1 (1.4.11). */
export const PALETTE = {
  light: {
    ...FIRST_COLORS.light,
    soft: '#5b6275',
    edge: '#7d8497',
    theirs: '#f0f2f7',
    warn: '#fff4d6',
    warnink: '#5c4300',
    stop: '#fde7e9',
    stopink: '#861220',
    bad: '#a4121f',
  },
  dark: {
    ...FIRST_COLORS.dark,
    soft: '#a3abc0',
    edge: '#7d8497',
    theirs: '#282d3a',
    warn: '#40340f',
    warnink: '#ffe6a3',
    stop: '#4a1820',
    stopink: '#ffd3d6',
    bad: '#ff9aa2',
  },
} as const;

/** The colour itself if text in it can be read on these grounds; otherwise the colour mixed with the ink until it can. */
export function readable(color: string, ink: string, grounds: string[]): string {
  for (let part = 0; part < 1; part += 0.05) {
    const mixed = `#${rgb(color).map((one, at) => Math.round(one + ((rgb(ink)[at] ?? 0) - one) * part).toString(16).padStart(2, '0')).join('')}`;
    if (grounds.every((ground) => contrast(mixed, ground) >= 4.5)) return mixed;
  }
  return ink;
}

/** The accent is for the edge and the ring of a field that has the focus, links and small icons. */
const shades = (color: string, theme: Record<'ink' | 'bg' | 'theirs', string>) => {
  const accent = readable(color, theme.ink, [theme.bg, theme.theirs]);
  return variables({ ...theme, accent, ring: `${accent}40` });
};

/** The colours of the window in both themes, and the page's colour as it can be read in them. */
export const colorsOf = (color: string) =>
  `:host{${shades(color, PALETTE.light)}}:host([data-theme=dark]){${shades(color, PALETTE.dark)}}`;
