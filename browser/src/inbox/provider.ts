import { el } from '../dom/element';
import { get, post, type Failure, type Me } from './api';
import { put, texts } from './language';

/** Remembers in this tab that the console began the sign-in, because the provider sends every browser to the inbox. */
const FROM_CONSOLE = 'parlour sign-in from console';

/** The provider's answer, as it came with the browser. */
interface Answer {
  state: string;
  code?: string;
  error?: string;
}

/**
 * Takes the provider's answer out of the address and of the browser's history; undefined if the browser does not come from there. It
 * is in the fragment, which reaches no server, or in the query if the provider knows no fragment.
 */
export function answerOfProvider(): Answer | undefined {
  for (const text of [location.hash, location.search]) {
    const values = new URLSearchParams(text.slice(1));
    const [state, code, error] = ['state', 'code', 'error'].map((name) => values.get(name));
    if (state && (code || error)) {
      history.replaceState(null, '', location.pathname);
      return { state, ...(code && { code }), ...(error && { error }) };
    }
  }
  return undefined;
}

/** Signs in with the provider's answer; undefined if the browser goes on to the console. */
export async function signInWith(answer: Answer): Promise<Me | undefined> {
  const isForConsole = cameFromConsole();
  const me = await post<Me>('/oidc/finish', answer);
  if (!isForConsole) return me;
  location.replace('/console');
  return undefined;
}

function cameFromConsole(): boolean {
  try {
    const came = sessionStorage.getItem(FROM_CONSOLE) !== null;
    sessionStorage.removeItem(FROM_CONSOLE);
    return came;
  } catch {
    return false; // the browser keeps nothing
  }
}

function rememberConsole(): void {
  try {
    if (location.pathname === '/console') sessionStorage.setItem(FROM_CONSOLE, '1');
    else sessionStorage.removeItem(FROM_CONSOLE);
  } catch {
    // then the agent is at the inbox afterwards
  }
}

/**
 * A button that leads to the identity provider. It is hidden until the server has named one.
 *
 * @param failed is called with the reason if the provider cannot be reached
 */
export function providerButton(failed: (why: string) => void): HTMLElement {
  const button = el('button', { class: 'plain', type: 'button' });
  button.hidden = true;
  button.onclick = () => {
    button.disabled = true;
    const label = button.textContent;
    button.textContent = texts.signingIn;
    rememberConsole();
    post<{ url: string }>('/oidc/begin')
      .then(({ url }) => location.assign(url))
      .catch(({ message }: Failure) => failed(message))
      .finally(() => {
        button.disabled = false;
        button.textContent = label;
      });
  };
  get<{ name: string | null }>('/oidc')
    .then(({ name }) => {
      if (!name) return;
      button.textContent = put(texts.signInWith, { name });
      button.hidden = false;
    })
    .catch(() => {}); // signing in with a password says what is wrong with the server
  return button;
}
