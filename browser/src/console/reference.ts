/** The digits of a trace, as a guest reads them out or a log has them. */
const REFERENCE = /(?<![0-9a-z])[0-9a-f]{8,32}(?![0-9a-z])/i;

/** The id of a session or of its conversation. */
export const SESSION = /\b(GS|CH)[0-9a-f]{32}\b/;

/** The reference in what somebody typed: "45779 · 9560079653d3", or the digits alone. */
export function referenceIn(typed: string): string | undefined {
  return REFERENCE.exec(typed)?.[0].toLowerCase();
}
