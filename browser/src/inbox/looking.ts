import { el, plain } from '../dom/element';
import { post } from './api';
import { avatar } from '../dom/avatar';
import { joined, put, texts } from './language';
import type { Team } from './team';

/** How often the page reports that the agent looks at the open conversation. */
const REPORT_MS = 10_000;
/** An agent without a report for this long no longer looks at it. */
const GONE_MS = 20_000;

/** The other agents who look at the open conversation, and the reports that this one does. */
export class Looking {
  readonly element = el('div', { class: 'looking', role: 'status' });
  readonly #others = new Map<string, ReturnType<typeof setTimeout>>();
  #reporting: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly sid: string,
    private readonly team: Team,
  ) {}

  start(): void {
    this.#report();
    this.#reporting = setInterval(() => this.#report(), REPORT_MS);
  }

  end(): void {
    clearInterval(this.#reporting);
    for (const timer of this.#others.values()) clearTimeout(timer);
  }

  saw(agent: string): void {
    clearTimeout(this.#others.get(agent));
    const isNew = !this.#others.has(agent);
    this.#others.set(agent, setTimeout(() => {
      this.#others.delete(agent);
      this.show();
    }, GONE_MS));
    if (!isNew) return;
    this.team.meet({ assignee: agent });
    this.show();
  }

  /** A lost report is followed by the next one. */
  #report(): void {
    if (document.visibilityState === 'visible') void post(`/conversations/${this.sid}/looking`).catch(() => {});
  }

  /** Also when the names of agents are known. */
  show(): void {
    const agents = [...this.#others.keys()];
    const names = agents.map((one) => plain(this.team.nameOf(one)));
    const text = names.length ? put(texts.alsoLooking, { names: joined(names) }) : '';
    this.element.title = text;
    this.element.replaceChildren(
      ...agents.slice(0, 3).map((one) => avatar(this.team.nameOf(one), one)),
      el('span', { class: 'spoken' }, text),
    );
  }
}
