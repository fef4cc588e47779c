import { el, setText } from '../dom/element';
import { drawing } from '../dom/icon';
import { CHECK, MORE } from './icons';
import type { Texts } from './window-texts';

/** A second click that comes this soon belongs to a double click, and does not confirm anything. */
const DOUBLE_CLICK_MS = 500;

/** The actions that a guest can choose in it. */
export interface Choices {
  /** The guest is asked for confirmation. */
  asked(isErasing: boolean): void;
  end(): Promise<void>;
  endAndErase(): Promise<void>;
  save(format: 'text' | 'page'): void;
  /** Of new messages; undefined where the page allows none. */
  alerts: { isOn: boolean } | undefined;
  /** Undefined where the page hosts no service worker; fails if its code cannot be loaded now. */
  pushSwitch: (() => Promise<HTMLElement>) | undefined;
}

/** The menu of the window. It asks for confirmation before a chat ends for good. */
export class Menu {
  readonly button = el('button', { 'aria-expanded': 'false', 'aria-controls': 'menu' }, drawing(MORE));
  readonly element = el('div', { class: 'menu', id: 'menu' });

  readonly #rest: Set<HTMLElement>;
  readonly #end = el('button');
  readonly #erase = el('button', { class: 'erase', 'aria-describedby': 'hint' });
  readonly #hint = el('small', { id: 'hint' });
  #alerts: HTMLElement | undefined;
  #goesOn = false;
  #asked = -DOUBLE_CLICK_MS;

  constructor(
    private readonly texts: Texts,
    private readonly choices: Choices,
    private readonly now: () => number,
  ) {
    this.button.setAttribute('aria-label', texts.menu);
    this.button.title = texts.menu;
    this.button.onclick = () => this.open(!this.isOpen);
    this.#end.textContent = texts.end;
    this.#end.onclick = () => this.#ask(texts.endSure, false);
    this.#erase.onclick = () => {
      if (this.#goesOn) this.#ask(texts.endAndEraseSure, true);
      else void this.#choose(true);
    };
    this.#hint.textContent = texts.endAndEraseHint;
    this.#rest = new Set([this.#saving('text', texts.save), this.#saving('page', texts.savePage), ...this.#alertSwitch()]);
    this.element.addEventListener('focusout', ({ relatedTarget: next }) => {
      if (next) this.leave(next);
    });
    this.open(false);
  }

  /**
   * Closes if the guest is at another part of the page now. The second click of a double click on "End chat" may
   * meet such a part beside the question.
   */
  leave(now: EventTarget | null): void {
    if (this.isOpen && !this.has(now) && !this.#hasJustAsked) this.open(false);
  }

  /** Whether it is a part of the menu, or its button. */
  has(part: EventTarget | null): boolean {
    return part instanceof Node && (this.element.contains(part) || this.button.contains(part));
  }

  #saving(format: 'text' | 'page', words: string): HTMLElement {
    const button = el('button', {}, words);
    button.onclick = () => {
      this.open(false);
      this.button.focus();
      this.choices.save(format);
    };
    return button;
  }

  #alertSwitch(): HTMLElement[] {
    const { alerts } = this.choices;
    if (!alerts) return [];
    const button = this.#alerts = el('button', { class: 'switch' }, this.texts.sound, drawing(CHECK));
    button.onclick = () => {
      alerts.isOn = !alerts.isOn;
      this.#showAlerts();
    };
    return [button];
  }

  /** Another tab can have switched them. */
  #showAlerts(): void {
    this.#alerts?.setAttribute('aria-pressed', String(this.choices.alerts?.isOn));
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  open(open: boolean): void {
    this.element.replaceChildren(...this.#rest, this.#end, this.#erase, this.#hint);
    this.element.hidden = !open;
    this.button.setAttribute('aria-expanded', String(open));
    this.#showAlerts();
    if (!open) return;
    this.#focus();
    this.addPushSwitch();
  }

  /** Asks how it is now, also in a closed menu if the guest has permitted notifications: the browser may have replaced the subscription. */
  addPushSwitch(): void {
    if (this.isOpen || self.Notification?.permission === 'granted') this.choices.pushSwitch?.().then((button) => {
      this.#rest.add(button);
      this.#end.before(button);
    }, () => {});
  }

  /** @param goesOn whether there is a chat to end */
  show(goesOn: boolean): void {
    if (this.#goesOn && !goesOn && this.isOpen) this.open(false); // the question is obsolete
    this.#goesOn = goesOn;
    this.#end.hidden = !goesOn;
    setText(this.#erase, goesOn ? this.texts.endAndErase : this.texts.erase);
  }

  #ask(question: string, isErasing: boolean): void {
    this.choices.asked(isErasing);
    this.#asked = this.now();
    const no = el('button', {}, this.texts.endNo);
    const yes = el('button', { class: 'go', 'aria-describedby': 'sure' }, this.texts.endYes);
    no.onclick = () => {
      this.open(false);
      this.button.focus();
    };
    yes.onclick = () => {
      if (!this.#hasJustAsked) void this.#choose(isErasing);
    };
    this.element.replaceChildren(el('p', { id: 'sure', role: 'alert' }, question), el('div', { class: 'answers' }, no, yes));
    this.#focus();
  }

  get #hasJustAsked(): boolean {
    return Math.abs(this.now() - this.#asked) < DOUBLE_CLICK_MS;
  }

  async #choose(isErasing: boolean): Promise<void> {
    this.open(false);
    await (isErasing ? this.choices.endAndErase() : this.choices.end());
  }

  #focus(): void {
    this.element.querySelector<HTMLElement>('button:not([hidden])')?.focus();
  }
}
