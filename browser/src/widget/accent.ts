import { contrast, PALETTE, rgb, variables } from './host-styles';

/** The colour where text of it can be read on these grounds; otherwise mixed with the ink until it can. */
export function readable(color: string, ink: string, grounds: string[]): string {
  for (let part = 0; part < 1; part += 0.05) {
    const mixed = `#${rgb(color).map((one, at) => Math.round(one + ((rgb(ink)[at] ?? 0) - one) * part).toString(16).padStart(2, '0')).join('')}`;
    if (grounds.every((ground) => contrast(mixed, ground) >= 4.5)) return mixed;
  }
  return ink;
}

/** For the edge and the ring of a field that has the focus, links and small icons. */
const shades = (color: string, { ink, bg, theirs }: Record<'ink' | 'bg' | 'theirs', string>) => {
  const accent = readable(color, ink, [bg, theirs]);
  return variables({ accent, ring: `${accent}40` });
};

/** The page's colour as it can be read in both themes. */
export const accentsOf = (color: string) =>
  `:host{${shades(color, PALETTE.light)}}:host([data-theme=dark]){${shades(color, PALETTE.dark)}}`;
