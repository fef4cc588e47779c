import { el } from '../dom/element';
import { accountMenu } from './account-menu';
import { Failure, get, listen, post, type Me, type InboxEvent, type Summary } from './api';
import { Conversation } from './conversation';
import { icon } from './icons';
import { Keys } from './keys';
import { texts } from './language';
import { Notifications } from './notifications';
import { Outbox } from './outbox';
import { conversationOfAddress, forgetWords, renewPushes, whenClicked } from './push';
import type { Found } from './search';
import { Shelf } from './shelf';
import { isOfOther, Team } from './team';

const NOTE_MS = 8_000;
/** How often the open conversation is read again, because a session's state changes without an event. */
const REFRESH_MS = 60_000;
/** Events that arrive within this time are shown together. */
const SHOWN_AFTER_MS = 50;
/** How often the page reports that the agent is active; the server signs out browsers without reports. */
const HERE_MS = 5 * 60_000;
/** A conversation whose first message came so soon after its start is announced as a new one. */
const NEW_MS = 2 * 60_000;

/** The inbox of one signed-in agent: the list of conversations, and the one that is open. */
export class InboxApp {
  readonly element = el('div', { class: 'desk' });

  readonly #connection = el('p', { class: 'note', role: 'status' }, texts.lost);
  readonly #note = el('p', { class: 'note', role: 'alert' });
  readonly #chat = el('section', { class: 'place', 'aria-label': texts.conversation });
  readonly #team = new Team(() => this.#teamChanged());
  readonly #shelf: Shelf;
  readonly #keys: Keys;
  readonly #notifications = new Notifications((sid) => this.#openSid(sid));
  readonly #outbox: Outbox;
  readonly #leaving = new AbortController();
  #showing: ReturnType<typeof setTimeout> | undefined;
  #open: Conversation | undefined;
  #noteGone: ReturnType<typeof setTimeout> | undefined;
  #stopListening = () => {};

  constructor(
    private readonly me: Me,
    private readonly leave: (why: string) => void,
    /** The agent has chosen another language: the page must be built anew. */
    private readonly again: () => void,
  ) {
    this.#outbox = Outbox.of(me.identity);
    this.#shelf = new Shelf(me, this.#team, {
      open: (one) => this.#read(one, true),
      openFound: (found) => this.#readFound(found, true),
      openSid: () => this.#open?.sid ?? '',
      failed: (failure) => this.#failed(failure),
      counted: () => this.#showSoon(),
    });
    this.#keys = new Keys([
      { key: 'j', does: texts.keyNext, act: () => this.#step(1) },
      { key: 'k', does: texts.keyPrevious, act: () => this.#step(-1) },
      { key: '/', does: texts.keySearch, act: () => this.#search() },
      { key: 'r', does: texts.keyReply, act: () => this.#open?.writeReply() },
      { key: 'n', does: texts.keyNote, act: () => this.#open?.writeNote() },
      { key: 'c', does: texts.keyClaim, act: () => this.#open?.claim() },
      { key: 'e', does: texts.keyClose, act: () => this.#open?.askToClose() },
      { key: 'o', does: texts.keyReopen, act: () => this.#open?.reopen() },
    ]);
    this.#connection.hidden = this.#note.hidden = true;
    const help = el('button', { class: 'square', 'aria-label': texts.keys, title: `${texts.keys} (?)` }, icon('keys'));
    help.onclick = () => this.#keys.show();
    this.element.append(
      el(
        'div',
        { class: 'top' },
        el('h1', {}, texts.inbox),
        el('div', { class: 'notes' }, this.#connection, this.#note),
        this.#notifications.sound.element,
        this.#notifications.desktop.element,
        help,
        ...accountMenu(me, (work) => this.#try(work), () => void this.#signOut(), () => this.#speakAnew()),
      ),
      this.#shelf.element,
      this.#chat,
      this.#notifications.status,
      this.#keys.dialog,
    );
    this.#showNothing();
  }

  start(): void {
    const { signal } = this.#leaving;
    const whileHere = { signal };
    document.addEventListener('visibilitychange', () => this.#open?.markRead(), whileHere);
    addEventListener('focus', () => this.#open?.markRead(), whileHere);
    addEventListener('beforeunload', (event) => {
      if (!this.#outbox.isSafe) event.preventDefault(); // the browser asks the agent before a reply or a file is lost
    }, whileHere);
    for (const drag of ['dragover', 'drop']) {
      addEventListener(drag, (event) => event.preventDefault(), whileHere); // otherwise a file beside its place replaces the page
    }
    this.#reportActivity();
    whenClicked((sid) => this.#openSid(sid), signal);
    renewPushes(this.me).catch((failure: Error) => console.warn(`Parlour: no pushes: ${failure.message}`));
    const refresh = setInterval(() => void this.#open?.load(), REFRESH_MS);
    signal.addEventListener('abort', () => clearInterval(refresh));
    this.#keys.start(signal);
    this.#shelf.start(signal);
    void this.#team.read();
    this.#outbox.begin(
      (conversation, arrived) => {
        if (conversation === this.#open?.sid) this.#open.replied(arrived);
      },
      (failure) => this.#failed(failure),
    );
    const asked = conversationOfAddress();
    if (asked) this.#openSid(asked);
    this.#stopListening = listen(
      (event) => this.#onEvent(event),
      (isUp) => void this.#connected(isUp),
    );
  }

  #reportActivity(): void {
    let reported = Date.now(); // the sign-in reported it
    const here = () => {
      if (Date.now() - reported < HERE_MS) return;
      reported = Date.now();
      post('/here').catch(() => {
        reported = 0; // the next action reports again
      });
    };
    for (const action of ['pointerdown', 'keydown']) addEventListener(action, here, { signal: this.#leaving.signal });
  }

  async #connected(isUp: boolean): Promise<void> {
    this.#connection.hidden = isUp;
    if (isUp) {
      this.#connection.textContent = texts.lost;
      void this.#shelf.load().then(() => this.#show()); // also what was missed
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
        this.#changed(event.conversation);
        return;
      case 'erased':
        this.#erased(event.conversation_sid);
        return;
      case 'typing':
        if (event.conversation_sid === this.#open?.sid) this.#open.types(event.participant);
        return;
      case 'looking':
        if (event.conversation_sid === this.#open?.sid) this.#open.saw(event.agent);
        return;
      case 'desks':
        this.#shelf.readAgain().then(() => this.#show(), () => {});
        void this.#open?.load();
        return;
      case 'signed_out':
        this.#end(texts.signedOut);
        return;
      case 'welcome':
      case 'ping':
    }
  }

  #changed(summary: Summary): void {
    const sid = summary.conversation_sid;
    const before = this.#shelf.find(sid);
    this.#shelf.take(summary);
    this.#team.meet(summary);
    this.#showSoon();
    const isSeen = sid === this.#open?.sid && document.hasFocus();
    if (!isOfOther(summary, this.me, this.#team) && summary.unread > (before?.unread ?? 0) && summary.last_message?.author_kind === 'guest' && !isSeen) {
      const age = Date.parse(summary.date_active) - Date.parse(summary.date_created);
      this.#notifications.notify(summary, !before && age < NEW_MS);
    }
    if (summary.unread === 0) this.#notifications.withdraw(sid);
    if (sid === this.#open?.sid) void this.#open.changed(summary);
  }

  /** Names of agents are known, or have changed. */
  #teamChanged(): void {
    this.#show();
    this.#open?.teamChanged();
  }

  #showSoon(): void {
    this.#showing ??= setTimeout(() => this.#show(), SHOWN_AFTER_MS);
  }

  #show(): void {
    if (this.#leaving.signal.aborted) return;
    clearTimeout(this.#showing);
    this.#showing = undefined;
    this.#notifications.count(this.#shelf.unread);
    this.#shelf.show();
  }

  /** Opens the conversation beside the open one in the list. The focus goes along the list, so that the next key works, too. */
  #step(by: 1 | -1): void {
    if (this.#shelf.search.isActive) {
      const found = this.#shelf.search.beside(by);
      if (found) this.#readFound(found, false);
      this.#shelf.focus(found?.conversation.conversation_sid ?? '');
      return;
    }
    const next = this.#shelf.beside(by);
    if (!next) return;
    this.#read(next, false);
    this.#shelf.focus(next.conversation_sid);
  }

  /** On a phone, the search stands in the list. */
  #search(): void {
    this.element.classList.remove('reading');
    this.#shelf.search.focus();
  }

  /** @param isFocused whether the focus goes to the text that was found */
  #readFound(found: Found, isFocused: boolean): void {
    this.#read(found.conversation, false);
    void this.#open?.reveal(found, isFocused);
  }

  #openSid(sid: string): void {
    this.#read({ conversation_sid: sid }, true); // it may be in no list that the page has read
  }

  /** @param isFocused whether the agent wants to write at once */
  #read({ conversation_sid: sid }: Pick<Summary, 'conversation_sid'>, isFocused: boolean): void {
    if (sid !== this.#open?.sid) {
      this.#open?.end();
      const open = new Conversation(sid, this.me, this.#team, this.#outbox, {
        failed: (failure) => this.#notRead(sid, failure),
        putAway: () => this.#putAway(),
        choose: (other) => this.#read(other, true),
        list: (label) => this.#shelf.choose({ view: 'labelled', label }),
        say: (note) => this.#say(note),
      });
      this.#open = open;
      this.#chat.replaceChildren(open.element);
      void this.#team.readIfOld(); // the choice of agents must have those who have joined meanwhile
      void open.load().then(() => {
        if (isFocused && this.#open === open) open.focus();
      });
    }
    this.element.classList.add('reading');
    this.#notifications.withdraw(sid);
    this.#show();
  }

  /** Removes an erased conversation from the list and the window, and its draft. */
  #erased(sid: string, why = texts.erased): void {
    this.#shelf.remove(sid);
    this.#outbox.remove(sid);
    this.#notifications.withdraw(sid);
    if (this.#open?.sid === sid) {
      this.#putAway();
      this.#say(why);
    } else {
      this.#show();
    }
  }

  /** A conversation may have been erased while this page was disconnected, or its desk may be hidden from the agent now. */
  #notRead(sid: string, failure: Failure): void {
    if (failure.status === 404) this.#erased(sid, texts.noLongerThere);
    else this.#failed(failure);
  }

  #putAway(): void {
    const sid = this.#open?.sid ?? '';
    this.#open?.end();
    this.#open = undefined;
    this.#showNothing();
    this.element.classList.remove('reading');
    this.#show();
    this.#shelf.focus(sid);
  }

  #showNothing(): void {
    this.#chat.replaceChildren(el('p', { class: 'empty' }, texts.choose));
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
      this.#end(texts.signedOut);
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
      await forgetWords();
      this.#outbox.forget();
      this.#end('');
    });
  }

  #end(why: string): void {
    if (this.#leave()) this.leave(why);
  }

  #speakAnew(): void {
    if (this.#leave()) this.again();
  }

  /** @returns false if the page was left before */
  #leave(): boolean {
    if (this.#leaving.signal.aborted) return false;
    this.#leaving.abort();
    this.#stopListening();
    this.#open?.end();
    clearTimeout(this.#showing);
    this.#outbox.pause();
    this.#notifications.end();
    return true;
  }
}
