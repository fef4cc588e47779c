/** Marks, embeddings, overrides and isolates of direction (Unicode, UAX 9), which could turn a line round. */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A name that somebody chose, which has a direction of its own and none for what is beside it. */
export function nameOf(name: string): HTMLElement {
  return el('bdi', {}, plain(name));
}

/** A name where only text can stand. */
export function plain(name: string): string {
  return name.replace(DIRECTIONS, '');
}

export type Child = Node | string;

/** Makes an element. What is shown of others is always text, never markup. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
