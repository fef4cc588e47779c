import { drawing } from '../dom/icon';

/** The drawings of the page's buttons, as paths in a box of 24 by 24. */
const PATHS = {
  back: 'M15 5l-7 7 7 7',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 20a2 2 0 0 0 4 0',
  camera: 'M4 8h4l1.5-2.5h5L16 8h4v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clip: 'M20 11.5l-8.2 8.2a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4l7.7-7.7',
  down: 'M12 5v14M6 13l6 6 6-6',
  filter: 'M4 5h16l-6 7.5V19l-4-2v-4.5z',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 7.6v.1',
  keys: 'M3 6h18v12H3zM7 10h.1M11 10h.1M15 10h.1M7 14h10',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20.5 20.5',
  send: 'M4 12l16-8-5 17-4-7zM11 14l9-10',
  shield: 'M12 3l8 3v6c0 4.6-3.4 8-8 9-4.6-1-8-4.4-8-9V6zM12 8.5v4M12 16v.1',
  sort: 'M7 4v16M3.5 16.5L7 20l3.5-3.5M17 20V4M13.5 7.5L17 4l3.5 3.5',
  sound: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
} as const;

export type Icon = keyof typeof PATHS;

/** An icon in the colour of the text beside it. Screen readers skip it, so its button needs a name. */
export function icon(name: Icon): SVGElement {
  return drawing(PATHS[name], `icon icon-${name}`);
}
