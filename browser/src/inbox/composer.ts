import { el } from '../dom/element';
import { isComposing } from '../dom/keys';
import { CannedReplies } from './canned';
import { ChosenFiles } from './files';
import { icon } from './icons';
import { put, texts } from './language';
import type { Kind, Outbox } from './outbox';

/** Typing is reported at most once in this time. */
const TYPING_MS = 3_000;
/** The longest message that the server accepts, in UTF-8. */
const BODY_BYTES = 32 * 1024;
/** The field grows with its text up to this height. */
const FIELD_PIXELS = 220;

/** The actions of the conversation that the composer needs. */
export interface ComposerActions {
  typing(): void;
  /** A reply was handed to the outbox. */
  sent(): void;
  /** The agent has left the field by the Escape key. */
  left(): void;
  /** Puts the names of the guest and the agent into a prepared answer. */
  fill(text: string): string;
}

function words(mode: Kind): { name: string; placeholder: string; send: string } {
  return mode === 'reply'
    ? { name: texts.reply, placeholder: texts.replyHint, send: texts.send }
    : { name: texts.note, placeholder: texts.noteHint, send: texts.addNote };
}

/**
 * The field in which an agent writes a reply or a note, and the files that go with a reply. Each mode has its own draft, so
 * that the text of a note never stands in the field for the guest.
 */
export class Composer {
  readonly element = el('form', { class: 'composer' });
  readonly #input = el('textarea', { rows: '1', dir: 'auto' });
  readonly #sending = el('button', { class: 'go send', type: 'submit' }, icon('send'));
  readonly #modes: Record<Kind, HTMLButtonElement>;
  readonly #canned: CannedReplies;
  readonly #problem = el('p', { class: 'problem', role: 'alert' });
  readonly #attach = el('button', { class: 'square', 'aria-label': texts.attach, title: texts.attach }, icon('clip'));
  /** Only on a phone or a tablet: elsewhere the browser would open the dialog for files again. */
  readonly #photo = el('button', { class: 'square', 'aria-label': texts.photo, title: texts.photo }, icon('camera'));
  readonly #chosen: ChosenFiles;
  #mode: Kind = 'reply';
  #isClosed = false;
  #typingReported = 0;
  /** The reading of chosen files, as long as it lasts; its result is why some cannot be sent. */
  #attaching: Promise<string> | undefined;

  constructor(
    private readonly sid: string,
    private readonly outbox: Outbox,
    private readonly actions: ComposerActions,
  ) {
    this.#chosen = new ChosenFiles((file) => outbox.detach(sid, file.clientId), () => this.#attach.focus());
    this.#problem.hidden = true;
    this.#canned = new CannedReplies(this.#input, actions.fill, (text) => {
      this.#input.value = text;
      this.#typed();
    });
    this.#modes = { reply: this.#modeButton('reply'), note: this.#modeButton('note') };
    this.#input.oninput = () => this.#typed();
    this.#input.onblur = () => this.#canned.close();
    this.#input.onkeydown = (event) => {
      if (isComposing(event)) return;
      if (this.#canned.pressed(event.key)) {
        event.preventDefault();
      } else if (event.key === 'Enter' && !event.shiftKey) {
        event.preventDefault();
        this.element.requestSubmit();
      } else if (event.key === 'Escape') {
        actions.left();
      }
    };
    this.element.onsubmit = (event) => {
      event.preventDefault();
      this.#send();
    };
    const modes = el('div', { class: 'modes', role: 'group', 'aria-label': texts.whoReads }, ...Object.values(this.#modes));
    const tools = el('div', { class: 'tools' }, this.#attach, this.#photo, this.#sending);
    this.element.append(this.#problem, this.#canned.element, this.#canned.status, el('div', { class: 'field' }, modes, this.#chosen.element, this.#input, tools));
    this.#takeFiles();
    this.setMode('reply');
  }

  #modeButton(mode: Kind): HTMLButtonElement {
    const button = el('button', {}, words(mode).name);
    button.onclick = () => {
      this.setMode(mode);
      this.focus();
    };
    return button;
  }

  /** Shows the draft of a mode. The color and the names around the field say who will read it. */
  setMode(mode: Kind): void {
    this.#mode = mode;
    const { name, send } = words(mode);
    for (const [one, button] of Object.entries(this.#modes)) button.setAttribute('aria-pressed', String(one === mode));
    this.element.classList.toggle('of-note', mode === 'note');
    this.#input.setAttribute('aria-label', name);
    this.#sending.setAttribute('aria-label', send);
    this.#sending.title = put(texts.withEnter, { action: send });
    this.#attach.hidden = mode === 'note';
    this.#photo.hidden = mode === 'note' || !matchMedia('(pointer: coarse)').matches;
    this.#canned.close();
    this.#say('');
    this.#showClosed();
    this.restore();
  }

  /** Whether the agent can read and copy the draft, and change nothing: nobody can reply in a closed conversation. */
  get isReadOnly(): boolean {
    return this.#isClosed && this.#mode === 'reply';
  }

  /** The field stays in its place when the conversation is closed, and keeps the focus of an agent who is typing. */
  setClosed(isClosed: boolean): void {
    if (this.#isClosed === isClosed) return;
    this.#isClosed = isClosed;
    this.#canned.close();
    this.#showClosed();
  }

  #showClosed(): void {
    const { isReadOnly } = this;
    const tools = this.element.querySelector<HTMLElement>('.tools');
    const hadFocus = tools?.contains(document.activeElement);
    this.#input.readOnly = isReadOnly;
    this.#input.placeholder = isReadOnly ? texts.isClosed : words(this.#mode).placeholder;
    if (tools) tools.hidden = isReadOnly;
    if (isReadOnly && hadFocus) this.focus();
  }

  focus(): void {
    this.#input.focus();
  }

  /** Shows the files of the draft. */
  show(): void {
    this.#chosen.show(this.#mode === 'note' ? [] : this.outbox.draftFiles(this.sid));
  }

  /** Shows the draft, which has changed elsewhere: a refused reply is a draft again. */
  restore(): void {
    const draft = this.outbox.draft(this.sid, this.#mode);
    if (this.#input.value !== draft) this.#input.value = draft;
    this.#modes.note.classList.toggle('has-draft', this.outbox.draft(this.sid, 'note') !== '');
    this.#modes.reply.classList.toggle('has-draft', this.outbox.draft(this.sid) !== '');
    this.#fit();
    this.show();
  }

  async choose(files: File[]): Promise<void> {
    if (!files.length || this.isReadOnly) return;
    if (this.#mode === 'note') {
      this.#say(texts.noFilesInNote);
      return;
    }
    const before = this.#attaching;
    const attaching = (async () => [await before, await this.outbox.attach(this.sid, files)].filter(Boolean).join(' '))();
    this.#attaching = attaching;
    const problem = await attaching;
    if (this.#attaching === attaching) this.#attaching = undefined;
    this.#say(problem);
    this.#input.focus();
  }

  #typed(): void {
    this.outbox.keepDraft(this.sid, this.#input.value, this.#mode);
    this.#problem.hidden = true;
    this.#fit();
    if (this.#mode === 'note') return;
    this.#canned.typed();
    if (!this.#input.value.trim() || this.#input.value.startsWith('/') || Date.now() - this.#typingReported < TYPING_MS) return;
    this.#typingReported = Date.now();
    this.actions.typing();
  }

  #send(): void {
    if (this.isReadOnly) return;
    if (this.#attaching && this.#mode === 'reply') {
      void this.#attaching.then((problem) => {
        if (!problem) this.element.requestSubmit(); // with the files that the agent has chosen
      });
      return;
    }
    const body = this.#input.value.trim();
    if (!body && (this.#mode === 'note' || !this.outbox.draftFiles(this.sid).length)) return;
    if (new TextEncoder().encode(body).length > BODY_BYTES) {
      this.#say(texts.tooLong); // the reply stays in the field
      return;
    }
    this.#input.value = '';
    this.#typingReported = 0; // the next character belongs to another reply
    this.outbox.keepDraft(this.sid, '', this.#mode);
    this.outbox.add(this.sid, body, this.#mode);
    this.actions.sent();
  }

  #say(problem: string): void {
    this.#problem.textContent = problem;
    this.#problem.hidden = !problem;
  }

  #fit(): void {
    this.#input.style.blockSize = 'auto';
    const { scrollHeight } = this.#input;
    if (scrollHeight) this.#input.style.blockSize = `${Math.min(scrollHeight, FIELD_PIXELS)}px`;
  }

  /** Takes files that the agent chooses, photographs or pastes. */
  #takeFiles(): void {
    this.#opens(this.#attach, { multiple: '' });
    this.#opens(this.#photo, { accept: 'image/*', capture: 'environment' });
    this.#input.onpaste = (event) => {
      const files = filesIn(event.clipboardData);
      if (!files.length || event.clipboardData?.getData('text')) return; // a text processor offers a picture of the text, too
      event.preventDefault();
      void this.choose(files);
    };
  }

  /** Lets a button open a dialog of the browser. */
  #opens(button: HTMLButtonElement, dialog: Record<string, string>): void {
    const chooser = el('input', { type: 'file', hidden: '', 'aria-hidden': 'true', tabindex: '-1', ...dialog });
    button.onclick = () => chooser.click();
    chooser.onchange = () => {
      void this.choose([...(chooser.files ?? [])]);
      chooser.value = ''; // the same file can be chosen again
    };
    this.element.append(chooser);
  }
}

export function filesIn(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])];
}
