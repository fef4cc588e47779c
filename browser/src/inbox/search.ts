import { el, plain, setText } from '../dom/element';
import { isComposing } from '../dom/keys';
import { post, type Failure, type Me, type Summary } from './api';
import { copyRefusedAt, timeOrDate } from './format';
import { icon } from './icons';
import { around, count, put, texts } from './language';
import { keyOf, row, type RowState } from './row';
import type { Team } from './team';

/** How long the agent must pause before the server is asked. */
const PAUSE_MS = 200;
/** How long a result can show a text as it was before it was edited or removed. */
const RENEW_MS = 10_000;
/** The server refuses longer searches. */
const MOST_CHARACTERS = 200;

/** A conversation that was found, and where: a result of `/search`. */
export interface Found {
  conversation: Summary;
  /** The message that was found; null if it was a note, or the guest's name. */
  index: number | null;
  /** The revision that added the note that was found. */
  note: number | null;
  /** The time of the text that was found. */
  date_created: string;
  /** A part of that text. */
  passage: string;
  /** Where the words are in the passage. */
  marks: { start: number; end: number }[];
}

interface Answer {
  results: Found[];
  /** The value of `after` for the next page; null if this is the last one. */
  next: string | null;
}

/** A result, and the value of `after` of its page. */
interface Result extends Found {
  after: string;
}

/** A row, and everything that it depends on. */
interface Item {
  element: HTMLLIElement;
  shown: string;
}

/** The actions of the page that the search needs. */
export interface SearchActions {
  me: Me;
  team: Team;
  open(found: Found): void;
  /** The conversation that is open; empty if there is none. */
  openSid(): string;
  /** The search has begun or ended: its results stand in the place of the list. */
  changed(): void;
  signedOut(failure: Failure): void;
}

/** The search over all conversations of the account: its field, and its results. */
export class Search {
  readonly field = el('input', { type: 'search', 'aria-label': texts.searchConversations, placeholder: texts.search, autocomplete: 'off', enterkeyhint: 'search' });
  readonly form = el('form', { class: 'search', role: 'search' }, icon('search'), this.field);
  readonly panel: HTMLElement;
  readonly #list = el('ul', { class: 'results', 'aria-label': texts.found });
  readonly #nothing = el('div', { class: 'empty' });
  readonly #problem = el('div', { class: 'empty' });
  readonly #why = el('p', { role: 'alert' });
  readonly #again = el('button', { class: 'plain' }, texts.tryAgain);
  readonly #more = el('button', { class: 'more' }, texts.more);
  /** Read by screen readers. */
  readonly #status = el('p', { class: 'spoken', role: 'status' });
  readonly #items = new Map<string, Item>();
  #found: Result[] = [];
  #next: string | null = null;
  /** The words whose results are shown; empty before the first answer. */
  #shown = '';
  #asked = 0;
  #pausing: ReturnType<typeof setTimeout> | undefined;
  /** The pages of which a conversation has changed. */
  readonly #changed = new Set<string>();
  #renewing: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly actions: SearchActions) {
    this.#problem.append(this.#why, this.#again);
    this.panel = el('div', { class: 'scroller found' }, this.#list, this.#nothing, this.#problem, this.#more);
    this.form.append(this.#status);
    this.field.oninput = () => this.#typed();
    this.form.onsubmit = (event) => {
      event.preventDefault();
      void this.#ask();
    };
    this.form.onkeydown = (event) => this.#pressed(event);
    this.panel.onkeydown = (event) => this.#pressed(event);
    this.#again.onclick = () => {
      this.field.focus(); // the button will be gone
      void this.#ask(this.#following);
    };
    this.#more.onclick = () => void this.#ask(this.#following);
    this.#show('');
  }

  get isActive(): boolean {
    return this.#words !== '';
  }

  get #words(): string {
    return this.field.value.trim();
  }

  /** Where the page begins that follows the results: the first page, if they are of other words. */
  get #following(): string {
    return this.#words === this.#shown ? this.#next ?? '' : '';
  }

  focus(): void {
    this.field.focus();
    this.field.select();
  }

  /** Searches once more, from the first page. */
  again(): void {
    void this.#ask();
  }

  /** Ends the search, and shows the list again. */
  close(): void {
    this.field.value = '';
    this.#typed();
  }

  /** The conversation has changed. */
  take(summary: Summary): void {
    const found = this.#found.find((one) => one.conversation.conversation_sid === summary.conversation_sid);
    if (!found || found.conversation.revision > summary.revision) return;
    if (found.conversation.revision < summary.revision) this.#renewSoon(found.after);
    found.conversation = summary;
    this.show();
  }

  #renewSoon(after: string): void {
    this.#changed.add(after);
    this.#renewing ??= setTimeout(() => {
      this.#renewing = undefined;
      const pages = [...this.#changed];
      this.#changed.clear();
      for (const page of pages) void this.#renew(page);
    }, RENEW_MS);
  }

  /** Reads a page again: a text that was edited or removed must not stay. New results wait for the next search. */
  async #renew(after: string): Promise<void> {
    const words = this.#shown;
    const old = this.#found.filter((one) => one.after === after);
    if (!old.length || !this.panel.isConnected) return;
    try {
      const { results, next } = await this.#read(words, after);
      if (words !== this.#shown) return;
      const end = next === null ? -Infinity : Date.parse(results.at(-1)?.date_created ?? '');
      const now = new Map(results.map((one) => [one.conversation.conversation_sid, one]));
      this.#found = this.#found.flatMap((one) => {
        if (!old.includes(one)) return [one];
        const found = now.get(one.conversation.conversation_sid);
        if (found) return [{ ...found, after, conversation: newer(found.conversation, one.conversation) }];
        return Date.parse(one.date_created) > end ? [] : [one]; // a page can end earlier than before
      });
      this.#show(this.#why.textContent ?? '');
    } catch (failure) {
      if ((failure as Failure).status === 401) this.actions.signedOut(failure as Failure);
      else this.#renewSoon(after);
    }
  }

  #read(words: string, after: string): Promise<Answer> {
    return post<Answer>('/search', after ? { words, after } : { words });
  }

  /** The conversation was erased. */
  remove(sid: string): void {
    this.#found = this.#found.filter((one) => one.conversation.conversation_sid !== sid);
    this.#show(this.#why.textContent ?? '');
  }

  /** The result beside the open conversation; the first one if that was not found. */
  beside(by: 1 | -1): Found | undefined {
    return this.#found[this.#found.findIndex((one) => one.conversation.conversation_sid === this.actions.openSid()) + by];
  }

  focusOn(sid: string): void {
    this.#rows.find((button) => button.dataset['sid'] === sid)?.focus();
  }

  get #rows(): HTMLButtonElement[] {
    return [...this.#list.querySelectorAll<HTMLButtonElement>('.item')];
  }

  /** Shows the results anew, because another conversation is open, or one of them has changed. */
  show(): void {
    const items = this.#found.map((found) => this.#item(found));
    for (const [sid, item] of this.#items) if (!items.includes(item)) this.#items.delete(sid);
    items.forEach(({ element }, at) => {
      if (this.#list.children[at] !== element) this.#list.insertBefore(element, this.#list.children[at] ?? null);
    });
    while (this.#list.children.length > items.length) this.#list.lastElementChild?.remove();
  }

  /** A row whose conversation did not change stays the same element, so that a click on it and the focus are not lost. */
  #item(found: Found): Item {
    const { conversation, passage, note } = found;
    const sid = conversation.conversation_sid;
    const item = this.#items.get(sid) ?? { element: el('li'), shown: '' };
    this.#items.set(sid, item);
    const state = { isOpen: sid === this.actions.openSid(), isAlarming: copyRefusedAt(conversation) !== '', now: Date.now() };
    const shown = [keyOf(conversation, this.actions.team, state), note, this.#shown, passage].join('\n');
    if (item.shown === shown) return item;
    item.shown = shown;
    const hadFocus = item.element.contains(document.activeElement);
    const button = this.#row(found, state);
    item.element.replaceChildren(button);
    if (hadFocus) button.focus();
    return item;
  }

  #row(found: Found, state: RowState): HTMLElement {
    const { conversation, passage, marks } = found;
    const kind = found.note === null ? [] : [el('span', { class: 'tag' }, texts.noteFound), ' '];
    const text = el('span', { class: 'last', dir: 'auto' }, ...kind, ...marked(passage, marks));
    const button = row(conversation, this.actions.me, this.actions.team, state, { text, when: timeOrDate(found.date_created) });
    button.onclick = () => this.actions.open(found);
    return button;
  }

  #typed(): void {
    clearTimeout(this.#pausing);
    this.#asked++; // an answer that is on its way is of other words
    this.panel.removeAttribute('aria-busy');
    if (this.#words === '' || this.#words.length > MOST_CHARACTERS) {
      this.#clear();
      this.#show(this.#words === '' ? '' : tooLong());
    } else {
      this.#pausing = setTimeout(() => void this.#ask(), PAUSE_MS);
      if (this.#shown === '') this.#show('');
    }
    this.actions.changed();
  }

  #clear(): void {
    this.#found = [];
    this.#next = null;
    this.#shown = '';
  }

  /** @param after where the page begins; empty for the first one */
  async #ask(after = ''): Promise<void> {
    clearTimeout(this.#pausing);
    const words = this.#words;
    if (words === '' || words.length > MOST_CHARACTERS) return;
    const asked = ++this.#asked;
    this.panel.setAttribute('aria-busy', 'true');
    try {
      const { results, next } = await this.#read(words, after);
      if (asked !== this.#asked) return;
      const known = new Set(after ? this.#found.map((one) => one.conversation.conversation_sid) : []);
      this.#found = [...(after ? this.#found : []), ...results.filter((one) => !known.has(one.conversation.conversation_sid)).map((one) => ({ ...one, after }))];
      this.#next = next;
      this.#shown = words;
      if (!after) this.panel.scrollTop = 0;
      this.#show('');
    } catch (failure) {
      if (asked !== this.#asked) return;
      if ((failure as Failure).status === 401) this.actions.signedOut(failure as Failure);
      else {
        if (!after) this.#clear();
        this.#show((failure as Failure).message);
      }
    } finally {
      if (asked === this.#asked) this.panel.removeAttribute('aria-busy');
    }
  }

  /** @param problem why there are no results; empty if there is no problem */
  #show(problem: string): void {
    const isAnswered = this.#shown !== '';
    this.#problem.hidden = !problem;
    setText(this.#why, problem);
    this.#again.hidden = problem === tooLong();
    this.#list.hidden = !this.#found.length;
    this.#nothing.hidden = problem !== '' || this.#found.length > 0 || !this.isActive;
    this.#nothing.replaceChildren(...(!isAnswered
      ? [texts.searching]
      : this.#next !== null
        ? [texts.nothingNewest]
        : [el('p', {}, ...around(texts.nothingFor, { words: el('bdi', {}, plain(this.#shown)) })), el('p', {}, texts.searchHint)]));
    this.#more.hidden = problem !== '' || this.#next === null;
    setText(this.#more, this.#found.length ? texts.more : texts.searchOlder);
    setText(this.#status, problem || !isAnswered ? '' : this.#count());
    this.show();
  }

  #count(): string {
    const found = this.#found.length;
    if (!found) return this.#next === null ? texts.nothingFound : texts.nothingNewest;
    return count(this.#next === null ? texts.foundCount : texts.foundOrMore, found);
  }

  /** The arrow keys go along the results, and Escape goes back: to the field, and then to the list. */
  #pressed(event: KeyboardEvent): void {
    if (isComposing(event) || event.ctrlKey || event.altKey || event.metaKey) return;
    const rows = this.#rows;
    const at = rows.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === 'Escape') {
      if (at >= 0) this.field.focus();
      else if (this.isActive) this.close();
      else this.field.blur();
    } else if (event.key === 'ArrowDown') rows[at + 1]?.focus();
    else if (event.key === 'ArrowUp' && at >= 0) (rows[at - 1] ?? this.field).focus();
    else return;
    event.preventDefault();
  }
}

function tooLong(): string {
  return put(texts.searchTooLong, { n: MOST_CHARACTERS });
}

/** The passage, with the words in it marked. */
export function marked(passage: string, marks: Found['marks']): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let at = 0;
  for (const { start, end } of marks) {
    parts.push(plain(passage.slice(at, start)), el('mark', {}, plain(passage.slice(start, end))));
    at = end;
  }
  parts.push(plain(passage.slice(at)));
  return parts.filter((part) => part !== '');
}

function newer(one: Summary, other: Summary): Summary {
  return one.revision < other.revision ? other : one;
}
