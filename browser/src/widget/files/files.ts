import { el, nameOf, plain } from '../../dom/element';
import { download, sizeOf, uploading, type Attached } from '../../dom/files';
import type { Conversation, Line } from '../conversation';
import type { FileParts, FilesView } from './parts';
import { fill } from '../texts';
import type { Outgoing, OutgoingFile } from '../transcript';
import type { Row } from '../message-log';
import type { Answer } from '../wire';
import { FileProtocol, type Stored } from './file-protocol';
import { FILE_STYLES } from './styles';
import { FILE_TEXTS, fileTextsOf, type FileTexts } from './texts';
import { thumb } from './thumb';
import { Tray } from './tray';
import { Uploads, type Uploading } from './uploads';

/** Files that are larger are announced while they are sent, at these parts of them. */
const ANNOUNCED_BYTES = 1024 * 1024;
const QUARTER = 0.25;

/** The element of a file that is being sent. */
interface SendingTile {
  progress: HTMLProgressElement;
  note: HTMLElement;
  /** The last quarter that was announced. */
  quarter: number;
}

/** Sends and shows the files of a chat. */
export class Files {
  readonly #texts: FileTexts = { ...FILE_TEXTS };
  readonly #styles = new CSSStyleSheet();
  #locale = 'en';
  #tray: Tray | undefined;
  readonly #uploads: Uploads;
  readonly #protocol: FileProtocol;
  readonly #spoken = el('p', { class: 'unseen', role: 'status' });
  readonly #lists = new WeakMap<HTMLElement, HTMLElement>();
  readonly #tiles = new Map<string, SendingTile>();
  readonly #seen: IntersectionObserver;
  readonly #previews = new WeakMap<Element, { box: HTMLElement; file: Attached }>();
  /** Previews are loaded one after the other. */
  #loading = Promise.resolve();
  /** Whether the page's policy lets this show images of the server; undefined: not known. */
  #showsImages: boolean | undefined;

  constructor(
    private readonly parts: FileParts,
    view?: FilesView,
    calls: Uploading = uploading,
  ) {
    const { deps } = parts;
    this.#uploads = new Uploads(parts, this.#texts, (file) => this.#showProgress(file), calls);
    const { server, deploymentKey } = deps.protocol;
    this.#protocol = new FileProtocol(server, deploymentKey, deps.keys, calls(() => {}, new AbortController().signal));
    this.#seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) this.#loadPreview(target);
    });
    if (view) this.enter(view);
  }

  /** The window is there, in which files are shown. */
  enter(view: FilesView): void {
    const { deps, current } = this.parts;
    Object.assign(this.#texts, fileTextsOf(view.texts));
    const waitingBytes = () => (current.conversation?.lines(true) ?? [])
      .flatMap((line) => (line.is === 'sent' ? [] : (line.outgoing.files ?? [])))
      .reduce((sum, { size }) => sum + size, 0);
    this.#locale = view.locale;
    // A window that replaces another one, with other texts, keeps the files above the message field.
    const kept = this.#tray?.hasFiles ? this.#tray : undefined;
    this.#tray = kept ?? new Tray(this.#texts, view.locale, deps.newId, waitingBytes);
    this.#styles.replaceSync(FILE_STYLES);
    view.root.adoptedStyleSheets = [...view.root.adoptedStyleSheets.filter((one) => one !== this.#styles), this.#styles];
    view.root.querySelector('.panel')?.append(this.#spoken);
  }

  /** Undefined: there is no window. */
  get tray(): HTMLElement | undefined {
    return this.#tray?.element;
  }

  /** Puts files above the message field. */
  add(files: File[]): void {
    this.#tray?.add(files);
  }

  /** Lets the guest choose files, or take a photo. */
  choose(): void {
    this.#tray?.choose();
  }

  /** Whether files are still being read. If so, calls back when they are. */
  waitsFor(then: () => void): boolean {
    return this.#tray?.waitsFor(then) ?? false;
  }

  /** Takes the files from above the message field; undefined: there are none. */
  take(): OutgoingFile[] | undefined {
    return this.#tray?.take();
  }

  /** The sids of the files of a message, once the server has all of them. */
  upload(c: Conversation, files: OutgoingFile[]): Promise<Answer<string[]>> {
    return this.#uploads.all(c, files);
  }

  // ---- showing

  /** Shows the files of a line below its text. */
  show({ element, body }: Pick<Row, 'element' | 'body'>, line: Line): void {
    body.hidden = !body.textContent;
    let list = this.#lists.get(element);
    if (!list) {
      list = el('ul', { class: 'files' });
      this.#lists.set(element, list);
      body.after(list);
    }
    if (line.is === 'failed' && line.outgoing.files) this.#uploads.forget(line.outgoing.files);
    const ids = line.is === 'sent' ? (line.message.media ?? []).map(({ sid }) => sid) : (line.outgoing.files ?? []).map(({ id }) => id);
    const key = [line.is, ...ids].join(' ');
    if (list.dataset['key'] === key) return;
    list.dataset['key'] = key;
    list.replaceChildren(
      ...(line.is === 'sent'
        ? (line.message.media ?? []).map((file) => this.#sentTile(file))
        : (line.outgoing.files ?? []).map((file) => this.#outgoingTile(line.outgoing, file, line.is === 'waiting'))),
    );
  }

  #outgoingTile(outgoing: Outgoing, file: OutgoingFile, isWaiting: boolean): HTMLElement {
    const { current } = this.parts;
    const name = plain(file.filename);
    const tile = el('li', { class: 'file' }, thumb(file.bytes), el('span', { class: 'name' }, nameOf(file.filename)), el('small', {}, sizeOf(file.size, this.#locale)));
    const cancel = el('button', { class: 'cancel', 'aria-label': fill(this.#texts.fileCancel, { name }) }, '×');
    cancel.onclick = () => {
      const c = current.running;
      const newest = c?.find(outgoing.clientId);
      if (c && newest) void this.#uploads.cancel(c, newest, file);
    };
    tile.append(cancel);
    if (!isWaiting) return tile;
    const progress = el('progress', { max: String(file.size), 'aria-label': name });
    const note = el('p', { class: 'note' });
    tile.append(progress, note);
    if (outgoing.isLoose) tile.append(el('p', { class: 'note' }, this.#texts.fileLoose));
    this.#tiles.set(file.id, { progress, note, quarter: 0 });
    this.#showProgress(file);
    return tile;
  }

  #showProgress(file: OutgoingFile): void {
    const tile = this.#tiles.get(file.id);
    if (!tile) return;
    const { bytes, note } = this.#uploads.progressOf(file);
    tile.progress.value = bytes;
    if (tile.note.textContent !== note) tile.note.textContent = note;
    const quarter = Math.floor(bytes / file.size / QUARTER);
    if (file.size < ANNOUNCED_BYTES || quarter <= tile.quarter) return;
    tile.quarter = quarter;
    this.#spoken.textContent = fill(this.#texts.fileProgress, { name: plain(file.filename), percent: new Intl.NumberFormat(this.#locale).format(quarter * 100 * QUARTER) });
  }

  #sentTile(file: Attached): HTMLElement {
    const texts = this.#texts;
    const note = el('p', { class: 'note', role: 'status' });
    const get = el('button', { class: 'get' }, el('span', { class: 'unseen' }, texts.fileDownload), ' ', nameOf(file.filename), ' ', el('small', {}, sizeOf(file.size, this.#locale)));
    get.onclick = async () => {
      note.textContent = '';
      const answer = await this.#find(file);
      if (answer.is === 'ok') download(this.#address(answer.value.links.content));
      else note.textContent = answer.is === 'wrong' ? texts.fileDeleted : texts.fileNotNow;
    };
    const tile = el('li', { class: 'file' }, get, note);
    if (file.preview && this.#showsImages !== false) {
      const box = el('span', { class: 'preview' });
      tile.prepend(box);
      this.#previews.set(box, { box, file });
      this.#seen.observe(box);
    }
    return tile;
  }

  /** Loads an image once its place is visible. If it cannot be loaded, the row below it remains. */
  #loadPreview(target: Element): void {
    const { box, file } = this.#previews.get(target) ?? {};
    this.#seen.unobserve(target);
    if (!box || !file) return;
    this.#loading = this.#loading.then(async () => {
      const answer = this.#showsImages === false ? undefined : await this.#find(file);
      const address = answer?.is === 'ok' ? answer.value.links.preview_temporary : undefined;
      if (!address) return box.remove();
      const image = el('img', { alt: fill(this.#texts.filePreview, { name: plain(file.filename) }), referrerpolicy: 'no-referrer' });
      const isShown = await new Promise<boolean>((resolve) => {
        image.onload = () => resolve(true);
        image.onerror = () => resolve(false);
        image.src = this.#address(address);
        box.append(image);
      });
      this.#showsImages ||= isShown; // if the first one fails, it is most likely the page's policy: no second line on its console
      if (!isShown) box.remove();
    });
  }

  /** The server gives a path, or an address of the host that it has for files. */
  #address(link: string): string {
    return link.startsWith('/') ? this.#protocol.server + link : link;
  }

  /** Asks for new temporary addresses. */
  async #find({ sid }: Attached): Promise<Answer<Stored>> {
    const { current, session } = this.parts;
    const c = current.conversation;
    if (!c || !current.canGoOn(c)) return { is: 'left' };
    return session.ask(c, (newest) => this.#protocol.find(newest, sid));
  }
}
