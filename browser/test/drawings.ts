import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The arrows of a drawing that the browser sees, by their numbers, of one alternative. */
export function drawn(name: string, alternative?: string): { number: number; step: string }[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/diagrams', `${name}.mmd`), 'utf8');
  const arrows: { number: number; step: string }[] = [];
  let number = 0;
  let current: string | undefined;
  for (const line of text.split('\n').map((one) => one.trim())) {
    const block = /^(?:alt|else|opt) (.*)$/.exec(line);
    const arrow = /^(C|B|S|FWO|FAS|SAS|CNV)-{1,2}>>(C|B|S|FWO|FAS|SAS|CNV): ?(.*)$/.exec(line);
    if (block) current = block[1];
    else if (line === 'end') current = undefined;
    else if (arrow) {
      number++;
      const isSeen = arrow[1] === 'B' || arrow[1] === 'C';
      if (isSeen && (current === undefined || current === alternative)) {
        arrows.push({ number, step: `${arrow[1]}->>${arrow[2]}: ${arrow[3]}` });
      }
    }
  }
  return arrows;
}
