import { el } from '../dom/element';
import { onSend } from '../dom/send';
import { fieldsOf, type Field } from './form-fields';
import type { Options } from './options';
import type { Idle } from './state';
import { BODY_BYTES, bytes, sendable } from './sendable';
import { fill } from './texts';
import type { Texts } from './window-texts';

/** The field whose content is the first message. */
const QUESTION = 'query';
/** The longest name, and the largest data of a page, that the server accepts. */
const NAME_CHARACTERS = 256;
const DATA_BYTES = 16 * 1024;
/** The longest address of a page that the server shows. */
const ADDRESS_CHARACTERS = 2048;

type Input = HTMLInputElement | HTMLTextAreaElement;

/** The form before the chat. */
export class StartForm {
  readonly element = el('form', { class: 'start' });

  readonly #problem = el('p', { class: 'problem', id: 'problem', role: 'alert' });
  readonly #button = el('button', { class: 'go', type: 'submit' });
  readonly #fields: Field[];
  readonly #inputs: Input[];
  /** The page of the first attempt to start: a start that is repeated from another page must be the same start. */
  #page: string | undefined;

  constructor(
    private readonly options: Options,
    private readonly texts: Texts,
    private readonly start: (name: string, preEngagement: object, firstMessage: string) => void,
    private readonly typed: (values: Record<string, string>) => void,
  ) {
    const fields = (this.#fields = fieldsOf(options, [
      { name: 'friendlyName', label: texts.formName, required: true },
      { name: QUESTION, label: texts.formQuery, type: 'textarea' },
    ]));
    this.element.noValidate = true; // the messages are our own
    this.#inputs = fields.map((field) => {
      const input = field.type === 'textarea' ? el('textarea', { rows: '3' }) : el('input', { type: field.type ?? 'text' });
      input.name = field.name;
      input.dir = 'auto';
      input.placeholder = field.placeholder ?? '';
      input.readOnly = field.readOnly ?? false;
      if (field.required) input.setAttribute('aria-required', 'true');
      if (field.name === 'friendlyName') input.setAttribute('autocomplete', 'name');
      if (field.type === 'email' || field.type === 'tel') input.setAttribute('autocomplete', field.type);
      return input;
    });
    this.reset();
    this.element.oninput = () => this.typed(this.#values());
    if (fields.length) this.element.append(el('p', {}, texts.formHint));
    this.element.append(...fields.map((field, at) => el('label', {}, field.label, this.#inputs[at] as Input)));
    this.element.append(this.#problem, this.#button);
    if (options.canSkip) {
      const skip = el('button', { class: 'plain' }, texts.skip);
      skip.onclick = () => this.#begin({});
      this.element.append(skip);
    }
    onSend(this.element, this.#button, () => this.#submit());
  }

  show(state: Idle): void {
    const { texts } = this;
    const { start } = state;
    const isStarting = start === 'starting';
    this.#button.setAttribute('aria-disabled', String(isStarting)); // a disabled one would lose the focus
    this.#button.textContent = isStarting ? texts.starting : texts.start;
    if (typeof start === 'object') this.#problem.textContent = fill(texts.problem, { ...start });
    else if (start !== 'ready') this.#problem.textContent = isStarting ? '' : texts[start];
  }

  /** Resets the form to the page's values, without anything of a guest. */
  reset(): void {
    for (const [at, field] of this.#fields.entries()) {
      const input = this.#inputs[at] as Input;
      input.value = field.value ?? '';
      this.#complain(input, '');
    }
    this.#problem.textContent = '';
    this.#page = undefined;
  }

  /** The question that the guest typed; empty if it still is the page's. */
  get question(): string {
    return this.#values()[QUESTION] ?? '';
  }

  /** The values that the guest typed. */
  get answers(): Record<string, string> {
    return this.#values();
  }

  /** Restores the text that was typed before a reload. */
  recall(values: Record<string, string>): void {
    for (const input of this.#inputs) input.value = values[input.name] ?? input.value;
  }

  /** Puts text into the question's field, if there is one. */
  offer(words: string): boolean {
    const input = this.#inputs.find((one) => one.name === QUESTION);
    if (!input) return false;
    input.value = words;
    this.typed(this.#values());
    return true;
  }

  /** The values that the guest typed, without those that the page filled in, which any guest may see. */
  #values(): Record<string, string> {
    const typed = this.#inputs.filter((input, at) => input.value !== (this.#fields[at]?.value ?? ''));
    return Object.fromEntries(typed.map((input) => [input.name, input.value]));
  }

  /** Starts the chat at once if the form has no fields. */
  beginWithoutFields(): void {
    if (this.#inputs.length === 0) this.#begin({});
  }

  #submit(): void {
    this.#problem.textContent = '';
    for (const input of this.#inputs) this.#complain(input, '');
    const values: Record<string, string> = {};
    for (const [at, field] of this.#fields.entries()) {
      const input = this.#inputs[at] as Input;
      const value = sendable(input.value);
      const { required, tooLongField } = this.texts;
      if (field.required && !value) return this.#complain(input, fill(required, { label: field.label }));
      if (isTooLong(field.name, value)) return this.#complain(input, fill(tooLongField, { label: field.label }));
      if (value) values[field.name] = value;
    }
    this.#begin(values);
  }

  /** Shows what is wrong with a field; empty: nothing. */
  #complain(input: Input, words: string): void {
    if (!words) {
      input.removeAttribute('aria-invalid');
      input.removeAttribute('aria-describedby');
      return;
    }
    input.setAttribute('aria-invalid', 'true');
    input.setAttribute('aria-describedby', 'problem');
    this.#problem.textContent = words;
    input.focus();
  }

  /** The question is not part of the data: it is the first message of the chat. */
  #begin({ [QUESTION]: firstMessage = '', ...values }: Record<string, string>): void {
    const own = { ...this.options.context, ...values };
    const withPage = { location: this.#address(), language: this.options.language.code, ...own };
    const preEngagement: Record<string, unknown> = bytes(JSON.stringify(withPage)) > DATA_BYTES ? own : withPage;
    const longest = this.#inputs
      .filter((input) => values[input.name] !== undefined)
      .sort((one, other) => other.value.length - one.value.length)[0];
    if (longest && bytes(JSON.stringify(preEngagement)) > DATA_BYTES) {
      const label = this.#fields[this.#inputs.indexOf(longest)]?.label ?? '';
      return this.#complain(longest, fill(this.texts.tooLongField, { label }));
    }
    const name = preEngagement['friendlyName'];
    this.start(typeof name === 'string' ? name : '', preEngagement, firstMessage);
  }

  /** The address of the page, without query and fragment, which can have secrets; undefined for a page without a web address. */
  #address(): string | undefined {
    const { origin, pathname } = location;
    const page = (this.#page ??= origin + pathname);
    return this.options.hasLocation && /^https?:/.test(page) && page.length <= ADDRESS_CHARACTERS ? page : undefined;
  }
}

function isTooLong(name: string, value: string): boolean {
  return name === 'friendlyName' ? value.length > NAME_CHARACTERS : name === QUESTION && bytes(value) > BODY_BYTES;
}
