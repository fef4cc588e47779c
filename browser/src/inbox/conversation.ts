import { el, nameOf, plain } from '../dom/element';
import { download, type Attached } from '../dom/files';
import { isComposing } from '../dom/keys';
import { textOf, type Message, type Participant } from '../widget/wire';
import { Failure, get, post, type Me, type Opened, type Stored, type Summary } from './api';
import { ChosenFiles, SendingFiles, sentFiles } from './files';
import type { Outbox, Reply } from './outbox';
import { day, label, sessionStatus, time, timeOrDate } from './format';

const TYPING_MS = 3_000;
const TYPING_SHOWN_MS = 6_000;
const SURE_MS = 5_000;
/** A second click that comes sooner than this belongs to a double click. */
const DOUBLE_CLICK_MS = 500;
/** The longest message that the server accepts, in UTF-8. */
const BODY_BYTES = 32 * 1024;
const TOO_LONG = 'This reply is too long. Please shorten it, or send it in parts.';

interface Changes {
  revision: number;
  messages: Message[];
  participants: Participant[];
  more: boolean;
}

/** The open conversation: its messages and participants, and the status of the guest's session. */
export class Conversation {
  readonly element = el('div', { class: 'chat' });

  readonly #title = el('h2', { dir: 'auto' });
  readonly #session = el('div', { class: 'session soft' });
  /** Says of a session that no copied token can use it. */
  readonly #bound = el('div', { class: 'soft bound' }, 'Bound to a key of the guest’s browser');
  readonly #refusal = el('p', { class: 'refusal', role: 'status' });
  readonly #about = el('details');
  readonly #others = el('details');
  readonly #log = el('div', { class: 'log', role: 'log', tabindex: '0', 'aria-label': 'Messages' });
  readonly #older = el('button', { class: 'more' }, 'Show older messages');
  readonly #list = el('ol');
  readonly #empty = el('p', { class: 'empty' }, 'No messages yet.');
  readonly #typing = el('div', { class: 'typing soft', 'aria-live': 'polite' });
  readonly #composer = el('form', { class: 'composer' });
  readonly #input = el('textarea', { rows: '2', 'aria-label': 'Reply', placeholder: 'Write a reply', dir: 'auto' });
  readonly #problem = el('p', { class: 'problem', role: 'alert' });
  readonly #attach = el('button', { class: 'plain', 'aria-label': 'Attach files' }, 'Attach');
  readonly #chosen: ChosenFiles;
  /** The elements of sent files by message, and of waiting ones by reply: they stay the same while their line changes. */
  readonly #sent = new Map<string, HTMLElement>();
  readonly #sending = new Map<string, SendingFiles>();
  readonly #closing = el('button', { class: 'plain' });
  readonly #reopening = el('button', { class: 'plain' }, 'Reopen conversation');
  readonly #base: string;
  readonly #messages = new Map<number, Message>();
  readonly #participants = new Map<string, Participant>();
  readonly #rows = new Map<string, { element: HTMLLIElement; shown: string }>();
  #summary: Summary | undefined;
  #revision = -1;
  #hasOlder = false;
  #fetching = Promise.resolve();
  #loadingOlder = false;
  #typingReported = 0;
  /** The participant whose typing is shown. */
  #typist = '';
  #typingGone: ReturnType<typeof setTimeout> | undefined;
  #readTo = -1;
  /** The reading of chosen files, as long as it lasts; its result is why some cannot be sent. */
  #attaching: Promise<string> | undefined;

  constructor(
    readonly sid: string,
    private readonly me: Me,
    private readonly outbox: Outbox,
    private readonly failed: (failure: Failure) => void,
    putAway: () => void,
    private readonly choose: (other: Summary) => void,
  ) {
    this.#base = `/conversations/${sid}`;
    const back = el('button', { class: 'back', 'aria-label': 'Back to the list' }, '‹');
    back.onclick = putAway;
    this.#older.onclick = () => void this.#loadOlder();
    this.#log.append(this.#older, this.#list, this.#empty);
    this.#log.onscroll = () => this.markRead();
    this.#chosen = new ChosenFiles((file) => this.outbox.detach(sid, file.clientId), () => this.#attach.focus());
    this.#buildClosing();
    this.#buildComposer();
    this.#takeFiles();
    this.element.append(
      el('header', {}, back, el('div', { class: 'who' }, this.#title, this.#session, this.#bound), this.#closing, this.#reopening),
      this.#refusal,
      this.#about,
      this.#others,
      this.#log,
      this.#typing,
      this.#composer,
    );
    this.#about.hidden = this.#others.hidden = this.#problem.hidden = true;
    this.#show();
  }

  /** Closing takes a second click: the guest sees it, and may be gone before the conversation is reopened. */
  #buildClosing(): void {
    const ask = () => {
      this.#closing.textContent = 'Close conversation';
      this.#closing.dataset['sure'] = '';
    };
    ask();
    let asking: ReturnType<typeof setTimeout> | undefined;
    this.#closing.onclick = () => {
      const { sure } = this.#closing.dataset;
      if (sure === 'soon') return;
      if (!sure) {
        this.#closing.textContent = 'Click again to close';
        this.#closing.dataset['sure'] = 'soon';
        setTimeout(() => (this.#closing.dataset['sure'] = 'yes'), DOUBLE_CLICK_MS);
        asking = setTimeout(ask, SURE_MS);
        return;
      }
      clearTimeout(asking);
      ask();
      void this.#try(() => post(`${this.#base}/close`));
    };
    this.#reopening.onclick = () => void this.#try(() => post(`${this.#base}/reopen`));
  }

  #buildComposer(): void {
    this.#composer.append(this.#problem, this.#chosen.element, this.#attach, this.#input, el('button', { class: 'go', type: 'submit' }, 'Send'));
    this.#input.value = this.outbox.draft(this.sid);
    this.#input.oninput = () => {
      this.outbox.keepDraft(this.sid, this.#input.value);
      this.#problem.hidden = true;
      if (!this.#input.value.trim() || Date.now() - this.#typingReported < TYPING_MS) return;
      this.#typingReported = Date.now();
      post(`${this.#base}/typing`).catch(() => {}); // the next character sends it again
    };
    this.#input.onkeydown = (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !isComposing(event)) {
        event.preventDefault();
        this.#composer.requestSubmit();
      }
    };
    this.#composer.onsubmit = (event) => {
      event.preventDefault();
      if (this.#attaching) {
        void this.#attaching.then((problem) => {
          if (!problem) this.#composer.requestSubmit(); // with the files that the agent has chosen
        });
        return;
      }
      const body = this.#input.value.trim();
      if (!body && !this.outbox.draftFiles(this.sid).length) return;
      if (new TextEncoder().encode(body).length > BODY_BYTES) {
        this.#problem.textContent = TOO_LONG; // the reply stays in the field
        this.#problem.hidden = false;
        return;
      }
      this.#input.value = '';
      this.#typingReported = 0; // the next character belongs to another reply
      this.outbox.keepDraft(this.sid, '');
      this.outbox.add(this.sid, body);
      this.#show(true);
    };
  }

  /** Takes files that the agent chooses, pastes, or drops on the conversation. */
  #takeFiles(): void {
    const chooser = el('input', { type: 'file', multiple: '', hidden: '', 'aria-hidden': 'true', tabindex: '-1' });
    this.#attach.onclick = () => chooser.click();
    chooser.onchange = () => {
      void this.#choose([...(chooser.files ?? [])]);
      chooser.value = ''; // the same file can be chosen again
    };
    this.#composer.append(chooser);
    this.#input.onpaste = (event) => {
      const files = filesIn(event.clipboardData);
      if (!files.length || event.clipboardData?.getData('text')) return; // a text processor offers a picture of the text, too
      event.preventDefault();
      void this.#choose(files);
    };
    this.element.ondragover = (event) => {
      if (!event.dataTransfer?.types.includes('Files') || this.#composer.hidden) return;
      event.preventDefault();
      this.element.classList.add('dropping');
    };
    this.element.ondragleave = (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.element.classList.remove('dropping');
    };
    this.element.ondrop = (event) => {
      this.element.classList.remove('dropping');
      if (!this.#composer.hidden) void this.#choose(filesIn(event.dataTransfer));
    };
  }

  async #choose(files: File[]): Promise<void> {
    if (!files.length) return;
    const before = this.#attaching;
    const attaching = (async () => [await before, await this.outbox.attach(this.sid, files)].filter(Boolean).join(' '))();
    this.#attaching = attaching;
    const problem = await attaching;
    if (this.#attaching === attaching) this.#attaching = undefined;
    this.#problem.textContent = problem;
    this.#problem.hidden = !problem;
    this.#input.focus();
  }

  /** Reads the conversation from the server: when it is opened, when the connection is back, and each minute. */
  async load(): Promise<void> {
    const isFirst = this.#revision < 0;
    await this.#serially(async () => {
      const opened = await get<Opened>(this.#base);
      this.#update(opened.summary);
      opened.participants.forEach((one) => this.#updateParticipant(one));
      if (isFirst) {
        this.#revision = opened.summary.revision;
        this.#hasOlder = opened.has_more;
        this.#take(opened.messages);
        this.#showAbout(opened.pre_engagement_data);
        this.#showOthers(opened.others);
      }
      await this.#readChanges(); // also what has changed since the answer was made
    });
    this.#show(isFirst || this.#atEnd());
    if (isFirst && !this.#composer.hidden) this.#input.focus();
    this.markRead();
  }

  /** The list received a newer summary of this conversation. */
  async changed(summary: Summary): Promise<void> {
    this.#update(summary);
    this.#show();
    if (this.#revision < 0 || summary.revision <= this.#revision) return;
    await this.#serially(() => this.#readChanges());
    this.#show();
    this.markRead();
  }

  /** A reply of this agent waits, has arrived, or was refused. */
  replied(arrived?: Message): void {
    if (arrived) this.#take([arrived]);
    if (this.#input.value !== this.outbox.draft(this.sid)) this.#input.value = this.outbox.draft(this.sid);
    this.#show();
  }

  types(participant: Participant): void {
    this.#typist = participant.identity;
    this.#typing.replaceChildren(nameOf(participant.name), ' is typing…');
    clearTimeout(this.#typingGone);
    this.#typingGone = setTimeout(() => {
      this.#typing.textContent = '';
    }, TYPING_SHOWN_MS);
  }

  /** Reports the newest message as read if the agent can see it. */
  markRead(): void {
    const last = Math.max(-1, ...this.#messages.keys());
    if (last > this.#readTo && this.#atEnd() && document.visibilityState === 'visible' && document.hasFocus()) {
      this.#readTo = last;
      post(`${this.#base}/read`, { index: last }).catch(() => {
        this.#readTo = -1; // reported again with the next call
      });
    }
  }

  #update(summary: Summary): void {
    if ((this.#summary?.revision ?? -1) <= summary.revision) this.#summary = summary;
  }

  #updateParticipant(participant: Participant): void {
    if ((this.#participants.get(participant.sid)?.revision ?? -1) <= participant.revision) {
      this.#participants.set(participant.sid, participant);
    }
  }

  #take(messages: Message[]): void {
    for (const message of messages) {
      if ((this.#messages.get(message.index)?.revision ?? -1) < message.revision) this.#messages.set(message.index, message);
      if (message.author === this.#typist) this.#typing.textContent = '';
      if (message.author === this.me.identity) this.outbox.arrived(message.client_id);
    }
  }

  async #readChanges(): Promise<void> {
    for (let more = true; more; ) {
      const changes = await get<Changes>(`${this.#base}/changes?after=${this.#revision}`);
      this.#take(changes.messages);
      changes.participants.forEach((one) => this.#updateParticipant(one));
      this.#revision = Math.max(this.#revision, changes.revision);
      more = changes.more;
    }
  }

  async #loadOlder(): Promise<void> {
    if (this.#loadingOlder) return;
    this.#loadingOlder = true;
    const first = Math.min(...this.#messages.keys());
    const fromEnd = this.#log.scrollHeight - this.#log.scrollTop;
    await this.#try(async () => {
      const page = await get<{ messages: Message[]; has_more: boolean }>(`${this.#base}/messages?before=${first}`);
      this.#take(page.messages);
      this.#hasOlder = page.has_more;
    });
    this.#loadingOlder = false;
    this.#show(false);
    this.#log.scrollTop = this.#log.scrollHeight - fromEnd;
  }

  #atEnd(): boolean {
    return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 40;
  }

  #show(toEnd = this.#atEnd()): void {
    const summary = this.#summary;
    const closed = summary?.state === 'closed';
    this.#title.textContent = summary ? plain(summary.name) || 'Customer' : 'One moment…';
    const { session, refusal } = summary ? sessionStatus(summary) : { session: '', refusal: '' };
    this.#session.textContent = session;
    this.#bound.hidden = !summary?.session.bound || summary.session.state !== 'live';
    if (this.#refusal.textContent !== refusal) this.#refusal.textContent = refusal;
    this.#refusal.hidden = !refusal;
    this.#composer.hidden = closed || !summary;
    this.#closing.hidden = closed || !summary;
    this.#reopening.hidden = !closed || summary?.session.state !== 'live';
    this.#older.hidden = !this.#hasOlder;
    this.#chosen.show(this.outbox.draftFiles(this.sid));
    this.#showLines();
    if (toEnd) this.#log.scrollTop = this.#log.scrollHeight;
  }

  /** A line whose text did not change stays the same element, so that a selection in it stays, too. */
  #showLines(): void {
    const waiting = this.outbox.waiting(this.sid);
    const guest = [...this.#participants.values()].find((one) => one.kind === 'guest');
    const lines: [string, string, ...HTMLElement[]][] = [];
    let lastDay = '';
    for (const message of [...this.#messages.values()].sort((a, b) => a.index - b.index)) {
      const thisDay = day(message.date_created);
      if (thisDay !== lastDay) lines.push([`day ${thisDay}`, 'day', el('span', { class: 'soft' }, thisDay)]);
      lastDay = thisDay;
      const ours = message.author_kind !== 'guest';
      const who = message.author === this.me.identity ? 'You' : message.author_name;
      const seen = ours && guest && guest.read_index >= message.index ? ' · seen' : '';
      lines.push([
        message.sid,
        ours ? 'line ours' : 'line',
        el('div', { class: 'soft' }, nameOf(who), ` · ${time(message.date_created)}${seen}`),
        ...(message.removed ? [el('div', { class: 'body removed' }, 'Message removed')] : [...bubble(message.body), ...this.#filesOf(message)]),
      ]);
    }
    for (const reply of waiting) {
      const status = reply.attempts ? 'Not sent yet. Trying again…' : 'Sending…';
      lines.push([reply.clientId, 'line ours waiting', el('div', { class: 'soft' }, status), ...bubble(reply.body), ...this.#filesOfReply(reply)]);
    }
    const keys = new Set(lines.map(([key]) => key));
    for (const shown of [this.#rows, this.#sent, this.#sending]) {
      for (const key of shown.keys()) if (!keys.has(key)) shown.delete(key);
    }
    const elements = lines.map(([key, kind, ...parts]) => {
      const row = this.#rows.get(key) ?? { element: el('li'), shown: '' };
      this.#rows.set(key, row);
      const files = this.#sent.get(key) ?? this.#sending.get(key)?.element;
      const shown = [kind, ...parts.map((part) => (part === files ? 'files' : part.textContent))].join('\n');
      if (row.shown !== shown) {
        row.shown = shown;
        row.element.className = kind;
        const focused = document.activeElement;
        row.element.replaceChildren(...parts);
        if (focused instanceof HTMLElement && files?.contains(focused)) focused.focus();
      }
      return row.element;
    });
    elements.forEach((element, at) => {
      if (this.#list.children[at] !== element) this.#list.insertBefore(element, this.#list.children[at] ?? null);
    });
    while (this.#list.children.length > elements.length) this.#list.lastElementChild?.remove();
    this.#empty.hidden = elements.length > 0 || this.#revision < 0;
  }

  #filesOf({ sid, media = [] }: Message): HTMLElement[] {
    if (!media.length) return [];
    const links = async (file: Attached) => (await get<Stored>(`${this.#base}/media/${file.sid}`)).links;
    const open = (file: Attached) => void this.#try(async () => download((await links(file)).content));
    const element = this.#sent.get(sid) ?? sentFiles(media, links, open);
    this.#sent.set(sid, element);
    return [element];
  }

  #filesOfReply(reply: Reply): HTMLElement[] {
    if (!reply.files.length) return [];
    const files = this.#sending.get(reply.clientId) ?? new SendingFiles(reply, () => this.#cancel(reply));
    this.#sending.set(reply.clientId, files);
    files.show();
    return [files.element];
  }

  #cancel(reply: Reply): void {
    this.outbox.cancel(reply.clientId);
    this.#input.focus(); // the button is gone
  }

  /** Shows the pre-engagement data, as far as it can be shown in lines. */
  #showAbout(json: string): void {
    let data: unknown;
    try {
      data = JSON.parse(json);
    } catch {
      data = json;
    }
    const entries = data && typeof data === 'object' ? Object.entries(data) : [['data', data]];
    const shown = entries.filter(([, value]) => value !== '' && value !== null);
    this.#about.hidden = shown.length === 0;
    this.#about.open = shown.length > 0 && shown.length < 6;
    this.#about.replaceChildren(
      el('summary', { class: 'soft' }, 'Details from before the chat'),
      el('dl', {}, ...shown.flatMap(([name, value]) => [
        el('dt', {}, label(String(name))),
        el('dd', { dir: 'auto' }, plain(typeof value === 'string' ? value : JSON.stringify(value))),
      ])),
    );
  }

  #showOthers(others: Summary[]): void {
    this.#others.hidden = others.length === 0;
    this.#others.replaceChildren(
      el('summary', { class: 'soft' }, `Other conversations of this guest (${others.length})`),
      el('ul', {}, ...others.map((one) => {
        const last = one.last_message ? textOf(one.last_message) : '';
        const button = el('button', { class: 'other' }, `${timeOrDate(one.date_active)} · `, el('bdi', {}, last || 'Message removed'));
        button.onclick = () => this.choose(one);
        return el('li', {}, button);
      })),
    );
  }

  /** Runs one read after the other, so that no answer overtakes a newer one. */
  async #serially(work: () => Promise<void>): Promise<void> {
    this.#fetching = this.#fetching.then(() => this.#try(work));
    await this.#fetching;
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (failure) {
      this.failed(failure as Failure);
    }
  }
}

function bubble(text: string): HTMLElement[] {
  return text ? [el('div', { class: 'body', dir: 'auto' }, text)] : [];
}

function filesIn(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])];
}
