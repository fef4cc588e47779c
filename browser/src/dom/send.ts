/**
 * Calls back when a form is sent, by its button or by Enter in a field. The form itself is never submitted: in a frame that is
 * sandboxed without allow-forms, browsers fire no `submit`.
 */
export function onSend(form: HTMLFormElement, button: HTMLButtonElement, send: () => void): void {
  const sent = (event: Event) => {
    event.preventDefault();
    send();
  };
  form.onsubmit = sent;
  button.onclick = sent;
}
