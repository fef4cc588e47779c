import { el } from '../dom/element';
import type { Chat } from './chat';
import type { Dependencies } from './dependencies';
import { brandOf, HOST_STYLES } from './host-styles';
import { ENGLISH } from './languages';
import type { Options } from './options';
import { counted, LAUNCHER_TEXTS } from './texts';
import type { View } from './view';

/** A window that takes longer to load counts as not loaded: the guest can try again. */
const WINDOW_DEADLINE_MS = 20_000;
/** A language that takes longer is not waited for: the window is shown in English. */
const LANGUAGE_DEADLINE_MS = 5_000;

/** The code of the window, which a page loads when it is first needed. */
export interface WindowChunk {
  View: typeof View;
}

/** What the window uses of the page that it stands in. */
export interface WindowPlace {
  root: ShadowRoot;
  host: HTMLElement;
  /** Gets the focus when the window is closed. */
  bubble: HTMLElement;
  /** The window was opened or closed. */
  toggled(): void;
}

/**
 * Events that stop at the host, after our own handlers. The page would see the host as their target, which is not a text field:
 * its shortcuts would take the letters that a guest types, and a script that keeps the focus in a dialog of the page would pull
 * it out of the chat.
 */
const KEPT_FROM_THE_PAGE = [
  'keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'compositionstart', 'compositionupdate', 'compositionend',
  'paste', 'copy', 'cut', 'focusin', 'focusout', 'wheel',
];

/** The bubble on the page, and the element that holds the chat. It loads the window when the guest first needs it. */
export class Launcher {
  /** An element name for which no page has CSS rules. */
  readonly host = el('parlour-chat' as 'div', { 'data-parlour': '' });

  readonly #bubble = el('button', { class: 'bubble', 'aria-expanded': 'false' });
  readonly #badge = el('span', { class: 'badge', 'aria-hidden': 'true' });
  readonly #failure = el('p', { class: 'failure', role: 'alert' });
  readonly #root = this.host.attachShadow({ mode: 'open' });
  readonly #gone = new AbortController();
  #window: View | undefined;
  #loading: Promise<boolean> | undefined;
  #attempt = 0;
  #translation: Promise<void> | undefined;
  /** How the window is opened once it is loaded. */
  #wish: { byPage: boolean } | undefined;

  /** @param loaded is called when the window is there, and has restored its fields */
  constructor(
    private readonly chat: Chat,
    private readonly options: Options,
    private readonly deps: Dependencies,
    private readonly loaded: () => void,
  ) {
    const styles = new CSSStyleSheet();
    const { color } = options;
    styles.replaceSync(color ? HOST_STYLES + brandOf(color) : HOST_STYLES); // needs no element and no attribute, so a strict policy allows it
    this.#root.adoptedStyleSheets = [styles];
    this.#theme();
    this.#speak();
    this.#bubble.append(el('span', { class: 'icon' }), this.#badge);
    this.#bubble.onclick = () => this.toggle(!this.isOpen);
    this.#bubble.onpointerenter = this.#bubble.onfocus = () => void this.load();
    this.#root.append(this.#bubble, this.#failure);
    for (const name of KEPT_FROM_THE_PAGE) this.host.addEventListener(name, (event) => event.stopPropagation());
  }

  get isOpen(): boolean {
    return this.#window?.isOpen ?? false;
  }

  /** Whether the guest waits for the window. */
  get isAwaited(): boolean {
    return this.#wish?.byPage === false;
  }

  #theme(): void {
    const { isLight } = this.options;
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      this.host.dataset['theme'] = (isLight ?? !dark.matches) ? 'light' : 'dark';
    };
    dark.addEventListener('change', apply, { signal: this.#gone.signal });
    apply();
  }

  /** Elements say their language, for screen readers and hyphenation, and the style sheets follow its direction. */
  #speak(): void {
    const { locale, direction } = this.options.language;
    this.host.lang = locale;
    this.host.dir = direction;
  }

  /** Loads the texts of the guest's language. If they cannot be loaded, everything is in English. */
  async #translate(attempt: number): Promise<void> {
    const { deps, options } = this;
    const { code } = options.language;
    if (code === 'en') return;
    const late = deps.wait(LANGUAGE_DEADLINE_MS).then(() => 'late');
    const loaded = await Promise.race([deps.loadLanguage(code, attempt).catch(() => 'lost'), late]);
    if (typeof loaded === 'object') return void Object.assign(options.texts, loaded, options.ownTexts);
    console.warn(`Parlour: the texts of the language ${code} are ${loaded}, so the chat is in English. Is its server reachable, and does the page allow its scripts?`);
    options.language = ENGLISH;
    Object.assign(options.texts, LAUNCHER_TEXTS, options.ownTexts);
    this.#speak();
  }

  /** Restores the window of the page before; on a first visit, the state that the page's options ask for. */
  restore(): void {
    const { isOpen = this.options.isOpen } = this.deps.memory.read();
    if (isOpen) this.toggle(true, true);
  }

  /** @param byPage the page, and not the guest, opened it, so the focus stays where it is */
  toggle(open: boolean, byPage = false): void {
    if (this.#window) return this.#window.toggle(open, byPage);
    if (!open && !byPage && this.#wish) this.deps.memory.write(this.deps.memory.read().conversation, { isOpen: false });
    this.#wish = open ? { byPage } : undefined;
    this.#failure.textContent = '';
    this.show();
    if (open) void this.load();
  }

  /** Loads the window, and shows it if somebody waits for it. False if it cannot be loaded now; another call tries again. */
  load(): Promise<boolean> {
    return (this.#loading ??= this.#load().then((isLoaded) => {
      if (!isLoaded) this.#loading = undefined;
      this.show();
      return isLoaded;
    }));
  }

  async #load(): Promise<boolean> {
    const { deps, options, chat } = this;
    const late = deps.wait(WINDOW_DEADLINE_MS).then(() => undefined);
    const translated = (this.#translation ??= this.#translate(this.#attempt));
    const chunk = await Promise.race([deps.loadWindow(this.#attempt++).catch(() => undefined), late]);
    if (this.#gone.signal.aborted) return false;
    if (!chunk) {
      if (this.#wish) this.#failure.textContent = options.texts.windowUnavailable;
      this.#wish = undefined;
      return false;
    }
    await translated;
    if (this.#gone.signal.aborted) return false;
    this.#failure.textContent = '';
    const place = { root: this.#root, host: this.host, bubble: this.#bubble, toggled: () => this.show() };
    const view = (this.#window = new chunk.View(place, chat, options, deps.memory, deps.now));
    view.show();
    view.restore();
    this.loaded();
    if (this.#wish) view.toggle(true, this.#wish.byPage);
    this.#wish = undefined;
    return true;
  }

  /** The guest or the network is back. */
  wake(): void {
    if (this.#attempt && !this.#window) void this.load();
  }

  show(): void {
    const { chat, isOpen, options } = this;
    const { texts } = options;
    const { state } = chat;
    if (state.is !== 'idle' && !this.#attempt) void this.load();
    this.#window?.show();
    const bubble = this.#bubble;
    const unread = chat.conversation?.unread() ?? 0;
    const isInterrupted = state.is === 'interrupted';
    this.#badge.hidden = isOpen || (unread === 0 && !isInterrupted);
    this.#badge.textContent = isInterrupted ? '!' : unread > 99 ? '99+' : String(unread);
    const closed = isInterrupted ? texts.openInterrupted : unread ? counted(texts.openUnread, unread, options.language.locale) : texts.open;
    bubble.setAttribute('aria-label', isOpen ? texts.close : closed);
    bubble.setAttribute('aria-expanded', String(isOpen));
    bubble.setAttribute('aria-busy', String(Boolean(this.#wish)));
  }

  /** Restores scroll positions, which are lost when another script removes the host from the page. */
  placed(): void {
    this.#window?.placed();
  }

  destroy(): void {
    this.#gone.abort();
    this.#window?.destroy();
    this.host.remove();
  }
}
