import { el } from '../dom/element';
import { TEXTS, fill } from './texts';
import type { Arrow } from './wire';

const COLUMN = 200;
const MARGIN = 104;
/** Room on the right for the text of an arrow from the last participant to itself. */
const OWN = 130;
const HEAD = 44;
const LINE = 16;
/** Characters of a line that fit between two columns. */
const CHARACTERS = 26;

/** The participants, from left to right as in docs/diagrams. */
const ORDER = ['Customer', 'Browser', 'Starship', 'FlexWebchatOrchestratorService', 'FederatedAuthService', 'ScopedAuthService', 'Conversations'];

/** A request as a sequence diagram. Screen readers skip it: {@link steps} says the same. */
export function diagram(arrows: Arrow[]): SVGElement {
  const names = [...new Set(arrows.flatMap(({ from, to }) => [from, to]))].sort((one, other) => ORDER.indexOf(one) - ORDER.indexOf(other));
  const svg = draw('svg', { class: 'diagram', 'aria-hidden': 'true' });
  const place = (name: string) => MARGIN + names.indexOf(name) * COLUMN;
  let y = HEAD + 12;
  const rows: SVGElement[] = [];
  arrows.forEach((arrow, at) => {
    const [row, bottom] = drawn(arrow, at + 1, place(arrow.from), place(arrow.to), y);
    rows.push(row);
    y = bottom;
  });
  const width = 2 * MARGIN + (names.length - 1) * COLUMN + OWN;
  svg.setAttribute('viewBox', `0 0 ${width} ${y + 12}`);
  svg.setAttribute('width', String(width));
  svg.setAttribute('height', String(y + 12));
  for (const name of names) {
    const x = place(name);
    const title = wrapped(name.replace(/(?<=[a-z])(?=[A-Z])/g, '\u200b'), 20);
    svg.append(
      draw('line', { class: 'life', x1: x, y1: HEAD, x2: x, y2: y }),
      draw('rect', { class: 'who', x: x - 95, y: 2, width: 190, height: HEAD - 4, rx: 8 }),
      text(title, x, HEAD / 2 + 5 - ((title.length - 1) * LINE) / 2, 'name'),
    );
  }
  svg.append(...rows);
  return svg;
}

/** The same as a numbered list. */
export function steps(arrows: Arrow[]): HTMLElement {
  const items = arrows.map((arrow) =>
    el('li', {}, fill(arrow.from === arrow.to ? TEXTS.own : TEXTS.arrow, { ...arrow }), ...(arrow.detail ? [' ', el('span', { class: 'soft' }, `(${arrow.detail})`)] : [])),
  );
  return el('ol', { class: 'steps', 'aria-label': TEXTS.steps }, ...items);
}

/** Draws one arrow below `top`; returns it and where the next one begins. */
function drawn(arrow: Arrow, number: number, from: number, to: number, top: number): [SVGElement, number] {
  const isOwn = from === to;
  const room = isOwn ? CHARACTERS : Math.max(CHARACTERS, Math.floor((Math.abs(to - from) / COLUMN) * CHARACTERS));
  const lines = wrapped(`${number}. ${arrow.text}`, room);
  const details = arrow.detail ? wrapped(arrow.detail, room) : [];
  const group = draw('g', { class: 'arrow' });
  const middle = isOwn ? from + 34 : (from + to) / 2;
  const start = top + LINE;
  group.append(text(lines, middle, start, isOwn ? 'own' : 'text'));
  let y = start + lines.length * LINE - 8;
  if (isOwn) {
    const bottom = start + (lines.length + details.length - 1) * LINE + 4;
    group.append(draw('path', { class: 'line', d: `M${from} ${start - 4}h24V${bottom}h-17` }), head(from, bottom, 1));
    group.append(text(details, middle, start + lines.length * LINE, 'own detail'));
    return [group, bottom + 12];
  }
  const direction = Math.sign(to - from);
  group.append(draw('path', { class: 'line', d: `M${from} ${y}H${to - direction * 7}` }), head(to, y, -direction));
  y += LINE;
  group.append(text(details, middle, y, 'text detail'));
  return [group, y + Math.max(0, details.length - 1) * LINE + (details.length ? 10 : -4)];
}

/** The head of an arrow that points at `x`; `side` 1: it comes from the right. */
function head(x: number, y: number, side: number): SVGElement {
  return draw('path', { class: 'head', d: `M${x} ${y}l${side * 9} -5v10z` });
}

function text(lines: string[], x: number, y: number, kind: string): SVGElement {
  const element = draw('text', { class: kind, x, y });
  lines.forEach((line, at) => {
    const span = draw('tspan', { x, dy: at ? LINE : 0 });
    span.textContent = line;
    element.append(span);
  });
  return element;
}

/** Breaks a text into lines, at spaces, slashes and marked places where it can. */
function wrapped(whole: string, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of whole.split(/(?<=[ /\u200b])/)) {
    if (line && line.length + part.trimEnd().length > most) {
      lines.push(line.trim());
      line = '';
    }
    line += part;
  }
  lines.push(line.trim());
  return lines.map((one) => one.replaceAll('\u200b', ''));
}

function draw(tag: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
