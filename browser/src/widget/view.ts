import { el, plain, setText } from '../dom/element';
import { drawing } from '../dom/icon';
import { isComposing } from '../dom/keys';
import { onSend } from '../dom/send';
import { Alerts } from './alerts';
import { Availability } from './availability';
import type { Chat } from './chat';
import { importFrom } from './chunks';
import { BRAND, FULL_SCREEN } from './colors';
import type { Dependencies } from './dependencies';
import { StartForm } from './form';
import { Header, intro } from './header';
import { CLIP, SEND } from './icons';
import type { TabMemory } from './memory';
import { Menu, type Choices } from './menu';
import { MessageLog } from './message-log';
import type { Options } from './options';
import { colorsOf } from './palette';
import type * as PushChunk from './push/chunk';
import { loadAll, save } from './saved';
import { BODY_BYTES, bytes, sendable } from './sendable';
import type { State } from './state';
import { fill } from './texts';
import { Times } from './times';
import { Unsent } from './unsent';
import { watchKeyboard } from './viewport';
import { WINDOW_STYLES } from './window-styles';
import { windowTextsOf, type Texts } from './window-texts';

/** The file that browser/build.mjs makes of push/chunk.ts. */
declare const PUSH_CHUNK: string;

const joined = (...texts: string[]) => texts.filter((one) => one.trim()).join('\n\n');

/** An agent who wrote within this time is there, also if the hours are over. */
const ATTENDED_MS = 15 * 60_000;

/** A click that comes this soon after the end of a chat was for the message field, in whose place the buttons stand. */
const ENDING_MS = 500;

/** A browser's timer for longer rings at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A longer text scrolls in its field. */
const FIELD_PIXELS = 144;

/** The parts of the page that its window uses. */
export interface WindowPlace {
  root: ShadowRoot;
  host: HTMLElement;
  /** Gives the focus back when the window is closed. */
  leave(): void;
  /** The chat fills an element of the page, which shows and hides it; the guest does not close it. */
  isInPage: boolean;
  /** The window was opened or closed. */
  toggled(): void;
}

/** The chat window. */
export class View {
  readonly #memory: TabMemory;
  readonly #leftover: Unsent;
  readonly #texts: Texts;
  readonly #alerts: Alerts;
  #isOpen = false;

  readonly #form: StartForm;
  readonly #panel = el('section', { class: 'panel', 'aria-labelledby': 'title' });
  readonly #fullScreen = matchMedia(FULL_SCREEN);
  readonly #menu: Menu;
  readonly #header: Header;
  readonly #availability: Availability;
  readonly #times: Times;
  readonly #now: () => number;
  /** Whether somebody answers is known, or that takes too long. */
  readonly ready: Promise<void>;
  readonly #away = el('p', { class: 'away', role: 'status' });
  readonly #banner = el('div', { class: 'banner', role: 'status' });
  readonly #log: MessageLog;
  readonly #composer = el('form', { class: 'composer' });
  readonly #input = el('textarea', { rows: '1', dir: 'auto' });
  readonly #unsent = el('p', { class: 'unsent', id: 'unsent', role: 'alert' });
  readonly #foot = el('div', { class: 'foot' });
  readonly #reopening = el('button');
  /** Whether the guest has asked to reopen the chat, and the answer is awaited. */
  #reopens = false;
  #overSince = 0;
  #reopenable: ReturnType<typeof setTimeout> | undefined;
  #shownState: State['is'] | undefined;
  #notice = '';
  #shownSid = '';
  /** Whether a start with the form's text is under way. */
  #starts = false;
  #removals: number;
  /** Text for the field of the next chat; it is never sent automatically. */
  #offered = '';
  /** The messages that the chat on the screen had not sent when it was over. Its other tabs have them, too. */
  #unsentMessages: string[] = [];
  /** Files that wait for the code that sends them. */
  #toAttach: File[] = [];
  /** The window that has replaced this one. */
  #next: View | undefined;
  readonly #gone = new AbortController();
  readonly #styles = new CSSStyleSheet();

  constructor(
    private readonly place: WindowPlace,
    private readonly chat: Chat,
    private readonly options: Options,
    private readonly deps: Dependencies,
    fetching: typeof fetch = (...call) => fetch(...call),
  ) {
    const { memory, now } = deps;
    this.#now = now;
    this.#availability = new Availability(deps, fetching, () => this.show());
    this.ready = this.#availability.known();
    this.#memory = memory;
    this.#leftover = new Unsent(deps);
    this.#alerts = new Alerts(options.alerts, chat, deps, this.#gone.signal);
    const texts = (this.#texts = windowTextsOf(options.texts));
    const { locale } = options.language;
    const times = (this.#times = new Times(locale));
    this.#removals = chat.removals;
    this.#form = new StartForm(
      options,
      texts,
      (...start) => void chat.start(...start),
      (form) => memory.write('', { form }),
    );
    this.#menu = new Menu(texts, {
      asked: (isErasing) => chat.prepareEnd(isErasing),
      end: () => this.#chosen(async () => {
        const isEnded = await chat.end();
        this.#latest.#notice = isEnded ? '' : texts.notEnded;
      }),
      endAndErase: () => this.#chosen(() => chat.endAndErase()),
      save: (format) => void save(chat, texts, times, options.language, format, () => this.#log.load(() => loadAll(chat))),
      alerts: options.alerts.sound || options.alerts.title ? this.#alerts : undefined,
      pushSwitch: options.push ? this.#pushSwitch(options.push) : undefined,
    }, now);
    this.#header = new Header(texts, options, this.#menu, () => this.#awayLine(), place.isInPage ? undefined : () => this.toggle(false));
    this.#log = new MessageLog(texts, chat, memory, now, times, locale, intro(texts, options), () => this.#markRead(), this.#gone.signal);
    const { root } = place;
    this.paint();
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, this.#styles];
    this.#buildPanel();
    this.#buildFoot();
    this.#buildComposer();
    root.prepend(this.#panel); // before the bubble, for the Tab key and for small screens
    const { element, newer, typing } = this.#log;
    this.#panel.append(this.#banner, this.#form.element, element, newer, typing, this.#composer, this.#foot);
    this.#takeFiles();
    chat.files.enter({ root, texts, locale });
    const { loadedFiles: loaded } = chat.files;
    if (loaded?.tray) this.#composer.prepend(loaded.tray); // it was above the message field of the window before
    const { signal } = this.#gone;
    document.addEventListener('visibilitychange', () => {
      this.#alerts.show();
      this.#markRead();
    }, { signal });
    addEventListener('pagehide', () => this.#log.rememberPlace(), { signal });
    watchKeyboard((pixels) => this.#panel.style.setProperty('--plr-covered', `${pixels}px`), signal);
  }

  /** Loads the code for pushes when the guest opens the menu, or has permitted notifications. A click on a notification shows the chat. */
  #pushSwitch(worker: string): Choices['pushSwitch'] {
    navigator.serviceWorker?.addEventListener('message', ({ data }) => {
      if ((data as { parlour?: string } | null)?.parlour === 'open') this.toggle(true);
    }, { signal: this.#gone.signal });
    const { parts } = this.chat.files;
    let made: PushChunk.PushSwitch | undefined;
    let attempt = 0;
    return async () => {
      if (!made) {
        const chunk = (await importFrom(parts.deps.protocol.server, PUSH_CHUNK, attempt++)) as typeof PushChunk;
        made ??= new chunk.PushSwitch(parts, worker, this.#texts, (notice) => {
          const view = this.#latest;
          view.#notice = notice;
          view.show();
        });
      }
      return made.refresh();
    };
  }

  /** Takes over the page's colour. */
  paint(): void {
    this.#styles.replaceSync(WINDOW_STYLES + colorsOf(this.options.color ?? BRAND));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Restores scroll positions, which are lost when another script removes the host from the page. */
  placed(): void {
    if (this.#log.followsEnd) this.#log.toPlace();
  }

  destroy(): void {
    this.#gone.abort();
    clearTimeout(this.#reopenable);
    this.#alerts.destroy();
    this.#panel.remove();
    const { root } = this.place;
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((one) => one !== this.#styles);
  }

  #buildPanel(): void {
    this.#panel.append(this.#header.element, this.#menu.element);
    this.#panel.setAttribute('role', this.place.isInPage ? 'region' : 'dialog');
    this.#panel.onkeydown = (event) => {
      if (event.key === 'Tab') this.#turnAround(event);
      if (event.key !== 'Escape' || isComposing(event)) return;
      if (!this.#menu.isOpen) return this.place.isInPage ? undefined : this.toggle(false);
      const hadFocus = this.#menu.has(this.place.root.activeElement);
      this.#menu.open(false);
      if (hadFocus) this.#menu.button.focus();
    };
    this.#panel.onpointerdown = ({ target }) => {
      this.#menu.leave(target);
    };
    const coverPage = () => {
      if (this.#coversPage) this.#panel.setAttribute('aria-modal', 'true');
      else this.#panel.removeAttribute('aria-modal');
    };
    this.#fullScreen.addEventListener('change', coverPage, { signal: this.#gone.signal });
    coverPage();
    this.#panel.hidden = true;
  }

  get #coversPage(): boolean {
    return this.#fullScreen.matches && !this.place.isInPage;
  }

  /** Keeps the focus in a window that covers the page. */
  #turnAround(event: KeyboardEvent): void {
    const { activeElement } = this.place.root;
    const stops = [...this.#panel.querySelectorAll<HTMLElement>('a,button,input,textarea,[tabindex="0"]')].filter((one) => !one.closest('[hidden]'));
    const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    if (!this.#coversPage || activeElement !== from) return;
    event.preventDefault();
    to?.focus();
  }

  #buildFoot(): void {
    const again = el('button', { class: 'go' }, this.#texts.startAgain);
    again.onclick = () => {
      if (!this.#reopens && !this.#hasJustEnded) void this.#startAgain();
    };
    this.#reopening.textContent = this.#texts.reopen;
    this.#reopening.onclick = () => void this.#reopen();
    this.#foot.append(again, this.#reopening);
  }

  async #reopen(): Promise<void> {
    if (this.#reopens) return;
    this.#reopens = true;
    this.show();
    const isOpen = await this.chat.reopen();
    const view = this.#latest;
    view.#reopens = false;
    view.#notice = isOpen === false ? view.#texts[this.chat.reopenable ? 'notReopened' : 'ended'] : '';
    view.show();
    if (view.#foot.hidden) view.#focus();
    else if (view.#isOpen && !view.#reopening.hidden) view.#reopening.focus();
    else view.#focus();
  }

  get #hasJustEnded(): boolean {
    return Math.abs(this.#now() - this.#overSince) < ENDING_MS;
  }

  /** The buttons below a chat that is over. The guest can reopen it for some time. */
  #showFoot(isOver: boolean): void {
    if (isOver && this.#foot.hidden) {
      this.#overSince = this.#now();
      void this.deps.wait(ENDING_MS).then(() => this.#gone.signal.aborted || this.show());
    }
    this.#foot.hidden = !isOver;
    const { reopenable } = this.chat;
    const [again] = this.#foot.children;
    again?.setAttribute('aria-disabled', String(this.#reopens || this.#hasJustEnded));
    this.#reopening.setAttribute('aria-disabled', String(this.#reopens));
    this.#reopening.hidden = !reopenable;
    clearTimeout(this.#reopenable);
    if (reopenable) this.#reopenable = setTimeout(() => this.show(), Math.min(reopenable, LONGEST_TIMER_MS));
  }

  /** A new chat takes over the unsent text of one that was interrupted, or that an agent has closed. */
  async #startAgain(): Promise<void> {
    const { chat } = this;
    const { sid, state } = chat;
    if (state.is === 'interrupted' || (state.is === 'ended' && !state.of.isEndedHere)) {
      const unsent = await this.#leftover.claimed(sid, this.#unsentMessages);
      const view = this.#latest;
      const words = joined(...unsent, view.#input.value);
      if (chat.sid !== sid) return view.#write(words); // another tab has begun the new chat meanwhile
      view.#offered = words;
      view.#input.value = '';
    }
    void chat.startAgain();
  }

  #buildComposer(): void {
    const texts = this.#texts;
    const input = this.#input;
    input.setAttribute('aria-label', texts.message);
    input.setAttribute('aria-describedby', 'unsent');
    input.placeholder = texts.message;
    const send = el('button', { class: 'go', type: 'submit', 'aria-label': texts.send, title: texts.send }, drawing(SEND));
    const attach = el('button', { class: 'attach', 'aria-label': texts.attach, title: texts.attach }, drawing(CLIP));
    attach.onclick = () => void this.#attach();
    this.#composer.append(el('div', { class: 'box' }, attach, input, send), this.#unsent);
    input.oninput = () => {
      this.#unsent.textContent = '';
      this.#grow();
      this.#memory.write(this.chat.sid, { draft: input.value });
      if (input.value.trim()) void this.chat.types();
    };
    input.onkeydown = (event) => {
      if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
      event.preventDefault();
      this.#submit();
    };
    onSend(this.#composer, send, () => this.#submit());
  }

  #submit(): void {
    if (!this.chat.sid) return; // another program's session, whose conversation is not known yet
    const { loadedFiles: loaded } = this.chat.files;
    if (this.#toAttach.length) return void this.#attach();
    if (loaded?.waitsFor(() => this.#latest.#submit())) return;
    const text = sendable(this.#input.value);
    if (bytes(text) > BODY_BYTES) {
      this.#unsent.textContent = this.#texts.tooLong; // and stays in the field
      return;
    }
    this.#write('');
    this.#log.followsEnd = true;
    void this.chat.send(text, loaded?.take());
  }

  /** Puts text into the message field, and remembers it. */
  #write(draft: string): void {
    this.#unsent.textContent = '';
    this.#input.value = draft;
    this.#grow();
    this.#memory.write(this.chat.sid, { draft });
  }

  /** A browser would open a dropped file instead of the page. */
  #takeFiles(): void {
    const take = (event: Event, data: DataTransfer | null) => {
      if (!data?.types.includes('Files')) return;
      event.preventDefault();
      if (event.type !== 'dragover') void this.#attach(data.files);
    };
    this.#panel.ondragover = this.#panel.ondrop = (event) => take(event, event.dataTransfer);
    this.#input.onpaste = (event) => {
      if (!event.clipboardData?.getData('text')) take(event, event.clipboardData);
    };
  }

  /**
   * Puts files above the message field, also those that an earlier attempt could not put there.
   *
   * @param files none: the guest chooses them
   */
  async #attach(files: Iterable<File> = []): Promise<void> {
    if (this.#composer.hidden) return;
    this.#toAttach.push(...files);
    this.#unsent.textContent = '';
    const loaded = await this.chat.files.load();
    const view = this.#latest;
    if (!loaded) return void (view.#unsent.textContent = view.#texts.filesUnavailable);
    if (loaded.tray) view.#composer.prepend(loaded.tray);
    if (this.#toAttach.length) loaded.add(this.#toAttach.splice(0));
    else loaded.choose();
  }

  #grow(): void {
    this.#input.style.height = 'auto';
    const { scrollHeight } = this.#input; // 0 while it is invisible
    if (scrollHeight) this.#input.style.height = `${Math.min(scrollHeight, FIELD_PIXELS)}px`;
  }

  /** Takes over what the window before it held for the guest. The tab's memory is not read: texts in it can be offered only once. */
  takeOver(before: View): void {
    before.#next = this;
    this.#form.recall(before.#form.answers);
    const draft = before.#input.value;
    if (draft !== this.#input.value) this.#write(draft);
    this.#offered = before.#offered;
    this.#notice = before.#notice;
    this.#toAttach = before.#toAttach;
    this.#reopens = before.#reopens;
  }

  /** The window on the page, also for what began in one that was replaced meanwhile. */
  get #latest(): View {
    return this.#next ? this.#next.#latest : this;
  }

  // ---- opening and closing

  /** Restores the text in the fields of the page before. */
  restore(): void {
    const { conversation, form } = this.#memory.read();
    if (form && !conversation) this.#form.recall(form);
    void this.#leftover.left().then((words) => this.#latest.#offer(joined(...words)));
  }

  /** @param byPage the page, and not the guest, opened it, so the focus stays where it is */
  toggle(open: boolean, byPage = false): void {
    if (open === this.#isOpen) return;
    this.#isOpen = open;
    this.#log.opened(open);
    this.#panel.hidden = !open;
    this.#menu.open(false);
    if (!byPage) this.#memory.write(this.chat.sid || this.#memory.read().conversation, { isOpen: open });
    this.place.toggled();
    if (!open) return this.place.leave();
    this.#grow();
    this.#log.toPlace();
    this.chat.wake();
    void this.#availability.watch(() => this.#isOpen && !this.#gone.signal.aborted);
    if (!byPage) this.#focus();
    if (this.chat.state.is === 'idle') this.#form.beginWithoutFields();
  }

  async #chosen(action: () => Promise<void>): Promise<void> {
    await action();
    const view = this.#latest;
    view.show();
    view.#focus();
  }

  #focus(): void {
    if (!this.#isOpen) return;
    if (!this.#foot.hidden) return this.#log.element.focus(); // the guest may be typing, and Space or Enter must press no button
    const asking = this.#composer.hidden ? this.#form.element : this.#composer;
    (asking.querySelector<HTMLElement>('input,textarea') ?? asking.querySelector('button'))?.focus();
  }

  // ---- showing

  show(): void {
    const { chat } = this;
    const { state } = chat;
    const isIdle = state.is === 'idle';
    const hasFocus = document.activeElement === this.place.host; // otherwise the page has it, and keeps it
    this.#turnTo(state);
    this.#header.show(chat);
    this.#showAway(isIdle);
    this.#alerts.show();
    this.#form.element.hidden = !isIdle;
    this.#log.element.hidden = this.#menu.button.hidden = isIdle;
    const canWrite = chat.canWrite();
    const appears = this.#composer.hidden && canWrite;
    this.#composer.hidden = !canWrite;
    if (appears) this.#grow();
    this.#menu.show(canWrite);
    this.#showFoot(!isIdle && !canWrite);
    if (this.#shownState !== state.is && state.is !== 'reconnecting') this.#notice = '';
    this.#showBanner(state);
    if (state.is === 'idle') this.#form.show(state);
    this.#log.show();
    if (this.#shownState !== state.is) {
      const before = this.#shownState;
      this.#shownState = state.is;
      this.#panel.dataset['state'] = state.is;
      if (canWrite) this.#menu.addPushSwitch();
      if (hasFocus && (before === 'idle' || isIdle || !canWrite)) this.#focus(); // the focused element is hidden now
    }
    this.#markRead();
  }

  /** Another conversation, or none: text in the fields belongs to the conversation before. */
  #turnTo(state: State): void {
    const { chat } = this;
    const { sid } = chat;
    const words = this.#offered;
    this.#offered = '';
    if (chat.removals !== this.#removals) {
      this.#removals = chat.removals;
      const draft = state.is === 'idle' && state.keepsDraft ? this.#input.value : '';
      this.#clear();
      if (state.is === 'idle') this.#offer(joined(words, draft));
    } else if (state.is === 'idle' || sid === this.#shownSid) {
      this.#offered = words;
    } else {
      const asked = this.#shownSid || this.#starts ? '' : this.#form.question; // another tab has started the chat
      this.#form.reset();
      const { conversation, draft = '', place } = this.#memory.read();
      const isKnown = conversation === sid;
      this.#memory.write(sid, {});
      this.#log.followsEnd = !isKnown || !place;
      this.#write(joined(words, asked, isKnown ? draft : this.#input.value));
      void this.#leftover.claimed(this.#shownSid, this.#unsentMessages).then((more) => {
        const view = this.#latest;
        if (more[0] && chat.sid === sid) view.#write(joined(...more, view.#input.value));
      });
      this.#unsentMessages = [];
    }
    if (state.is !== 'idle') this.#unsentMessages = chat.canWrite() ? [] : state.of.unsent();
    if (state.is === 'interrupted') {
      const unsent = this.#unsentMessages;
      if (joined(...unsent, this.#input.value)) this.#memory.write(sid, { draft: this.#input.value, unsent, guest: state.of.identity });
    }
    this.#shownSid = sid;
    this.#starts = state.is === 'idle' && state.start === 'starting';
  }

  /** Puts text into the question's field or, if the form has none, into the message field of the next chat. */
  #offer(words: string): void {
    if (words && !this.#form.offer(words)) this.#offered = words;
  }

  /** Removes everything of a guest from the fields and from the tab's memory. */
  #clear(): void {
    this.#memory.erase();
    this.#form.reset();
    this.#unsentMessages = [];
    this.#input.value = '';
    this.#toAttach.splice(0);
    this.chat.files.loadedFiles?.take();
    this.#unsent.textContent = '';
    this.#notice = '';
    this.#log.followsEnd = true;
    this.#grow();
  }

  // ---- at times when nobody answers

  get #whileAway(): Availability['away'] {
    const { away } = this.#availability;
    const isAttended = away && this.chat.conversation?.lines(true).some((line) =>
      line.is === 'sent' && line.message.author_kind === 'agent' && this.#now() - Date.parse(line.message.date_created) < ATTENDED_MS);
    return isAttended ? undefined : away;
  }

  /** When the desk opens again, in the guest's own time; empty while somebody answers. */
  #awayLine(): string {
    const away = this.#whileAway;
    if (!away) return '';
    const opensAt = away.opensAt ?? '';
    const time = this.#times.time(opensAt);
    if (!time) return this.#texts.away;
    const days = this.#times.daysUntil(opensAt, this.#now());
    const { opensToday, opensTomorrow, opensLater } = this.#texts;
    return fill([opensToday, opensTomorrow][days] ?? opensLater, { day: this.#times.comingDay(opensAt, this.#now()), time });
  }

  /** Above the field in which the guest is about to write. */
  #showAway(isIdle: boolean): void {
    const place = isIdle ? this.#form.element : this.#composer;
    if (this.#away.parentElement !== place) place.prepend(this.#away);
    const away = this.#whileAway;
    setText(this.#away, away ? plain(away.text ?? this.#texts.awayHint) : '');
  }

  #showBanner(state: State): void {
    const lines = [...this.#bannerOf(state), this.#notice].filter(Boolean);
    const reference = state.is === 'interrupted'
      ? fill(this.#texts.reference, { reference: `${state.code} · ${state.reference}` })
      : '';
    const text = [...lines, reference].join('\n');
    if (this.#banner.dataset['text'] === text) return;
    this.#banner.dataset['text'] = text;
    this.#banner.hidden = lines.length === 0;
    this.#banner.className = `banner ${state.is}`;
    this.#banner.setAttribute('role', state.is === 'interrupted' || this.#notice ? 'alert' : 'status');
    this.#banner.replaceChildren(...lines.map((line) => el('p', {}, line)), reference && el('small', {}, reference));
  }

  #bannerOf(state: State): string[] {
    const texts = this.#texts;
    switch (state.is) {
      case 'interrupted':
        return [
          state.isKeyLost ? texts.interruptedKeyLost : state.code === 45779 ? texts.interrupted45779 : texts.interrupted45775,
          state.of.lines(false).length ? texts.interruptedHint : texts.interruptedHintEmpty,
          joined(...this.#unsentMessages, this.#input.value) && texts.interruptedUnsent,
        ];
      case 'reconnecting':
        if (typeof state.why === 'object') return [fill(texts.problem, { ...state.why })];
        return [state.why === 'polling' ? texts.polling : texts.reconnecting];
      case 'resuming': // the header says it
      case 'ended': // the log says it
      case 'idle':
      case 'live':
        return [];
    }
  }

  #markRead(): void {
    if (this.#isOpen && this.#log.followsEnd && document.visibilityState === 'visible') void this.chat.markRead();
  }
}
