import { el } from '../dom/element';
import { Failure, get, post } from '../inbox/api';
import { asks } from './ask';
import { SETTING_TEXTS as OWN } from './setting-texts';
import { fill } from './texts';
import { timeOf } from './time';
import type { View } from './view';
import type { Deployment } from './wire';

/** The settings of a deployment as texts, as the options of the command. */
type Settings = Record<keyof typeof OWN.labels, string> & { version: string };

interface Choice {
  sid: string;
  name: string;
}

/** The fields that have a few values; all others are texts. */
const CHOICES: Partial<Record<keyof typeof OWN.labels, string[]>> = {
  sensitivity: ['off', 'observe', 'low', 'medium', 'high'],
  proof: ['off', 'prefer', 'require'],
  revoke_on_replay: ['off', 'on'],
  realtime: ['off', 'on'],
};

/** The code of a change that somebody else made first. */
const CHANGED = 45809;

/** The form that changes the settings of a deployment, closed until it is opened. */
export function settingsOf(one: Deployment, view: View): HTMLElement {
  const body = el('div');
  const details = el('details', {}, el('summary', {}, fill(OWN.change, { deployment: one.name })), body);
  details.ontoggle = () => {
    if (!details.open) return;
    void view.attempt(async () => {
      const { settings, addresses } = await get<{ settings: Settings; addresses: Choice[] }>(`/console/deployments/settings?deployment=${one.deployment_key}`);
      body.replaceChildren(form(one, settings, addresses, view), signalsOf(one, view));
    });
  };
  return details;
}

function form(one: Deployment, settings: Settings, addresses: Choice[], view: View): HTMLElement {
  const names = Object.keys(OWN.labels) as (keyof typeof OWN.labels)[];
  const fields = new Map(names.map((name) => [name, field(name, settings[name], addresses)]));
  let { version } = settings;
  const note = el('p', { class: 'soft', role: 'status' });
  const made = el(
    'form',
    { class: 'filters' },
    ...names.map((name) => el('label', {}, OWN.labels[name], fields.get(name) as HTMLElement)),
    el('button', { class: 'go', type: 'submit' }, OWN.save),
  );
  made.onsubmit = (event) => {
    event.preventDefault();
    void view.attempt(async () => {
      const values = Object.fromEntries(names.map((name) => [name, (fields.get(name) as HTMLInputElement).value.trim()]));
      const { keep = '' } = values;
      if (keep !== settings.keep && keep !== 'forever' && !(await asks(fill(OWN.keepQuestion, { keep }), OWN.keepYes))) return;
      try {
        await post('/console/deployments/settings', { ...values, deployment_key: one.deployment_key, version });
      } catch (failure) {
        if (!(failure instanceof Failure) || failure.details['code'] !== CHANGED) throw failure;
        const now = failure.details['current'] as Settings;
        version = now.version;
        const differing = names.filter((name) => now[name] !== values[name]);
        note.textContent = `${OWN.changed} ${differing.map((name) => fill(OWN.current, { name: OWN.labels[name], value: now[name] })).join(' ')}`;
        throw failure;
      }
      await view.refresh();
      view.say(fill(OWN.saved, { deployment: one.name }));
    });
  };
  return el('div', {}, el('p', { class: 'soft' }, OWN.hint), made, note);
}

function field(name: keyof typeof OWN.labels, value: string, addresses: Choice[]): HTMLElement {
  const choices = name === 'address' ? [['none', OWN.noAddress], ...addresses.map(({ sid, name: shown }) => [sid, `${shown} (${sid})`])] : CHOICES[name]?.map((word) => [word, word]);
  if (!choices) return el('input', { value, required: '', autocomplete: 'off', spellcheck: 'false' });
  const options = choices.map(([word = '', shown = '']) => el('option', { value: word, ...(word === value ? { selected: '' } : {}) }, shown));
  return el('select', {}, ...options);
}

/** `/console/deployments/signals` */
interface Signals {
  since: string | null;
  networks: number;
  signals: { signal: keyof typeof OWN.signalLabels; rule: string; observes: boolean; differing: number }[];
}

/** The rules for the signals of browsers without a key, and what was counted. */
export function signalsOf(one: Deployment, view: View): HTMLElement {
  const body = el('div');
  void view.attempt(async () => show(await get<Signals>(`/console/deployments/signals?deployment=${one.deployment_key}`)));
  return body;

  function show({ since, networks, signals }: Signals): void {
    const rules = signals.map((now) => ({ now, field: choice(now.rule, ['auto', 'decide', 'observe']) }));
    const made = el(
      'form',
      { class: 'filters' },
      ...rules.map(({ now, field: select }) => el('label', {}, OWN.signalLabels[now.signal], select, el('span', { class: 'soft' }, fill(OWN.signalCounted, { differing: now.differing, networks }), now.observes ? ` ${OWN.signalObserves}` : ''))),
      el('button', { class: 'go', type: 'submit' }, OWN.save),
    );
    made.onsubmit = (event) => {
      event.preventDefault();
      void view.attempt(async () => {
        // Those that observe come last: only the signals of one header can observe at a time.
        const changed = rules.filter(({ now, field: select }) => select.value !== now.rule).sort((a, b) => Number(a.field.value === 'observe') - Number(b.field.value === 'observe'));
        for (const { now, field: select } of changed) {
          show(await post<Signals>('/console/deployments/signals', { deployment_key: one.deployment_key, signal: now.signal, rule: select.value }));
          view.say(fill(OWN.signalSaved, { signal: OWN.signalLabels[now.signal] }));
        }
      });
    };
    body.replaceChildren(el('h3', {}, OWN.signals), el('p', { class: 'soft' }, OWN.signalsHint), ...(since ? [el('p', {}, fill(OWN.signalsSince, { time: timeOf(since) }))] : []), made);
  }
}

function choice(value: string, words: string[]): HTMLSelectElement {
  const made = el('select', {}, ...words.map((word) => el('option', { value: word }, word)));
  made.value = value;
  return made;
}

/** `/console/deployments/test` */
interface Tested {
  origin: string;
  is_let_in: boolean;
  code: number;
  message: string;
  is_bound: boolean;
  can_allow: boolean;
  reasons: string[];
}

/** The field that tests whether a page would be let in. */
export function pageTestOf(one: Deployment, view: View): HTMLElement {
  const input = el('input', { placeholder: OWN.pageHint, required: '', autocomplete: 'off', spellcheck: 'false' });
  const result = el('div', { role: 'status' });
  const made = el('form', { class: 'find' }, el('label', {}, OWN.page, input), el('button', { class: 'plain', type: 'submit' }, OWN.test));
  made.onsubmit = (event) => {
    event.preventDefault();
    result.replaceChildren();
    void view.attempt(async () => {
      const tested = await post<Tested>('/console/deployments/test', { deployment_key: one.deployment_key, page: input.value.trim() });
      const verdict = tested.is_let_in ? fill(tested.is_bound ? OWN.letInBound : OWN.letIn, { origin: tested.origin }) : fill(OWN.refused, { origin: tested.origin, code: tested.code });
      result.replaceChildren(
        el('p', {}, el('strong', {}, verdict)),
        el('ul', { class: 'reasons' }, ...[...(tested.message ? [tested.message] : []), ...tested.reasons].map((reason) => el('li', {}, reason))),
      );
    });
  };
  return el('div', {}, el('h3', {}, OWN.testTitle), made, result);
}
