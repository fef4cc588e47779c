import { el, type Child } from './element';

/**
 * Web addresses, mail addresses and international telephone numbers. Each part has a bounded length, so that a hostile text costs
 * only a bounded amount of work per character. Controls of writing direction end an address: they could make it look like another.
 */
const LINKS =
  /\b(?:https?:\/\/|www\.)[^\s<>"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]{1,2000}|(?<![\w.+-])[\w.+-]{1,64}@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){1,8}|(?<![\w+])\+\d[\d ()/-]{5,20}\d(?!\w)/gi;

/** A text in parts, in which each address is a link. They are nodes, never markup. */
export function linked(text: string): Child[] {
  const parts: Child[] = [];
  let end = 0;
  for (const match of text.matchAll(LINKS)) {
    const shown = withoutPunctuation(match[0]);
    const href = addressOf(shown);
    if (!href) continue;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(el('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, shown));
    end = match.index + shown.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/** Removes the end of a sentence from an address, and a bracket that was opened before it. */
function withoutPunctuation(text: string): string {
  let end = text.length;
  for (; end > 0; end--) {
    const last = text.charAt(end - 1);
    const isUnopened = last === ')' && !text.slice(0, end).includes('(');
    if (!isUnopened && !/[.,;:!?'\]}*]/.test(last)) break;
  }
  return text.slice(0, end);
}

function addressOf(shown: string): string | undefined {
  if (shown.startsWith('+')) return `tel:${shown.replace(/[^+\d]/g, '')}`;
  if (!/^(https?:\/\/|www\.)/i.test(shown)) return shown.includes('@') ? `mailto:${shown}` : undefined;
  const address = /^www\./i.test(shown) ? `https://${shown}` : shown;
  return URL.canParse(address) ? address : undefined;
}
