import { el } from '../dom/element';
import type { Message, Participant } from '../widget/wire';
import { Failure, get, post, type Me, type Opened, type Summary } from './api';

const TYPING_MS = 3_000;
const TYPING_SHOWN_MS = 6_000;

interface Waiting {
  clientId: string;
  body: string;
}

/** One conversation, opened: what was said, who says it, and how the guest's session stands. */
export class Conversation {
  readonly element = el('div', { class: 'chat' });

  private readonly title = el('h2');
  private readonly session = el('div', { class: 'soft' });
  private readonly about = el('details');
  private readonly log = el('div', { class: 'log', role: 'log', tabindex: '0', 'aria-label': 'Messages' });
  private readonly older = el('button', { class: 'more', type: 'button' }, 'Show older messages');
  private readonly list = el('ol');
  private readonly typing = el('div', { class: 'typing soft', 'aria-live': 'polite' });
  private readonly composer = el('form', { class: 'composer' });
  private readonly input = el('textarea', { rows: '2', 'aria-label': 'Reply', placeholder: 'Write a reply', maxlength: '8000' });
  private readonly closing = el('button', { class: 'plain', type: 'button' }, 'Close conversation');
  private readonly base: string;
  private readonly messages = new Map<number, Message>();
  private readonly participants = new Map<string, Participant>();
  private waiting: Waiting[] = [];
  private summary: Summary | undefined;
  private revision = -1;
  private hasOlder = false;
  private fetching: Promise<void> | undefined;
  private typingSaid = 0;
  private readTo = -1;
  private sending = false;

  constructor(
    readonly sid: string,
    private readonly me: Me,
    private readonly failed: (failure: Failure) => void,
    putAway: () => void,
  ) {
    this.base = `/conversations/${sid}`;
    const back = el('button', { class: 'back', type: 'button', 'aria-label': 'Back to the list' }, '‹');
    back.onclick = putAway;
    this.closing.onclick = () => void this.try(() => post(`${this.base}/close`));
    this.older.onclick = () => void this.loadOlder();
    this.log.append(this.older, this.list);
    this.log.onscroll = () => this.look();
    this.buildComposer();
    this.element.append(
      el('header', {}, back, el('div', {}, this.title, this.session), this.closing),
      this.about,
      this.log,
      this.typing,
      this.composer,
    );
    this.show();
  }

  private buildComposer(): void {
    this.composer.append(this.input, el('button', { class: 'go', type: 'submit' }, 'Send'));
    this.input.oninput = () => {
      if (!this.input.value.trim() || Date.now() - this.typingSaid < TYPING_MS) return;
      this.typingSaid = Date.now();
      post(`${this.base}/typing`).catch(() => {}); // nothing is lost with it
    };
    this.input.onkeydown = (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.composer.requestSubmit();
      }
    };
    this.composer.onsubmit = (event) => {
      event.preventDefault();
      const body = this.input.value.trim();
      if (!body) return;
      this.input.value = '';
      this.waiting.push({ clientId: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`.replace('.', ''), body });
      this.show(true);
      void this.send();
    };
  }

  async load(): Promise<void> {
    await this.try(async () => {
      const opened = await get<Opened>(this.base);
      this.summary = opened.summary;
      this.revision = opened.summary.revision;
      this.hasOlder = opened.has_more;
      opened.participants.forEach((one) => this.participants.set(one.sid, one));
      this.take(opened.messages);
      this.showAbout(opened.pre_engagement_data);
    });
    this.show(true);
    this.input.focus();
    this.look();
  }

  /** The list heard that something happened here. */
  changed(summary: Summary): void {
    if (summary.conversation_sid !== this.sid) return;
    this.summary = summary;
    this.show();
    if (summary.revision > this.revision) void this.catchUp();
  }

  /** Reads what happened since, one reading at a time. */
  async catchUp(): Promise<void> {
    await this.fetching;
    this.fetching = this.try(async () => {
      for (let more = this.revision >= 0; more; ) {
        const changes = await get<{ revision: number; messages: Message[]; participants: Participant[]; more: boolean }>(
          `${this.base}/changes?after=${this.revision}`,
        );
        this.take(changes.messages);
        changes.participants.forEach((one) => this.participants.set(one.sid, one));
        this.revision = Math.max(this.revision, changes.revision);
        more = changes.more;
      }
    });
    await this.fetching;
    this.show();
    this.look();
  }

  types(participant: Participant): void {
    this.typing.textContent = `${participant.name} is typing…`;
    setTimeout(() => {
      this.typing.textContent = '';
    }, TYPING_SHOWN_MS);
  }

  private take(messages: Message[]): void {
    for (const message of messages) {
      if ((this.messages.get(message.index)?.revision ?? -1) < message.revision) this.messages.set(message.index, message);
      if (message.author_kind === 'guest') this.typing.textContent = '';
      this.waiting = this.waiting.filter((one) => one.clientId !== message.client_id);
    }
  }

  private async loadOlder(): Promise<void> {
    const first = Math.min(...this.messages.keys());
    const fromEnd = this.log.scrollHeight - this.log.scrollTop;
    await this.try(async () => {
      const page = await get<{ messages: Message[]; has_more: boolean }>(`${this.base}/messages?before=${first}`);
      this.take(page.messages);
      this.hasOlder = page.has_more;
    });
    this.show();
    this.log.scrollTop = this.log.scrollHeight - fromEnd;
  }

  /** In order, one after the other, until it is there; its id makes a second try harmless. */
  private async send(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      try {
        this.take([await post<Message>(`${this.base}/messages`, { body: next.body, client_id: next.clientId })]);
      } catch (failure) {
        if (!(failure instanceof Failure) || !failure.isPassing) {
          this.failed(failure as Failure);
          this.input.value = [next.body, this.input.value].filter(Boolean).join('\n');
          this.waiting.shift();
        } else {
          await new Promise((resolve) => setTimeout(resolve, Math.max(2, (failure as Failure).retryAfterSeconds) * 1000));
        }
      }
      this.show();
    }
    this.sending = false;
  }

  private look(): void {
    const last = Math.max(-1, ...this.messages.keys());
    if (last > this.readTo && this.atEnd() && document.visibilityState === 'visible' && document.hasFocus()) {
      this.readTo = last;
      post(`${this.base}/read`, { index: last }).catch(() => {
        this.readTo = -1; // with the next look
      });
    }
  }

  private atEnd(): boolean {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
  }

  // ---- showing

  private show(toEnd = this.atEnd()): void {
    const { summary } = this;
    this.title.textContent = summary?.name || 'Customer';
    this.session.textContent = summary ? standing(summary) : '';
    const closed = summary?.state === 'closed';
    this.composer.hidden = closed || !summary;
    this.closing.hidden = closed || !summary;
    this.older.hidden = !this.hasOlder;
    const said = [...this.messages.values()].sort((a, b) => a.index - b.index).map((one) => this.line(one));
    const waiting = this.waiting.map((one) =>
      el('li', { class: 'line ours waiting' }, el('div', { class: 'soft' }, 'Sending…'), el('div', { class: 'body' }, one.body)));
    this.list.replaceChildren(...said, ...waiting);
    if (toEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  private line(message: Message): HTMLLIElement {
    const time = new Date(message.date_created).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    const who = message.author === this.me.identity ? 'You' : message.author_name;
    const guest = [...this.participants.values()].find((one) => one.kind === 'guest');
    const seen = message.author_kind !== 'guest' && guest && guest.read_index >= message.index ? ' · seen' : '';
    return el(
      'li',
      { class: message.author_kind === 'guest' ? 'line' : 'line ours' },
      el('div', { class: 'soft' }, `${who} · ${time}${seen}`),
      el('div', { class: 'body' }, message.removed ? 'Message removed' : message.body),
    );
  }

  /** What the page told about the guest, as far as it can be shown in lines. */
  private showAbout(json: string): void {
    let data: unknown;
    try {
      data = JSON.parse(json);
    } catch {
      data = json;
    }
    const entries = data && typeof data === 'object' ? Object.entries(data) : [['data', data]];
    const shown = entries.filter(([, value]) => value !== '' && value !== null);
    this.about.hidden = shown.length === 0;
    this.about.open = shown.length > 0 && shown.length < 6;
    this.about.replaceChildren(
      el('summary', { class: 'soft' }, 'What the guest told before the chat'),
      el('dl', {}, ...shown.flatMap(([name, value]) => [
        el('dt', {}, String(name)),
        el('dd', {}, typeof value === 'string' ? value : JSON.stringify(value)),
      ])),
    );
  }

  private async try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (failure) {
      this.failed(failure as Failure);
    }
  }
}

/** How the guest's session stands, in words. */
function standing({ state, session }: Summary): string {
  const refused = session.last_refused_at
    ? ` Refused with its token: ${session.refusals}, the last time at ${new Date(session.last_refused_at).toLocaleTimeString()}, because it was ${session.last_refused_why}.`
    : '';
  const words = {
    live: 'Session: good.',
    expired: 'Session: expired, the guest can only start a new chat.',
    revoked: `Session: ended (${session.revoked_why ?? 'no reason noted'}), the guest can only start a new chat.`,
    gone: 'Session: not known any more.',
  }[session.state];
  return `${state === 'closed' ? 'Closed. ' : ''}${words}${refused}`;
}
