import { el, type Child } from '../dom/element';
import { qrPicture } from '../dom/qr';
import { get, post } from './api';
import { around, put, texts } from './language';
import { codeField } from './sign-in';

/** The secret of an app that is not confirmed yet. */
interface Secret {
  uri: string;
  secret: string;
  qr_size: number;
  qr_path: string;
}

/**
 * The set-up of the agent's own second factor: what there is, then the secret for the app, then the recovery codes.
 *
 * @param isActive whether the agent has one
 * @param done is called once the recovery codes are shown
 */
function factor(isActive: boolean, done: (codes: HTMLElement) => void = () => {}): HTMLElement {
  const place = el('div', {});
  const old = el('input', { type: 'password', autocomplete: 'current-password', required: '' });
  const code = codeField();
  const proof = () => ({ old: old.value.trim(), ...(code.value.trim() && { code: code.value.trim() }) });
  const setUp = form(isActive ? texts.replaceFactor : texts.setUpFactor, async () => {
    const secret = await post<Secret>('/second-factor/begin', proof());
    place.replaceChildren(...confirming(secret, (codes) => {
      place.replaceChildren(...codes);
      done(place);
    }));
    place.querySelector('input')?.focus();
  }, el('label', {}, texts.oldPassword, old), ...(isActive ? [el('label', {}, texts.signInCode, code)] : []));
  place.append(setUp);
  if (isActive) {
    const remove = el('button', { class: 'plain' }, texts.removeFactor);
    const result = el('p', { role: 'status' });
    remove.onclick = () => void post('/second-factor/remove', proof())
      .then(() => place.replaceChildren(el('p', { role: 'status' }, texts.factorRemoved)))
      .catch(({ message }: Error) => result.replaceChildren(message));
    place.append(remove, result);
  }
  return place;
}

/** Shows the secret, and asks for the first code of the app. */
function confirming(secret: Secret, done: (codes: Child[]) => void): Child[] {
  const code = codeField();
  code.required = true;
  return [
    qrPicture(secret.qr_path, secret.qr_size, texts.qrPicture),
    el('p', {}, ...around(texts.scanFactor, { key: el('code', { dir: 'ltr' }, secret.secret) })),
    form(texts.confirmFactor, async () => {
      const { recovery_codes: codes } = await post<{ recovery_codes: string[] }>('/second-factor/confirm', { code: code.value.trim() });
      done([
        el('p', { role: 'status' }, texts.recoveryCodes),
        el('ul', { class: 'codes' }, ...codes.map((one) => el('li', {}, el('code', { dir: 'ltr' }, one)))),
      ]);
    }, el('label', {}, texts.signInCode, code)),
  ];
}

/** A form that says why it was refused. */
function form(button: string, send: () => Promise<void>, ...fields: Child[]): HTMLElement {
  const problem = el('p', { role: 'status' });
  const made = el('form', {}, ...fields, el('button', { class: 'go', type: 'submit' }, button), problem);
  made.onsubmit = (event) => {
    event.preventDefault();
    send().catch(({ message }: Error) => {
      problem.replaceChildren(message);
      const first = made.querySelector('input');
      first?.focus();
      first?.select();
    });
  };
  return made;
}

/** The content of the dialog in the agent's own menu. */
export async function secondFactor(): Promise<Child[]> {
  const { active, recovery_codes: left } = await get<{ active: boolean; recovery_codes: number }>('/second-factor');
  const before = el('p', {}, active ? put(texts.factorActive, { number: String(left) }) : texts.factorHint);
  return [el('h2', {}, texts.secondFactor), before, factor(active, () => before.remove())];
}

/**
 * The page of an agent who must set up a second factor before anything else.
 *
 * @param done is called when the agent goes on, after the set-up
 */
export function requiredFactor(done: () => void, signOut: () => void): HTMLElement {
  const out = el('button', { class: 'plain' }, texts.signOut);
  out.onclick = signOut;
  const why = [el('p', {}, texts.factorRequired), el('p', { class: 'soft' }, texts.factorHint)];
  const place = factor(false, (codes) => {
    why.forEach((text) => text.remove());
    const next = el('button', { class: 'go' }, texts.goOn);
    next.onclick = done;
    codes.append(next);
    next.focus();
  });
  return el('section', { class: 'sign-in own' }, el('h1', {}, texts.secondFactor), ...why, place, out);
}
