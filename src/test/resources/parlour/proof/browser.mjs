// A browser's side of the agreement and of the proofs, by WebCrypto alone (WebCryptoTest).
import { createInterface } from 'node:readline';

const { subtle } = globalThis.crypto;
const utf8 = (text) => new TextEncoder().encode(text);
const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');
const sha256 = (text) => subtle.digest('SHA-256', utf8(text));
const P256 = { name: 'ECDH', namedCurve: 'P-256' };

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;

/** Makes a pair, sends its public key, and derives from the answer: a server's key and a salt. */
async function agree() {
  const pair = await subtle.generateKey(P256, false, ['deriveBits']);
  console.log(base64url(await subtle.exportKey('raw', pair.publicKey)));
  const [serverKey, salt] = (await next()).split(' ');
  const theirs = await subtle.importKey('raw', Buffer.from(serverKey, 'base64url'), P256, true, []);
  const shared = await subtle.deriveBits({ name: 'ECDH', public: theirs }, pair.privateKey, 256);
  const secret = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits', 'deriveKey']);
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: utf8(salt), info: utf8('parlour proof 1') };
  console.log(base64url(await subtle.deriveBits(hkdf, secret, 256)));
  const hmac = { name: 'HMAC', hash: 'SHA-256', length: 256 };
  return subtle.deriveKey(hkdf, secret, hmac, false, ['sign']);
}

/** Prints a call and the headers of its proof, in one line. */
async function sign(key, created, method, path, query, token, deployment, body) {
  const digest = body && `sha-256=:${base64(await sha256(body))}:`;
  const covered = [
    ['@method', method],
    ['@path', path.toLowerCase()],
    ['@query', query && `?${query}`],
    ['content-digest', digest],
    ['authorization', token],
    ['webchat-deployment-key', deployment],
  ].filter(([, value]) => value);
  const list = covered.map(([name]) => `"${name}"`).join(' ');
  const nonce = base64url(globalThis.crypto.getRandomValues(new Uint8Array(16)));
  const parameters = `(${list});created=${created};nonce="${nonce}";alg="hmac-sha256"`;
  const base = [...covered, ['@signature-params', parameters]];
  const text = base.map(([name, value]) => `"${name}": ${value}`).join('\n');
  const mac = await subtle.sign('HMAC', key, utf8(text));
  const headers = [digest, `p=${parameters}`, `p=:${base64(mac)}:`];
  console.log([method, path, query, token, deployment, body, ...headers].join('\t'));
}

/** Prints the proof of a socket's hello. */
async function hello(key, nonce, token, deployment) {
  const text = ['parlour socket 1', nonce, base64url(await sha256(token)), deployment].join('\n');
  console.log(base64url(await subtle.sign('HMAC', key, utf8(text))));
}

const [agreements, created, nonce] = (await next()).split(' ');
let key;
for (let i = 0; i < Number(agreements); i++) {
  key = await agree();
}
const token = 'plr1.AbC-_123';
const bearer = `Bearer ${token}`;
const body = '{"body":"grüß dich, 世界 👋"}';
const messages = '/v2/Webchat/Messages';
await sign(key, created, 'POST', messages, '', bearer, 'CV1', body);
await sign(key, created, 'GET', messages, 'limit=50&before=3', bearer, 'CV1', '');
await sign(key, created, 'GET', messages, '', bearer, 'CV1', '');
await sign(key, created, 'POST', '/v2/Webchat/Refresh', '', '', '', body);
await sign(key, created, 'POST', '/v2/Webchat/End', '', bearer, '', '');
await hello(key, nonce, token, 'CV1');
process.exit(0);
