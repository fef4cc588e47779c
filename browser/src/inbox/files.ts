import { el, nameOf, plain } from '../dom/element';
import { sizeOf, thumbnailOf, type Attached, type Links } from '../dom/files';
import { language, put, texts } from './language';
import type { OutgoingFile, Reply } from './outbox';

const THUMBNAIL_PIXELS = 48;

/** The box in which a file is shown before it is sent: a small picture of an image, or the extension of its name. */
function thumbnail({ name, content }: OutgoingFile): HTMLElement {
  const box = el('span', { class: 'thumbnail', 'aria-hidden': 'true' }, extension(name));
  void thumbnailOf(content, THUMBNAIL_PIXELS, THUMBNAIL_PIXELS).then((picture) => {
    if (picture) box.replaceChildren(picture);
  });
  return box;
}

function extension(name: string): string {
  return /\.(\w{1,4})$/.exec(name)?.[1]?.toUpperCase() ?? '';
}

/** The chosen files of the reply that is being written. */
export class ChosenFiles {
  readonly element = el('ul', { class: 'files chosen', 'aria-label': texts.filesToSend, 'aria-live': 'polite' });
  readonly #items = new Map<string, { element: HTMLLIElement; problem: HTMLElement }>();

  constructor(
    private readonly remove: (file: OutgoingFile) => void,
    private readonly nothingLeft: () => void,
  ) {}

  show(files: OutgoingFile[]): void {
    for (const [clientId, item] of this.#items) {
      if (files.some((file) => file.clientId === clientId)) continue;
      const hadFocus = item.element.contains(document.activeElement);
      const neighbour = (item.element.nextElementSibling ?? item.element.previousElementSibling)?.querySelector('button');
      item.element.remove();
      this.#items.delete(clientId);
      if (hadFocus && neighbour) neighbour.focus();
      else if (hadFocus) this.nothingLeft();
    }
    files.forEach((file, at) => {
      const item = this.#items.get(file.clientId) ?? this.#add(file);
      if (item.problem.textContent !== file.problem) item.problem.textContent = file.problem;
      item.problem.hidden = !file.problem;
      if (this.element.children[at] !== item.element) this.element.insertBefore(item.element, this.element.children[at] ?? null);
    });
    this.element.hidden = files.length === 0;
  }

  #add(file: OutgoingFile): { element: HTMLLIElement; problem: HTMLElement } {
    const button = el('button', { class: 'remove', 'aria-label': put(texts.remove, { name: plain(file.name) }) }, '×');
    button.onclick = () => this.remove(file);
    const problem = el('span', { class: 'problem' });
    const about = el('span', { class: 'about' }, nameOf(file.name), el('span', { class: 'size' }, sizeOf(file.content.size, language.locale)), problem);
    const item = { element: el('li', { class: 'file' }, thumbnail(file), about, button), problem };
    this.#items.set(file.clientId, item);
    return item;
  }
}

/** The files of a reply while they are sent. The element stays the same, so that the focus stays on its button. */
export class SendingFiles {
  readonly element: HTMLElement;
  readonly #progress: HTMLProgressElement[];
  readonly #cancel = el('button', { class: 'plain' }, texts.cancel);

  constructor(
    private readonly reply: Reply,
    cancel: () => void,
  ) {
    this.#progress = reply.files.map((file) =>
      el('progress', { max: String(file.content.size), value: '0', 'aria-label': put(texts.sendingFile, { name: plain(file.name) }) }));
    this.#cancel.onclick = cancel;
    const items = reply.files.map((file, at) =>
      el('li', { class: 'file' }, thumbnail(file), el('span', { class: 'about' }, nameOf(file.name), this.#progress[at] as Node)));
    this.element = el('div', { class: 'sending' }, el('ul', { class: 'files' }, ...items), this.#cancel);
  }

  show(): void {
    this.reply.files.forEach((file, at) => {
      (this.#progress[at] as HTMLProgressElement).value = file.sid ? file.content.size : file.sent;
    });
    this.#cancel.hidden = this.reply.files.every((file) => file.sid);
  }
}

/**
 * The files of a message. Each is a button that downloads it, with the server's preview of an image in a box of fixed size.
 *
 * @param links asks the server for addresses that work for some minutes
 * @param open downloads a file
 */
export function sentFiles(files: Attached[], links: (file: Attached) => Promise<Links>, open: (file: Attached) => void): HTMLElement {
  return el('ul', { class: 'files' }, ...files.map((file) => {
    const size = sizeOf(file.size, language.locale);
    const box = el('span', { class: file.preview ? 'preview' : 'thumbnail', 'aria-hidden': 'true' }, extension(file.filename));
    const button = el(
      'button',
      { class: 'file' },
      box,
      el('span', { class: 'spoken' }, `${texts.download} `),
      el('span', { class: 'about' }, nameOf(file.filename), ' ', el('span', { class: 'size' }, size)),
    );
    button.onclick = () => open(file);
    if (file.preview) whenVisible(box, () => void showPreview(box, links(file)));
    return el('li', {}, button);
  }));
}

async function showPreview(box: HTMLElement, links: Promise<Links>): Promise<void> {
  const { preview_temporary } = await links.catch((): Partial<Links> => ({})); // then the box shows the extension
  if (!preview_temporary) return;
  const image = el('img', { alt: '', decoding: 'async' });
  image.onload = () => box.replaceChildren(image);
  image.src = preview_temporary;
}

/** Previews of a long conversation are loaded when the agent sees them. */
function whenVisible(element: HTMLElement, act: () => void): void {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    act();
  }, { rootMargin: '200px' });
  observer.observe(element);
}
