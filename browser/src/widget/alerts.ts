import type { Chat } from './chat';
import type { Dependencies } from './dependencies';

/** The alerts that the page allows. */
export interface AlertOptions {
  /** The count of unread messages before the title of the page. */
  title: boolean;
  sound: boolean;
}

/** The tabs of a site agree within this time on the one that makes the sound. */
const AGREEMENT_MS = 300;
/** Each tone: its start and its pitch, in seconds and hertz. */
const TONES = [[0, 660], [0.12, 880]] as const;
const TONE_SECONDS = 0.22;
const VOLUME = 0.07;

/** Attracts the attention of a guest who looks at another tab: a count before the page's title, and a short sound. */
export class Alerts {
  #unread: number | undefined;
  #prefix = '';
  #audio: AudioContext | undefined;
  /** Grows when another tab has made the sound for a message. */
  #rung = 0;

  /** @param gone ends everything that goes on without a call */
  constructor(
    private readonly options: AlertOptions,
    private readonly chat: Chat,
    private readonly deps: Pick<Dependencies, 'claims' | 'tabs' | 'wait' | 'random'>,
    private readonly gone: AbortSignal,
  ) {
    deps.tabs.subscribe((event) => {
      if (event.is === 'rung') this.#rung++;
    }, gone);
  }

  /** Whether the guest wants the alerts. The browser keeps the choice with the chat, for all its tabs. */
  get isOn(): boolean {
    return !this.deps.claims.read().isMuted;
  }

  set isOn(isOn: boolean) {
    const { claims } = this.deps;
    claims.write(claims.read().conversation, { isMuted: !isOn });
    if (isOn && this.options.sound) this.#play(); // so that the guest knows it
    this.show();
  }

  show(): void {
    const unread = this.chat.conversation?.unread() ?? 0;
    const isNew = this.#unread !== undefined && unread > this.#unread;
    this.#unread = unread;
    if (this.options.title) this.#count(isHidden() && this.isOn ? unread : 0);
    if (isNew && isHidden() && this.options.sound) void this.#ring();
  }

  destroy(): void {
    this.#count(0);
    void this.#audio?.close();
  }

  /** The page may change its title at any time. */
  #count(unread: number): void {
    const { title } = document;
    const bare = title.startsWith(this.#prefix) ? title.slice(this.#prefix.length) : title;
    this.#prefix = unread ? `(${unread}) ` : '';
    if (title !== this.#prefix + bare) document.title = this.#prefix + bare;
  }

  /** Waits for the other tabs: in one of them the guest may be reading the message, or has made the sound already. */
  async #ring(): Promise<void> {
    const { wait, random, tabs } = this.deps;
    const before = this.#rung;
    await wait(AGREEMENT_MS * (1 + random()));
    if (this.gone.aborted || this.#rung !== before || !this.#unread || !isHidden() || !this.isOn) return;
    this.#rung++;
    tabs.notify({ is: 'rung', conversation: this.chat.sid });
    this.#play();
  }

  /** Browsers allow a sound once the guest has used the page, and complain of an attempt before that. */
  #play(): void {
    if (typeof AudioContext === 'undefined' || navigator.userActivation?.hasBeenActive === false) return;
    const audio = (this.#audio ??= new AudioContext());
    void audio.resume();
    for (const [at, pitch] of TONES) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const start = audio.currentTime + at;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(VOLUME, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + TONE_SECONDS);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + TONE_SECONDS);
    }
  }
}

function isHidden(): boolean {
  return document.visibilityState === 'hidden';
}
