/** Sends what the package would send to its makers' host to Parlour. */
export class ToParlour {
  async request({ method, uri, username, password, params = {}, data = {} }) {
    const address = new URL(uri);
    const url = new URL(address.pathname + address.search, process.env.PARLOUR);
    for (const [name, value] of Object.entries(params)) if (value !== undefined) url.searchParams.set(name, value);
    const body = new URLSearchParams(Object.entries(data).filter(([, value]) => value !== undefined));
    const answer = await fetch(url, {
      method,
      headers: {
        Authorization: `Basic ${btoa(`${username}:${password}`)}`,
        ...(method === 'post' ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
      },
      ...(method === 'post' ? { body } : {}),
    });
    return { statusCode: answer.status, body: await answer.text(), headers: Object.fromEntries(answer.headers) };
  }
}
