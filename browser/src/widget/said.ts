import { plain } from '../dom/plain';

/** What the server takes of a message, in UTF-8. */
export const BODY_BYTES = 32 * 1024;

export function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** What is sent of what was typed or pasted: no space around it, and no control characters, which the server refuses. */
export function said(text: string): string {
  return plain(text).trim();
}
