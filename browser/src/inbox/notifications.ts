import { el, plain } from '../dom/element';
import { textOf } from '../widget/wire';
import type { Summary } from './api';
import { icon, type Icon } from './icons';
import { kept } from './kept';
import { count, number, put, texts } from './language';

/** Sounds and announcements that come sooner after the last one are left out or joined, so that a busy inbox can be borne. */
const PAUSE_MS = 3_000;
/** More characters than a desktop notification shows. */
const EXCERPT = 120;

/**
 * Attracts the agent's attention: by the title and the icon of the tab, a sound, the desktop and, for screen readers, a status.
 * The browser keeps the permission for the desktop, and whether the agent has switched the sound off.
 */
export class Notifications {
  /** Read by screen readers. */
  readonly status = el('p', { class: 'spoken', role: 'status' });
  readonly sound = new Switch('sound', texts.sound, kept('sound'), () => this.#play(), (isOn) => kept('sound', isOn));
  readonly desktop: Switch;
  #audio: AudioContext | undefined;
  #soundAt = 0;
  #newOnes: string[] = [];
  #saying: ReturnType<typeof setTimeout> | undefined;
  #saidAt = 0;
  readonly #shown = new Map<string, Notification>();

  /** @param open opens a conversation, when the agent clicks its desktop notification */
  constructor(private readonly open: (sid: string) => void) {
    const isGranted = 'Notification' in window && Notification.permission === 'granted';
    this.desktop = new Switch('bell', texts.desktop, isGranted, () => void this.#ask());
    this.desktop.element.hidden = !('Notification' in window);
  }

  /** Counts unread messages in the tab's title and icon. */
  count(unread: number): void {
    document.title = `${unread ? `(${number(unread)}) ` : ''}${titleOfPage()}`;
    const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    const address = unread ? '/icon-unread.svg' : '/icon.svg';
    if (link && link.getAttribute('href') !== address) link.setAttribute('href', address);
  }

  /** A guest has written. */
  notify(one: Summary, isNew: boolean): void {
    const name = plain(one.name) || texts.customer;
    if (isNew) this.#announce(name);
    if (this.sound.isOn) this.#play();
    if (!this.desktop.isOn || document.hasFocus()) return;
    const sid = one.conversation_sid;
    const body = one.last_message ? plain(textOf(one.last_message)).slice(0, EXCERPT) : '';
    let shown: Notification;
    try {
      shown = new Notification(name, { body, tag: sid, icon: '/icon.svg' });
    } catch {
      return; // Chrome on Android shows notifications of service workers only
    }
    shown.onclick = () => {
      window.focus();
      shown.close();
      this.open(sid);
    };
    shown.onclose = () => this.#shown.delete(sid);
    this.#shown.set(sid, shown);
  }

  /** The agent has read the conversation, or it was erased. */
  withdraw(sid: string): void {
    this.#shown.get(sid)?.close();
    this.#shown.delete(sid);
  }

  end(): void {
    clearTimeout(this.#saying);
    for (const one of this.#shown.values()) one.close();
    void this.#audio?.close();
    this.count(0);
  }

  /** Many new conversations within a short time are one announcement. */
  #announce(name: string): void {
    this.#newOnes.push(name);
    this.#saying ??= setTimeout(() => {
      this.#saying = undefined;
      this.#saidAt = Date.now();
      const [first = ''] = this.#newOnes;
      this.status.textContent = this.#newOnes.length === 1 ? put(texts.newConversation, { name: first }) : count(texts.newConversations, this.#newOnes.length);
      this.#newOnes = [];
    }, Math.max(0, this.#saidAt + PAUSE_MS - Date.now()));
  }

  /** Only a click may ask for the permission. */
  async #ask(): Promise<void> {
    if (Notification.permission === 'granted') return;
    const permission = await Notification.requestPermission();
    if (permission === 'granted') return;
    this.desktop.isOn = false;
    this.status.textContent = texts.desktopDenied;
  }

  /** Two short tones. Silent as long as the browser allows no sound, which is until the first click. */
  #play(): void {
    if (Date.now() - this.#soundAt < PAUSE_MS || typeof AudioContext === 'undefined') return;
    this.#soundAt = Date.now();
    this.#audio ??= new AudioContext();
    if (this.#audio.state === 'suspended') void this.#audio.resume();
    const { currentTime } = this.#audio;
    for (const [at, pitch] of [[0, 660], [0.12, 880]] as const) {
      const tone = this.#audio.createOscillator();
      const volume = this.#audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.08, currentTime + at);
      volume.gain.exponentialRampToValueAtTime(0.001, currentTime + at + 0.2);
      tone.connect(volume).connect(this.#audio.destination);
      tone.start(currentTime + at);
      tone.stop(currentTime + at + 0.2);
    }
  }
}

/** The title of the tab. */
export function titleOfPage(): string {
  return `${texts.inbox} – Parlour`;
}

/** A button that is on or off. */
class Switch {
  readonly element: HTMLButtonElement;

  constructor(picture: Icon, name: string, isOn: boolean, turnedOn: () => void, turned: (isOn: boolean) => void = () => {}) {
    this.element = el('button', { class: 'square switch', 'aria-label': name, title: name, 'aria-pressed': String(isOn) }, icon(picture));
    this.element.onclick = () => {
      this.isOn = !this.isOn;
      turned(this.isOn);
      if (this.isOn) turnedOn();
    };
  }

  get isOn(): boolean {
    return this.element.getAttribute('aria-pressed') === 'true';
  }

  set isOn(isOn: boolean) {
    this.element.setAttribute('aria-pressed', String(isOn));
  }
}
