// The npm package twilio starts a conversation by its general request, because its own call has no
// fields for the deployment and the guest. ServerApiTest starts this.
import twilio from 'twilio';
import { ToParlour } from './to-parlour.mjs';

const { ACCOUNT_SID, AUTH_TOKEN, DEPLOYMENT_KEY } = process.env;
const client = twilio(ACCOUNT_SID, AUTH_TOKEN, { httpClient: new ToParlour() });
const conversations = client.conversations.v1.conversations;

const created = await client.request({
  method: 'post',
  uri: 'https://conversations.twilio.com/v1/Conversations',
  data: { DeploymentKey: DEPLOYMENT_KEY, Identity: 'eve' },
});
const { sid } = typeof created.body === 'string' ? JSON.parse(created.body) : created.body;
console.log(
  JSON.stringify({
    status: created.statusCode,
    identities: (await conversations(sid).participants.list()).map((one) => one.identity),
    without: await conversations.create({ friendlyName: 'Eve' }).catch((error) => error.status),
  }),
);
