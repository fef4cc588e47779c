import { el, nameOf, type Child } from '../dom/element';
import { get, post } from '../inbox/api';
import { asks } from './ask';
import { diagram, steps } from './diagram';
import { SESSION, referenceIn } from './reference';
import type { View } from './view';
import { TEXTS, fill } from './texts';
import type { Deployment, Deployments, Entry, Traced } from './wire';

/** How the page shows a trace: the digits that a guest sees. */
export function short(trace: string): string {
  return trace.slice(0, 12);
}

/** The refusals, filtered, and the request of one of them. */
export class Requests {
  readonly element = el('section', { 'aria-label': TEXTS.ledger });
  readonly #names = new Map<string, string>();
  readonly #view: View;

  readonly #search = el('input', { type: 'search', placeholder: TEXTS.searchHint, autocomplete: 'off', spellcheck: 'false' });
  readonly #since = el('select', {}, ...Object.entries(TEXTS.ages).map(([value, name]) => el('option', { value }, name)));
  readonly #deployment = el('select', {});
  readonly #cause = el('input', { placeholder: TEXTS.causeHint });
  readonly #all = el('input', { type: 'checkbox' });
  readonly #content = el('div', { class: 'content' });
  /** Number of the last request; the answer to an earlier one is dropped. */
  #asked = 0;

  constructor(view: View) {
    this.#view = view;
    this.#since.value = '1d';
    const search = el('form', { role: 'search', class: 'find' }, el('label', {}, TEXTS.search, this.#search), el('button', { class: 'go', type: 'submit' }, TEXTS.find));
    search.onsubmit = (event) => {
      event.preventDefault();
      const session = SESSION.exec(this.#search.value)?.[0];
      const reference = referenceIn(this.#search.value);
      if (session) this.#view.go(`sessions/${session}`);
      else if (reference) this.#view.go(`requests/${reference}`);
      else this.#view.say(TEXTS.noReference);
    };
    const filters = el(
      'form',
      { class: 'filters' },
      el('label', {}, TEXTS.since, this.#since),
      el('label', {}, TEXTS.deployment, this.#deployment),
      el('label', {}, TEXTS.cause, this.#cause),
      el('label', { class: 'check' }, this.#all, TEXTS.all),
      el('button', { class: 'plain', type: 'submit' }, TEXTS.show),
    );
    filters.onsubmit = (event) => {
      event.preventDefault();
      this.#view.go('requests');
    };
    this.element.append(search, filters, this.#content);
  }

  /** Shows the list, or the request with this reference. */
  async show(reference: string): Promise<void> {
    const asked = ++this.#asked;
    this.#content.replaceChildren(el('p', { class: 'soft' }, TEXTS.loading));
    try {
      const { deployments } = await get<Deployments>('/console/deployments');
      this.#nameDeployments(deployments);
      const show = reference ? await this.#one(reference) : await this.#list();
      if (asked === this.#asked) show();
    } catch (failure) {
      if (asked === this.#asked) this.#content.replaceChildren();
      throw failure;
    }
  }

  #nameDeployments(deployments: Deployment[]): void {
    const chosen = this.#deployment.value;
    const options = deployments.map(({ deployment_key: key, name }) => {
      this.#names.set(key, name);
      return el('option', { value: key }, name);
    });
    this.#deployment.replaceChildren(el('option', { value: '' }, TEXTS.allDeployments), ...options);
    this.#deployment.value = chosen;
  }

  /** Returns what shows the list. */
  async #list(): Promise<() => void> {
    const query = new URLSearchParams({ since: this.#since.value });
    if (this.#deployment.value) query.set('deployment', this.#deployment.value);
    if (this.#cause.value.trim()) query.set('cause', this.#cause.value.trim());
    if (this.#all.checked) query.set('all', 'true');
    const { entries, has_more: hasMore } = await get<{ entries: Entry[]; has_more: boolean }>(`/console/ledger?${query}`);
    return () => this.#content.replaceChildren(
      ...(entries.length ? [this.#table(entries)] : [el('p', { class: 'empty' }, TEXTS.nothing)]),
      ...(hasMore ? [el('p', { class: 'soft' }, fill(TEXTS.newest, { count: entries.length }))] : []),
    );
  }

  #table(entries: Entry[]): HTMLElement {
    const heads = [TEXTS.time, TEXTS.code, TEXTS.why, TEXTS.deployment, TEXTS.page, TEXTS.reference];
    const rows = entries.map((entry) =>
      el(
        'tr',
        {},
        el('td', {}, el('time', { datetime: entry.at }, new Date(entry.at).toLocaleString())),
        el('td', {}, entry.code ? String(entry.code) : entry.event),
        el('td', {}, causeOf(entry)),
        el('td', {}, this.#nameOf(entry)),
        el('td', {}, ...(entry.page ? [nameOf(entry.page), ' ', ...this.#allowing(entry)] : [])),
        el('td', {}, ...this.#opening(entry), ...this.#sessionOf(entry)),
      ),
    );
    return el(
      'div',
      { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': TEXTS.entries },
      el('table', {}, el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))), el('tbody', {}, ...rows)),
    );
  }

  #nameOf({ deployment_key: key }: Entry): Child {
    return key ? nameOf(this.#names.get(key) ?? key) : '';
  }

  #opening({ trace }: Entry): Child[] {
    if (!trace) return [];
    const link = el('a', { href: `#requests/${short(trace)}`, 'aria-label': fill(TEXTS.open, { reference: short(trace) }) }, short(trace));
    return [link];
  }

  #sessionOf({ session_sid: sid }: Entry): Child[] {
    return sid ? [' ', el('a', { href: `#sessions/${sid}`, 'aria-label': `${TEXTS.sessionOf}: ${sid}` }, TEXTS.session)] : [];
  }

  /** The button that lets the page in, where that would help. */
  #allowing({ can_allow: can, page, deployment_key: key }: Entry): Child[] {
    if (!can || !page || !key) return [];
    const button = el('button', { class: 'plain' }, fill(TEXTS.allow, { origin: page }));
    const deployment = this.#names.get(key) ?? key;
    button.onclick = () =>
      void this.#view.attempt(async () => {
        if (!(await asks(fill(TEXTS.allowQuestion, { origin: page, deployment }), TEXTS.allowYes))) return;
        await post('/console/origins', { deployment_key: key, origin: page });
        await this.#view.refresh();
        this.#view.say(fill(TEXTS.allowed, { origin: page, deployment }));
      });
    return [button];
  }

  /** Returns what shows the request. */
  async #one(reference: string): Promise<() => void> {
    const traced = await get<Traced>(`/console/traces/${encodeURIComponent(reference)}`);
    const why = traced.is_recorded ? TEXTS.recorded : traced.arrows.length ? TEXTS.derived : TEXTS.noArrows;
    const title = el('h2', { tabindex: '-1' }, fill(TEXTS.request, { reference: short(traced.trace) }));
    const content = [
      el('p', {}, el('a', { href: '#requests' }, TEXTS.back)),
      title,
      ...(traced.entries.length ? [this.#table(traced.entries)] : []),
      ...(traced.is_ledger_down ? [el('p', {}, TEXTS.ledgerDown)] : []),
      el('p', { class: 'soft' }, why),
      ...(traced.arrows.length
        ? [el('div', { class: 'scrolls', tabindex: '0', role: 'region', 'aria-label': TEXTS.diagram }, diagram(traced.arrows)), el('h3', {}, TEXTS.steps), steps(traced.arrows)]
        : []),
    ];
    return () => {
      this.#content.replaceChildren(...content);
      title.focus();
    };
  }
}

function causeOf(entry: Entry): string {
  const cause = entry.left_out ? fill(TEXTS.more, { cause: entry.cause || entry.event, count: entry.left_out }) : entry.cause || entry.event;
  const differing = entry.signals.length ? fill(TEXTS.differs, { cause, signals: entry.signals.join(', ') }) : cause;
  const actor = entry.by ? `${differing}, ${fill(TEXTS.by, { actor: entry.by })}` : differing;
  return entry.object && entry.object !== entry.deployment_key ? `${actor}: ${entry.object}` : actor;
}
