import { plain } from '../dom/plain';

/** The longest message that the server accepts, in UTF-8. */
export const BODY_BYTES = 32 * 1024;

export function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * The part of typed or pasted text that is sent: without spaces around it, and without control characters, which the server
 * refuses.
 */
export function sendable(text: string): string {
  return plain(text).trim();
}
