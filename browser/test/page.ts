import { onTestFinished, vi } from 'vitest';
import { optionsOf, type RawOptions } from '../src/widget/options';
import { webchatOf } from '../src/widget/webchat';
import { Browser, settle, Tab } from './browser';
import { KEY, Server } from './server';

/** A page with the chat on it, used as a guest uses it. */
export interface Page {
  server: Server;
  browser: Browser;
  webchat: ReturnType<typeof webchatOf>;
  root: ShadowRoot;
  /** The first visible element with this selector. */
  find<E extends HTMLElement = HTMLElement>(selector: string): E;
  all(selector: string): HTMLElement[];
  /** The text of all visible elements. */
  text(): string;
  button(name: string): HTMLButtonElement;
  click(name: string): Promise<void>;
  /** Confirms the menu's question, late enough not to be a double click. */
  confirm(): Promise<void>;
  type(selector: string, text: string): void;
  say(text: string): Promise<void>;
  key(target: HTMLElement, key: string, more?: KeyboardEventInit): Promise<void>;
}

export function page(given: Partial<RawOptions> = {}, browser = new Browser(new Server())): Page {
  document.body.replaceChildren();
  const options = optionsOf({ deploymentKey: KEY, ...given }, () => {});
  const tab = new Tab(browser, options.deploymentKey);
  browser.tabs.push(tab);
  const { deps } = tab;
  const webchat = webchatOf(deps, options);
  document.body.append(webchat.host);
  onTestFinished(() => webchat.destroy());
  const root = webchat.host.shadowRoot as ShadowRoot;
  const isSeen = (element: Element | null): boolean =>
    !element || (!(element as HTMLElement).hidden && isSeen(element.parentElement));
  const all = (selector: string) => [...root.querySelectorAll<HTMLElement>(selector)].filter(isSeen);
  const nameOf = (element: HTMLElement) => element.getAttribute('aria-label') ?? element.textContent ?? '';
  const made: Page = {
    server: browser.server,
    browser,
    webchat,
    root,
    find<E extends HTMLElement>(selector: string) {
      const [found] = all(selector);
      if (!found) throw new Error(`nothing to be seen is ${selector}`);
      return found as E;
    },
    all,
    text: () => all('p,h2,button,small,.who,.body,.status,.typing,label').map((one) => one.textContent).join('\n'),
    button(name) {
      const found = all('button').find((one) => nameOf(one).startsWith(name));
      if (!found) throw new Error(`no button ${name} among ${all('button').map(nameOf).join(', ')}`);
      return found as HTMLButtonElement;
    },
    async click(name) {
      if (name === 'Start a new chat') await made.browser.clock.advance(500); // before that, the click counts as one for the field
      made.button(name).click();
      await settle();
    },
    async confirm() {
      made.browser.clock.now += 1_000;
      await made.click('Yes, end it');
    },
    type(selector, text) {
      const input = made.find<HTMLInputElement>(selector);
      input.value = text;
      input.dispatchEvent(new Event('input'));
    },
    async say(text) {
      made.type('.composer textarea', text);
      await made.click('Send');
    },
    async key(target, key, more = {}) {
      target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
      await settle();
    },
  };
  return made;
}

/** A page on which a chat is live. */
export async function live(given: Partial<RawOptions> = {}, browser?: Browser): Promise<Page> {
  const made = page(given, browser);
  await made.click('Open the chat');
  made.type('[name=friendlyName]', 'Ada');
  await made.click('Start chat');
  return made;
}

export function prefersDark(isDark: boolean): void {
  vi.spyOn(globalThis, 'matchMedia').mockImplementation(
    () => Object.assign(new EventTarget(), { matches: isDark }) as unknown as MediaQueryList,
  );
}
