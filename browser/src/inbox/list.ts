import { el, setText } from '../dom/element';
import type { Me, Summary } from './api';
import { copyRefusedAt, moment } from './format';
import { put, texts } from './language';
import type { Listing } from './listing';
import { keyOf, row } from './row';
import type { Team } from './team';

/** Rows beyond each edge of the view that exist already, so that scrolling and the Tab key find them. */
const BEYOND = 8;
/** If the view is this close to the last row, the next page is requested. */
const NEAR_END = 20;
/** Without a layout yet. */
const ROW_PIXELS = 72;
/** How often waiting times are shown anew. */
const CLOCK_MS = 30_000;

/** How the list sees the page around it. */
export interface Around {
  me: Me;
  team: Team;
  open(one: Summary): void;
  /** The conversation that is open; empty if there is none. */
  openSid(): string;
  /** Requests the next page of the listing. */
  more(): void;
}

/** The rows of a listing, of which only those near the view exist. */
export class List {
  readonly element: HTMLElement;
  readonly #rows = el('ul', { class: 'rows' });
  readonly #nothing = el('p', { class: 'empty', role: 'status' });
  readonly #more = el('button', { class: 'more' }, texts.more);
  readonly #items = new Map<string, { element: HTMLLIElement; shown: string; at: number }>();
  /** Attempts with a copied token that this screen has shown, by conversation. */
  readonly #noticed = new Map<string, string>();
  #listing: Listing | undefined;
  #emptyText = '';
  #frame = 0;
  #requestedAt = -1;

  constructor(private readonly around: Around) {
    this.#more.onclick = () => around.more();
    this.element = el('div', { class: 'scroller' }, this.#rows, this.#nothing, this.#more);
    this.element.addEventListener('scroll', () => {
      this.#frame ||= requestAnimationFrame(() => {
        this.#frame = 0;
        this.#showRows();
      });
    }, { passive: true });
  }

  start(leaving: AbortSignal): void {
    const clock = setInterval(() => this.#showRows(), CLOCK_MS);
    const resized = new ResizeObserver(() => this.#showRows());
    resized.observe(this.element);
    leaving.addEventListener('abort', () => {
      clearInterval(clock);
      resized.disconnect();
      cancelAnimationFrame(this.#frame);
    });
  }

  /** @param emptyText what an empty list says */
  show(listing: Listing, emptyText: string): void {
    if (this.#listing !== listing) {
      this.element.scrollTop = 0;
      this.#requestedAt = -1;
    }
    this.#listing = listing;
    this.#emptyText = emptyText;
    const open = listing.get(this.around.openSid());
    if (open && document.visibilityState === 'visible') this.#noticed.set(open.conversation_sid, copyRefusedAt(open));
    this.#showRows();
  }

  forget(sid: string): void {
    this.#noticed.delete(sid);
  }

  /** Sets the focus on a row, and scrolls to it. */
  focus(sid: string): void {
    const at = this.#listing?.indexOf(sid) ?? -1;
    if (at < 0) return;
    const height = this.#rowHeight();
    const { scrollTop, clientHeight } = this.element;
    if (at * height < scrollTop) this.element.scrollTop = at * height;
    else if ((at + 1) * height > scrollTop + clientHeight) this.element.scrollTop = (at + 1) * height - clientHeight;
    this.#showRows();
    this.#items.get(sid)?.element.querySelector('button')?.focus({ preventScroll: true });
  }

  #rowHeight(): number {
    return (this.#rows.firstElementChild as HTMLElement | null)?.offsetHeight || ROW_PIXELS;
  }

  /** Builds the rows near the view, moves only what is out of place, and keeps the row that has the focus. */
  #showRows(): void {
    const listing = this.#listing;
    if (!listing) return;
    const height = this.#rowHeight();
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / height) - BEYOND);
    const last = Math.min(listing.length, Math.ceil((scrollTop + clientHeight) / height) + BEYOND);
    const shown: [number, Summary][] = [];
    for (let at = first; at < last; at++) shown.push([at, listing.at(at) as Summary]);
    const focused = this.#rows.contains(document.activeElement) ? ((document.activeElement as HTMLElement).dataset['sid'] ?? '') : '';
    const focusedAt = focused ? listing.indexOf(focused) : -1;
    if (focusedAt >= 0 && (focusedAt < first || focusedAt >= last)) {
      shown.splice(focusedAt < first ? 0 : shown.length, 0, [focusedAt, listing.at(focusedAt) as Summary]);
    }
    this.#rows.style.blockSize = `${listing.length * height}px`;
    this.#draw(shown, height, listing.hasMore ? -1 : listing.length);
    if (focused && document.activeElement === document.body) this.#items.get(focused)?.element.querySelector('button')?.focus({ preventScroll: true });
    this.#nothing.hidden = listing.length > 0 && listing.readBackTo === undefined;
    setText(this.#nothing, listing.isRead ? this.#nothingText(listing) : texts.moment);
    this.#more.hidden = !listing.hasMore;
    setText(this.#more, listing.length ? texts.more : texts.lookFurther);
    if (listing.hasMore && last + NEAR_END >= listing.length && this.#requestedAt !== listing.length && clientHeight > 0 && scrollTop > 0) {
      this.#requestedAt = listing.length;
      this.around.more();
    }
  }

  /** The server examines a part of the conversations for each page, so that an empty page can have a next one. */
  #nothingText({ readBackTo }: Listing): string {
    return readBackTo === undefined ? this.#emptyText : put(texts.noneBackTo, { time: moment(new Date(readBackTo).toISOString()) });
  }

  #draw(shown: [number, Summary][], height: number, size: number): void {
    const sids = new Set(shown.map(([, one]) => one.conversation_sid));
    for (const [sid, item] of this.#items) {
      if (sids.has(sid)) continue;
      item.element.remove();
      this.#items.delete(sid);
    }
    const now = Date.now();
    const openSid = this.around.openSid();
    shown.forEach(([at, one], place) => {
      const sid = one.conversation_sid;
      const item = this.#items.get(sid) ?? { element: el('li'), shown: '', at: -1 };
      this.#items.set(sid, item);
      const isAlarming = copyRefusedAt(one) !== '' && this.#noticed.get(sid) !== copyRefusedAt(one);
      const state = { isOpen: sid === openSid, isAlarming, now };
      const key = keyOf(one, this.around.team, state);
      if (item.shown !== key) {
        item.shown = key;
        const button = row(one, this.around.me, this.around.team, state);
        button.onclick = () => this.around.open(this.#listing?.get(sid) ?? one);
        item.element.replaceChildren(button);
      }
      if (item.at !== at) {
        item.at = at;
        item.element.style.insetBlockStart = `${at * height}px`;
        item.element.setAttribute('aria-posinset', String(at + 1));
      }
      item.element.setAttribute('aria-setsize', String(size));
      if (this.#rows.children[place] !== item.element) this.#rows.insertBefore(item.element, this.#rows.children[place] ?? null);
    });
  }
}
