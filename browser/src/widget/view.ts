import { el, nameOf, plain } from '../dom/element';
import type { Chat } from './chat';
import type { Line } from './conversation';
import { StartForm } from './form';
import type { Options } from './options';
import type { State } from './state';
import { STYLES, textOn } from './styles';
import { fill, type Texts } from './texts';

const ICON = 'M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z';
/** What the server takes, in UTF-8. */
const BODY_BYTES = 32 * 1024;
/** So near to the end, a guest follows what is said. */
const NEAR_PIXELS = 40;

/** A line on the screen. Only what changes of it is changed, so that it is not read out again. */
interface Row {
  element: HTMLLIElement;
  who: HTMLElement;
  body: HTMLElement;
  status: HTMLElement;
  again: HTMLButtonElement;
}

/** What a guest sees of a chat. */
export class View {
  readonly host = el('div', { 'data-parlour': '' });
  isOpen = false;

  private readonly texts: Texts;
  private readonly form: StartForm;
  private readonly bubble = el('button', { class: 'bubble', type: 'button', 'aria-expanded': 'false' });
  private readonly badge = el('span', { class: 'badge', 'aria-hidden': 'true' });
  private readonly panel = el('section', { class: 'panel', role: 'dialog', 'aria-labelledby': 'title' });
  private readonly more = el('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'menu' }, '⋯');
  private readonly menu = el('div', { class: 'menu', id: 'menu' });
  private readonly endButton = el('button', { type: 'button' });
  private readonly eraseButton = el('button', { type: 'button', 'aria-describedby': 'hint' });
  private readonly banner = el('div', { class: 'banner', role: 'status' });
  private readonly log = el('div', { class: 'log', role: 'log', tabindex: '0', 'aria-live': 'polite' });
  private readonly older = el('button', { class: 'older', type: 'button' });
  private readonly list = el('ol');
  private readonly typing = el('div', { class: 'typing', role: 'status' });
  private readonly composer = el('form', { class: 'composer' });
  private readonly input = el('textarea', { rows: '1', dir: 'auto' });
  private readonly unsent = el('p', { class: 'unsent', id: 'unsent', role: 'alert' });
  private readonly foot = el('div', { class: 'foot' });
  private readonly rows = new Map<string, Row>();
  private shownState: State['is'] | undefined;
  private notice = '';
  private followsEnd = true;

  constructor(
    private readonly chat: Chat,
    private readonly options: Options,
  ) {
    this.texts = options.texts;
    this.form = new StartForm(options, (name, preEngagement) => void chat.start(name, preEngagement));
    const root = this.host.attachShadow({ mode: 'open' });
    const styles = new CSSStyleSheet();
    styles.replaceSync(STYLES); // no element and no attribute: a strict policy allows it
    root.adoptedStyleSheets = [styles];
    this.theme();
    this.buildHeader();
    this.buildLog();
    this.buildComposer();
    root.append(this.panel, this.bubble);
    this.panel.append(this.banner, this.form.element, this.log, this.typing, this.composer, this.foot);
    document.addEventListener('visibilitychange', () => this.look());
  }

  private theme(): void {
    const { isLight, color } = this.options;
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      this.host.dataset['theme'] = (isLight ?? !dark.matches) ? 'light' : 'dark';
    };
    dark.addEventListener('change', apply);
    apply();
    if (color) {
      this.host.style.setProperty('--brand', color);
      this.host.style.setProperty('--on', textOn(color));
    }
  }

  private buildHeader(): void {
    const { texts } = this;
    const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    icon.setAttribute('viewBox', '0 0 24 24');
    icon.setAttribute('aria-hidden', 'true');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', ICON);
    path.setAttribute('fill', 'currentColor');
    icon.append(path);
    this.bubble.append(icon, this.badge);
    this.bubble.onclick = () => this.toggle(!this.isOpen);

    const shut = el('button', { type: 'button', 'aria-label': texts.close }, '×');
    shut.onclick = () => this.toggle(false);
    this.more.setAttribute('aria-label', texts.menu);
    this.more.onclick = () => this.openMenu(Boolean(this.menu.hidden));
    this.endButton.textContent = texts.end;
    this.endButton.onclick = () => void this.chosen(async () => {
      this.notice = (await this.chat.end()) ? '' : texts.notEnded;
    });
    this.eraseButton.onclick = () => void this.chosen(() => this.chat.endAndErase());
    this.menu.append(this.endButton, this.eraseButton);
    this.menu.hidden = true;
    this.panel.append(
      el('header', { role: 'none' }, el('h2', { id: 'title' }, texts.title), this.more, shut),
      this.menu,
    );
    this.panel.onkeydown = (event) => {
      if (event.key !== 'Escape' || event.isComposing) return;
      if (this.menu.hidden) return this.toggle(false);
      this.openMenu(false);
      this.more.focus();
    };
    this.panel.hidden = true;
  }

  private buildLog(): void {
    this.older.textContent = this.texts.older;
    this.older.onclick = () => void this.loadOlder();
    this.log.setAttribute('aria-label', this.texts.log);
    this.log.append(this.older, this.list);
    this.log.onscroll = () => this.scrolled();
    const again = el('button', { class: 'go', type: 'button' }, this.texts.startAgain);
    again.onclick = () => void this.chat.startAgain();
    this.foot.append(again);
  }

  private buildComposer(): void {
    const { texts, input } = this;
    input.setAttribute('aria-label', texts.message);
    input.setAttribute('aria-describedby', 'unsent');
    input.placeholder = texts.message;
    this.composer.append(input, el('button', { class: 'go', type: 'submit' }, texts.send), this.unsent);
    input.oninput = () => {
      this.unsent.textContent = '';
      this.grow();
      if (input.value.trim()) void this.chat.types();
    };
    input.onkeydown = (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.composer.requestSubmit();
    };
    this.composer.onsubmit = (event) => {
      event.preventDefault();
      this.submit();
    };
  }

  private submit(): void {
    const text = this.input.value.trim();
    if (new TextEncoder().encode(text).length > BODY_BYTES) {
      this.unsent.textContent = this.texts.tooLong; // and stays in the field
      return;
    }
    this.unsent.textContent = '';
    this.input.value = '';
    this.grow();
    this.followsEnd = true;
    void this.chat.send(text);
  }

  private grow(): void {
    this.input.style.height = 'auto';
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 120)}px`;
  }

  // ---- opening and closing

  /** @param byPage as the page is loaded: then the focus is where the page has it */
  toggle(open: boolean, byPage = false): void {
    if (open === this.isOpen) return;
    this.isOpen = open;
    this.panel.hidden = !open;
    this.bubble.setAttribute('aria-expanded', String(open));
    this.openMenu(false);
    this.show();
    if (!open) return this.bubble.focus();
    this.toEnd();
    if (!byPage) this.focus();
    if (this.chat.state.is === 'idle') this.form.beginIfNothingIsAsked();
  }

  private openMenu(open: boolean): void {
    this.menu.hidden = !open;
    this.more.setAttribute('aria-expanded', String(open));
    if (open) this.menu.querySelector<HTMLElement>('button:not([hidden])')?.focus();
  }

  private async chosen(deed: () => Promise<void>): Promise<void> {
    this.openMenu(false);
    await deed();
    this.show();
    this.focus();
  }

  private focus(): void {
    if (!this.isOpen) return;
    const asking = [this.composer, this.form.element, this.foot].find((one) => !one.hidden);
    (asking?.querySelector<HTMLElement>('input,textarea') ?? asking?.querySelector('button'))?.focus();
  }

  // ---- showing

  show(): void {
    const { chat, texts } = this;
    const { state } = chat;
    const isIdle = state.is === 'idle';
    const hasFocus = document.activeElement === this.host; // it is not taken away from the page
    this.form.element.hidden = !isIdle;
    this.log.hidden = this.typing.hidden = this.more.hidden = isIdle;
    this.composer.hidden = this.endButton.hidden = !chat.canWrite();
    this.foot.hidden = isIdle || chat.canWrite();
    const erase = chat.canWrite() ? texts.endAndErase : texts.erase;
    this.eraseButton.setAttribute('aria-label', erase);
    this.eraseButton.replaceChildren(erase, el('small', { id: 'hint' }, texts.endAndEraseHint));
    if (this.shownState !== state.is) this.notice = '';
    this.showBanner(state);
    if (state.is === 'idle') this.form.show(state);
    this.older.hidden = !chat.hasOlder;
    this.showLines(chat.lines());
    setText(this.typing, chat.typing ? fill(texts.typing, { name: plain(chat.typing.name) }) : '');
    const unread = this.isOpen ? 0 : chat.unread();
    this.badge.hidden = unread === 0;
    this.badge.textContent = unread > 99 ? '99+' : String(unread);
    this.bubble.setAttribute(
      'aria-label',
      this.isOpen ? texts.close : unread ? fill(texts.openUnread, { n: unread }) : texts.open,
    );
    if (this.shownState !== state.is) {
      const before = this.shownState;
      this.shownState = state.is;
      this.panel.dataset['state'] = state.is;
      if (hasFocus && (before === 'idle' || isIdle || !chat.canWrite())) this.focus(); // what had it is gone
    }
    this.look();
  }

  private showBanner(state: State): void {
    const lines = [...this.bannerOf(state), ...(this.notice ? [this.notice] : [])];
    const reference = state.is === 'interrupted'
      ? fill(this.texts.reference, { reference: `${state.code} · ${state.reference}` })
      : '';
    const text = [...lines, reference].join('\n');
    if (this.banner.dataset['text'] === text) return;
    this.banner.dataset['text'] = text;
    this.banner.hidden = lines.length === 0;
    this.banner.setAttribute('role', state.is === 'interrupted' || this.notice ? 'alert' : 'status');
    this.banner.replaceChildren(...lines.map((line) => el('p', {}, line)), ...(reference ? [el('small', {}, reference)] : []));
  }

  private bannerOf(state: State): string[] {
    const { texts } = this;
    switch (state.is) {
      case 'interrupted':
        return [state.code === 45779 ? texts.interrupted45779 : texts.interrupted45775, texts.interruptedHint];
      case 'reconnecting':
        return [state.problem ? fill(texts.problem, { ...state.problem }) : texts.reconnecting];
      case 'resuming':
        return [texts.resuming];
      case 'ended':
        return [texts.ended];
      case 'idle':
      case 'live':
        return [];
    }
  }

  private showLines(lines: Line[]): void {
    const lastMine = lines.findLast((line) => line.is === 'said' && line.mine);
    const keys = new Set<string>();
    lines.forEach((line, at) => {
      const key = keyOf(line);
      keys.add(key);
      const row = this.rows.get(key) ?? this.newRow(line);
      this.rows.set(key, row);
      this.fill(row, line, line === lastMine);
      if (this.list.children[at] !== row.element) this.list.insertBefore(row.element, this.list.children[at] ?? null);
    });
    for (const [key, row] of this.rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.rows.delete(key);
    }
    if (this.followsEnd) this.toEnd();
  }

  private newRow(line: Line): Row {
    const row = {
      element: el('li'),
      who: el('div', { class: 'who' }),
      body: el('div', { class: 'body', dir: 'auto' }),
      status: el('div', { class: 'status' }),
      again: el('button', { class: 'again', type: 'button' }, this.texts.sendAgain),
    };
    if (line.is !== 'said') row.again.onclick = () => void this.chat.sendAgain(line.outgoing.clientId);
    row.element.append(row.who, row.body, row.status, row.again);
    return row;
  }

  private fill({ element, who, body, status, again }: Row, line: Line, isLastMine: boolean): void {
    const { texts, chat } = this;
    again.hidden = line.is !== 'failed' || !chat.canWrite();
    if (line.is !== 'said') {
      element.className = `line mine ${line.is}`;
      setText(who, texts.you);
      setText(body, line.outgoing.body);
      const why = line.outgoing.failed ? `${texts.failed}. ${line.outgoing.failed}` : texts.failed;
      setText(status, line.is === 'waiting' ? texts.sending : why);
      return;
    }
    const { message, mine } = line;
    element.className = `line ${mine ? 'mine' : message.author_kind}`;
    const name = nameOf(mine ? texts.you : message.author_name);
    const when = ` · ${time(message.date_created)}`;
    if (who.textContent !== name.textContent + when) who.replaceChildren(name, when);
    setText(body, message.body);
    setText(status, isLastMine ? (chat.readByOthers() >= message.index ? texts.seen : texts.sent) : '');
  }

  private scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    this.followsEnd = scrollHeight - scrollTop - clientHeight < NEAR_PIXELS;
    if (scrollTop < NEAR_PIXELS && !this.followsEnd) void this.loadOlder();
    this.look();
  }

  /** What was on the screen stays there, and what comes above it is not read out. */
  private async loadOlder(): Promise<void> {
    this.log.setAttribute('aria-busy', 'true');
    const fromEnd = this.log.scrollHeight - this.log.scrollTop;
    this.followsEnd = false;
    await this.chat.loadOlder();
    this.log.scrollTop = this.log.scrollHeight - fromEnd;
    this.log.removeAttribute('aria-busy');
  }

  private toEnd(): void {
    this.log.scrollTop = this.log.scrollHeight;
  }

  private look(): void {
    if (this.isOpen && this.followsEnd && document.visibilityState === 'visible') void this.chat.look();
  }
}

/** The same before and after a message has arrived; another author's ids are nothing to us. */
function keyOf(line: Line): string {
  if (line.is !== 'said') return line.outgoing.clientId;
  return (line.mine && line.message.client_id) || line.message.sid;
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function time(date: string): string {
  return new Date(date).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
