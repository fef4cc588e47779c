import { el } from '../dom/element';
import type { Chat, Line, State } from './chat';
import { FIELDS, type Field, type Options } from './options';
import { STYLES } from './styles';
import { ENGLISH, fill, type Texts } from './texts';

const ICON = 'M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z';

/** What a guest sees of a chat. */
export class View {
  readonly host = el('div', { 'data-parlour': '' });
  isOpen = false;

  private readonly texts: Texts;
  private readonly fields: Field[];
  private readonly bubble = el('button', { class: 'bubble', type: 'button', 'aria-expanded': 'false' });
  private readonly badge = el('span', { class: 'badge', 'aria-hidden': 'true' });
  private readonly panel = el('section', { class: 'panel', role: 'dialog', 'aria-labelledby': 'title' });
  private readonly more = el('button', { type: 'button', 'aria-haspopup': 'true', 'aria-expanded': 'false' }, '⋯');
  private readonly menu = el('div', { class: 'menu' });
  private readonly banner = el('div', { class: 'banner', role: 'alert' });
  private readonly form = el('form', { class: 'start' });
  private readonly problem = el('p', { class: 'problem', role: 'alert' });
  private readonly startButton = el('button', { class: 'go', type: 'submit' });
  private readonly log = el('div', { class: 'log', role: 'log', tabindex: '0', 'aria-live': 'polite' });
  private readonly older = el('button', { class: 'older', type: 'button' });
  private readonly list = el('ol');
  private readonly typing = el('div', { class: 'typing', 'aria-live': 'polite' });
  private readonly composer = el('form', { class: 'composer' });
  private readonly input = el('textarea', { rows: '1', maxlength: '8000' });
  private readonly sendButton = el('button', { class: 'go', type: 'submit' });
  private readonly foot = el('div', { class: 'foot' });
  private readonly rows = new Map<string, { element: HTMLLIElement; shown: string }>();
  private shownState: State['is'] | undefined;
  private followsEnd = true;

  constructor(
    private readonly chat: Chat,
    private readonly options: Options,
    private readonly tell: { open: (isOpen: boolean) => void },
  ) {
    this.texts = { ...ENGLISH, ...options.texts };
    const asked = options.preEngagement;
    this.fields = asked === false ? [] : (asked?.fields ?? FIELDS);
    const root = this.host.attachShadow({ mode: 'open' });
    const styles = new CSSStyleSheet();
    styles.replaceSync(STYLES);
    root.adoptedStyleSheets = [styles];
    this.theme();
    this.build(root);
  }

  private theme(): void {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      const light = this.options.theme?.isLight ?? !dark.matches;
      this.host.dataset['theme'] = light ? 'light' : 'dark';
    };
    dark.addEventListener?.('change', apply);
    apply();
    const color = this.options.theme?.color;
    if (color) this.host.style.setProperty('--parlour-color', color);
  }

  private build(root: ShadowRoot): void {
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
    const end = el('button', { type: 'button' }, texts.end);
    end.onclick = () => this.chosen(() => this.chat.end());
    const erase = el('button', { type: 'button' }, texts.endAndErase, el('small', {}, texts.endAndEraseHint));
    erase.onclick = () => this.chosen(() => this.chat.endAndErase());
    this.menu.append(end, erase);
    this.menu.hidden = true;

    this.buildForm();
    this.older.textContent = texts.older;
    this.older.onclick = () => void this.loadOlder();
    this.log.setAttribute('aria-label', texts.log);
    this.log.append(this.older, this.list);
    this.log.onscroll = () => this.scrolled();
    this.buildComposer();
    const again = el('button', { class: 'go', type: 'button' }, texts.startAgain);
    again.onclick = () => void this.chat.startAgain();
    this.foot.append(again);

    const title = el('h2', { id: 'title' }, texts.title);
    this.panel.append(
      el('header', { role: 'none' }, title, this.more, shut),
      this.menu, this.banner, this.form, this.log, this.typing, this.composer, this.foot,
    );
    this.panel.onkeydown = (event) => {
      if (event.key !== 'Escape') return;
      if (this.menu.hidden) this.toggle(false);
      else this.openMenu(false);
    };
    this.panel.hidden = true;
    root.append(this.panel, this.bubble);
    document.addEventListener('visibilitychange', () => this.look());
  }

  private buildForm(): void {
    const { texts } = this;
    this.form.noValidate = true;
    if (this.fields.length) this.form.append(el('p', {}, texts.formHint));
    for (const field of this.fields) {
      const input = field.type === 'textarea'
        ? el('textarea', { name: field.name, rows: '3' })
        : el('input', { name: field.name, type: field.type ?? 'text' });
      input.value = field.value ?? '';
      if (field.required) input.setAttribute('aria-required', 'true');
      if (field.name === 'friendlyName') input.setAttribute('autocomplete', 'name');
      if (field.type === 'email') input.setAttribute('autocomplete', 'email');
      this.form.append(el('label', {}, field.label, input));
    }
    this.startButton.textContent = texts.start;
    this.form.append(this.problem, this.startButton);
    const asked = this.options.preEngagement;
    if (asked !== false && asked?.skip) {
      const skip = el('button', { class: 'plain', type: 'button' }, texts.skip);
      skip.onclick = () => void this.chat.start('', this.options.context ?? {});
      this.form.append(skip);
    }
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.submit();
    };
  }

  private submit(): void {
    const values: Record<string, string> = {};
    for (const field of this.fields) {
      const input = this.form.elements.namedItem(field.name) as HTMLInputElement;
      const value = input.value.trim();
      input.removeAttribute('aria-invalid');
      if (field.required && !value) {
        input.setAttribute('aria-invalid', 'true');
        this.problem.textContent = `${field.label}: ${this.texts.required}`;
        input.focus();
        return;
      }
      if (value) values[field.name] = value;
    }
    void this.chat.start(values['friendlyName'] ?? '', { ...values, ...this.options.context });
  }

  private buildComposer(): void {
    const { texts } = this;
    this.input.setAttribute('aria-label', texts.message);
    this.input.placeholder = texts.message;
    this.sendButton.textContent = texts.send;
    this.composer.append(this.input, this.sendButton);
    this.input.oninput = () => {
      this.grow();
      if (this.input.value.trim()) void this.chat.types();
    };
    this.input.onkeydown = (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.composer.requestSubmit();
      }
    };
    this.composer.onsubmit = (event) => {
      event.preventDefault();
      const text = this.input.value;
      this.input.value = '';
      this.grow();
      this.followsEnd = true;
      void this.chat.send(text);
    };
  }

  private grow(): void {
    this.input.style.height = 'auto';
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 120)}px`;
  }

  // ---- opening and closing

  toggle(open: boolean): void {
    if (open === this.isOpen) return;
    this.isOpen = open;
    this.panel.hidden = !open;
    this.bubble.setAttribute('aria-expanded', String(open));
    this.openMenu(false);
    this.show();
    if (open) {
      this.toEnd();
      this.focus();
      this.look();
      const { state } = this.chat;
      if (this.fields.length === 0 && state.is === 'idle' && !state.starting && this.options.appStatus !== 'closed') {
        void this.chat.start('', this.options.context ?? {});
      }
    } else {
      this.bubble.focus();
    }
    this.tell.open(open);
  }

  private openMenu(open: boolean): void {
    this.menu.hidden = !open;
    this.more.setAttribute('aria-expanded', String(open));
    if (open) this.menu.querySelector('button')?.focus();
  }

  private chosen(deed: () => Promise<void>): void {
    this.openMenu(false);
    void deed().then(() => this.focus());
  }

  private focus(): void {
    if (!this.isOpen) return;
    const target = [this.composer, this.form].find((one) => !one.hidden);
    (target?.querySelector<HTMLElement>('input,textarea') ?? this.foot.querySelector('button') ?? this.more).focus();
  }

  // ---- showing

  show(): void {
    const { chat, texts } = this;
    const { state } = chat;
    const idle = state.is === 'idle';
    this.form.hidden = !idle;
    this.log.hidden = this.typing.hidden = idle;
    this.composer.hidden = !chat.canWrite();
    this.foot.hidden = state.is !== 'interrupted' && state.is !== 'ended';
    this.more.hidden = !chat.canWrite() && state.is !== 'ended';
    (this.menu.firstElementChild as HTMLElement).hidden = state.is === 'ended';
    this.showBanner(state);
    if (state.is === 'idle') this.showForm(state);
    this.older.hidden = !chat.hasOlder || state.is !== 'live';
    this.showLines(chat.lines());
    const typing = chat.typing ? fill(texts.typing, { name: chat.typing.name }) : '';
    if (this.typing.textContent !== typing) this.typing.textContent = typing;
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
      if (before === 'idle' || state.is === 'idle' || state.is === 'interrupted') this.focus();
    }
    this.look();
  }

  private showForm(state: Extract<State, { is: 'idle' }>): void {
    const closed = this.options.appStatus === 'closed';
    this.startButton.disabled = state.starting || closed;
    this.startButton.textContent = state.starting ? this.texts.starting : this.texts.start;
    const problem = state.problem;
    if (problem) {
      this.problem.textContent = problem.code
        ? fill(this.texts.problem, { code: problem.code, message: problem.message })
        : this.texts.unavailable;
    } else if (closed) {
      this.problem.textContent = this.texts.offline;
    } else if (state.starting) {
      this.problem.textContent = '';
    }
  }

  private showBanner(state: State): void {
    const { texts } = this;
    const lines: string[] = [];
    let reference = '';
    switch (state.is) {
      case 'interrupted':
        lines.push(state.code === 45779 ? texts.interrupted45779 : texts.interrupted45775, texts.interruptedHint);
        reference = fill(texts.reference, { reference: `${state.code} · ${state.reference}` });
        break;
      case 'reconnecting':
        lines.push(state.problem
          ? fill(texts.problem, { code: state.problem.code, message: state.problem.message })
          : texts.reconnecting);
        break;
      case 'resuming':
        lines.push(texts.resuming);
        break;
      case 'ended':
        lines.push(texts.ended);
        break;
      case 'idle':
      case 'live':
    }
    const text = [...lines, reference].join('\n');
    if (this.banner.dataset['text'] === text) return;
    this.banner.dataset['text'] = text;
    this.banner.hidden = lines.length === 0;
    this.banner.replaceChildren(...lines.map((line) => el('p', {}, line)), ...(reference ? [el('small', {}, reference)] : []));
  }

  private showLines(lines: Line[]): void {
    const atEnd = this.followsEnd;
    const keys = new Set<string>();
    const lastMine = lines.findLast((line) => line.is === 'said' && line.message.author === this.chat.identity);
    const elements = lines.map((line) => {
      const key = line.is === 'said' ? (line.message.client_id ?? line.message.sid) : line.outgoing.clientId;
      keys.add(key);
      const shown = this.describe(line, line === lastMine);
      const row = this.rows.get(key) ?? { element: el('li'), shown: '' };
      this.rows.set(key, row);
      if (row.shown !== JSON.stringify(shown)) {
        row.shown = JSON.stringify(shown);
        row.element.className = `line ${shown.kind}`;
        row.element.replaceChildren(
          el('div', { class: 'who' }, shown.who),
          el('div', { class: 'body' }, shown.body),
          ...(shown.status ? [el('div', { class: 'status' }, shown.status)] : []),
        );
      }
      return row.element;
    });
    for (const key of this.rows.keys()) if (!keys.has(key)) this.rows.delete(key);
    elements.forEach((element, at) => {
      if (this.list.children[at] !== element) this.list.insertBefore(element, this.list.children[at] ?? null);
    });
    while (this.list.children.length > elements.length) this.list.lastElementChild?.remove();
    if (atEnd) this.toEnd();
  }

  private describe(line: Line, isLastMine: boolean): { kind: string; who: string; body: string; status: string } {
    const { texts } = this;
    if (line.is !== 'said') {
      return {
        kind: `mine ${line.is}`,
        who: texts.you,
        body: line.outgoing.body,
        status: line.is === 'waiting' ? texts.sending : texts.failed,
      };
    }
    const { message } = line;
    const mine = message.author === this.chat.identity;
    const time = new Date(message.date_created).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    return {
      kind: mine ? 'mine' : message.author_kind,
      who: `${mine ? texts.you : message.author_name} · ${time}`,
      body: message.body,
      status: isLastMine ? (this.chat.readByOthers() >= message.index ? texts.seen : texts.sent) : '',
    };
  }

  private scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.log;
    this.followsEnd = scrollHeight - scrollTop - clientHeight < 40;
    if (scrollTop < 60 && this.chat.hasOlder) void this.loadOlder();
    this.look();
  }

  private async loadOlder(): Promise<void> {
    const fromEnd = this.log.scrollHeight - this.log.scrollTop;
    await this.chat.loadOlder();
    if (!this.followsEnd) this.log.scrollTop = this.log.scrollHeight - fromEnd;
  }

  private toEnd(): void {
    this.log.scrollTop = this.log.scrollHeight;
  }

  private look(): void {
    if (this.isOpen && this.followsEnd && document.visibilityState === 'visible') void this.chat.look();
  }
}
