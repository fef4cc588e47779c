import { el, plain } from '../dom/element';
import { COUNTED, get, type Counted, type Counts, type Failure, type Me, type Page, type Summary } from './api';
import { FilterBar, filterOfAddress, keepInAddress } from './filter';
import { icon } from './icons';
import { around, number, texts } from './language';
import { List } from './list';
import type { Listing } from './listing';
import { Search, type Found } from './search';
import { isOfOther, type Team } from './team';
import { addressOf, BAR, emptyText, listingOf, nameOf, type Choice, type View } from './views';

/** The lists are counted at most this often while conversations change. */
const COUNTED_EVERY_MS = 3_000;

/** More erasures than happen while one page of the list is on its way. */
const ERASED_KEPT = 1_000;

/** The actions of the page that the shelf needs. */
export interface ShelfActions {
  open(one: Summary): void;
  /** Opens a result of the search, at the text that was found. */
  openFound(found: Found): void;
  /** The conversation that is open; empty if there is none. */
  openSid(): string;
  failed(failure: Failure): void;
  /** The number of unread messages has changed. */
  counted(): void;
}

/** The column of conversations: the search, the filter bar, and the list of the chosen view, or the results of the search. */
export class Shelf {
  readonly element: HTMLElement;
  readonly search: Search;
  readonly #tabs = new Map<View, HTMLButtonElement>();
  readonly #counts = new Map<keyof Counts, HTMLElement>();
  #counting: ReturnType<typeof setTimeout> | undefined;
  readonly #sort = el('button', { class: 'sort', 'aria-pressed': 'false' }, icon('sort'), texts.longestFirst);
  readonly #label = el('button', { class: 'label-filter' });
  readonly #filter: FilterBar;
  readonly #tools: HTMLElement;
  readonly #views: HTMLElement;
  readonly #list: List;
  /** Open conversations, also those of other views: the tab's title counts their unread messages. */
  readonly #all: Listing;
  /** The number of unread messages in conversations whose page was not read, as the server counted last. */
  #unreadBeyond = 0;
  /** Erased conversations, which an answer that the server made before can still have. */
  readonly #erased = new Set<string>();
  #choice: Choice = { view: 'waiting' };
  #listing: Listing;
  /** Where the open conversation stood. */
  #lastAt = 0;

  constructor(
    private readonly me: Me,
    private readonly team: Team,
    private readonly actions: ShelfActions,
  ) {
    const filter = filterOfAddress();
    if (filter) this.#choice = { view: 'filtered', filter };
    this.#filter = new FilterBar(me, team, (chosen) => this.choose(chosen ? { view: 'filtered', filter: chosen } : { view: 'all' }));
    this.#tools = el('div', { class: 'tools' }, this.#sort, this.#filter.button);
    this.#all = listingOf({ view: 'all' }, me);
    this.#listing = listingOf(this.#choice, me);
    this.#list = new List({ me, team, open: actions.open, openSid: actions.openSid, more: () => void this.#more() });
    for (const view of BAR) {
      const tab = el('button', {}, nameOf(view));
      tab.onclick = () => this.choose({ view });
      if (isCounted(view)) {
        const count = el('span', { class: 'count', 'aria-hidden': 'true' });
        count.hidden = true;
        this.#counts.set(view, count);
        tab.append(count);
      }
      this.#tabs.set(view, tab);
    }
    this.#sort.onclick = () => this.choose({ view: 'waiting', isOldestFirst: !this.#choice.isOldestFirst });
    this.#label.onclick = () => this.choose({ view: 'all' });
    this.search = new Search({ me, team, open: actions.openFound, openSid: actions.openSid, changed: () => this.show(), signedOut: actions.failed });
    this.#views = el('div', { class: 'tabs', role: 'group', 'aria-label': texts.whichConversations }, ...this.#tabs.values());
    this.element = el('nav', { class: 'list', 'aria-label': texts.conversations }, this.search.form, this.#views, this.#tools, this.#filter.panel, this.#label, this.#list.element, this.search.panel);
  }

  start(leaving: AbortSignal): void {
    this.#list.start(leaving);
    leaving.addEventListener('abort', () => clearTimeout(this.#counting));
    void this.load();
  }

  /** The number of unread messages in open conversations, except in those that a colleague works on. */
  get unread(): number {
    let unread = this.#unreadBeyond;
    for (const one of this.#all) if (!isOfOther(one, this.me, this.team)) unread += one.unread;
    return unread;
  }

  find(sid: string): Summary | undefined {
    return this.#listing.get(sid) ?? this.#all.get(sid);
  }

  choose(choice: Choice): void {
    if (this.search.isActive) this.search.close();
    this.#choice = choice;
    keepInAddress(choice.filter);
    this.#listing = choice.view === 'all' ? this.#all : listingOf(choice, this.me);
    this.#listing.isRead = false;
    this.show();
    void this.#read(this.#listing, choice);
  }

  /** Reads the first pages again: at the start, and for changes that were missed without a connection. */
  async load(): Promise<void> {
    const reads = [this.#read(this.#all, { view: 'all' })];
    if (this.#listing !== this.#all) reads.push(this.#read(this.#listing, this.#choice));
    const [counts] = await Promise.all([readCounts(), ...reads]);
    this.#showCounts(counts);
  }

  /** Reads everything again, because the agent sees other desks than before. */
  async readAgain(): Promise<void> {
    this.search.again();
    await this.load();
  }

  take(summary: Summary): void {
    this.#all.take(summary);
    if (this.#listing !== this.#all) this.#listing.take(summary);
    this.search.take(summary);
    this.#countSoon();
  }

  #countSoon(): void {
    this.#counting ??= setTimeout(() => {
      this.#counting = undefined;
      void readCounts().then((counts) => this.#showCounts(counts));
    }, COUNTED_EVERY_MS);
  }

  /** @param counts undefined if the call has failed: the next change counts again */
  #showCounts(counts: Counted | undefined): void {
    if (!counts) return;
    for (const [view, element] of this.#counts) {
      const n = counts[view] ?? 0;
      const text = n >= COUNTED ? `${number(COUNTED - 1)}+` : number(n);
      element.textContent = text;
      element.hidden = n === 0;
      this.#tabs.get(view)?.setAttribute('aria-description', n ? text : '');
    }
    this.#unreadBeyond = this.#all.hasMore ? Math.max(0, (counts.unread ?? 0) - this.#countedHere()) : 0;
    this.actions.counted();
  }

  /** The part of the server's number of unread messages that is in pages which were read. */
  #countedHere(): number {
    let unread = 0;
    for (const one of this.#all) if (one.assignee === null || one.assignee === this.me.identity) unread += Math.min(one.unread, COUNTED);
    return unread;
  }

  /** The conversation was erased. */
  remove(sid: string): void {
    this.#erased.add(sid);
    if (this.#erased.size > ERASED_KEPT) this.#erased.delete([...this.#erased][0] ?? '');
    this.#all.remove(sid);
    this.#listing.remove(sid);
    this.#list.forget(sid);
    this.#countSoon();
    this.search.remove(sid);
  }

  show(): void {
    const { view, label, filter, isOldestFirst = false } = this.#choice;
    this.#listing.pin(this.actions.openSid());
    const openAt = this.#listing.indexOf(this.actions.openSid());
    if (openAt >= 0) this.#lastAt = openAt;
    for (const [one, tab] of this.#tabs) tab.setAttribute('aria-pressed', String(one === view));
    const { isActive } = this.search;
    this.#views.hidden = this.#list.element.hidden = isActive;
    this.search.panel.hidden = !isActive;
    this.#tools.hidden = isActive;
    this.#filter.show(filter);
    if (isActive) this.search.show();
    this.#sort.hidden = isActive || view !== 'waiting';
    this.#sort.setAttribute('aria-pressed', String(isOldestFirst));
    this.#label.hidden = isActive || view !== 'labelled';
    this.#label.replaceChildren(el('span', {}, ...around(texts.labelFilter, { label: el('bdi', {}, plain(label ?? '')) })), el('span', { 'aria-hidden': 'true' }, '×'), el('span', { class: 'spoken' }, `, ${texts.showAll}`));
    this.#list.show(this.#listing, emptyText(view));
  }

  /** The conversation beside the open one; the first one if none is open. */
  beside(by: 1 | -1): Summary | undefined {
    const at = this.#listing.indexOf(this.actions.openSid());
    if (at >= 0) return this.#listing.at(at + by);
    // The conversation after one that has left the list stands in its place.
    return this.#listing.at(this.#lastAt + Math.min(0, by)) ?? this.#listing.at(this.#listing.length - 1);
  }

  focus(sid: string): void {
    if (this.search.isActive) this.search.focusOn(sid);
    else this.#list.focus(sid);
  }

  async #read(listing: Listing, choice: Choice): Promise<void> {
    const asked = new Set(listing);
    await this.#try(async () => listing.restart(await this.#page(addressOf(choice)), asked));
    this.show();
  }

  async #more(): Promise<void> {
    const [listing, { place }] = [this.#listing, this.#listing];
    if (!place) return;
    await this.#try(async () => {
      const page = await this.#page(addressOf(this.#choice, place));
      if (listing.place === place) listing.extend(page);
    });
    this.show();
  }

  async #page(address: string): Promise<Page> {
    const page = await get<Page>(address);
    return { ...page, conversations: page.conversations.filter((one) => !this.#erased.has(one.conversation_sid)) };
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (failure) {
      this.actions.failed(failure as Failure);
    }
  }
}

function readCounts(): Promise<Counted | undefined> {
  return get<Counted>('/counts').catch(() => undefined);
}

function isCounted(view: View): view is keyof Counts {
  return view === 'waiting' || view === 'mine' || view === 'unassigned';
}
