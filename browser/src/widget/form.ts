import { el } from '../dom/element';
import type { Options } from './options';
import type { State } from './state';
import { fill } from './texts';

type Input = HTMLInputElement | HTMLTextAreaElement;

/** The form before the chat. */
export class StartForm {
  readonly element = el('form', { class: 'start' });

  private readonly problem = el('p', { class: 'problem', id: 'problem', role: 'alert' });
  private readonly button = el('button', { class: 'go', type: 'submit' });
  private readonly inputs: Input[];

  constructor(
    private readonly options: Options,
    private readonly start: (name: string, preEngagement: object) => void,
  ) {
    const { texts, fields } = options;
    this.element.noValidate = true; // the words are ours
    this.inputs = fields.map((field) => {
      const input = field.type === 'textarea' ? el('textarea', { rows: '3' }) : el('input', { type: field.type ?? 'text' });
      input.name = field.name;
      input.dir = 'auto';
      input.value = field.value ?? '';
      if (field.required) input.setAttribute('aria-required', 'true');
      if (field.name === 'friendlyName') input.setAttribute('autocomplete', 'name');
      if (field.type === 'email' || field.type === 'tel') input.setAttribute('autocomplete', field.type);
      return input;
    });
    if (fields.length) this.element.append(el('p', {}, texts.formHint));
    this.element.append(...fields.map((field, at) => el('label', {}, field.label, this.inputs[at] as Input)));
    this.element.append(this.problem, this.button);
    if (options.canSkip) {
      const skip = el('button', { class: 'plain', type: 'button' }, texts.skip);
      skip.onclick = () => this.begin({});
      this.element.append(skip);
    }
    this.element.onsubmit = (event) => {
      event.preventDefault();
      this.submit();
    };
  }

  show(state: Extract<State, { is: 'idle' }>): void {
    const { texts } = this.options;
    this.button.setAttribute('aria-disabled', String(state.starting)); // a disabled one would lose the focus
    this.button.textContent = state.starting ? texts.starting : texts.start;
    const { problem } = state;
    if (problem) this.problem.textContent = problem.code ? fill(texts.problem, { ...problem }) : texts.unavailable;
    else if (state.erased) this.problem.textContent = texts.erased;
    else if (state.starting) this.problem.textContent = '';
  }

  /** Without a form there is nothing to wait for. */
  beginIfNothingIsAsked(): void {
    if (this.inputs.length === 0) this.begin({});
  }

  private submit(): void {
    const values: Record<string, string> = {};
    for (const input of this.inputs) {
      input.removeAttribute('aria-invalid');
      input.removeAttribute('aria-describedby');
    }
    for (const [at, field] of this.options.fields.entries()) {
      const input = this.inputs[at] as Input;
      const value = input.value.trim();
      if (field.required && !value) {
        input.setAttribute('aria-invalid', 'true');
        input.setAttribute('aria-describedby', 'problem');
        this.problem.textContent = fill(this.options.texts.required, { label: field.label });
        input.focus();
        return;
      }
      if (value) values[field.name] = value;
    }
    this.begin(values);
  }

  private begin(values: Record<string, string>): void {
    const preEngagement: Record<string, unknown> = { ...this.options.context, ...values };
    const name = preEngagement['friendlyName'];
    this.start(typeof name === 'string' ? name : '', preEngagement);
  }
}
