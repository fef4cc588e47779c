import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { fieldsOf } from '../src/widget/form-fields';
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
  [{ deploymentKey: KEY, exit: 'javascript:alert(1)' }, 'exit must be an address such as https://www.example.com'],
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
  [{ deploymentKey: KEY, launcher: 'none' }, 'launcher must be true or false'],
  [{ deploymentKey: KEY, target: 7 }, 'target must be an element, or a selector of one such as #chat'],
  [{ deploymentKey: KEY, target: '#' }, 'target must be an element, or a selector of one such as #chat'],
  [{ deploymentKey: KEY, target: '' }, 'target must be an element, or a selector of one such as #chat'],
  [{ deploymentKey: KEY, target: '#chat', zIndex: 5 }, 'target must be alone, without position and zIndex'],
  [{ deploymentKey: KEY, position: 'top' }, 'position must be left or right'],
  [{ deploymentKey: KEY, position: 7 }, 'position must be left or right'],
  [{ deploymentKey: KEY, position: { side: 'top' } }, 'position.side must be left or right'],
  [{ deploymentKey: KEY, position: { x: -1 } }, 'position.x must be a whole number from 0 to 200'],
  [{ deploymentKey: KEY, position: { y: '9px' } }, 'position.y must be a whole number from 0 to 200'],
  [{ deploymentKey: KEY, zIndex: 2 ** 31 }, 'zIndex must be a whole number from 0 to 2147483647'],
  [{ deploymentKey: KEY, preEngagement: { fields: [{ name: 'a', label: 'A', type: 'password' }] } }, 'preEngagement.fields[0].type must be one of text, email, tel, textarea, number, date, time; ask for anything else on your page, and pass the answer in context'],
  [{ deploymentKey: KEY, preEngagement: { fields: [{ name: 'a', label: 'A', readOnly: 1 }] } }, 'preEngagement.fields[0].readOnly must be true or false'],
  [{ deploymentKey: KEY, region: 'us1' }, 'region is an option of another client; leave it out: to use another server, pass server'],
  [{ deploymentKey: KEY, serverUrl: '/chat' }, 'serverUrl is an option of another client; leave it out: to use another server, pass server'],
  [{ deploymentKey: KEY, theme: { overrides: {} } }, 'theme.overrides is an option of another client; leave it out: use theme.color'],
  [{ deploymentKey: KEY, fileAttachment: { enabled: true } }, 'fileAttachment is an option of another client; leave it out: the server decides which files it takes'],
  [{ deploymentKey: KEY, transcript: {} }, 'transcript is an option of another client; leave it out: guests save the chat themselves'],
  [{ deploymentKey: KEY, preEngagementConfig: { footerLabel: 'Bye' } }, 'preEngagementConfig.footerLabel is an option of another client; leave it out: put its words into description'],
  [{ deploymentKey: KEY, preEngagementConfig: { title: 7 } }, 'preEngagementConfig.title must be a text'],
  [{ deploymentKey: KEY, preEngagementConfig: { fields: [{ label: 'A', type: 'SelectItem', attributes: { name: 'a' } }] } }, 'preEngagementConfig.fields[0].type must be one of text, email, tel, textarea, number, date, time; ask for anything else on your page, and pass the answer in context'],
  [{ deploymentKey: KEY, preEngagementConfig: { fields: [{ label: 'A', type: 'InputItem', attributes: { name: 'a', pattern: '.' } }] } }, 'preEngagementConfig.fields[0].attributes.pattern is an option of another client; leave it out: check the value at your server'],
  [{ deploymentKey: KEY, preEngagementConfig: { fields: [{ label: 'A', type: 'CheckboxItem', attributes: { name: 'a', refLink: '<a>' } }] } }, 'preEngagementConfig.fields[0].attributes.refLink is an option of another client; leave it out: put the link on your page'],
  [{ deploymentKey: KEY, disablePreEngagementForm: 'yes' }, 'disablePreEngagementForm must be true or false'],
];

const isOfField = (error: string) => error.includes('.fields[');

for (const [given, error] of mistakes.filter(([, error]) => !isOfField(error))) {
  test(`${JSON.stringify(given)}: ${error}`, () => {
    expect(() => options(given)).toThrow(new Error(`Parlour: ${error}`));
  });
}

test.each(mistakes.filter(([, error]) => isOfField(error)))('a wrong field is an error in the console when the window is there, which has the standard form: %j', (given, error) => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  const standard = [{ name: 'query', label: 'Question' }];
  expect(fieldsOf(options(given), standard)).toBe(standard);
  expect(logged.mock.calls).toEqual([[new Error(`Parlour: ${error}`)]]);
  logged.mockRestore();
});

test('what is not known is warned of, with the nearest name that is', () => {
  withKey({ them: {}, theme: { islight: true, colours: {} }, regions: 'us1' });
  expect(warnings).toEqual([
    'Parlour: them is not known; did you mean theme?',
    'Parlour: regions is not known',
    'Parlour: theme.islight is not known; did you mean isLight?',
    'Parlour: theme.colours is not known',
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

test('a form as the Twilio web app describes it is taken, with its words', () => {
  const made = withKey({
    preEngagementConfig: {
      title: 'Ask an expert',
      description: 'Who are you?',
      submitLabel: 'Let’s chat',
      fields: [
        { label: 'Name', type: 'InputItem', attributes: { name: 'friendlyName', type: 'text', required: true, value: 'Bob', readOnly: true } },
        { label: 'E-mail', type: 'InputItem', attributes: { name: 'email', type: 'email', placeholder: 'you@example.com' } },
        { label: 'Born', type: 'InputItem', attributes: { name: 'dob', type: 'date' } },
        { label: 'Account', type: 'InputItem', attributes: { name: 'account', disabled: true } },
        { label: 'Question', type: 'TextareaItem', attributes: { name: 'query', type: 'text' } },
      ],
    },
    texts: { start: 'Go' },
  });
  const none = { required: false, readOnly: false, value: '', placeholder: '' };
  expect(fieldsOf(made, [])).toEqual([
    { ...none, name: 'friendlyName', label: 'Name', type: 'text', required: true, value: 'Bob', readOnly: true },
    { ...none, name: 'email', label: 'E-mail', type: 'email', placeholder: 'you@example.com' },
    { ...none, name: 'dob', label: 'Born', type: 'date' },
    { ...none, name: 'account', label: 'Account', type: 'text', readOnly: true },
    { ...none, name: 'query', label: 'Question', type: 'textarea' },
  ]);
  expect(made.texts).toMatchObject({ title: 'Ask an expert', formHint: 'Who are you?', start: 'Go' });
  expect(warnings).toEqual([]);
});

test('bubble and window stand in the corner where the line ends, unless the page places them', () => {
  expect(withKey({}).position).toEqual({ side: 'right', x: 20, y: 20 });
  expect(withKey({ language: 'he' }).position).toEqual({ side: 'left', x: 20, y: 20 });
  expect(withKey({ position: 'left' }).position).toEqual({ side: 'left', x: 20, y: 20 });
  expect(withKey({ position: { side: 'right', y: 90 }, zIndex: 5 })).toMatchObject({ position: { side: 'right', x: 20, y: 90 }, zIndex: 5 });
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
