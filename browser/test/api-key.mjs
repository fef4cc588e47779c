// The npm package twilio with an API key of Parlour in place of the auth token: what ApiKeysTest starts. Prints what
// it found as one line of JSON.
import twilio from 'twilio';
import { ToParlour } from './to-parlour.mjs';

const { ACCOUNT_SID, API_KEY, API_SECRET, CONVERSATION_SID } = process.env;

const client = twilio(API_KEY, API_SECRET, { accountSid: ACCOUNT_SID, httpClient: new ToParlour() });
const conversation = client.conversations.v1.conversations(CONVERSATION_SID);
const outcome = (promise, success) =>
  promise.then(success, (error) => ({ status: error.status, code: error.code, message: error.message }));

const found = {
  read: await outcome(conversation.messages.list(), (all) => all.map((one) => one.body)),
  write: await outcome(conversation.messages.create({ author: 'bot', body: 'Hello with a key' }), (one) => one.body),
  erase: await outcome(conversation.remove(), (gone) => gone),
};
console.log(JSON.stringify(found));
