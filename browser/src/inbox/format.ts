import type { Summary } from './api';

/** The time of a moment. */
export function time(moment: string): string {
  return new Date(moment).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

/** The day of a moment: "Today", or the weekday and the date. */
export function day(moment: string): string {
  const then = new Date(moment);
  if (then.toDateString() === new Date().toDateString()) return 'Today';
  return then.toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

/** The time if it is today's, otherwise the date. */
export function timeOrDate(moment: string): string {
  return day(moment) === 'Today' ? time(moment) : new Date(moment).toLocaleDateString([], { day: 'numeric', month: 'short' });
}

/** Since when the guest has waited for an answer; empty if they do not wait. */
export function waitingSince({ waiting_since: since }: Summary): string {
  return since ?? '';
}

/** How long somebody has waited, short: "now", "5 min", "3 h", "2 d". */
export function waitingFor(since: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60_000));
  if (minutes === 0) return 'now';
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / (24 * 60))} d`;
}

/** The label of a field of the form before the chat: orderNumber becomes "Order number". */
export function label(field: string): string {
  const known: Record<string, string> = { friendlyName: 'Name', query: 'Question' };
  const name = field.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/[_-]+/g, ' ').toLowerCase();
  return known[field] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

/** Explains to an agent why a token was refused. The keys are the server's reasons. */
const REFUSED: Record<string, string> = {
  'from another browser': 'Somebody tried to enter this chat from another browser',
  'key: missing': 'Somebody tried to enter this chat with a copied token, but without the key of the guest’s browser',
  'key: wrong': 'Somebody tried to enter this chat with a copied token, but with another key than the guest’s browser has',
  'key: replayed': 'A call of the guest’s browser was sent a second time, by a network on its way or by somebody who recorded it',
  'superseded, and presented again': 'Somebody tried to enter this chat with a token that had been replaced',
  expired: 'Somebody, perhaps the guest, came back after the token of this chat had expired',
  'its session was revoked': 'Somebody, perhaps the guest, came back after this session was ended',
  'its session is over': 'Somebody, perhaps the guest, came back after this session had expired',
};

/** Reasons that only occur if somebody else has a copy of the token. */
const COPIED = ['from another browser', 'key: missing', 'key: wrong', 'superseded, and presented again'];

/** The time when a copy of the guest's token was last refused; empty if the last refusal had another reason. */
export function copyRefusedAt({ session }: Summary): string {
  return COPIED.includes(session.last_refused_why ?? '') ? (session.last_refused_at ?? '') : '';
}

/** The time of a moment, and its date unless it is today. */
function momentInWords(moment: string): string {
  const date = timeOrDate(moment);
  return date === time(moment) ? date : `${time(moment)}, ${date}`;
}

/**
 * The guest's possible next steps.
 *
 * @param reopenable for how many milliseconds the conversation can be reopened
 */
export function sessionStatus({ state, session }: Summary, reopenable: number): string {
  if (state === 'closed') {
    // The moment on the agent's clock, even if that is wrong.
    if (reopenable > 0) return `Closed. You can reopen it until ${momentInWords(new Date(Date.now() + reopenable).toISOString())}.`;
    return session.state === 'live'
      ? 'Closed for good: the time to reopen it is over, so the guest can only start a new chat.'
      : 'Closed for good: the guest’s session is over, so they can only start a new chat.';
  }
  return {
    live: 'The guest can write.',
    away: 'The guest came back after their token had expired, so they can probably only start a new chat.',
    expired: 'The guest’s session has expired, so they can only start a new chat.',
    revoked: `The guest’s session was ended (${session.revoked_why ?? 'no reason recorded'}), so they can only start a new chat.`,
    gone: 'The guest’s session no longer exists.',
  }[session.state];
}

/** The last refusal of one of the guest's tokens; empty if there was none. */
export function refusalOf({ session }: Summary): string {
  if (!session.last_refused_at) return '';
  const why = session.last_refused_why ?? '';
  const times = session.refusals === 1 ? 'once' : `${session.refusals} times`;
  return `${REFUSED[why] ?? `Somebody tried to enter this chat with a token that was refused: ${why}`}. Refused ${times}, last at ${timeOrDate(session.last_refused_at)}; they received no messages.`;
}
