/** A time as the page shows it, in the time zone of the browser. */
export function timeOf(time: string): string {
  return new Date(time).toLocaleString();
}
