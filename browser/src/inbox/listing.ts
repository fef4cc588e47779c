import type { Page, Summary } from './api';

/** Conversations that a listing holds at first, and as many more with each further page. */
const HELD = 100;

/** A place in an order: milliseconds, and the conversation among those with the same. */
interface Place {
  at: number;
  sid: string;
}

interface Entry extends Place {
  summary: Summary;
}

/** An order of conversations: the value that they are ordered by, and which end comes first. */
export interface Order {
  value(summary: Summary): string;
  isOldestFirst: boolean;
}

/** By the latest activity, the newest first. */
export const BY_ACTIVITY: Order = { value: (one) => one.date_active, isOldestFirst: false };

/**
 * The conversations of one list, in its order, as far as pages of it were read. Events keep it up to date. A conversation
 * beyond the last page is not listed before its page is read: those between would be missing.
 */
export class Listing {
  hasMore = false;
  /** Where the next page begins, as the server writes it; empty without a next page. */
  #next = '';
  /** Where the next page begins, as a place: everything before it was read. */
  #end: Place | undefined;
  isRead = false;
  /** Neither the page that was read last nor an event since then has added a conversation. */
  #isLastEmpty = false;
  #room = HELD;
  readonly #known = new Map<string, Entry>();
  #pinned = '';
  #sorted: Entry[] = [];

  constructor(
    private readonly accepts: (summary: Summary) => boolean,
    private readonly order: Order = BY_ACTIVITY,
  ) {}

  get length(): number {
    return this.#sorted.length;
  }

  at(index: number): Summary | undefined {
    return this.#sorted[index]?.summary;
  }

  /** The place of the next page, as the server writes it; empty without a next page. */
  get place(): string {
    return this.hasMore ? this.#next : '';
  }

  /** The time back to which everything was read, while there is a next page and the last one has added no conversation. */
  get readBackTo(): number | undefined {
    return this.hasMore && this.#isLastEmpty ? this.#end?.at : undefined;
  }

  get(sid: string): Summary | undefined {
    return this.#known.get(sid)?.summary;
  }

  indexOf(sid: string): number {
    const entry = this.#known.get(sid);
    return entry ? this.#placeOf(entry) : -1;
  }

  *[Symbol.iterator](): Iterator<Summary> {
    for (const { summary } of this.#sorted) yield summary;
  }

  /** A conversation is new, has changed, or was read from the server. */
  take(summary: Summary): void {
    const known = this.#known.get(summary.conversation_sid);
    if (known && known.summary.revision > summary.revision) return;
    if (known && this.#isKept(known.summary, summary)) {
      known.summary = summary;
      return;
    }
    if (known) this.#remove(known);
    if (!this.accepts(summary)) return;
    const entry = this.#entryOf(summary);
    if (this.hasMore && this.#end && this.#compare(entry, this.#end) > 0) return;
    if (!known) this.#isLastEmpty = false;
    this.#known.set(summary.conversation_sid, entry);
    this.#sorted.splice(this.#placeOf(entry), 0, entry);
    if (this.#sorted.length > this.#room) this.#dropLast();
  }

  /**
   * Keeps the open conversation at its place while the agent works in it, although its guest no longer waits or somebody has
   * claimed it. One that was closed or reopened leaves the list at once.
   */
  pin(sid: string): void {
    if (sid === this.#pinned) return;
    const before = this.#known.get(this.#pinned);
    this.#pinned = sid;
    if (before && !this.accepts(before.summary)) this.#remove(before);
  }

  #isKept(before: Summary, now: Summary): boolean {
    return now.conversation_sid === this.#pinned && now.state === before.state && !this.accepts(now);
  }

  remove(sid: string): void {
    const known = this.#known.get(sid);
    if (known) this.#remove(known);
  }

  /** Replaces everything by the first page, except conversations that have changed since `asked`, when it was requested. */
  restart(page: Page, asked: ReadonlySet<Summary>): void {
    for (const entry of [...this.#sorted]) if (asked.has(entry.summary)) this.#remove(entry);
    this.#room = HELD;
    this.#takePage(page);
    this.isRead = true;
  }

  /** Adds the page that follows `place`. */
  extend(page: Page): void {
    this.#room += Math.max(HELD, page.conversations.length);
    this.#takePage(page);
  }

  #takePage({ conversations, next }: Page): void {
    this.hasMore = false; // all of this page is listed
    this.#isLastEmpty = true;
    conversations.forEach((one) => this.take(one));
    if (next === null || this.hasMore) return; // if the page was too long, its end is left out
    const [at = '', sid = ''] = next.split('_');
    const end = { at: Date.parse(at), sid };
    this.#endsAt(end, next);
    for (let tail = this.#sorted.at(-1); tail && this.#compare(tail, end) > 0; tail = this.#sorted.at(-1)) this.#remove(tail);
  }

  #dropLast(): void {
    this.#remove(this.#sorted.at(-1) as Entry);
    const last = this.#sorted.at(-1) as Entry;
    this.#endsAt(last, `${this.order.value(last.summary)}_${last.sid}`);
  }

  #endsAt(end: Place, next: string): void {
    this.hasMore = true;
    this.#end = end;
    this.#next = next;
  }

  #remove(entry: Entry): void {
    this.#known.delete(entry.summary.conversation_sid);
    const at = this.#placeOf(entry);
    if (this.#sorted[at] === entry) this.#sorted.splice(at, 1);
  }

  #entryOf(summary: Summary): Entry {
    return { summary, at: Date.parse(this.order.value(summary)), sid: summary.conversation_sid };
  }

  /** Where an entry stands, or would stand: a binary search, because a list can have very many. */
  #placeOf(entry: Entry): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.#sorted[middle] as Entry, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(a: Place, b: Place): number {
    const newestFirst = b.at - a.at || b.sid.localeCompare(a.sid);
    return this.order.isOldestFirst ? -newestFirst : newestFirst;
  }
}
