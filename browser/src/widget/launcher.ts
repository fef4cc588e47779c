import { el } from '../dom/element';
import { drawing } from '../dom/icon';
import type { Chat } from './chat';
import type { Dependencies } from './dependencies';
import { brandOf, HOST_STYLES, placeOf } from './host-styles';
import { CHAT, DOWN } from './icons';
import { ENGLISH, firstWordsOf, type LanguageCode } from './languages';
import type { Translation } from './languages/wording';
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

/** The dependencies of a chat with a window. */
export interface WithWindow extends Dependencies {
  loadWindow: (attempt: number) => Promise<WindowChunk>;
  /** Loads the texts of a language other than English. */
  loadLanguage: (code: LanguageCode, attempt: number) => Promise<Translation>;
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
  readonly #styles = new CSSStyleSheet();
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  /** The element that had the focus before the window was opened. It gets the focus back if there is no bubble. */
  #before: Element | null = null;
  #window: View | undefined;
  #build: (() => View) | undefined;
  #loading: Promise<boolean> | undefined;
  #attempt = 0;
  #translation: Promise<void> | undefined;
  #translated: Partial<Translation> = {};
  /** How the window is opened once it is loaded. */
  #wish: { byPage: boolean } | undefined;

  /** @param loaded is called when the window is there, and has restored its fields */
  constructor(
    private readonly chat: Chat,
    private readonly options: Options,
    private readonly deps: WithWindow,
    private readonly loaded: () => void,
  ) {
    this.#bubble.hidden = !options.hasLauncher || options.target !== undefined;
    this.#root.adoptedStyleSheets = [this.#styles];
    this.#dark.addEventListener('change', () => this.#paint(), { signal: this.#gone.signal });
    this.#paint();
    this.#speak();
    this.host.toggleAttribute('data-in-page', options.target !== undefined);
    this.#bubble.append(drawing(CHAT, 'icon chat'), drawing(DOWN, 'icon shut'), this.#badge);
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

  #paint(): void {
    const { isLight, color, position, zIndex } = this.options;
    this.host.dataset['theme'] = (isLight ?? !this.#dark.matches) ? 'light' : 'dark';
    const place = placeOf(position, zIndex, !this.#bubble.hidden);
    this.#styles.replaceSync(HOST_STYLES + place + (color ? brandOf(color) : '')); // needs no element and no attribute, so a strict policy allows it
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
    if (typeof loaded === 'object') {
      this.#translated = loaded;
      return void Object.assign(options.texts, loaded, options.ownTexts);
    }
    console.warn(`Parlour: the texts of the language ${code} are ${loaded}, so the chat is in English. Is its server reachable, and does the page allow its scripts?`);
    options.language = ENGLISH;
    Object.assign(options.texts, LAUNCHER_TEXTS, options.ownTexts);
    this.#speak();
  }

  /** Restores the window of the page before; on a first visit, the state that the page's options ask for. */
  restore(): void {
    const { target, isOpen } = this.options;
    if (target !== undefined || (this.deps.memory.read().isOpen ?? isOpen)) this.toggle(true, true);
  }

  /** @param byPage the page, and not the guest, opened it, so the focus stays where it is */
  toggle(open: boolean, byPage = false): void {
    if (open && !this.isOpen) this.#before = document.activeElement;
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
    const place = {
      root: this.#root,
      host: this.host,
      isInPage: options.target !== undefined,
      leave: () => (this.#bubble.hidden ? (this.#before as HTMLElement | null) : this.#bubble)?.focus?.(),
      toggled: () => this.show(),
    };
    this.#build = () => new chunk.View(place, chat, options, deps);
    const view = (this.#window = this.#build());
    view.show();
    view.restore();
    await view.ready;
    this.loaded();
    if (this.#wish) this.#window?.toggle(true, this.#wish.byPage);
    this.#wish = undefined;
    return true;
  }

  /** The page has changed these options. New texts and a new logo need a new window, which takes over what the guest has typed. */
  update({ context, isLight, color, logo, ownTexts }: Pick<Options, 'context' | 'isLight' | 'color' | 'logo' | 'ownTexts'>): void {
    const { options } = this;
    const isOther = logo !== options.logo || JSON.stringify(ownTexts) !== JSON.stringify(options.ownTexts);
    const texts = { ...LAUNCHER_TEXTS, ...firstWordsOf(options.language.code), ...this.#translated, ...ownTexts };
    Object.assign(options, { context, isLight, color, logo, ownTexts, texts });
    this.#paint();
    this.#window?.paint();
    if (isOther && this.#window && this.#build) {
      const before = this.#window;
      const hadFocus = document.activeElement === this.host;
      before.destroy();
      const view = (this.#window = this.#build());
      view.show();
      view.takeOver(before);
      if (before.isOpen) view.toggle(true, !hadFocus);
    }
    this.show();
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
