/** Made once: making one takes as long as a hundred uses of it. */
export const DAY = new Intl.DateTimeFormat([], { weekday: 'long', day: 'numeric', month: 'long' });
export const TIME = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit' });

/** An invalid date is shown as nothing, and does not fail. */
export function formatted(format: Intl.DateTimeFormat, date: string): string {
  const instant = Date.parse(date);
  return Number.isNaN(instant) ? '' : format.format(instant);
}
