import { el, nameOf, plain } from '../dom/element';
import { download } from '../dom/files';
import type { Message, Participant } from '../widget/wire';
import { Failure, get, post, type Me, type Opened, type Stored, type Summary } from './api';
import { Assigning } from './assigning';
import { avatar } from '../dom/avatar';
import { filled } from './canned';
import { Closing } from './closing';
import { Composer, filesIn } from './composer';
import { Details } from './details';
import type { TeamEvent } from './history';
import { refusalOf, sessionStatus } from './format';
import { icon } from './icons';
import { around, texts } from './language';
import { Labels } from './labels';
import { keyOf, MessageLog } from './log';
import { Looking } from './looking';
import type { Outbox } from './outbox';
import type { Found } from './search';
import type { Note, Team } from './team';

const TYPING_SHOWN_MS = 6_000;
/** The longest page of messages, for a text that may be far above. */
const MOST_OLDER = 100;

interface Changes {
  revision: number;
  messages: Message[];
  participants: Participant[];
  more: boolean;
}

/** The actions of the page that a conversation needs. */
export interface ConversationActions {
  failed(failure: Failure): void;
  putAway(): void;
  choose(other: Summary): void;
  /** Lists the conversations with a label. */
  list(label: string): void;
  say(note: string): void;
}

/** The open conversation: its messages and participants, and the status of the guest's session. */
export class Conversation {
  readonly element = el('div', { class: 'open' });

  readonly #face = el('span', { class: 'face' });
  readonly #title = el('h2', { dir: 'auto' });
  readonly #session = el('div', { class: 'session soft' });
  readonly #refusal = el('p', { class: 'refusal', role: 'status' });
  /** Read by screen readers. */
  readonly #status = el('p', { class: 'spoken', role: 'status' });
  readonly #log: MessageLog;
  readonly #typing = el('div', { class: 'typing soft', 'aria-live': 'polite' });
  readonly #composer: Composer;
  readonly #closing: Closing;
  readonly #reopening = el('button', { class: 'plain' }, texts.reopen);
  readonly #details: Details;
  readonly #base: string;
  readonly #assigning: Assigning;
  readonly #labels: Labels;
  readonly #looking: Looking;
  /** By the revisions that added them. */
  readonly #notes = new Map<number, Note>();
  #events: TeamEvent[] = [];
  readonly #messages = new Map<number, Message>();
  readonly #participants = new Map<string, Participant>();
  #summary: Summary | undefined;
  /** On the clock of `performance`, because the agent's other clock can be wrong. */
  #reopenableUntil = 0;
  #revision = -1;
  #notesRead = 0;
  #hasOlder = false;
  #fetching = Promise.resolve();
  #loadingOlder = false;
  /** The participant whose typing is shown. */
  #typist = '';
  #typingGone: ReturnType<typeof setTimeout> | undefined;
  #readTo = -1;
  /** Raised when another text is revealed, or the conversation is left. */
  #revealed = 0;

  constructor(
    readonly sid: string,
    private readonly me: Me,
    private readonly team: Team,
    private readonly outbox: Outbox,
    private readonly actions: ConversationActions,
  ) {
    this.#base = `/conversations/${sid}`;
    this.#log = this.#newLog();
    this.#composer = new Composer(sid, outbox, {
      typing: () => void post(`${this.#base}/typing`).catch(() => {}), // the next character sends it again
      sent: () => this.#show(true),
      left: () => this.#log.focus(),
      fill: (text) => filled(text, plain(this.#summary?.name ?? ''), me.display_name),
    });
    this.#assigning = new Assigning(me, team, {
      failed: (failure) => actions.failed(failure),
      lost: (message) => {
        actions.say(message);
        void this.load();
      },
    });
    this.#closing = new Closing(() => void this.#try(() => post(`${this.#base}/close`)));
    this.#reopening.onclick = () => this.reopen();
    const about = el('button', { class: 'square about-button', 'aria-label': texts.details, title: texts.details, 'aria-expanded': 'false' }, icon('info'));
    const showAbout = (isShown: boolean) => {
      this.element.classList.toggle('with-details', isShown);
      about.setAttribute('aria-expanded', String(isShown));
    };
    about.onclick = () => showAbout(!this.element.classList.contains('with-details'));
    this.#labels = new Labels(this.#canWrite, actions);
    this.#looking = new Looking(sid, team);
    this.#details = new Details([this.#assigning.choice, this.#labels.element], actions.choose, () => {
      showAbout(false);
      about.focus();
    });
    const back = el('button', { class: 'square back', 'aria-label': texts.back }, icon('back'));
    back.onclick = actions.putAway;
    this.element.append(
      el(
        'div',
        { class: 'chat' },
        el('header', {}, back, this.#face, el('div', { class: 'who' }, this.#title, this.#session), this.#looking.element, this.#assigning.claim, this.#closing.element, this.#reopening, about),
        this.#refusal,
        this.#status,
        this.#closing.status,
        this.#log.element,
        this.#typing,
        this.#composer.element,
      ),
      this.#details.element,
    );
    this.#takeDroppedFiles();
    this.#composer.restore();
    this.#show();
    if (this.#canWrite) this.#looking.start();
  }

  /** An auditor only reads, and the server refuses everything else. */
  get #canWrite(): boolean {
    return this.me.role !== 'auditor';
  }

  /** The conversation is no longer open. */
  end(): void {
    this.#revealed++;
    this.#looking.end();
  }

  #newLog(): MessageLog {
    const links = async (file: { sid: string }) => (await get<Stored>(`${this.#base}/media/${file.sid}`)).links;
    return new MessageLog({
      me: this.me.identity,
      older: () => void this.#loadOlder(),
      scrolled: () => this.markRead(),
      links,
      download: (file) => void this.#try(async () => download((await links(file)).content)),
      removeNote: ({ added_revision }) => void this.#try(() => post(`${this.#base}/notes/remove`, { added_revision })),
      cancel: (reply) => {
        this.outbox.cancel(reply.clientId);
        this.#composer.focus(); // the button is gone
      },
    });
  }

  #takeDroppedFiles(): void {
    this.element.ondragover = (event) => {
      if (!event.dataTransfer?.types.includes('Files') || this.#composer.element.hidden) return;
      event.preventDefault();
      this.element.classList.add('dropping');
    };
    this.element.ondragleave = (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.element.classList.remove('dropping');
    };
    this.element.ondrop = (event) => {
      this.element.classList.remove('dropping');
      if (!this.#composer.element.hidden) void this.#composer.choose(filesIn(event.dataTransfer));
    };
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
        this.#details.showOpened(opened);
      }
      await this.#readChanges(); // also what has changed since the answer was made
    });
    this.#show(isFirst || this.#log.isAtEnd);
    this.markRead();
  }

  /**
   * Shows the message or note that a search has found, however old it is.
   *
   * @param isFocused whether the focus goes there
   */
  async reveal(found: Pick<Found, 'index' | 'note'>, isFocused: boolean): Promise<void> {
    const revealed = ++this.#revealed;
    const key = () => {
      const message = this.#messages.get(found.index ?? -1);
      return message ? keyOf(message, this.me.identity) : `note ${found.note}`;
    };
    await this.#serially(async () => {}); // until the newest messages are here
    let from = NaN;
    // Page by page, so that new messages come in between.
    while (revealed === this.#revealed && this.#hasOlder && this.#isAbove(found) && from !== this.#first) {
      from = this.#first;
      this.#log.setBusy(true);
      await this.#serially(() => this.#readOlder(MOST_OLDER));
      this.#show(false);
    }
    this.#log.setBusy(false);
    if (revealed !== this.#revealed) return;
    if (this.#log.has(key())) this.#log.reveal(key(), isFocused);
    else if (isFocused) this.focus();
  }

  /** Whether a text is above the messages that were read. */
  #isAbove({ index, note }: Pick<Found, 'index' | 'note'>): boolean {
    if (index !== null) return index < this.#first;
    return note !== null && this.#notes.has(note) && !this.#log.has(`note ${note}`);
  }

  /** The index of the oldest message that was read. */
  get #first(): number {
    return Math.min(...this.#messages.keys());
  }

  /** Another agent looks at this conversation. */
  saw(agent: string): void {
    this.#looking.saw(agent);
  }

  teamChanged(): void {
    this.#looking.show();
    if (this.#summary) this.#show();
  }

  claim(): void {
    this.#assigning.press();
  }

  writeNote(): void {
    if (this.#composer.element.hidden) return; // of an auditor
    this.#composer.setMode('note');
    this.#composer.focus();
  }

  writeReply(): void {
    this.#composer.setMode('reply');
    this.focus();
  }

  /** Sets the focus on the field for a reply, or on the messages if there is none. */
  focus(): void {
    if (this.#composer.element.hidden || this.#composer.isReadOnly) this.#log.focus();
    else this.#composer.focus();
  }

  /** Asks once more before it closes the conversation, because a key was pressed. */
  askToClose(): void {
    if (!this.#closing.element.hidden) this.#closing.press(texts.pressAgain);
  }

  reopen(): void {
    if (!this.#reopening.hidden) void this.#try(() => post(`${this.#base}/reopen`));
  }

  /** The list received a newer summary of this conversation, at this moment. */
  async changed(summary: Summary): Promise<void> {
    this.#update(summary);
    this.#show();
    if (this.#revision < 0 || summary.revision <= this.#revision) return;
    await this.#serially(() => this.#readChanges());
    this.#show();
    this.markRead();
  }

  /** A reply of this agent waits, has arrived, or was refused. */
  replied(arrived?: Message | Note): void {
    if (arrived && 'index' in arrived) this.#take([arrived]);
    else if (arrived) this.#takeNotes([arrived]);
    this.#composer.restore();
    this.#show();
  }

  types(participant: Participant): void {
    this.#typist = participant.identity;
    this.#typing.replaceChildren(...around(texts.typing, { name: nameOf(participant.name) }));
    clearTimeout(this.#typingGone);
    this.#typingGone = setTimeout(() => {
      this.#typing.textContent = '';
    }, TYPING_SHOWN_MS);
  }

  /** Reports the newest message as read if the agent can see it. */
  markRead(): void {
    const last = Math.max(-1, ...this.#messages.keys());
    if (this.#canWrite && last > this.#readTo && this.#log.isAtEnd && document.visibilityState === 'visible' && document.hasFocus()) {
      this.#readTo = last;
      post(`${this.#base}/read`, { index: last }).catch(() => {
        this.#readTo = -1; // reported again with the next call
      });
    }
  }

  #update(summary: Summary): void {
    if ((this.#summary?.revision ?? -1) > summary.revision) return;
    if (this.#summary?.assignee !== summary.assignee) this.#readTo = -1; // the agent's reading may count only now
    this.#summary = summary;
    this.#reopenableUntil = performance.now() + (summary.reopenable_for ?? 0) * 1_000;
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

  #takeNotes(notes: Note[]): void {
    for (const note of notes) {
      if ((this.#notes.get(note.added_revision)?.revision ?? -1) < note.revision) this.#notes.set(note.added_revision, note);
    }
  }

  /** Reads the notes that are newer than all that were read in order, which those of this page are not. */
  async #readNotes(): Promise<void> {
    for (let more = true; more; ) {
      const page = await get<{ notes: Note[]; more: boolean }>(`${this.#base}/notes?after=${this.#notesRead}`);
      this.#takeNotes(page.notes);
      this.#notesRead = page.notes.at(-1)?.revision ?? this.#notesRead;
      more = page.more;
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
    await Promise.all([this.#readNotes(), this.#readHistory()]);
  }

  /** Without it the conversation can still be read, also from a server of an earlier version, which has none. */
  async #readHistory(): Promise<void> {
    for (let more = true; more; ) {
      const after = this.#events.at(-1)?.revision ?? -1;
      const page = await get<{ events: TeamEvent[]; more: boolean }>(`${this.#base}/history?after=${after}`).catch(() => undefined);
      const events = page?.events ?? [];
      this.#events.push(...events);
      more = Boolean(page?.more) && events.length > 0;
    }
  }

  /** The name of an agent, the guest, or a program that takes part. */
  #nameOf(identity: string): string {
    const isOfTeam = this.team.agents.some((one) => one.identity === identity);
    const participant = [...this.#participants.values()].find((one) => one.identity === identity);
    return (!isOfTeam && participant?.name) || this.team.nameOf(identity);
  }

  async #loadOlder(): Promise<void> {
    if (this.#loadingOlder) return;
    this.#loadingOlder = true;
    this.#log.setBusy(true);
    await this.#try(() => this.#readOlder());
    this.#loadingOlder = false;
    const keep = this.#log.keepPlace();
    this.#show(false);
    keep();
    this.#log.setBusy(false);
  }

  async #readOlder(limit = 0): Promise<void> {
    const page = await get<{ messages: Message[]; has_more: boolean }>(`${this.#base}/messages?before=${this.#first}${limit ? `&limit=${limit}` : ''}`);
    this.#take(page.messages);
    this.#hasOlder = page.has_more;
  }

  #show(toEnd = this.#log.isAtEnd): void {
    const summary = this.#summary;
    const isClosed = summary?.state === 'closed';
    const reopenable = this.#reopenableUntil - performance.now();
    this.#title.textContent = summary ? plain(summary.name) || texts.customer : texts.moment;
    this.#session.title = this.#session.textContent = summary ? sessionStatus(summary, reopenable) : '';
    const refusal = summary ? refusalOf(summary) : '';
    if (this.#refusal.textContent !== refusal) this.#refusal.textContent = refusal;
    this.#refusal.hidden = !refusal;
    const focused = [this.#closing.element, this.#reopening, this.#assigning.claim].find((one) => one === document.activeElement);
    const isReadOnly = !summary || !this.#canWrite;
    this.#composer.element.hidden = isReadOnly;
    this.#composer.setClosed(isClosed);
    this.#closing.element.hidden = isReadOnly || isClosed;
    this.#reopening.hidden = !isClosed || !this.#canWrite || reopenable <= 0;
    this.#composer.show();
    if (summary) {
      this.#face.replaceChildren(avatar(summary.name, summary.conversation_sid));
      this.#details.show(summary);
      this.#assigning.show(summary);
      this.#labels.show(summary);
    }
    this.#log.show({
      messages: [...this.#messages.values()].sort((a, b) => a.index - b.index),
      notes: [...this.#notes.values()].sort((a, b) => a.added_revision - b.added_revision),
      events: this.#events,
      nameOf: (identity) => this.#nameOf(identity),
      participants: this.#participants.values(),
      waiting: this.outbox.waiting(this.sid),
      hasOlder: this.#hasOlder,
      isClosed,
      isRead: this.#revision >= 0,
      guestKey: this.sid,
    }, toEnd);
    if (focused?.hidden) this.#acted(focused);
  }

  /** The agent has pressed a button of the header, which is gone: says so, and moves the focus to where the agent goes on. */
  #acted(button: HTMLElement): void {
    const isClaimed = button === this.#assigning.claim && this.#summary?.assignee === this.me.identity;
    this.#status.textContent = isClaimed ? texts.assignedToYou : '';
    if (!this.#reopening.hidden && button === this.#closing.element) this.#reopening.focus();
    else this.focus();
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
      this.actions.failed(failure as Failure);
    }
  }
}
