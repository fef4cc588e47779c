import type { Summary } from './api';

/** The time of a moment. */
export function clock(moment: string): string {
  return new Date(moment).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

/** The day of a moment, as one says it. */
export function day(moment: string): string {
  const then = new Date(moment);
  if (then.toDateString() === new Date().toDateString()) return 'Today';
  return then.toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

/** The time if it is today's, otherwise the date. */
export function lately(moment: string): string {
  return day(moment) === 'Today' ? clock(moment) : new Date(moment).toLocaleDateString([], { day: 'numeric', month: 'short' });
}

/** A field of the form before the chat, as a person calls it: orderNumber is "Order number". */
export function named(field: string): string {
  const known: Record<string, string> = { friendlyName: 'Name', query: 'Question' };
  const words = field.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/[_-]+/g, ' ').toLowerCase();
  return known[field] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** What happened when a token was refused, in words for an agent; by the server's own words for it. */
const REFUSED: Record<string, string> = {
  'from another browser': 'Somebody tried to enter this chat from another browser',
  'superseded, and presented again': 'Somebody tried to enter this chat with a token that had been replaced',
  expired: 'Somebody, perhaps the guest, came back after the chat’s token had expired',
  'its session was revoked': 'Somebody, perhaps the guest, came back after this session was ended',
  'its session is over': 'Somebody, perhaps the guest, came back after this session was over',
};

/** Causes of refusals that only somebody with a copy of the token can produce. */
const COPIED = ['from another browser', 'superseded, and presented again'];

/** The time when a copy of the guest's token was last refused; empty if the last refusal had another cause. */
export function attempt({ session }: Summary): string {
  return COPIED.includes(session.last_refused_why ?? '') ? (session.last_refused_at ?? '') : '';
}

/** How the guest's session stands, and whether anything is odd about it. */
export function standing({ state, session }: Summary): { session: string; refusal: string } {
  const words = {
    live: 'The guest can write.',
    away: 'The guest came back after their token had expired: they can probably only start a new chat.',
    expired: 'The guest’s session is over by its age: they can only start a new chat.',
    revoked: `The guest’s session was ended (${session.revoked_why ?? 'no reason noted'}): they can only start a new chat.`,
    gone: 'The guest’s session is not known any more.',
  }[session.state];
  const times = session.refusals === 1 ? 'once' : `${session.refusals} times`;
  const why = session.last_refused_why ?? '';
  return {
    session: state === 'closed' ? closed(session.state === 'live') : words,
    refusal: session.last_refused_at
      ? `${REFUSED[why] ?? `Somebody tried to enter this chat with a token that was refused: ${why}`}. Refused ${times}, last at ${lately(session.last_refused_at)}; nothing that was said here was sent to them.`
      : '',
  };
}

function closed(canReopen: boolean): string {
  return canReopen
    ? 'Closed. It can be reopened as long as the guest’s session lasts.'
    : 'Closed for good: the guest’s session is over, so they can only start a new chat.';
}
