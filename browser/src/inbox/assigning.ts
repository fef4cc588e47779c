import { el, plain } from '../dom/element';
import { Failure, type Me, type Summary } from './api';
import { avatar } from '../dom/avatar';
import { put, texts } from './language';
import { assign, type Team } from './team';

/** The actions of the conversation that assigning needs. */
export interface AssigningActions {
  failed(failure: Failure): void;
  /** Another agent was faster: the page must read who has the conversation. */
  lost(message: string): void;
}

/** Shows who works on the conversation, and changes it: a button that claims, and a choice of all agents. */
export class Assigning {
  /** Stands in the header. */
  readonly claim = el('button', { class: 'plain claim', hidden: '' }, texts.claim);
  /** Stands among the details. */
  readonly choice: HTMLElement;
  readonly #select = el('select', { id: 'assignee' });
  readonly #face = el('span', { class: 'face' });
  readonly #go = el('button', { class: 'plain' }, texts.assign);
  #summary: Summary | undefined;
  #shown = '';

  constructor(
    private readonly me: Me,
    private readonly team: Team,
    private readonly actions: AssigningActions,
  ) {
    this.claim.onclick = () => void this.#assign(me.identity);
    this.#select.onchange = () => this.#showGo(); // an arrow key changes it, too, on its way to another agent
    this.#go.onclick = () => {
      this.#select.focus(); // the button vanishes
      void this.#assign(this.#select.value);
    };
    this.choice = el('section', { class: 'box assigning' }, el('label', { for: 'assignee' }, texts.assignedTo), el('div', { class: 'chosen-agent' }, this.#face, this.#select, this.#go));
  }

  get #assignee(): string {
    return this.#summary?.assignee ?? '';
  }

  show(summary: Summary): void {
    this.#summary = summary;
    const isReader = this.me.role === 'auditor';
    const isTaken = this.#assignee !== '' && this.team.canAnswer(this.#assignee);
    this.claim.hidden = isTaken || summary.state === 'closed' || isReader;
    this.#select.disabled = isReader;
    const others = this.team.agents.filter((one) => one.identity !== this.me.identity && one.role !== 'auditor');
    const options: [string, string][] = [['', texts.nobody], [this.me.identity, texts.you], ...others.map((one): [string, string] => [one.identity, plain(this.team.nameOf(one.identity))])];
    if (!options.some(([identity]) => identity === this.#assignee)) options.push([this.#assignee, this.team.nameOf(this.#assignee)]);
    const shown = JSON.stringify([this.#assignee, options]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#select.replaceChildren(...options.map(([value, name]) => el('option', { value }, name)));
    this.#select.value = this.#assignee;
    this.#face.replaceChildren(...faceOf(this.#assignee, this.team));
    this.#showGo();
  }

  #showGo(): void {
    this.#go.hidden = this.#select.value === this.#assignee;
  }

  /** Claims the conversation, because a key was pressed. */
  press(): void {
    if (!this.claim.hidden) this.claim.click();
  }

  async #assign(to: string): Promise<void> {
    const summary = this.#summary;
    if (!summary) return;
    try {
      await assign(summary.conversation_sid, to, this.#assignee);
    } catch (failure) {
      this.#shown = ''; // the choice shows again who has it
      this.show(this.#summary ?? summary);
      const winner = (failure as Failure).details?.['assignee'];
      if ((failure as Failure).status !== 409) this.actions.failed(failure as Failure);
      else if (typeof winner === 'string' && winner) this.actions.lost(put(texts.wasFaster, { name: this.team.nameOf(winner) }));
      else this.actions.lost(texts.nobodyHasIt);
    }
  }
}

function faceOf(identity: string, team: Team): HTMLElement[] {
  return identity ? [avatar(team.nameOf(identity), identity)] : [];
}

/** The small picture of the agent who works on a conversation, with the name for screen readers. */
export function assigneeMark(identity: string, team: Team, me: Me): HTMLElement {
  const title = identity === me.identity ? texts.assignedToYou : put(texts.assignedToName, { name: plain(team.nameOf(identity)) });
  return el('span', { class: 'assignee', role: 'img', 'aria-label': title, title }, avatar(team.nameOf(identity), identity));
}
