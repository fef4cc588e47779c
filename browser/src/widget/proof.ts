/** The parts of a call that its signature covers. */
export interface SignedCall {
  method: string;
  /** The path below the server's address, with the query. */
  path: string;
  /** Of these, a signature covers the two that say for whom the call is. */
  headers: Record<string, string>;
  body: string | ArrayBuffer | null;
}

const HMAC = { name: 'HMAC', hash: 'SHA-256', length: 256 }; // without a length, browsers make keys of 512 bits
/** Their 32 characters are enough for a secret that nobody guesses. */
const RANDOM_BYTES = 24;

const utf8 = (text: string) => new TextEncoder().encode(text);
const base64 = (bytes: ArrayBuffer | Uint8Array) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const sha256 = async (data: string | ArrayBuffer) => base64(await crypto.subtle.digest('SHA-256', typeof data === 'string' ? utf8(data) : data));
const mac = async (key: CryptoKey, text: string) => base64(await crypto.subtle.sign('HMAC', key, utf8(text)));

/** Base64 as in URLs, without padding (RFC 4648 §5). */
const forUrl = (text: string) => text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');

/** A nonce, or an id that nobody else makes. */
export const newRandom = () => forUrl(base64(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))));

export function newPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
}

/** A public key as the API has it: the uncompressed point, in base64url. */
export async function publicKeyOf({ publicKey }: CryptoKeyPair): Promise<string> {
  return forUrl(base64(await crypto.subtle.exportKey('raw', publicKey)));
}

/** The secret that browser and server share. No script can read it, only sign with it. */
export async function agree({ privateKey }: CryptoKeyPair, theirs: string, conversation: string): Promise<CryptoKey> {
  const { subtle } = crypto;
  const point = Uint8Array.from(atob(theirs.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0));
  const other = await subtle.importKey('raw', point, { name: 'ECDH', namedCurve: 'P-256' }, false, []);
  const shared = await subtle.deriveBits({ name: 'ECDH', public: other }, privateKey, 256);
  const secret = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: utf8(conversation), info: utf8('parlour proof 1') };
  return subtle.deriveKey(hkdf, secret, HMAC, false, ['sign']);
}

/**
 * The headers that prove that a call comes from the browser with the key: an HTTP Message Signature (RFC 9421) over all that the
 * call has of the parts in the list, in this order.
 *
 * @param created seconds since 1970, by the server's clock
 */
export async function signed(key: CryptoKey, { method, path, headers, body }: SignedCall, created: number): Promise<Record<string, string>> {
  const [plain = '', query] = path.split('?');
  const digest = body && `sha-256=:${await sha256(body)}:`;
  const parts = Object.entries({
    '@method': method,
    '@path': plain.toLowerCase(),
    '@query': query && `?${query}`,
    'content-digest': digest,
    'authorization': headers['Authorization'],
    'webchat-deployment-key': headers['Webchat-Deployment-Key'],
  }).filter(([, value]) => value);
  const list = parts.map(([name]) => `"${name}"`).join(' ');
  const parameters = `(${list});created=${created};nonce="${newRandom()}";alg="hmac-sha256"`;
  const base = [...parts, ['@signature-params', parameters]].map(([name, value]) => `"${name}": ${value}`).join('\n');
  return {
    ...(digest ? { 'Content-Digest': digest } : {}),
    'Signature-Input': `p=${parameters}`,
    'Signature': `p=:${await mac(key, base)}:`,
  };
}

/** The proof that a frame with a token needs: it covers the nonce, so it is worth nothing on another socket. */
export async function proofOf(key: CryptoKey, nonce: string, token: string, deploymentKey: string): Promise<string> {
  return forUrl(await mac(key, ['parlour socket 1', nonce, forUrl(await sha256(token)), deploymentKey].join('\n')));
}
