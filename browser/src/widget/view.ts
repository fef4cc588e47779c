import { el, nameOf, plain } from '../dom/element';
import { isComposing } from '../dom/keys';
import { onSend } from '../dom/send';
import type { Chat } from './chat';
import type { Line } from './conversation';
import { StartForm } from './form';
import type { Remembered, TabMemory } from './memory';
import { Menu } from './menu';
import type { Options } from './options';
import { BODY_BYTES, bytes, sendable } from './sendable';
import type { State } from './state';
import type { WindowPlace } from './launcher';
import { REFUSED } from './transcript';
import { counted, fill } from './texts';
import { textOf } from './wire';
import { formatted, Times } from './times';
import { watchKeyboard } from './viewport';
import { WINDOW_STYLES } from './window-styles';
import { windowTextsOf, type Texts } from './window-texts';

const joined = (...texts: string[]) => texts.filter((one) => one.trim()).join('\n\n');
/** A guest who is this near to the end follows new messages. */
const NEAR_PIXELS = 40;

/** A line on the screen. Only its changed parts are replaced, so that screen readers do not read it out again. */
export interface Row {
  element: HTMLLIElement;
  who: HTMLElement;
  body: HTMLElement;
  status: HTMLElement;
  again: HTMLButtonElement;
}

/** The chat window. */
export class View {
  readonly #texts: Texts;
  readonly #locale: string;
  readonly #times: Times;
  #isOpen = false;

  readonly #form: StartForm;
  readonly #panel = el('section', { class: 'panel', role: 'dialog', 'aria-labelledby': 'title' });
  readonly #menu: Menu;
  readonly #banner = el('div', { class: 'banner', role: 'status' });
  readonly #log = el('div', { class: 'log', role: 'log', tabindex: '0', 'aria-live': 'polite' });
  readonly #older = el('button', { class: 'older' });
  readonly #list = el('ol');
  readonly #newer = el('button', { class: 'newer' });
  readonly #typing = el('div', { class: 'typing', role: 'status' });
  readonly #composer = el('form', { class: 'composer' });
  readonly #input = el('textarea', { rows: '1', dir: 'auto' });
  readonly #unsent = el('p', { class: 'unsent', id: 'unsent', role: 'alert' });
  readonly #foot = el('div', { class: 'foot' });
  readonly #rows = new Map<string, Row>();
  #shownState: State['is'] | undefined;
  #notice = '';
  #followsEnd = true;
  #height = 0;
  #shownSid = '';
  /** Whether a start with the form's text is under way. */
  #starts = false;
  #removals: number;
  /** Text for the field of the next chat; it is never sent automatically. */
  #offered = '';
  /** The messages that the interrupted chat on the screen had not sent, which its other tabs have, too. */
  #unsentMessages: string[] = [];
  #loadsOlder = false;
  /** Whether a message with files was seen, since the window was opened. */
  #hasFiles = false;
  /** Files that wait for the code that sends them. */
  readonly #toAttach: File[] = [];
  readonly #gone = new AbortController();
  readonly #styles = new CSSStyleSheet();

  constructor(
    private readonly place: WindowPlace,
    private readonly chat: Chat,
    options: Options,
    private readonly memory: TabMemory,
    private readonly now: () => number,
  ) {
    const texts = (this.#texts = windowTextsOf(options.texts));
    this.#locale = options.language.locale;
    this.#times = new Times(this.#locale);
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
        this.#notice = (await chat.end()) ? '' : this.#texts.notEnded;
      }),
      endAndErase: () => this.#chosen(() => chat.endAndErase()),
    }, now);
    const { root } = place;
    this.#styles.replaceSync(WINDOW_STYLES);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, this.#styles];
    this.#buildHeader();
    this.#buildLog();
    this.#buildComposer();
    root.prepend(this.#panel); // before the bubble, for the Tab key and for small screens
    this.#panel.append(this.#banner, this.#form.element, this.#log, this.#newer, this.#typing, this.#composer, this.#foot);
    this.#takeFiles();
    chat.files.enter({ root, texts, locale: this.#locale });
    const { loadedFiles: loaded } = chat.files;
    if (loaded?.tray) this.#composer.prepend(loaded.tray); // it was above the message field of the window before
    const { signal } = this.#gone;
    document.addEventListener('visibilitychange', () => this.#markRead(), { signal });
    addEventListener('pagehide', () => this.#rememberPlace(), { signal });
    watchKeyboard((pixels) => this.#panel.style.setProperty('--plr-covered', `${pixels}px`), signal);
    new ResizeObserver(() => this.#resized()).observe(this.#log);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Restores scroll positions, which are lost when another script removes the host from the page. */
  placed(): void {
    if (this.#followsEnd) this.#toEnd();
  }

  destroy(): void {
    this.#gone.abort();
    this.#panel.remove();
    const { root } = this.place;
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((one) => one !== this.#styles);
  }

  #buildHeader(): void {
    const texts = this.#texts;
    const shut = el('button', { 'aria-label': texts.close }, '×');
    shut.onclick = () => this.toggle(false);
    shut.hidden = this.place.isInPage;
    this.#panel.append(
      el('header', { role: 'none' }, el('h2', { id: 'title' }, texts.title), this.#menu.button, shut),
      this.#menu.element,
    );
    this.#panel.onkeydown = (event) => {
      if (event.key !== 'Escape' || isComposing(event)) return;
      if (!this.#menu.isOpen) return this.place.isInPage ? undefined : this.toggle(false);
      this.#menu.open(false);
      this.#menu.button.focus();
    };
    this.#panel.hidden = true;
  }

  #buildLog(): void {
    this.#older.textContent = this.#texts.older;
    this.#older.onclick = () => void this.#loadOlder();
    this.#log.setAttribute('aria-label', this.#texts.log);
    this.#log.append(this.#older, this.#list);
    this.#log.onscroll = () => this.#scrolled();
    const again = el('button', { class: 'go' }, this.#texts.startAgain);
    again.onclick = () => void this.#startAgain();
    this.#newer.onclick = () => {
      this.#followsEnd = true;
      this.#toEnd();
      this.show();
    };
    this.#foot.append(again);
  }

  /** A new chat takes over the unsent text of an interrupted one. */
  async #startAgain(): Promise<void> {
    const { chat } = this;
    const input = this.#input;
    const { sid } = chat;
    if (chat.state.is === 'interrupted') {
      const words = joined(...(await chat.claimed(sid, this.#unsentMessages)), input.value);
      if (chat.sid !== sid) return this.#write(words); // another tab has begun the new chat meanwhile
      this.#offered = words;
      input.value = '';
    }
    void chat.startAgain();
  }

  #buildComposer(): void {
    const texts = this.#texts;
    const input = this.#input;
    input.setAttribute('aria-label', texts.message);
    input.setAttribute('aria-describedby', 'unsent');
    input.placeholder = texts.message;
    const send = el('button', { class: 'go', type: 'submit' }, texts.send);
    const attach = el('button', { class: 'attach', 'aria-label': texts.attach }, '+');
    attach.onclick = () => void this.#attach();
    this.#composer.append(attach, input, send, this.#unsent);
    input.oninput = () => {
      this.#unsent.textContent = '';
      this.#grow();
      this.memory.write(this.chat.sid, { draft: input.value });
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
    if (loaded?.waitsFor(() => this.#submit())) return;
    const text = sendable(this.#input.value);
    if (bytes(text) > BODY_BYTES) {
      this.#unsent.textContent = this.#texts.tooLong; // and stays in the field
      return;
    }
    this.#write('');
    this.#followsEnd = true;
    void this.chat.send(text, loaded?.take());
  }

  /** Puts text into the message field, and remembers it. */
  #write(draft: string): void {
    this.#unsent.textContent = '';
    this.#input.value = draft;
    this.#grow();
    this.memory.write(this.chat.sid, { draft });
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
    if (!loaded) return void (this.#unsent.textContent = this.#texts.filesUnavailable);
    if (loaded.tray) this.#composer.prepend(loaded.tray);
    if (this.#toAttach.length) loaded.add(this.#toAttach.splice(0));
    else loaded.choose();
  }

  #grow(): void {
    this.#input.style.height = 'auto';
    const { scrollHeight } = this.#input; // 0 while it is invisible
    if (scrollHeight) this.#input.style.height = `${Math.min(scrollHeight + 2, 120)}px`;
  }

  /** The text in the fields, for the window that replaces this one. */
  get typed(): { draft: string; form: Record<string, string> } {
    return { draft: this.#input.value, form: this.#form.answers };
  }

  /** Takes over the text of the window before, which a tab without a memory would lose. */
  takeOver({ draft, form }: View['typed']): void {
    this.#form.recall(form);
    if (draft !== this.#input.value) this.#write(draft);
  }

  // ---- opening and closing

  /** Restores the text in the fields of the page before. */
  restore(): void {
    const { conversation, form } = this.memory.read();
    if (form && !conversation) this.#form.recall(form);
    void this.chat.left().then((words) => this.#offer(joined(...words)));
  }

  /** @param byPage the page, and not the guest, opened it, so the focus stays where it is */
  toggle(open: boolean, byPage = false): void {
    if (open === this.#isOpen) return;
    this.#isOpen = open;
    this.#hasFiles = false;
    this.#panel.hidden = !open;
    this.#menu.open(false);
    if (!byPage) this.memory.write(this.chat.sid || this.memory.read().conversation, { isOpen: open });
    this.place.toggled();
    if (!open) return this.place.leave();
    this.#grow();
    if (this.#followsEnd) this.#toEnd();
    else this.#toPlace();
    this.chat.wake();
    if (!byPage) this.#focus();
    if (this.chat.state.is === 'idle') this.#form.beginWithoutFields();
  }

  async #chosen(action: () => Promise<void>): Promise<void> {
    await action();
    this.show();
    this.#focus();
  }

  #focus(): void {
    if (!this.#isOpen) return;
    const asking = [this.#composer, this.#form.element, this.#foot].find((one) => !one.hidden);
    (asking?.querySelector<HTMLElement>('input,textarea') ?? asking?.querySelector('button'))?.focus();
  }

  // ---- showing

  show(): void {
    const { chat } = this;
    const texts = this.#texts;
    const { state } = chat;
    const isIdle = state.is === 'idle';
    const hasFocus = document.activeElement === this.place.host; // otherwise the page has it, and keeps it
    this.#turnTo(state);
    this.#form.element.hidden = !isIdle;
    this.#log.hidden = this.#typing.hidden = this.#menu.button.hidden = isIdle;
    const appears = this.#composer.hidden && chat.canWrite();
    this.#composer.hidden = !chat.canWrite();
    if (appears) this.#grow();
    this.#menu.show(chat.canWrite());
    this.#foot.hidden = isIdle || chat.canWrite();
    if (this.#shownState !== state.is && state.is !== 'reconnecting') this.#notice = '';
    this.#showBanner(state);
    if (state.is === 'idle') this.#form.show(state);
    this.#older.hidden = !chat.hasOlder;
    this.#showLines(chat.conversation?.lines(chat.canWrite()) ?? []);
    const typist = chat.conversation?.typing;
    setText(this.#typing, typist ? fill(texts.typing, { name: plain(typist.name) }) : '');
    this.#showNewer(state);
    if (this.#shownState !== state.is) {
      const before = this.#shownState;
      this.#shownState = state.is;
      this.#panel.dataset['state'] = state.is;
      if (hasFocus && (before === 'idle' || isIdle || !chat.canWrite())) this.#focus(); // the focused element is hidden now
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
      this.#clear();
      if (state.is === 'idle') this.#offer(words);
    } else if (state.is === 'idle' || sid === this.#shownSid) {
      this.#offered = words;
    } else {
      const asked = this.#shownSid || this.#starts ? '' : this.#form.question; // another tab has started the chat
      this.#form.reset();
      const { conversation, draft = '', place } = this.memory.read();
      const isKnown = conversation === sid;
      this.memory.write(sid, {});
      this.#followsEnd = !isKnown || !place;
      this.#write(joined(words, asked, isKnown ? draft : this.#input.value));
      void chat.claimed(this.#shownSid, this.#unsentMessages).then((more) => {
        if (more[0] && chat.sid === sid) this.#write(joined(...more, this.#input.value));
      });
      this.#unsentMessages = [];
    }
    if (state.is === 'interrupted') {
      const unsent = (this.#unsentMessages = state.of.unsent());
      if (joined(...unsent, this.#input.value)) this.memory.write(sid, { draft: this.#input.value, unsent, guest: state.of.identity });
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
    this.memory.erase();
    this.#form.reset();
    this.#unsentMessages = [];
    this.#input.value = '';
    this.#toAttach.splice(0);
    this.chat.files.loadedFiles?.take();
    this.#unsent.textContent = '';
    this.#notice = '';
    this.#followsEnd = true;
    this.#grow();
  }

  #showNewer(state: State): void {
    const unread = this.chat.conversation?.unread() ?? 0;
    setText(this.#newer, counted(this.#texts.newer, unread, this.#locale));
    this.#newer.hidden = !this.#isOpen || this.#followsEnd || unread === 0 || state.is === 'idle';
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
      case 'resuming':
        return [texts.resuming];
      case 'ended':
        return [texts.ended];
      case 'idle':
      case 'live':
        return [];
    }
  }

  #showLines(lines: Line[]): void {
    const lastMine = lines.findLast((line) => line.is === 'sent' && line.mine);
    const keys = new Set<string>();
    const today = this.#times.day.format(this.now());
    let day = today;
    let at = 0;
    const put = (key: string, make: () => Row): Row => {
      keys.add(key);
      const row = this.#rows.get(key) ?? make();
      this.#rows.set(key, row);
      if (this.#list.children[at] !== row.element) this.#list.insertBefore(row.element, this.#list.children[at] ?? null);
      at++;
      return row;
    };
    for (const line of lines) {
      const of = line.is === 'sent' ? formatted(this.#times.day, line.message.date_created) : today;
      if (of !== day) setText(put(`day ${(day = of)}`, () => this.#dayRow()).body, of === today ? this.#texts.today : of);
      this.#fill(put(keyOf(line), () => this.#newRow(line)), line, line === lastMine);
    }
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    if (this.#followsEnd) this.#toEnd();
    else if (lines.length) this.#toPlace();
  }

  #dayRow(): Row {
    const body = el('span');
    const none = el('div');
    return { element: el('li', { class: 'day' }, body), who: none, body, status: none, again: el('button') };
  }

  #newRow(line: Line): Row {
    const row = {
      element: el('li'),
      who: el('div', { class: 'who' }),
      body: el('div', { class: 'body', dir: 'auto' }),
      status: el('div', { class: 'status' }),
      again: el('button', { class: 'again' }, this.#texts.sendAgain),
    };
    if (line.is !== 'sent') row.again.onclick = () => void this.chat.sendAgain(line.outgoing.clientId);
    row.element.append(row.who, row.body, row.status, row.again);
    return row;
  }

  #fill(row: Row, line: Line, isLastMine: boolean): void {
    const { element, who, status, again } = row;
    const { chat } = this;
    const texts = this.#texts;
    this.#showContent(row, line);
    again.hidden = line.is !== 'failed' || !chat.canWrite();
    if (line.is !== 'sent') {
      element.className = `line mine ${line.is}`;
      setText(who, texts.you);
      const { code, failed } = line.outgoing;
      const why = code === 45784 ? texts.full : failed === REFUSED ? fill(texts.reference, { reference: code ?? '' }) : failed;
      setText(status, line.is === 'waiting' ? texts.sending : why ? `${texts.failed}. ${why}` : texts.failed);
      return;
    }
    const { message, mine } = line;
    element.className = `line ${mine ? 'mine' : message.author_kind}`;
    const name = nameOf(mine ? texts.you : message.author_name);
    const when = ` · ${formatted(this.#times.time, message.date_created)}`;
    if (who.textContent !== name.textContent + when) who.replaceChildren(name, when);
    setText(status, isLastMine ? ((chat.conversation?.readByOthers() ?? -1) >= message.index ? texts.seen : texts.sent) : '');
  }

  /** The names of files stand in the text until the code that shows files is loaded. */
  #showContent(row: Row, line: Line): void {
    const { body, media = [] } = line.is === 'sent' ? line.message : { ...line.outgoing, media: line.outgoing.files };
    const { loadedFiles: loaded } = this.chat.files;
    setText(row.body, textOf({ body, media: loaded ? [] : media }));
    if (!media.length) return;
    if (loaded) loaded.show(row, line);
    else if (!this.#hasFiles) void this.chat.files.load().then((isLoaded) => isLoaded && this.show());
    this.#hasFiles = true; // a failure is not repeated with each change on the screen
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    if (clientHeight !== this.#height) return this.#resized(); // the guest did not scroll
    this.#followsEnd = scrollHeight - scrollTop - clientHeight < NEAR_PIXELS;
    if (scrollTop < NEAR_PIXELS && !this.#followsEnd && this.chat.hasOlder && !this.#loadsOlder) void this.#loadOlder();
    this.#markRead();
    this.#showNewer(this.chat.state);
  }

  /** The field below has grown, or a keyboard has appeared: keep the newest message in view. */
  #resized(): void {
    this.#height = this.#log.clientHeight;
    if (this.#followsEnd) this.#toEnd();
  }

  #rememberPlace(): void {
    if (!this.#isOpen || !this.chat.sid) return;
    this.memory.write(this.chat.sid, { place: this.#followsEnd ? undefined : this.#place() });
  }

  /** The first visible line, and how much of it is above the edge. */
  #place(): Remembered['place'] {
    const top = this.#log.getBoundingClientRect().top;
    for (const [key, { element }] of this.#rows) {
      const { top: of, bottom } = element.getBoundingClientRect();
      if (bottom > top) return { key, above: top - of };
    }
    return undefined;
  }

  /** Scrolls once to the position that the guest had before a reload. */
  #toPlace(): void {
    const { place, conversation } = this.memory.read();
    if (!place || !this.#isOpen || conversation !== this.chat.sid) return;
    const row = this.#rows.get(place.key);
    if (!row) return;
    this.memory.write(conversation, { place: undefined });
    this.#log.scrollTop += row.element.getBoundingClientRect().top - this.#log.getBoundingClientRect().top + place.above;
  }

  /** Visible messages stay in their place, and screen readers do not read out the older ones. */
  async #loadOlder(): Promise<void> {
    this.#log.setAttribute('aria-busy', 'true');
    const fromEnd = this.#log.scrollHeight - this.#log.scrollTop;
    this.#followsEnd = false;
    this.#loadsOlder = true;
    await this.chat.loadOlder();
    this.#loadsOlder = false;
    this.#log.scrollTop = this.#log.scrollHeight - fromEnd;
    this.#log.removeAttribute('aria-busy');
  }

  #toEnd(): void {
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  #markRead(): void {
    if (this.#isOpen && this.#followsEnd && document.visibilityState === 'visible') void this.chat.markRead();
  }
}

/** The key stays the same when a message is sent. The ids of other authors are not unique. */
function keyOf(line: Line): string {
  if (line.is !== 'sent') return line.outgoing.clientId;
  return (line.mine && line.message.client_id) || line.message.sid;
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
