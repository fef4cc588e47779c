import { el, nameOf } from '../dom/element';
import { Failure, get, post } from '../inbox/api';
import { asks } from './ask';
import { facts } from './deployments';
import { DESK_TEXTS as OWN } from './desk-texts';
import { SETTING_TEXTS as SETTINGS } from './setting-texts';
import { TEXTS, fill } from './texts';
import type { View } from './view';

/** The settings of an address as texts. */
interface Settings {
  sid: string;
  version: string;
  name: string;
  is_of_program: boolean;
  keep: string;
  greeting: string;
  away_text: string;
  time_zone: string;
  hours: string[];
  holidays: string[];
  has_unreadable_hours: boolean;
  is_open: boolean;
  opens_at: string | null;
}

/** A desk of `/console/desks`. */
interface Desk {
  settings: Settings;
  /** Empty: all agents of the account see its conversations. */
  members: string[];
  /** null: not counted. */
  waiting: number | null;
  /** Whether it was not counted because Conversations cannot count now. */
  is_waiting_unknown: boolean;
}

/** The agent is the last member of the desk. */
const ONLY_MEMBER = 45813;

type Field = keyof typeof OWN.labels;

/** The desks of the account: addresses with their members, hours and retention. */
export class DeskList {
  readonly element = el('section', { 'aria-label': OWN.desks });
  readonly #view: View;
  readonly #list = el('div');
  /** Number of the last request; the answer to an earlier one is dropped. */
  #asked = 0;

  constructor(view: View) {
    this.#view = view;
    this.element.append(this.#adding(), this.#list);
  }

  async show(): Promise<void> {
    const asked = ++this.#asked;
    const { desks, counted_up_to: most } = await get<{ desks: Desk[]; counted_up_to: number }>('/console/desks');
    if (asked !== this.#asked) return;
    this.#list.replaceChildren(...(desks.length ? desks.map((one) => this.#card(one, most)) : [el('p', { class: 'empty' }, OWN.none)]));
  }

  #adding(): HTMLElement {
    const name = el('input', { required: '', autocomplete: 'off', maxlength: '100' });
    const form = el('form', { class: 'find' }, el('label', {}, OWN.newName, name), el('button', { class: 'go', type: 'submit' }, OWN.create));
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.#view.attempt(async () => {
        await post('/console/desks', { name: name.value.trim() });
        this.#view.say(fill(OWN.created, { name: name.value.trim() }));
        form.reset();
        await this.show();
      });
    };
    return form;
  }

  #card({ settings, members, waiting, is_waiting_unknown: isUnknown }: Desk, most: number): HTMLElement {
    const title = `desk-${settings.sid}`;
    const open = settings.is_open ? OWN.open : settings.opens_at ? fill(OWN.closedUntil, { time: new Date(settings.opens_at).toLocaleString() }) : OWN.closed;
    return el(
      'article',
      { class: 'card', 'aria-labelledby': title },
      el('h2', { id: title }, nameOf(settings.name)),
      facts([
        [OWN.address, settings.sid],
        [OWN.answeredBy, settings.is_of_program ? OWN.program : OWN.inbox],
        [OWN.now, settings.has_unreadable_hours ? OWN.unreadable : open],
        [OWN.waiting, waiting === null ? (isUnknown ? OWN.waitingUnknown : OWN.notCounted) : waiting >= most ? fill(OWN.orMore, { count: most }) : String(waiting)],
        [TEXTS.kept, settings.keep === 'forever' ? OWN.keptAsDeployments : settings.keep],
      ]),
      el('h3', {}, OWN.members),
      this.#members(settings, members),
      this.#settings(settings),
    );
  }

  #members({ sid, name: desk }: Settings, members: string[]): HTMLElement {
    const items = members.map((name) => {
      const button = el('button', { class: 'plain', 'aria-label': fill(OWN.removeOf, { name, desk }) }, TEXTS.remove);
      button.onclick = () =>
        void this.#view.attempt(async () => {
          const isLast = members.length === 1;
          if (!(await asks(fill(isLast ? OWN.removeLastQuestion : OWN.removeQuestion, { name, desk }), isLast ? OWN.removeLastYes : OWN.removeYes))) return;
          try {
            await post('/console/desks/members/remove', { sid, name, opens_to_all: isLast });
          } catch (failure) {
            if (!(failure instanceof Failure) || failure.details['code'] !== ONLY_MEMBER) throw failure;
            // Another admin has removed the other members since the list was read.
            if (await asks(fill(OWN.removeLastQuestion, { name, desk }), OWN.removeLastYes)) await post('/console/desks/members/remove', { sid, name, opens_to_all: true });
          }
          await this.show();
        });
      return el('li', {}, nameOf(name), button);
    });
    const name = el('input', { required: '', autocomplete: 'off', spellcheck: 'false' });
    const form = el('form', { class: 'find' }, el('label', {}, OWN.newMember, name), el('button', { class: 'plain', type: 'submit' }, TEXTS.add));
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.#view.attempt(async () => {
        const added = name.value.trim();
        if (!members.length && !(await asks(fill(OWN.firstQuestion, { name: added, desk }), OWN.firstYes))) return;
        await post('/console/desks/members', { sid, name: added });
        await this.show();
      });
    };
    return el('div', {}, members.length ? el('ul', { class: 'origins' }, ...items) : el('p', {}, OWN.all), form);
  }

  #settings(settings: Settings): HTMLElement {
    const names = Object.keys(OWN.labels) as Field[];
    const fields = new Map(names.map((name) => [name, field(name, settings)]));
    let { version } = settings;
    const note = el('p', { class: 'soft', role: 'status' });
    const form = el('form', { class: 'filters pairs' }, ...names.map((name) => el('label', {}, OWN.labels[name], fields.get(name) as HTMLElement)), el('button', { class: 'go', type: 'submit' }, OWN.save));
    form.onsubmit = (event) => {
      event.preventDefault();
      const values = Object.fromEntries(names.map((name) => [name, valueOf(name, fields.get(name) as HTMLInputElement)]));
      void this.#view.attempt(async () => {
        const keep = String(values['keep']);
        if (keep !== settings.keep && keep !== 'forever' && !(await asks(fill(SETTINGS.keepQuestion, { keep }), SETTINGS.keepYes))) return;
        try {
          await post('/console/desks/change', { ...values, sid: settings.sid, version });
        } catch (failure) {
          const now = failure instanceof Failure ? (failure.details['current'] as Settings | undefined) : undefined;
          if (now) {
            version = now.version;
            const differing = names.filter((name) => String(now[name]) !== String(values[name]));
            note.textContent = `${OWN.changed} ${differing.map((name) => fill(OWN.current, { name: OWN.labels[name], value: String(now[name]) })).join(' ')}`;
          }
          throw failure;
        }
        await this.show();
        this.#view.say(fill(OWN.saved, { name: String(values['name']) }));
      });
    };
    return el('details', {}, el('summary', {}, fill(OWN.change, { name: settings.name })), el('div', {}, el('p', { class: 'soft' }, OWN.hint), form, note));
  }
}

function field(name: Field, settings: Settings): HTMLElement {
  const value = settings[name];
  if (typeof value === 'string' && name !== 'greeting') return el('input', { value, autocomplete: 'off', ...(name === 'name' || name === 'keep' ? { required: '' } : {}) });
  const area = el('textarea', { rows: '4' });
  area.value = typeof value === 'string' ? value : value.join('\n');
  return area;
}

/** Hours and holidays are a line each. */
function valueOf(name: Field, input: HTMLInputElement | HTMLTextAreaElement): string | string[] {
  return name === 'hours' || name === 'holidays' ? input.value.split('\n').filter((line) => line.trim()) : input.value.trim();
}
