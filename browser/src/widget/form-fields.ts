import type { Options } from './options';
import { Reader, type Names } from './reader';

/** A field of the form before the chat. The field `friendlyName` is the guest's name. */
export interface Field {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'tel' | 'textarea' | 'number' | 'date' | 'time';
  required?: boolean;
  value?: string;
  placeholder?: string;
  /** The guest sees the value, and cannot change it. */
  readOnly?: boolean;
}

const TYPES = ['text', 'email', 'tel', 'textarea', 'number', 'date', 'time'];

/**
 * Checks the fields of the page's form: here and not in options.ts, because a page that shows no window needs no form. If one is wrong,
 * the console has an error that names it, and the guest gets the standard form.
 */
export function fieldsOf({ fields, fieldsPath }: Options, standard: Field[]): Field[] {
  try {
    const read = new Reader((warning) => console.warn(warning));
    return fields?.map((one, at) => field(one, `${fieldsPath}[${at}]`, read)) ?? standard;
  } catch (failure) {
    console.error(failure);
    return standard;
  }
}

function field(raw: unknown, path: string, read: Reader): Field {
  const given = read.object(raw, path);
  const all = 'attributes' in given ? ofOtherClient(given, path, read) : given;
  const { name, label, type = 'text', required = false, readOnly = false, value = '', placeholder = '' } = all;
  read.must(TYPES.includes(type as string), `${path}.type`, `one of ${TYPES.join(', ')}; ask for anything else on your page, and pass the answer in context`);
  for (const [part, text] of Object.entries({ name, label, value, placeholder })) {
    read.must(typeof text === 'string' && (text !== '' || part === 'value' || part === 'placeholder'), `${path}.${part}`, 'a text');
  }
  read.optional(required, `${path}.required`, 'boolean');
  read.optional(readOnly, `${path}.readOnly`, 'boolean');
  return { name, label, type, required, readOnly, value, placeholder } as Field;
}

/** Converts a field from the format of the client that this API was made for. */
function ofOtherClient({ type, label, attributes }: Names, path: string, read: Reader): Names {
  const of = read.object(attributes, `${path}.attributes`, ['name', 'type', 'required', 'readOnly', 'disabled', 'value', 'placeholder'], {
    pattern: 'check the value at your server',
    refLink: 'put the link on your page',
  });
  const kind = type === 'TextareaItem' ? 'textarea' : type === 'InputItem' ? (of['type'] ?? 'text') : type;
  return { readOnly: of['disabled'], ...of, label, type: kind };
}
