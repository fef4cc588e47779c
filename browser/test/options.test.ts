import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { optionsOf } from '../src/widget/options';
import { LAUNCHER_TEXTS, type Counted } from '../src/widget/texts';
import { WINDOW_TEXTS, windowTextsOf } from '../src/widget/window-texts';
import { KEY } from './server';

let warnings: string[];
const options = (given: unknown) => optionsOf(given, (warning) => warnings.push(warning));
const withKey = (given: object) => options({ deploymentKey: KEY, ...given });

beforeEach(() => {
  warnings = [];
});

test('a key is enough, as a text or in an object', () => {
  for (const given of [KEY, { deploymentKey: KEY }]) {
    expect(options(given)).toMatchObject({
      deploymentKey: KEY,
      isOpen: false,
      isLight: undefined,
      color: undefined,
      texts: LAUNCHER_TEXTS,
      fields: undefined,
      canSkip: false,
      context: {},
      server: undefined,
    });
  }
  expect(warnings).toEqual([]);
});

const mistakes: [unknown, string][] = [
  [undefined, 'the argument of initWebchat must be an object'],
  [null, 'the argument of initWebchat must be an object'],
  [[KEY], 'the argument of initWebchat must be an object'],
  [{}, 'deploymentKey must be CV and 32 lower-case hex digits'],
  ['CV123', 'deploymentKey must be CV and 32 lower-case hex digits'],
  [KEY.toUpperCase(), 'deploymentKey must be CV and 32 lower-case hex digits'],
  [{ deploymentKey: 7 }, 'deploymentKey must be CV and 32 lower-case hex digits'],
  [{ deploymentKey: KEY, appStatus: 'opened' }, 'appStatus must be open or closed'],
  [{ deploymentKey: KEY, theme: 'dark' }, 'theme must be an object'],
  [{ deploymentKey: KEY, theme: { isLight: 'yes' } }, 'theme.isLight must be true or false'],
  [{ deploymentKey: KEY, theme: { color: 'red' } }, 'theme.color must be a hex colour such as #0a6b4b'],
  [{ deploymentKey: KEY, theme: { color: '#12345' } }, 'theme.color must be a hex colour such as #0a6b4b'],
  [{ deploymentKey: KEY, theme: { color: '#fff;position:fixed' } }, 'theme.color must be a hex colour such as #0a6b4b'],
  [{ deploymentKey: KEY, texts: ['Chat'] }, 'texts must be an object'],
  [{ deploymentKey: KEY, texts: { title: 7 } }, 'texts.title must be a text'],
  [{ deploymentKey: KEY, texts: { title: { other: 'Chat' } } }, 'texts.title must be a text'],
  [{ deploymentKey: KEY, texts: { newer: { one: 'new' } } }, 'texts.newer.other must be a text'],
  [{ deploymentKey: KEY, texts: { newer: { one: 1, other: 'new' } } }, 'texts.newer.one must be a text'],
  [{ deploymentKey: KEY, texts: { newer: 7 } }, 'texts.newer must be an object'],
  [{ deploymentKey: KEY, language: 7 }, 'language must be a text'],
  [{ deploymentKey: KEY, language: 'klingon' }, 'language must be one of en, de, fr, es, it, nl, pl, pt-BR, sv, ar, he, ja, also with a region such as de-AT'],
  [{ deploymentKey: KEY, context: 'page' }, 'context must be an object'],
  [{ deploymentKey: KEY, server: 'chat.example.com' }, 'server must be an origin such as https://chat.example.com'],
  [{ deploymentKey: KEY, server: 'https://chat.example.com/widget' }, 'server must be an origin such as https://chat.example.com'],
  [{ deploymentKey: KEY, preEngagement: true }, 'preEngagement must be an object'],
  [{ deploymentKey: KEY, preEngagement: { skip: 'yes' } }, 'preEngagement.skip must be true or false'],
  [{ deploymentKey: KEY, preEngagement: { fields: {} } }, 'preEngagement.fields must be a list'],
  [{ deploymentKey: KEY, preEngagement: { fields: ['name'] } }, 'preEngagement.fields[0] must be an object'],
  [{ deploymentKey: KEY, preEngagement: { fields: [{ name: 'a', label: 'A' }, { name: 'b' }] } }, 'preEngagement.fields[1].label must be a text'],
  [{ deploymentKey: KEY, preEngagement: { fields: [{ name: '', label: 'A' }] } }, 'preEngagement.fields[0].name must be a text'],
  [{ deploymentKey: KEY, preEngagement: { fields: [{ name: 'a', label: 'A', value: 7 }] } }, 'preEngagement.fields[0].value must be a text'],
  [{ deploymentKey: KEY, preEngagement: { fields: [{ name: 'a', label: 'A', required: 1 }] } }, 'preEngagement.fields[0].required must be true or false'],
  [{ deploymentKey: KEY, disablePreEngagementForm: 'yes' }, 'disablePreEngagementForm must be true or false'],
];

for (const [given, error] of mistakes) {
  test(`${JSON.stringify(given)}: ${error}`, () => {
    expect(() => options(given)).toThrow(new Error(`Parlour: ${error}`));
  });
}

test('what is not known is warned of, with the nearest name that is', () => {
  withKey({ them: {}, theme: { islight: true, overrides: {} }, region: 'us1' });
  expect(warnings).toEqual([
    'Parlour: them is not known; did you mean theme?',
    'Parlour: region is not known',
    'Parlour: theme.islight is not known; did you mean isLight?',
    'Parlour: theme.overrides is not known',
  ]);
});

test('an unknown text is warned of when the window is there, which knows all names except those of files', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  expect(windowTextsOf(withKey({ texts: { titel: 'Chat', fileChooze: 'Pick', end: 'Stop' } }).texts)).toMatchObject({ end: 'Stop', menu: 'More' });
  expect(warn.mock.calls).toEqual([['Parlour: texts.titel is not known; did you mean title?']]);
});

test('appStatus says whether the window is open', () => {
  expect(withKey({ appStatus: 'open' }).isOpen).toBe(true);
  expect(withKey({ appStatus: 'closed' }).isOpen).toBe(false);
});

test('a form is left out by either client’s word for it', () => {
  expect(withKey({ preEngagement: false }).fields).toEqual([]);
  expect(withKey({ disablePreEngagementForm: true }).fields).toEqual([]);
  expect(withKey({ preEngagement: { fields: [] } }).fields).toEqual([]);
  expect(withKey({ disablePreEngagementForm: false }).fields).toBeUndefined();
});

test('a form as the client that this back end was made for describes it is taken, as far as it has texts', () => {
  const { fields } = withKey({
    preEngagementConfig: {
      title: 'ours is in texts',
      fields: [
        { label: 'Name', type: 'InputItem', attributes: { name: 'friendlyName', type: 'text', required: true, value: 'Bob', pattern: '.' } },
        { label: 'E-mail', type: 'InputItem', attributes: { name: 'email', type: 'email' } },
        { label: 'Born', type: 'InputItem', attributes: { name: 'dob', type: 'date' } },
        { label: 'Question', type: 'TextareaItem', attributes: { name: 'query', type: 'text' } },
        { label: 'Topic', type: 'SelectItem', attributes: { name: 'topic' }, options: [] },
      ],
    },
  });
  expect(fields).toEqual([
    { name: 'friendlyName', label: 'Name', type: 'text', required: true, value: 'Bob' },
    { name: 'email', label: 'E-mail', type: 'email', required: false, value: '' },
    { name: 'dob', label: 'Born', type: 'text', required: false, value: '' },
    { name: 'query', label: 'Question', type: 'textarea', required: false, value: '' },
  ]);
  expect(warnings).toEqual([
    'Parlour: preEngagementConfig.fields[4] is not shown: its type must be one of text, email, tel, textarea',
  ]);
});

test('an origin may end in a slash', () => {
  expect(withKey({ server: 'https://chat.example.com/' }).server).toBe('https://chat.example.com');
});

const written = (text: Counted) => (typeof text === 'string' ? `'${text}'` : `{ ${Object.entries(text).map(([form, one]) => `${form}: '${one}'`).join(', ')} }`);

test('docs/widget.md lists every text as it is', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/widget.md'), 'utf8');
  const [listed = ''] = (page.split('\n## Texts\n')[1] ?? '').split('\n### ');
  const english = { ...LAUNCHER_TEXTS, ...WINDOW_TEXTS };
  for (const [name, text] of Object.entries(english)) expect(listed).toContain(`\n  ${name}: ${written(text)},\n`);
  expect(listed.match(/^ {2}\w+: /gm)).toHaveLength(Object.keys(english).length);
});

test.each([
  ['that points at itself', () => { const user: Record<string, unknown> = {}; user['self'] = user; return { user }; }, 'JSON'],
  ['with a BigInt', () => ({ order: 4711n }), 'JSON'],
  ['whose toJSON throws', () => ({ toJSON() { throw new Error('no'); } }), 'no'],
  ['whose toJSON returns a text', () => ({ toJSON: () => 'text' }), 'an object'],
  ['whose toJSON is nothing', () => ({ toJSON: () => undefined }), 'an object'],
  ['of more than 16 KB', () => ({ text: 'ä'.repeat(8 * 1024) }), '16 KB'],
])('a context %s is an error that names it', (_, make, why) => {
  const call = () => optionsOf({ deploymentKey: KEY, context: make() }, () => {});
  expect(call).toThrow('Parlour: context must be');
  expect(call).toThrow(why);
});

test('a context is taken as it is now', () => {
  const given = { step: 1, at: new Date(0), skipped: undefined };
  const { context } = optionsOf({ deploymentKey: KEY, context: given }, () => {});
  given.step = 2;
  expect(context).toEqual({ step: 1, at: '1970-01-01T00:00:00.000Z' });
});
