import { el } from '../dom/element';
import { Failure, get, listen, post, type Me, type News, type Summary } from './api';
import { Conversation } from './conversation';

/** An agent's desk: the list of conversations, and the one that is open. */
export class Desk {
  readonly element = el('div', { class: 'desk' });

  private readonly note = el('p', { class: 'note', role: 'status' });
  private readonly rows = el('ul');
  private readonly more = el('button', { class: 'more', type: 'button' }, 'Show more');
  private readonly chat = el('section', { class: 'chat', 'aria-label': 'Conversation' });
  private readonly tabs: Record<'active' | 'closed', HTMLButtonElement>;
  private readonly summaries = new Map<string, Summary>();
  private shown: 'active' | 'closed' = 'active';
  private hasMore = false;
  private open: Conversation | undefined;
  private stopListening = () => {};

  constructor(
    private readonly me: Me,
    private readonly leave: (why: string) => void,
  ) {
    const out = el('button', { class: 'plain', type: 'button' }, 'Sign out');
    out.onclick = () => void post('/sign-out').catch(() => {}).then(() => this.end(''));
    this.tabs = {
      active: el('button', { type: 'button' }, 'Open'),
      closed: el('button', { type: 'button' }, 'Closed'),
    };
    for (const [state, tab] of Object.entries(this.tabs)) {
      tab.onclick = () => void this.list(state as 'active' | 'closed');
    }
    this.more.onclick = () => void this.loadMore();
    this.note.hidden = true;
    this.element.append(
      el('div', { class: 'top' }, el('h1', {}, 'Inbox'), this.note, el('span', { class: 'soft' }, me.name), out),
      el('nav', { class: 'list', 'aria-label': 'Conversations' }, el('div', { class: 'tabs' }, ...Object.values(this.tabs)), this.rows, this.more),
      this.chat,
    );
    this.showNothing();
  }

  start(): void {
    void this.list('active');
    this.stopListening = listen(
      (news) => this.hears(news),
      (isUp) => {
        this.note.hidden = isUp;
        this.note.textContent = isUp ? '' : 'Connection lost. Trying again…';
        if (isUp) {
          void this.list(this.shown); // what was missed
          void this.open?.catchUp();
        }
      },
    );
  }

  private hears(news: News): void {
    switch (news.type) {
      case 'conversation':
        this.take(news.conversation);
        this.show();
        this.open?.changed(news.conversation);
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

  private async list(state: 'active' | 'closed'): Promise<void> {
    this.shown = state;
    await this.try(async () => {
      const page = await get<{ conversations: Summary[]; has_more: boolean }>(`/conversations?state=${state}`);
      this.summaries.clear();
      page.conversations.forEach((one) => this.take(one));
      this.hasMore = page.has_more;
    });
    this.show();
  }

  private async loadMore(): Promise<void> {
    const last = this.sorted().at(-1);
    if (!last) return;
    await this.try(async () => {
      const place = `updated=${encodeURIComponent(last.date_updated)}&sid=${last.conversation_sid}`;
      const page = await get<{ conversations: Summary[]; has_more: boolean }>(`/conversations?state=${this.shown}&${place}`);
      page.conversations.forEach((one) => this.take(one));
      this.hasMore = page.has_more;
    });
    this.show();
  }

  private take(summary: Summary): void {
    const known = this.summaries.get(summary.conversation_sid);
    if (known && known.revision > summary.revision) return;
    if (summary.state === this.shown) this.summaries.set(summary.conversation_sid, summary);
    else this.summaries.delete(summary.conversation_sid);
  }

  private sorted(): Summary[] {
    return [...this.summaries.values()].sort((a, b) => b.date_updated.localeCompare(a.date_updated));
  }

  private show(): void {
    for (const [state, tab] of Object.entries(this.tabs)) {
      tab.setAttribute('aria-pressed', String(state === this.shown));
    }
    const all = this.sorted();
    const focused = (document.activeElement as HTMLElement | null)?.dataset['sid'];
    this.rows.replaceChildren(...all.map((one) => this.row(one)));
    if (!all.length) {
      this.rows.append(el('li', { class: 'empty' }, this.shown === 'active' ? 'Nobody is waiting.' : 'Nothing was closed yet.'));
    }
    if (focused) this.rows.querySelector<HTMLElement>(`[data-sid="${focused}"]`)?.focus();
    this.more.hidden = !this.hasMore;
    const unread = all.reduce((sum, one) => sum + one.unread, 0);
    document.title = unread ? `(${unread}) Inbox – Parlour` : 'Inbox – Parlour';
  }

  private row(one: Summary): HTMLLIElement {
    const time = new Date(one.date_updated).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    const badge = el('span', { class: 'badge' }, String(one.unread));
    badge.hidden = one.unread === 0;
    const last = one.last_message;
    const button = el(
      'button',
      { class: 'item', type: 'button', 'data-sid': one.conversation_sid, 'aria-current': String(one.conversation_sid === this.open?.sid) },
      el('span', { class: 'row' }, el('span', { class: 'name' }, one.name || 'Customer'), badge, el('span', { class: 'soft' }, time)),
      el('div', { class: 'last' }, last ? (last.removed ? 'Message removed' : last.body) : 'Has said nothing yet'),
    );
    button.onclick = () => this.read(one);
    return el('li', {}, button);
  }

  private read(one: Summary): void {
    const conversation = new Conversation(one.conversation_sid, this.me, (failure) => this.failed(failure), () => this.putAway());
    this.open = conversation;
    this.chat.replaceChildren(conversation.element);
    this.element.classList.add('reading');
    void conversation.load();
    this.show();
  }

  private putAway(): void {
    this.open = undefined;
    this.showNothing();
    this.element.classList.remove('reading');
    this.show();
  }

  private showNothing(): void {
    this.chat.replaceChildren(el('p', { class: 'empty' }, 'Choose a conversation on the left.'));
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
      this.end('Please sign in again.');
      return;
    }
    this.note.textContent = failure.message;
    this.note.hidden = false;
    setTimeout(() => {
      if (this.note.textContent === failure.message) this.note.hidden = true;
    }, 6_000);
  }

  private end(why: string): void {
    this.stopListening();
    this.leave(why);
  }
}
