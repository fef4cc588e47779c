import { el, nameOf } from '../dom/element';
import { Failure, get, post, type Me } from '../inbox/api';
import { signIn } from '../inbox/sign-in';
import { AgentList } from './agents';
import { DeploymentList } from './deployments';
import { DESK_TEXTS } from './desk-texts';
import { DeskList } from './desks';
import { PlotList } from './plots';
import { PLOT_TEXTS } from './plots/texts';
import { Requests } from './requests';
import { Sessions } from './sessions';
import { TEXTS, fill } from './texts';
import type { View } from './view';
import { WebhookList } from './webhooks';
import { WEBHOOK_TEXTS } from './webhook-texts';
import { KeyList } from './keys';
import { KEY_TEXTS } from './key-texts';

const root = document.getElementById('console') as HTMLElement;

/** A part of the page. */
interface Part {
  readonly element: HTMLElement;
  /** Shows what the server has now: one thing with this id, or all without it. */
  show(id: string): Promise<void>;
}

/** The page of a signed-in admin: one part at a time, named by the part after # of the address. */
class Console implements View {
  readonly element: HTMLElement;
  readonly #parts: Record<string, Part>;
  readonly #said = el('p', { class: 'said', role: 'status', tabindex: '-1' });
  readonly #part = el('div', { class: 'part' });
  readonly #tabs = [tab('requests', TEXTS.ledger), tab('deployments', TEXTS.deployments), tab('sessions', TEXTS.sessions), tab('desks', DESK_TEXTS.desks), tab('agents', TEXTS.agents)];

  constructor(me: Me) {
    this.#parts = { requests: new Requests(this), deployments: new DeploymentList(this), sessions: new Sessions(this), agents: new AgentList(this, me.name) };
    this.#parts['plots'] = new PlotList(this);
    this.#tabs.push(tab('plots', PLOT_TEXTS.part));
    const out = el('button', { class: 'plain' }, TEXTS.signOut);
    out.onclick = () => void this.attempt(async () => {
      await post('/sign-out');
      showSignIn();
    });
    this.element = el(
      'div',
      { class: 'frame' },
      el('header', { class: 'bar' }, el('h1', {}, TEXTS.console), el('nav', { 'aria-label': TEXTS.tabs }, ...this.#tabs), el('span', { class: 'soft' }, nameOf(me.name)), el('a', { href: '/inbox' }, TEXTS.inbox), out),
      this.#said,
      this.#part,
    );
    this.#parts['desks'] = new DeskList(this);
    window.onhashchange = () => void this.refresh();
    this.#add('webhooks', WEBHOOK_TEXTS.webhooks, new WebhookList(this));
    this.#add('keys', KEY_TEXTS.keys, new KeyList(this));
  }

  /** Adds a part, with its tab after the others. */
  #add(place: string, name: string, part: Part): void {
    this.#parts[place] = part;
    const link = tab(place, name);
    this.#tabs.push(link);
    this.element.querySelector('nav')?.append(link);
  }

  go(place: string): void {
    if (location.hash === `#${place}`) void this.refresh();
    else location.hash = place;
  }

  say(text: string): void {
    this.#said.textContent = text;
    // The element with the focus was replaced or removed.
    if (text && document.activeElement === document.body) this.#said.focus();
  }

  async attempt(work: () => Promise<void>): Promise<void> {
    this.say('');
    try {
      await work();
    } catch (failure) {
      if (failure instanceof Failure && failure.status === 401) showSignIn(failure.message);
      else this.say(failure instanceof Error ? failure.message : String(failure));
    }
  }

  async refresh(): Promise<void> {
    const [chosen = '', id = ''] = location.hash.slice(1).split('/');
    const name = Object.hasOwn(this.#parts, chosen) ? chosen : 'requests';
    const part = this.#parts[name] as Part;
    for (const one of this.#tabs) {
      if (one.hash === `#${name}`) one.setAttribute('aria-current', 'page');
      else one.removeAttribute('aria-current');
    }
    if (this.#part.firstChild !== part.element) this.#part.replaceChildren(part.element);
    await this.attempt(() => part.show(id));
  }
}

function tab(place: string, name: string): HTMLAnchorElement {
  return el('a', { href: `#${place}` }, name);
}

function showSignIn(why = ''): void {
  window.onhashchange = null;
  const form = signIn(TEXTS.console, why, showConsole);
  root.replaceChildren(form.element);
  form.focus();
}

function showConsole(me: Me): void {
  if (me.role !== 'admin') {
    root.replaceChildren(el('h1', { class: 'spoken' }, TEXTS.console), el('p', { class: 'empty', role: 'alert' }, fill(TEXTS.notAdmin, { name: me.name })));
    return;
  }
  const page = new Console(me);
  root.replaceChildren(page.element);
  void page.refresh();
}

function begin(): void {
  get<Me>('/me')
    .then(showConsole)
    .catch((failure: Failure) => {
      if (!failure.isPassing) {
        showSignIn();
        return;
      }
      root.replaceChildren(el('p', { class: 'empty', role: 'alert' }, fill(TEXTS.tryingAgain, { why: failure.message })));
      setTimeout(begin, 3_000);
    });
}

begin();
