import { Times } from '../widget/times';
import type { Summary } from './api';
import { count, language, put, texts } from './language';

/** The formats of a language. Each is made once: the list shows a time in every row. */
class Formats {
  readonly times: Times;
  readonly #short: Intl.DateTimeFormat;
  readonly #moment: Intl.DateTimeFormat;
  readonly #relative: Intl.RelativeTimeFormat;
  readonly #units = new Map<string, Intl.NumberFormat>();

  constructor(readonly locale: string) {
    this.times = new Times(locale);
    this.#short = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
    this.#moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
    this.#relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  }

  short(moment: string): string {
    return this.#short.format(Date.parse(moment));
  }

  moment(moment: string): string {
    return this.#moment.format(Date.parse(moment));
  }

  /** "Today" or "Yesterday", or for the unit `second`, "now". */
  relative(ago: 0 | -1, unit: 'day' | 'second'): string {
    return this.#relative.format(ago, unit);
  }

  amount(n: number, unit: 'minute' | 'hour' | 'day'): string {
    const format = this.#units.get(unit) ?? new Intl.NumberFormat(this.locale, { style: 'unit', unit, unitDisplay: 'short' });
    this.#units.set(unit, format);
    return format.format(n);
  }
}

let kept: Formats | undefined;

function formats(): Formats {
  if (kept?.locale !== language.locale) kept = new Formats(language.locale);
  return kept;
}

/** The time of a moment. */
export function time(moment: string): string {
  return formats().times.time(moment);
}

/** The day and the time of a moment. */
export function moment(moment: string): string {
  return formats().moment(moment);
}

/** The day of a moment, as people say it: "Today", a weekday within the last week, otherwise a date. */
export function day(moment: string): string {
  const { times, locale } = formats();
  const word = (ago: 0 | -1) => {
    const said = formats().relative(ago, 'day');
    return said.charAt(0).toLocaleUpperCase(locale) + said.slice(1);
  };
  return times.day(moment, Date.now(), { today: word(0), yesterday: word(-1) });
}

function isToday(moment: string): boolean {
  return new Date(moment).toDateString() === new Date().toDateString();
}

/** The time if it is today's, otherwise the date. */
export function timeOrDate(moment: string): string {
  return isToday(moment) ? time(moment) : formats().short(moment);
}

/** Since when the guest has waited for an answer; empty if they do not wait. */
export function waitingSince({ waiting_since: since }: Summary): string {
  return since ?? '';
}

/** How long somebody has waited, short: "now", "5 min", "3 hr", "2 days". */
export function waitingFor(since: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60_000));
  if (minutes === 0) return formats().relative(0, 'second');
  if (minutes < 60) return formats().amount(minutes, 'minute');
  return minutes < 48 * 60 ? formats().amount(Math.floor(minutes / 60), 'hour') : formats().amount(Math.floor(minutes / (24 * 60)), 'day');
}

/** The label of a field of the form before the chat: orderNumber becomes "Order number". */
export function label(field: string): string {
  const known: Record<string, string> = { friendlyName: texts.fieldName, query: texts.fieldQuestion };
  const name = field.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/[_-]+/g, ' ').toLowerCase();
  return known[field] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

/** Explains to an agent why a token was refused. The keys are the server's reasons. */
const REFUSED = {
  'from another browser': 'otherBrowser',
  'key: missing': 'keyMissing',
  'key: wrong': 'keyWrong',
  'key: replayed': 'keyReplayed',
  'superseded, and presented again': 'superseded',
  expired: 'tokenExpired',
  'its session was revoked': 'tokenRevoked',
  'its session is over': 'tokenOver',
} as const;

/** Reasons that only occur if somebody else has a copy of the token. */
const COPIED = ['from another browser', 'key: missing', 'key: wrong', 'superseded, and presented again'];

/** The time when a copy of the guest's token was last refused; empty if the last refusal had another reason. */
export function copyRefusedAt({ session }: Summary): string {
  return COPIED.includes(session.last_refused_why ?? '') ? (session.last_refused_at ?? '') : '';
}

/** The time of a moment, and its date unless it is today. */
function momentInWords(when: string): string {
  return isToday(when) ? time(when) : moment(when);
}

/**
 * The guest's possible next steps.
 *
 * @param reopenable for how many milliseconds the conversation can be reopened
 */
export function sessionStatus({ state, session }: Summary, reopenable: number): string {
  if (state === 'closed') {
    // The moment on the agent's clock, even if that is wrong.
    if (reopenable > 0) return put(texts.reopenable, { time: momentInWords(new Date(Date.now() + reopenable).toISOString()) });
    return session.state === 'live' ? texts.tooLateToReopen : texts.closedForGood;
  }
  return {
    live: texts.canWrite,
    away: texts.cameLate,
    expired: texts.hasExpired,
    revoked: put(texts.wasEnded, { why: session.revoked_why ?? texts.noReason }),
    gone: texts.isGone,
  }[session.state];
}

/** The last refusal of one of the guest's tokens; empty if there was none. */
export function refusalOf({ session }: Summary): string {
  if (!session.last_refused_at) return '';
  const why = session.last_refused_why ?? '';
  const known = Object.hasOwn(REFUSED, why) ? texts[REFUSED[why as keyof typeof REFUSED]] : put(texts.otherRefusal, { why });
  return `${known} ${count(texts.refusedTimes, session.refusals, { time: timeOrDate(session.last_refused_at) })}`;
}
