import { el, nameOf, plain } from '../../dom/element';
import { copyOf, FILES_OF_A_MESSAGE, sizeOf, type Fault } from '../../dom/files';
import { counted, fill } from '../texts';
import type { OutgoingFile } from '../transcript';
import { Chooser } from './chooser';
import { thumb } from './thumb';
import type { FileTexts } from './texts';

/** The files that wait in the browser are bounded, as its storage and memory are. */
const WAITING_BYTES = 64 * 1024 * 1024;

/** The files above the message field, which the guest can still remove. */
export class Tray {
  readonly element = el('div', { class: 'tray' });

  readonly #list = el('ul', { class: 'files' });
  readonly #chooser: Chooser;
  readonly #problems = el('p', { class: 'problem', role: 'alert' });
  readonly #status = el('p', { class: 'unseen', role: 'status' });
  #files: OutgoingFile[] = [];
  #reading = Promise.resolve();
  #pending = 0;
  /** Grows when all files are taken out, so that those that are still being read do not come back. */
  #round = 0;

  /** @param waitingBytes of the messages that are not sent yet */
  constructor(
    private readonly texts: FileTexts,
    private readonly locale: string,
    private readonly newId: () => string,
    private readonly waitingBytes: () => number,
  ) {
    this.#chooser = new Chooser(texts, (files) => this.add(files), () => this.#fit());
    this.element.append(this.#chooser.element, this.#list, this.#problems, this.#status);
    this.#fit();
  }

  /** Whether there are files, or will be in a moment. */
  get hasFiles(): boolean {
    return this.#files.length + this.#pending > 0;
  }

  /** Lets the guest choose files, or take a photo. */
  choose(): void {
    this.#chooser.open();
  }

  /** Reads files, one after the other, and shows them or why they cannot be sent. */
  add(files: File[]): void {
    if (files.length) this.#problems.textContent = '';
    const round = this.#round;
    for (const file of files) {
      this.#pending++;
      this.#reading = this.#reading.then(async () => {
        if (round === this.#round) await this.#read(file, round);
        this.#pending--;
        this.#fit();
      });
    }
    this.#field()?.focus();
  }

  /** Whether files are still being read. If so, calls back when they are. */
  waitsFor(then: () => void): boolean {
    if (!this.#pending) return false;
    void this.#reading.then(then);
    return true;
  }

  /** Takes all files out. */
  take(): OutgoingFile[] | undefined {
    const files = this.#files;
    this.#files = [];
    this.#round++;
    this.#list.replaceChildren();
    this.#problems.textContent = this.#status.textContent = '';
    this.#fit();
    return files.length ? files : undefined;
  }

  async #read(file: File, round: number): Promise<void> {
    const { texts } = this;
    if (this.#files.length === FILES_OF_A_MESSAGE) return this.#complain(counted(texts.fileTooMany, FILES_OF_A_MESSAGE, this.locale));
    const used = this.waitingBytes() + this.#files.reduce((sum, { size }) => sum + size, 0);
    if (used + file.size > WAITING_BYTES) return this.#complain(texts.fileTooMuch);
    const bytes = await copyOf(file);
    if (round !== this.#round) return;
    if (typeof bytes === 'string') return this.#complain(fill(this.#why(bytes), { name: plain(file.name) }));
    const chosen = { id: this.newId(), filename: file.name, size: bytes.size, bytes };
    this.#files.push(chosen);
    this.#list.append(this.#tile(chosen));
    this.#status.textContent = fill(texts.fileAttached, { name: plain(file.name) });
  }

  #why(fault: Fault): string {
    const { texts } = this;
    return { empty: texts.fileEmpty, tooLarge: texts.fileTooLarge, unreadable: texts.fileUnreadable }[fault];
  }

  /** Adds a line, unless it is there already: the bounds are the same for forty files. */
  #complain(words: string): void {
    const lines = (this.#problems.textContent ?? '').split('\n').filter(Boolean);
    if (!lines.includes(words)) this.#problems.textContent = [...lines, words].join('\n');
  }

  #tile(file: OutgoingFile): HTMLElement {
    const remove = el('button', { class: 'cancel', 'aria-label': fill(this.texts.fileCancel, { name: plain(file.filename) }) }, '×');
    const tile = el('li', { class: 'file' }, thumb(file.bytes), el('span', { class: 'name' }, nameOf(file.filename)), el('small', {}, sizeOf(file.size, this.locale)), remove);
    remove.onclick = () => {
      this.#files = this.#files.filter((one) => one !== file);
      tile.remove();
      this.#fit();
      this.#field()?.focus();
    };
    return tile;
  }

  /** Takes up no space if it is empty. The status of it is text for screen readers. */
  #fit(): void {
    this.element.hidden = this.#chooser.element.hidden && !this.#files.length && !this.#problems.textContent;
  }

  #field(): HTMLElement | null | undefined {
    return this.element.parentElement?.querySelector('textarea');
  }
}
