import { el, plain } from '../dom/element';
import { get, type Me } from './api';
import { icon } from './icons';
import { texts } from './language';
import type { Team } from './team';

/** Conditions of the list, all of which must be met, by the names that the server's call has for them. */
export interface Filter {
  state?: 'active' | 'closed';
  /** The identity of an agent, or {@link NOBODY}. */
  assignee?: string;
  label?: string;
  /** The sid of a desk. */
  desk?: string;
}

export const NOBODY = 'nobody';

const NAMES = ['state', 'assignee', 'label', 'desk'] as const;

type Options = [value: string, name: string][];

/** The address of the page keeps the filter in its fragment, which reaches no server. */
const FRAGMENT = '#filter?';

/** The filter in the address of the page; undefined if there is none. */
export function filterOfAddress(): Filter | undefined {
  if (!location.hash.startsWith(FRAGMENT)) return undefined;
  const kept = new URLSearchParams(location.hash.slice(FRAGMENT.length));
  return filterOf((name) => kept.get(name) ?? '');
}

export function keepInAddress(filter: Filter | undefined): void {
  const before = location.hash.startsWith(FRAGMENT) ? location.hash : '';
  const now = filter ? FRAGMENT + new URLSearchParams({ ...filter }) : '';
  if (now !== before) history.replaceState(history.state, '', location.pathname + location.search + now);
}

function filterOf(value: (name: (typeof NAMES)[number]) => string): Filter | undefined {
  const entries = NAMES.map((name) => [name, value(name)] as const).filter(([name, text]) => text && (name !== 'state' || text === 'active' || text === 'closed'));
  return entries.length ? Object.fromEntries(entries) : undefined;
}

/** The button "Filter", and the conditions below it while it is pressed. */
export class FilterBar {
  readonly button = el('button', { class: 'sort', 'aria-expanded': 'false', 'aria-controls': 'filter' }, icon('filter'), texts.filter);
  readonly panel = el('form', { class: 'filter', id: 'filter', 'aria-label': texts.filter });
  readonly #choices = {
    state: el('select', { name: 'state' }),
    assignee: el('select', { name: 'assignee' }),
    label: el('select', { name: 'label' }),
    desk: el('select', { name: 'desk' }),
  };
  readonly #clear = el('button', { class: 'plain', type: 'button' }, texts.clearFilter);
  #filter: Filter = {};
  #isOpen = false;
  #labels: string[] = [];
  #desks: Options = [];

  /** @param chosen is called with each new filter; undefined: none */
  constructor(
    private readonly me: Me,
    private readonly team: Team,
    private readonly chosen: (filter: Filter | undefined) => void,
  ) {
    const { state, assignee, label, desk } = this.#choices;
    this.panel.append(
      el('label', {}, texts.filterState, state),
      el('label', {}, texts.assignedTo, assignee),
      el('label', {}, texts.filterLabel, label),
      el('label', {}, texts.desk, desk),
      this.#clear,
    );
    this.panel.hidden = true;
    this.panel.onsubmit = (event) => event.preventDefault();
    this.panel.onchange = () => this.chosen(filterOf((name) => this.#choices[name].value));
    this.panel.onkeydown = (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.#toggle(false);
      this.button.focus();
    };
    this.button.onclick = () => this.#toggle(!this.#isOpen);
    this.#clear.onclick = () => {
      this.#toggle(false);
      this.button.focus(); // the other one vanishes
      this.chosen(undefined);
    };
  }

  /** @param filter the one of the list; undefined: none */
  show(filter: Filter | undefined): void {
    this.#filter = filter ?? {};
    this.button.setAttribute('aria-pressed', String(Boolean(filter)));
    this.#offer();
  }

  #toggle(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.panel.hidden = !isOpen;
    this.button.setAttribute('aria-expanded', String(isOpen));
    if (!isOpen) return;
    this.#offer();
    this.#choices.state.focus();
    void this.#read();
  }

  /** Without these, the agent can still choose state and agent. */
  async #read(): Promise<void> {
    const [{ labels }, { desks }] = await Promise.all([
      get<{ labels: string[] }>('/labels').catch(() => ({ labels: [] })),
      get<{ desks: { sid: string; name: string }[] }>('/desks').catch(() => ({ desks: [] })),
    ]);
    this.#labels = labels;
    this.#desks = desks.map(({ sid, name }) => [sid, plain(name)]);
    this.#offer();
  }

  #offer(): void {
    const { me, team } = this;
    const agents = team.agents.filter(({ identity }) => identity !== me.identity).map(({ identity }): [string, string] => [identity, plain(team.nameOf(identity))]);
    this.#fill('state', [['active', texts.filterOpen], ['closed', texts.closed]]);
    this.#fill('assignee', [[NOBODY, texts.nobody], [me.identity, texts.you], ...agents]);
    this.#fill('label', this.#labels.map((label) => [label, plain(label)]));
    this.#fill('desk', this.#desks);
  }

  /** The chosen value is always among the options, also while they are not known. */
  #fill(name: (typeof NAMES)[number], known: Options): void {
    const value = this.#filter[name] ?? '';
    const options: Options = [['', texts.any], ...known];
    if (!options.some(([one]) => one === value)) options.push([value, name === 'assignee' ? plain(this.team.nameOf(value)) : plain(value)]);
    const choice = this.#choices[name];
    const shown = JSON.stringify(options);
    if (choice.dataset['shown'] !== shown) choice.replaceChildren(...options.map(([one, text]) => el('option', { value: one }, text)));
    choice.dataset['shown'] = shown;
    choice.value = value;
  }
}
