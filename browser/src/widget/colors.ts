/** The colours of the bubble and its notices in the two themes. The window adds others: see palette.ts. */
export const FIRST_COLORS = {
  light: { bg: '#ffffff', ink: '#1c2030', line: '#dfe2ea' },
  dark: { bg: '#191c24', ink: '#eceef5', line: '#343a49' },
} as const;

/** A phone, upright or turned: the window fills the screen. */
export const FULL_SCREEN = '(max-width:480px),(max-height:500px) and (max-width:1000px)';

export const BRAND = '#3552c8';
export const BADGE = { ground: '#c8102e', text: '#ffffff' };

/** How far apart two colours are (WCAG 2.2, "contrast ratio"), from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** White if it can be read on this ground; otherwise black. */
export function textOn(ground: string): string {
  return contrast('#ffffff', ground) >= 4.5 ? '#ffffff' : '#000000';
}

/** @param color as #rgb or #rrggbb */
export function rgb(color: string): number[] {
  const digits = color.length === 4 ? color.replace(/[0-9a-f]/gi, '$&$&') : color;
  return [1, 3, 5].map((at) => parseInt(digits.slice(at, at + 2), 16));
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = rgb(color).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The colours as `!important` rules, like all rules of the host: see HOST_STYLES. */
export const variables = (colors: Record<string, string>) =>
  Object.entries(colors).map(([name, value]) => `--plr-${name}:${value}!important`).join(';');
