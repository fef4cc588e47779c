/**
 * A switch of the page, which the browser keeps. It is on unless the agent has switched it off.
 *
 * @param isOn switches it; undefined: reads it
 */
export function kept(name: string, isOn?: boolean): boolean {
  try {
    const key = `parlour inbox ${name}`;
    if (isOn !== undefined) localStorage.setItem(key, String(isOn));
    return localStorage.getItem(key) !== 'false';
  } catch {
    return isOn ?? true; // the browser keeps nothing
  }
}
