import { el } from '../dom/element';
import { Failure, get, listen, post, type Me, type News, type Summary } from './api';
import { Conversation } from './conversation';
import { Outbox } from './outbox';
import { lately } from './words';

const NOTE_MS = 8_000;
/** How often the open conversation is asked for what brings no news: how its session stands. */
const LOOK_AGAIN_MS = 60_000;

type Shown = Summary['state'];

interface Page {
  conversations: Summary[];
  has_more: boolean;
}

/** An agent's desk: the list of conversations, and the one that is open. */
export class Desk {
  readonly element = el('div', { class: 'desk' });

  private readonly connection = el('p', { class: 'note', role: 'status' }, 'Connection lost. Trying again…');
  private readonly note = el('p', { class: 'note', role: 'alert' });
  private readonly rows = el('ul');
  private readonly more = el('button', { class: 'more', type: 'button' }, 'Show more');
  private readonly chat = el('section', { class: 'chat', 'aria-label': 'Conversation' });
  private readonly tabs: Record<Shown, HTMLButtonElement>;
  private readonly summaries = new Map<string, Summary>();
  private readonly outbox: Outbox;
  private readonly hasMore = { active: false, closed: false };
  private readonly leaving = new AbortController();
  private shown: Shown = 'active';
  private isListed = false;
  private open: Conversation | undefined;
  private noteGone: ReturnType<typeof setTimeout> | undefined;
  private stopListening = () => {};

  constructor(
    private readonly me: Me,
    private readonly leave: (why: string) => void,
  ) {
    this.outbox = Outbox.of(me.identity);
    const out = el('button', { class: 'plain', type: 'button' }, 'Sign out');
    out.onclick = () => void this.signOut();
    this.tabs = {
      active: el('button', { type: 'button' }, 'Open'),
      closed: el('button', { type: 'button' }, 'Closed'),
    };
    for (const [state, tab] of Object.entries(this.tabs)) {
      tab.onclick = () => this.choose(state as Shown);
    }
    this.more.onclick = () => void this.loadMore();
    this.connection.hidden = this.note.hidden = true;
    this.element.append(
      el(
        'div',
        { class: 'top' },
        el('h1', {}, 'Inbox'),
        el('div', { class: 'notes' }, this.connection, this.note),
        el('span', { class: 'soft' }, `Signed in as ${me.name}`),
        out,
      ),
      el('nav', { class: 'list', 'aria-label': 'Conversations' }, el('div', { class: 'tabs' }, ...Object.values(this.tabs)), this.rows, this.more),
      this.chat,
    );
    this.showNothing();
  }

  start(): void {
    const whileHere = { signal: this.leaving.signal };
    document.addEventListener('visibilitychange', () => this.open?.look(), whileHere);
    addEventListener('focus', () => this.open?.look(), whileHere);
    addEventListener('beforeunload', (event) => {
      if (!this.outbox.isEmpty) event.preventDefault(); // the browser asks, before a reply is lost
    }, whileHere);
    const lookAgain = setInterval(() => void this.open?.load(), LOOK_AGAIN_MS);
    this.leaving.signal.addEventListener('abort', () => clearInterval(lookAgain));
    void this.list('active');
    this.outbox.begin(
      (conversation, arrived) => {
        if (conversation === this.open?.sid) this.open.replied(arrived);
      },
      (failure) => this.failed(failure),
    );
    this.stopListening = listen(
      (news) => this.hears(news),
      (isUp) => void this.connected(isUp),
    );
  }

  private async connected(isUp: boolean): Promise<void> {
    this.connection.hidden = isUp;
    if (isUp) {
      void this.list('active'); // what was missed
      if (this.shown === 'closed') void this.list('closed');
      void this.open?.load();
      return;
    }
    // A browser does not tell why a socket was refused: it may be that nobody is signed in any more.
    await get<Me>('/me').catch((failure: Failure) => {
      if (failure.status === 401) this.failed(failure);
    });
  }

  private hears(news: News): void {
    switch (news.type) {
      case 'conversation':
        this.take(news.conversation);
        this.show();
        if (news.conversation.conversation_sid === this.open?.sid) void this.open.changed(news.conversation);
        return;
      case 'erased':
        this.erased(news.conversation_sid);
        return;
      case 'typing':
        if (news.conversation_sid === this.open?.sid) this.open.types(news.participant);
        return;
      case 'signed_out':
        this.end('You were signed out.');
        return;
      case 'welcome':
      case 'ping':
    }
  }

  private choose(state: Shown): void {
    this.shown = state;
    this.isListed = false;
    this.show();
    void this.list(state);
  }

  /** The newest page, instead of what was listed; but not instead of what is heard meanwhile. */
  private async list(state: Shown): Promise<void> {
    const before = new Map(this.summaries);
    await this.try(async () => {
      const page = await get<Page>(`/conversations?state=${state}`);
      for (const [sid, one] of before) {
        if (one.state === state && this.summaries.get(sid) === one) this.summaries.delete(sid);
      }
      page.conversations.forEach((one) => this.take(one));
      this.hasMore[state] = page.has_more;
      if (state === this.shown) this.isListed = true;
    });
    this.show();
  }

  private async loadMore(): Promise<void> {
    const { shown } = this;
    const last = this.sorted().at(-1);
    if (!last) return;
    await this.try(async () => {
      const place = `active=${encodeURIComponent(last.date_active)}&sid=${last.conversation_sid}`;
      const page = await get<Page>(`/conversations?state=${shown}&${place}`);
      page.conversations.forEach((one) => this.take(one));
      this.hasMore[shown] = page.has_more;
    });
    this.show();
  }

  private take(summary: Summary): void {
    const known = this.summaries.get(summary.conversation_sid);
    if (!known || known.revision <= summary.revision) this.summaries.set(summary.conversation_sid, summary);
  }

  private sorted(): Summary[] {
    return [...this.summaries.values()]
      .filter((one) => one.state === this.shown)
      .sort((a, b) => Date.parse(b.date_active) - Date.parse(a.date_active) || b.conversation_sid.localeCompare(a.conversation_sid));
  }

  private show(): void {
    for (const [state, tab] of Object.entries(this.tabs)) {
      tab.setAttribute('aria-pressed', String(state === this.shown));
    }
    const all = this.sorted();
    const focused = (document.activeElement as HTMLElement | null)?.dataset['sid'];
    this.rows.replaceChildren(...all.map((one) => this.row(one)));
    if (!all.length) {
      const nothing = this.shown === 'active' ? 'No open conversations. New ones appear here by themselves.' : 'Nothing was closed yet.';
      this.rows.append(el('li', { class: 'empty' }, this.isListed ? nothing : 'One moment…'));
    }
    if (focused) this.rows.querySelector<HTMLElement>(`[data-sid="${focused}"]`)?.focus();
    this.more.hidden = !this.hasMore[this.shown];
    const unread = [...this.summaries.values()].reduce((sum, one) => sum + (one.state === 'active' ? one.unread : 0), 0);
    document.title = unread ? `(${unread}) Inbox – Parlour` : 'Inbox – Parlour';
  }

  private row(one: Summary): HTMLLIElement {
    const badge = el('span', { class: 'badge', 'aria-label': `${one.unread} unread` , role: 'img' }, one.unread > 99 ? '99+' : String(one.unread));
    badge.hidden = one.unread === 0;
    const last = one.last_message;
    const who = last && last.author_kind !== 'guest' ? `${last.author === this.me.identity ? 'You' : last.author_name}: ` : '';
    const said = last ? who + (last.removed ? 'Message removed' : last.body) : 'Has said nothing yet';
    const button = el(
      'button',
      { class: 'item', type: 'button', 'data-sid': one.conversation_sid, 'aria-current': String(one.conversation_sid === this.open?.sid) },
      el('span', { class: 'row' }, el('span', { class: 'name' }, one.name || 'Customer'), badge, el('span', { class: 'soft' }, lately(one.date_active))),
      el('span', { class: 'last' }, said),
    );
    button.onclick = () => this.read(one);
    return el('li', {}, button);
  }

  private read(one: Summary): void {
    if (one.conversation_sid !== this.open?.sid) {
      const sid = one.conversation_sid;
      this.open = new Conversation(sid, this.me, this.outbox, (failure) => this.notRead(sid, failure), () => this.putAway());
      this.chat.replaceChildren(this.open.element);
      void this.open.load();
    }
    this.element.classList.add('reading');
    this.show();
  }

  /** Nothing of it is left here: not in the list, not opened, and no draft. */
  private erased(sid: string): void {
    this.summaries.delete(sid);
    this.outbox.forget(sid);
    if (this.open?.sid === sid) {
      this.putAway();
      this.say('This conversation was erased.');
    } else {
      this.show();
    }
  }

  /** Also where it was erased while this page was cut off. */
  private notRead(sid: string, failure: Failure): void {
    if (failure.status === 404) this.erased(sid);
    else this.failed(failure);
  }

  private putAway(): void {
    this.open = undefined;
    this.showNothing();
    this.element.classList.remove('reading');
    this.show();
  }

  private showNothing(): void {
    this.chat.replaceChildren(el('p', { class: 'empty' }, 'Choose a conversation from the list.'));
  }

  private async try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (failure) {
      this.failed(failure as Failure);
    }
  }

  private failed(failure: Failure): void {
    if (failure.status === 401) {
      this.end('Your sign-in is over. Please sign in again; what you wrote is kept.');
      return;
    }
    if (failure.status === 0 && !this.connection.hidden) return; // it says so already
    this.say(failure.message);
  }

  private say(note: string): void {
    this.note.textContent = note;
    this.note.hidden = false;
    clearTimeout(this.noteGone);
    this.noteGone = setTimeout(() => {
      this.note.hidden = true;
    }, NOTE_MS);
  }

  /** Nobody is told that they are signed out before they are. */
  private async signOut(): Promise<void> {
    await this.try(async () => {
      await post('/sign-out');
      this.end('');
    });
  }

  private end(why: string): void {
    if (this.leaving.signal.aborted) return;
    this.leaving.abort();
    this.stopListening();
    this.outbox.pause();
    document.title = 'Inbox – Parlour';
    this.leave(why);
  }
}
