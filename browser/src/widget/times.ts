const DAY_MS = 86_400_000;

/** How a language writes days and times. Invalid dates are shown as nothing, and do not fail. */
export class Times {
  // Each is made once: making one takes as long as a hundred uses of it.
  readonly #time: Intl.DateTimeFormat;
  readonly #exact: Intl.DateTimeFormat;
  readonly #weekday: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #date: Intl.DateTimeFormat;

  constructor(locale: string) {
    const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
    this.#time = format({ hour: '2-digit', minute: '2-digit' });
    this.#exact = format({ dateStyle: 'full', timeStyle: 'medium' });
    this.#weekday = format({ weekday: 'long' });
    this.#day = format({ weekday: 'long', day: 'numeric', month: 'long' });
    this.#date = format({ day: 'numeric', month: 'long', year: 'numeric' });
  }

  /** The time of day. */
  time(moment: string): string {
    return formatted(this.#time, moment);
  }

  /** Day and time, to the second. */
  exact(moment: string): string {
    return formatted(this.#exact, moment);
  }

  /** The day with its year. */
  date(moment: string): string {
    return formatted(this.#date, moment);
  }

  /** How many midnights there are until a coming moment. */
  daysUntil(moment: string, now: number): number {
    return Math.round((midnight(Date.parse(moment)) - midnight(now)) / DAY_MS);
  }

  /** The name of a coming day: a weekday within the next week, otherwise a date. */
  comingDay(moment: string, now: number): string {
    return formatted(this.daysUntil(moment, now) < 7 ? this.#weekday : this.#day, moment);
  }

  /** The name of a day as people say it: today, yesterday, a weekday within the last week, otherwise a date. */
  day(moment: string, now: number, words: { today: string; yesterday: string }): string {
    const instant = Date.parse(moment);
    const ago = Math.round((midnight(now) - midnight(instant)) / DAY_MS); // a day can have 23 or 25 hours
    if (ago === 0) return words.today;
    if (ago === 1) return words.yesterday;
    if (ago > 1 && ago < 7) return this.#weekday.format(instant);
    const isOfThisYear = new Date(instant).getFullYear() === new Date(now).getFullYear();
    return formatted(isOfThisYear ? this.#day : this.#date, moment);
  }
}

function formatted(format: Intl.DateTimeFormat, moment: string): string {
  const instant = Date.parse(moment);
  return Number.isNaN(instant) ? '' : format.format(instant);
}

function midnight(instant: number): number {
  return new Date(instant).setHours(0, 0, 0, 0);
}
