// The npm package twilio, pointed at Parlour: what ServerApiTest starts, with where and who in the
// environment. Prints what it found as one line of JSON.
import twilio from 'twilio';
import { ToParlour } from './to-parlour.mjs';

const { PARLOUR, ACCOUNT_SID, AUTH_TOKEN, CONVERSATION_SID } = process.env;

const client = twilio(ACCOUNT_SID, AUTH_TOKEN, { httpClient: new ToParlour() });
const conversations = client.conversations.v1.conversations;
const conversation = conversations(CONVERSATION_SID);

const found = {};
found.listed = (await conversations.list({ limit: 20 })).map((one) => one.sid);
found.participant = (await conversation.participants.create({ identity: 'bot' })).identity;
const message = await conversation.messages.create({ author: 'bot', body: 'Hello from npm', attributes: '{"a":1}' });
found.created = { index: message.index, author: message.author, body: message.body, date: message.dateCreated instanceof Date };
found.updated = (await conversation.messages(message.sid).update({ body: 'Hello again from npm' })).body;
found.messages = (await conversation.messages.list({ pageSize: 2 })).map((one) => one.body);
found.newest = (await conversation.messages.list({ order: 'desc', limit: 1 })).map((one) => one.body);
found.removed = await conversation.messages(message.sid).remove();
found.gone = await conversation.messages(message.sid).fetch().catch((error) => ({ status: error.status, code: error.code }));
// The package has no resource for files: its users upload them by HTTP, and can read records with its client.
const authorization = { Authorization: `Basic ${btoa(`${ACCOUNT_SID}:${AUTH_TOKEN}`)}` };
const service = `${PARLOUR}/v1/Services/IS${ACCOUNT_SID.slice(2)}/Media`;
const uploaded = await fetch(`${service}?Filename=offer.txt`, {
  method: 'POST',
  headers: { ...authorization, 'Content-Type': 'text/plain' },
  body: 'An offer',
});
const { sid: mediaSid } = await uploaded.json();
const withFile = await conversation.messages.create({ author: 'bot', mediaSid });
const [file] = (await conversation.messages(withFile.sid).fetch()).media;
const record = JSON.parse((await client.request({ method: 'get', uri: `${service}/${file.sid}` })).body);
found.file = {
  same: file.sid === mediaSid,
  filename: file.filename,
  type: file.content_type,
  size: file.size,
  content: await (await fetch(record.links.content_direct_temporary)).text(),
};
found.identities = (await conversation.participants.list()).map((one) => one.identity);
found.state = (await conversation.update({ state: 'closed' })).state;
found.closed = await conversation.messages.create({ body: 'late' }).catch((error) => ({ status: error.status, code: error.code }));
console.log(JSON.stringify(found));
