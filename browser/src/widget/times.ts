/** How a language writes days and times. Made once: making one takes as long as a hundred uses of it. */
export class Times {
  readonly day: Intl.DateTimeFormat;
  readonly time: Intl.DateTimeFormat;

  constructor(locale: string) {
    this.day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
    this.time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  }
}

/** An invalid date is shown as nothing, and does not fail. */
export function formatted(format: Intl.DateTimeFormat, date: string): string {
  const instant = Date.parse(date);
  return Number.isNaN(instant) ? '' : format.format(instant);
}
