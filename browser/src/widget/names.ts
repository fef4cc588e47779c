/** The suggestion for an unknown name: the most similar known one, if a typing mistake can explain the difference. */
export function nearest(known: string[], unknown: string): string {
  const near = known.map((key) => ({ key, steps: distance(key, unknown) })).sort((a, b) => a.steps - b.steps)[0];
  return near && near.steps <= 2 ? `; did you mean ${near.key}?` : '';
}

/** Counts the differences of two names, so that a typing mistake is recognized. */
function distance(known: string, unknown: string): number {
  const [one, other] = [known.toLowerCase(), unknown.toLowerCase()];
  return Math.abs(one.length - other.length) + [...other].filter((letter) => !one.includes(letter)).length;
}
