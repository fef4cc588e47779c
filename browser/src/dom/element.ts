/** Unicode's controls of writing direction (marks, embeddings, overrides, isolates; UAX 9), which could reverse a line. */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A name with its own writing direction, which does not affect the text beside it. */
export function nameOf(name: string): HTMLElement {
  return el('bdi', {}, plain(name));
}

/** A name for places that accept only text. */
export function plain(name: string): string {
  return name.replace(DIRECTIONS, '');
}

export type Child = Node | string;

/**
 * Makes an element. Text of other people is always shown as text, never as markup. A button submits its form only if its type
 * says so.
 */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (tag === 'button') element.setAttribute('type', 'button');
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Leaves the element alone if it has the text already, so that screen readers do not read it out again. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
