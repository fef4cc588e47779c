/**
 * Imports a part of the widget from the server.
 *
 * @param attempt a number of its own, because a browser can remember that an import failed
 */
export function importFrom(server: string, file: string, attempt: number): Promise<unknown> {
  return import(`${server}/${file}${attempt ? `?${attempt}` : ''}`);
}
