import { el, plain } from './element';

/** The grounds of avatars; a test holds that white text can be read on each, and that the style sheets have the same. */
export const TINTS = ['#3552c8', '#0f6f8c', '#1c7346', '#a1481c', '#b0285c', '#7a3bb8', '#5d6a1b', '#8a5a00', '#a63232', '#4d5b78'];

/** A round picture of a person: the initials of the name, on a colour that follows from the identity. */
export function avatar(name: string, identity: string): HTMLElement {
  // The style sheet writes the initials: as a text they would have to be part of the name of each button around them.
  return el('span', { class: `avatar tint-${tintOf(identity)}`, 'aria-hidden': 'true', 'data-initials': initialsOf(name) || '?' });
}

/** One or two letters; empty if the name has none. */
export function initialsOf(name: string): string {
  const words = plain(name).match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu) ?? [];
  const first = words[0] ?? '';
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  return [first, last].map((word) => [...word][0] ?? '').join('').toLocaleUpperCase();
}

export function tintOf(identity: string): number {
  let sum = 0;
  for (const character of identity) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % TINTS.length;
}
