import { el, nameOf, plain } from '../dom/element';
import { Failure, get, listen, post, type Me, type InboxEvent, type Summary } from './api';
import { Conversation } from './conversation';
import { Outbox } from './outbox';
import { copyRefusedAt, timeOrDate } from './format';
import { textOf } from '../widget/wire';

const NOTE_MS = 8_000;
/** How often the open conversation is read again, because a session's state changes without an event. */
const REFRESH_MS = 60_000;

/** Conversations that a list holds before "Show more" is clicked, and as many more each time. */
const LISTED = 100;
/** Events that arrive within this time are shown together. */
const SHOWN_AFTER_MS = 50;
/** How often the page reports that the agent is active; the server signs out browsers without reports. */
const HERE_MS = 5 * 60_000;
/** More characters of the last message than a line can show. */
const PREVIEW = 300;
/** Whether the stream or a call learns first that the sign-in is over, the agent reads the same. */
const SIGNED_OUT = 'You were signed out. Please sign in again; your replies are kept.';
const LOST = 'Connection lost. Trying again…';

type Shown = Summary['state'];

interface Page {
  conversations: Summary[];
  has_more: boolean;
}

/** The inbox of one signed-in agent: the list of conversations, and the one that is open. */
export class InboxApp {
  readonly element = el('div', { class: 'desk' });

  readonly #connection = el('p', { class: 'note', role: 'status' }, LOST);
  readonly #note = el('p', { class: 'note', role: 'alert' });
  readonly #rows = el('ul');
  readonly #nothing = el('p', { class: 'empty' });
  readonly #more = el('button', { class: 'more' }, 'Show more');
  readonly #chat = el('section', { class: 'chat', 'aria-label': 'Conversation' });
  readonly #tabs: Record<Shown, HTMLButtonElement>;
  readonly #summaries = new Map<string, Summary>();
  readonly #items = new Map<string, { element: HTMLLIElement; shown: string }>();
  /** Attempts with a copied token that this screen has shown, by conversation. */
  readonly #noticed = new Map<string, string>();
  readonly #room = { active: LISTED, closed: LISTED };
  #showing: ReturnType<typeof setTimeout> | undefined;
  readonly #outbox: Outbox;
  readonly #hasMore = { active: false, closed: false };
  /** The position of the next page. Conversations beyond it are not listed yet, even if they change: those between would be missing. */
  readonly #ends: Partial<Record<Shown, Summary>> = {};
  readonly #leaving = new AbortController();
  #shown: Shown = 'active';
  #isListed = false;
  #open: Conversation | undefined;
  #noteGone: ReturnType<typeof setTimeout> | undefined;
  #stopListening = () => {};

  constructor(
    private readonly me: Me,
    private readonly leave: (why: string) => void,
  ) {
    this.#outbox = Outbox.of(me.identity);
    const out = el('button', { class: 'plain' }, 'Sign out');
    out.onclick = () => void this.#signOut();
    const others = me.other_browsers;
    const outElsewhere = el('button', { class: 'plain' }, others === 1 ? 'Sign out 1 other browser' : `Sign out ${others} other browsers`);
    outElsewhere.hidden = others === 0;
    outElsewhere.onclick = () => void this.#try(async () => {
      await post('/sign-out-others');
      outElsewhere.hidden = true;
    });
    this.#tabs = {
      active: el('button', {}, 'Open'),
      closed: el('button', {}, 'Closed'),
    };
    for (const [state, tab] of Object.entries(this.#tabs)) {
      tab.onclick = () => this.#choose(state as Shown);
    }
    this.#more.onclick = () => void this.#loadMore();
    this.#connection.hidden = this.#note.hidden = true;
    this.element.append(
      el(
        'div',
        { class: 'top' },
        el('h1', {}, 'Inbox'),
        el('div', { class: 'notes' }, this.#connection, this.#note),
        el('span', { class: 'soft' }, `Signed in as ${me.name}`),
        outElsewhere,
        out,
      ),
      el('nav', { class: 'list', 'aria-label': 'Conversations' }, el('div', { class: 'tabs' }, ...Object.values(this.#tabs)), this.#rows, this.#nothing, this.#more),
      this.#chat,
    );
    this.#showNothing();
  }

  start(): void {
    const whileHere = { signal: this.#leaving.signal };
    document.addEventListener('visibilitychange', () => this.#open?.markRead(), whileHere);
    addEventListener('focus', () => this.#open?.markRead(), whileHere);
    addEventListener('beforeunload', (event) => {
      if (!this.#outbox.isEmpty) event.preventDefault(); // the browser asks the agent before a reply is lost
    }, whileHere);
    for (const drag of ['dragover', 'drop']) {
      addEventListener(drag, (event) => event.preventDefault(), whileHere); // otherwise a file beside its place replaces the page
    }
    let reported = Date.now(); // the sign-in reported it
    const here = () => {
      if (Date.now() - reported < HERE_MS) return;
      reported = Date.now();
      post('/here').catch(() => {
        reported = 0; // the next action reports again
      });
    };
    addEventListener('pointerdown', here, whileHere);
    addEventListener('keydown', here, whileHere);
    const refresh = setInterval(() => void this.#open?.load(), REFRESH_MS);
    this.#leaving.signal.addEventListener('abort', () => clearInterval(refresh));
    void this.#list('active');
    this.#outbox.begin(
      (conversation, arrived) => {
        if (conversation === this.#open?.sid) this.#open.replied(arrived);
      },
      (failure) => this.#failed(failure),
    );
    this.#stopListening = listen(
      (event) => this.#onEvent(event),
      (isUp) => void this.#connected(isUp),
    );
  }

  async #connected(isUp: boolean): Promise<void> {
    this.#connection.hidden = isUp;
    if (isUp) {
      this.#connection.textContent = LOST;
      void this.#list('active'); // what was missed
      if (this.#shown === 'closed') void this.#list('closed');
      void this.#open?.load();
      return;
    }
    // A browser does not report why a socket was refused: the agent may have been signed out.
    await get<Me>('/me').catch((failure: Failure) => {
      if (failure.status === 401) this.#failed(failure);
    });
    await get(`/origin?origin=${encodeURIComponent(location.origin)}`).catch((failure: Failure) => {
      if (failure.status === 403) this.#connection.textContent = failure.message;
    });
  }

  #onEvent(event: InboxEvent): void {
    switch (event.type) {
      case 'conversation':
        this.#take(event.conversation);
        this.#showSoon();
        if (event.conversation.conversation_sid === this.#open?.sid) void this.#open.changed(event.conversation);
        return;
      case 'erased':
        this.#erased(event.conversation_sid);
        return;
      case 'typing':
        if (event.conversation_sid === this.#open?.sid) this.#open.types(event.participant);
        return;
      case 'signed_out':
        this.#end(SIGNED_OUT);
        return;
      case 'welcome':
      case 'ping':
    }
  }

  #choose(state: Shown): void {
    this.#shown = state;
    this.#isListed = false;
    this.#show();
    void this.#list(state);
  }

  /** Replaces the list by the newest page, except conversations that have changed since the page was requested. */
  async #list(state: Shown): Promise<void> {
    const before = new Map(this.#summaries);
    await this.#try(async () => {
      const page = await get<Page>(`/conversations?state=${state}`);
      for (const [sid, one] of before) {
        if (one.state === state && this.#summaries.get(sid) === one) this.#summaries.delete(sid);
      }
      this.#takePage(state, page);
      if (state === this.#shown) this.#isListed = true;
    });
    this.#show();
  }

  async #loadMore(): Promise<void> {
    const shown = this.#shown;
    const last = this.#ends[shown];
    if (!last) return;
    this.#room[shown] += LISTED;
    await this.#try(async () => {
      const place = `active=${encodeURIComponent(last.date_active)}&sid=${last.conversation_sid}`;
      const page = await get<Page>(`/conversations?state=${shown}&${place}`);
      this.#takePage(shown, page);
    });
    this.#show();
  }

  #takePage(state: Shown, { conversations, has_more }: Page): void {
    conversations.forEach((one) => this.#take(one));
    this.#hasMore[state] = has_more;
    const last = conversations.at(-1);
    if (last) this.#ends[state] = last;
  }

  #take(summary: Summary): void {
    const known = this.#summaries.get(summary.conversation_sid);
    if (!known || known.revision <= summary.revision) this.#summaries.set(summary.conversation_sid, summary);
  }

  /** Shows as many conversations as the list holds, the one with the latest activity first, and drops the rest. */
  #sorted(state: Shown = this.#shown): Summary[] {
    const all = [...this.#summaries.values()]
      .filter((one) => one.state === state)
      .sort(byActivity);
    if (all.length > this.#room[state]) {
      this.#ends[state] = all[this.#room[state] - 1] as Summary;
      this.#hasMore[state] = true;
    }
    const end = this.#ends[state];
    const beyond = this.#hasMore[state] && end ? all.findIndex((one) => byActivity(one, end) > 0) : -1;
    for (const one of beyond < 0 ? [] : all.splice(beyond)) this.#summaries.delete(one.conversation_sid);
    return all;
  }

  #showSoon(): void {
    this.#showing ??= setTimeout(() => this.#show(), SHOWN_AFTER_MS);
  }

  #show(): void {
    clearTimeout(this.#showing);
    this.#showing = undefined;
    for (const [state, tab] of Object.entries(this.#tabs)) {
      tab.setAttribute('aria-pressed', String(state === this.#shown));
    }
    const unread = this.#sorted('active').reduce((sum, one) => sum + one.unread, 0);
    document.title = unread ? `(${unread}) Inbox – Parlour` : 'Inbox – Parlour';
    const all = this.#sorted();
    const open = this.#open && this.#summaries.get(this.#open.sid);
    if (open && document.visibilityState === 'visible') this.#noticed.set(open.conversation_sid, copyRefusedAt(open));
    this.#showRows(all);
    this.#nothing.hidden = all.length > 0;
    const nothing = this.#shown === 'active' ? 'No open conversations. New ones appear here as they come in.' : 'No conversation was closed yet.';
    this.#nothing.textContent = this.#isListed ? nothing : 'One moment…';
    this.#more.hidden = !this.#hasMore[this.#shown];
  }

  /** Rebuilds only what changed, and moves only what is out of place. */
  #showRows(all: Summary[]): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset['sid'];
    const listed = new Set(all.map((one) => one.conversation_sid));
    for (const [sid, item] of this.#items) {
      if (listed.has(sid)) continue;
      item.element.remove();
      this.#items.delete(sid);
    }
    all.forEach((one, at) => {
      const item = this.#items.get(one.conversation_sid) ?? { element: el('li'), shown: '' };
      this.#items.set(one.conversation_sid, item);
      const isOpen = one.conversation_sid === this.#open?.sid;
      const alarm = copyRefusedAt(one) && this.#noticed.get(one.conversation_sid) !== copyRefusedAt(one);
      const shown = [one.revision, one.name, one.unread, timeOrDate(one.date_active), isOpen, alarm].join();
      if (item.shown !== shown) {
        item.shown = shown;
        item.element.replaceChildren(this.#row(one, isOpen, Boolean(alarm)));
      }
      if (this.#rows.children[at] !== item.element) this.#rows.insertBefore(item.element, this.#rows.children[at] ?? null);
    });
    if (focused && document.activeElement === document.body) this.#rows.querySelector<HTMLElement>(`[data-sid="${focused}"]`)?.focus();
  }

  #row(one: Summary, isOpen: boolean, alarm: boolean): HTMLButtonElement {
    const badge = el('span', { class: 'badge', 'aria-label': `${one.unread} unread`, role: 'img' }, one.unread > 99 ? '99+' : String(one.unread));
    badge.hidden = one.unread === 0;
    const mark = el('span', { class: 'alarm', 'aria-label': 'A copy of this guest’s token was refused', role: 'img' }, '!');
    mark.hidden = !alarm;
    const last = one.last_message;
    const who = last && last.author_kind !== 'guest' ? [nameOf(last.author === this.me.identity ? 'You' : last.author_name), ': '] : [];
    const preview = last ? (last.removed ? 'Message removed' : textOf(last)) : 'No message yet';
    const button = el(
      'button',
      { class: 'item', 'data-sid': one.conversation_sid, 'aria-current': String(isOpen) },
      el('span', { class: 'row' }, el('span', { class: 'name', dir: 'auto' }, plain(one.name) || 'Customer'), mark, badge, el('span', { class: 'soft' }, timeOrDate(one.date_active))),
      el('span', { class: 'last', dir: 'auto' }, ...who, preview.slice(0, PREVIEW)),
    );
    button.onclick = () => this.#read(this.#summaries.get(one.conversation_sid) ?? one);
    return button;
  }

  #read(one: Summary): void {
    if (one.conversation_sid !== this.#open?.sid) {
      const sid = one.conversation_sid;
      this.#open = new Conversation(sid, this.me, this.#outbox, (failure) => this.#notRead(sid, failure), () => this.#putAway(), (other) => this.#read(other));
      this.#chat.replaceChildren(this.#open.element);
      void this.#open.load();
    }
    this.element.classList.add('reading');
    this.#show();
  }

  /** Removes an erased conversation from the list and the window, and its draft. */
  #erased(sid: string): void {
    this.#summaries.delete(sid);
    this.#outbox.remove(sid);
    if (this.#open?.sid === sid) {
      this.#putAway();
      this.#say('This conversation was erased.');
    } else {
      this.#show();
    }
  }

  /** A conversation may have been erased while this page was disconnected. */
  #notRead(sid: string, failure: Failure): void {
    if (failure.status === 404) this.#erased(sid);
    else this.#failed(failure);
  }

  #putAway(): void {
    this.#open = undefined;
    this.#showNothing();
    this.element.classList.remove('reading');
    this.#show();
  }

  #showNothing(): void {
    this.#chat.replaceChildren(el('p', { class: 'empty' }, 'Choose a conversation from the list.'));
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (failure) {
      this.#failed(failure as Failure);
    }
  }

  #failed(failure: Failure): void {
    if (failure.status === 401) {
      this.#end(SIGNED_OUT);
      return;
    }
    if (failure.status === 0 && !this.#connection.hidden) return; // the notice about the connection says so already
    this.#say(failure.message);
  }

  #say(note: string): void {
    this.#note.textContent = note;
    this.#note.hidden = false;
    clearTimeout(this.#noteGone);
    this.#noteGone = setTimeout(() => {
      this.#note.hidden = true;
    }, NOTE_MS);
  }

  /** Shows that the agent is signed out only after the server has confirmed it. */
  async #signOut(): Promise<void> {
    await this.#try(async () => {
      await post('/sign-out');
      this.#end('');
    });
  }

  #end(why: string): void {
    if (this.#leaving.signal.aborted) return;
    this.#leaving.abort();
    this.#stopListening();
    clearTimeout(this.#showing);
    this.#outbox.pause();
    document.title = 'Inbox – Parlour';
    this.leave(why);
  }
}

/** The latest activity first. */
function byActivity(a: Summary, b: Summary): number {
  return Date.parse(b.date_active) - Date.parse(a.date_active) || b.conversation_sid.localeCompare(a.conversation_sid);
}
