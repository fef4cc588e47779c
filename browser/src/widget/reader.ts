import { nearest } from './names';

export type Names = Record<string, unknown>;

/** Reads values of unknown types. Its errors name the wrong value. */
export class Reader {
  constructor(private readonly print: (warning: string) => void) {}

  must(isRight: boolean, name: string, what: string): void {
    if (!isRight) throw new Error(`Parlour: ${name} must be ${what}`);
  }

  warn(warning: string): void {
    this.print(`Parlour: ${warning}`);
  }

  /**
   * @param known the allowed properties; others are left out, with a warning. Without it, all are allowed.
   * @param remedies what to do instead of passing some others, which are errors
   */
  object(value: unknown, name: string, known?: string[], remedies: Record<string, string> = {}): Names {
    this.must(typeof value === 'object' && value !== null && !Array.isArray(value), name || 'the argument of initWebchat', 'an object');
    const all = value as Names;
    if (!known) return all;
    for (const one of Object.keys(all).filter((key) => !known.includes(key))) {
      const path = name ? `${name}.${one}` : one;
      if (Object.hasOwn(remedies, one)) throw new Error(`Parlour: ${path} is an option of another client; leave it out: ${remedies[one]}`);
      this.warn(`${path} is not known${nearest(known, one)}`);
    }
    return Object.fromEntries(Object.entries(all).filter(([key]) => known.includes(key)));
  }

  whole(value: unknown, name: string, largest: number): number | undefined {
    const isRight = value === undefined || (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= largest);
    this.must(isRight, name, `a whole number from 0 to ${largest}`);
    return value as number | undefined;
  }

  optional(value: unknown, name: string, type: 'string'): string | undefined;
  optional(value: unknown, name: string, type: 'boolean'): boolean | undefined;
  optional(value: unknown, name: string, type: string): unknown {
    this.must(value === undefined || typeof value === type, name, type === 'string' ? 'a text' : 'true or false');
    return value;
  }
}
