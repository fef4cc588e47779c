/**
 * Calls back when a form is sent, by its button or by Enter in a field. The form itself is never
 * submitted: where a page's frame is sandboxed without allow-forms, its `submit` does not happen.
 */
export function onSend(form: HTMLFormElement, button: HTMLButtonElement, send: () => void): void {
  const sent = (event: Event) => {
    event.preventDefault();
    send();
  };
  form.onsubmit = sent;
  button.onclick = sent;
}
