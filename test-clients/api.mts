// Uses the client that is made from docs/api/openapi.yaml: a guest starts a chat, and a server of the account answers.
// The compiler checks each path, field and member here against the document.
import createClient, { type Middleware } from 'openapi-fetch'
import type { paths } from './schema.mjs'

/** An answer as it was on the wire. */
interface Answer { method: string, path: string, status: number, body: string }

export async function chat(environment: Record<string, string>): Promise<Answer[]> {
  const baseUrl = environment['PARLOUR']!
  const deploymentKey = environment['DEPLOYMENT_KEY']!
  const answers: Answer[] = []
  // An assertion about types has to be declared with its type.
  const assert: (condition: boolean) => asserts condition = condition => {
    if (!condition) throw new Error('this is not the expected answer: ' + JSON.stringify(answers.at(-1)))
  }
  const recorded: Middleware = {
    async onResponse({ request, response, schemaPath }) {
      answers.push({ method: request.method, path: schemaPath, status: response.status, body: await response.clone().text() })
    }
  }

  const browser = {
    Origin: environment['ORIGIN']!,
    'User-Agent': environment['USER_AGENT']!,
    'Accept-Language': 'en-GB,en;q=0.9',
    'x-twilio-sec-usersettings': '{"language":"en-GB","cookieEnabled":true,"userTimezone":-60}'
  }
  const guest = createClient<paths>({ baseUrl, headers: browser })
  guest.use(recorded)
  const there = await guest.GET('/v2/Webchat/Availability', { params: { query: { deploymentKey } } })
  assert(there.data?.open === true)
  const started = await guest.POST('/v2/Webchat/Init', { body: { deploymentKey, customerFriendlyName: 'Ada' } })
  assert(started.data !== undefined)
  const ConversationSid = started.data.conversation_sid
  const refreshed = await guest.POST('/v2/Webchat/Token/Refresh', { body: { deploymentKey, token: started.data.token } })
  assert(refreshed.data?.valid === true)
  const Authorization = `Bearer ${refreshed.data.token}`
  const header = { 'Webchat-Deployment-Key': deploymentKey }
  const asGuest = { headers: { Authorization }, params: { header } }
  const said = await guest.POST('/v2/Webchat/Messages', { ...asGuest, body: { body: 'Is it open?', client_id: 'a' } })
  assert(said.data?.index === 0)
  const again = await guest.POST('/v2/Webchat/Messages', { ...asGuest, body: { body: 'Is it open?', client_id: 'a' } })
  assert(again.response.status === 200 && again.data?.sid === said.data.sid)
  const uploaded = await guest.POST('/v2/Webchat/Media', {
    headers: { Authorization, 'Content-Type': 'text/plain' },
    params: { header, query: { ClientId: 'b', Filename: 'a.txt' } },
    body: 'Hello',
    bodySerializer: (body: unknown) => body as string
  })
  assert(uploaded.data?.size === 5)
  const withFile = await guest.POST('/v2/Webchat/Messages', { ...asGuest, body: { client_id: 'c', media_sids: [uploaded.data.sid] } })
  assert(withFile.data?.media[0]?.filename === 'a.txt')
  const record = await guest.GET('/v2/Webchat/Media/{MediaSid}', { headers: { Authorization }, params: { header, path: { MediaSid: uploaded.data.sid } } })
  assert(record.data?.message_sid === withFile.data.sid)
  await guest.POST('/v2/Webchat/Typing', { ...asGuest, body: {} })
  await guest.POST('/v2/Webchat/Read', { ...asGuest, body: { index: 1 } })

  const server = createClient<paths>({ baseUrl, headers: { Authorization: environment['AUTHORIZATION']! } })
  server.use(recorded)
  const listed = await server.GET('/v1/Conversations', { params: { query: { State: 'active' } } })
  assert(listed.data?.conversations.some(one => one.sid === ConversationSid) === true)
  await server.GET('/v1/Conversations/{ConversationSid}', { params: { path: { ConversationSid } } })
  const bot = await server.POST('/v1/Conversations/{ConversationSid}/Participants', { params: { path: { ConversationSid } }, body: { Identity: 'bot', FriendlyName: 'Bot' } })
  assert(bot.data !== undefined)
  const twice = await server.POST('/v1/Conversations/{ConversationSid}/Participants', { params: { path: { ConversationSid } }, body: { Identity: 'bot' } })
  assert(twice.error?.code === 50433 && twice.error.action === 'fix')
  const offer = await server.POST('/v1/Services/{ServiceSid}/Media', {
    headers: { 'Content-Type': 'text/plain' },
    params: { path: { ServiceSid: uploaded.data.service_sid }, query: { Filename: 'offer.txt', Category: 'media' } },
    body: 'An offer',
    bodySerializer: (body: unknown) => body as string
  })
  assert(offer.data !== undefined)
  await server.GET('/v1/Services/{ServiceSid}/Media/{MediaSid}', { params: { path: { ServiceSid: uploaded.data.service_sid, MediaSid: offer.data.sid } } })
  const answered = await server.POST('/v1/Conversations/{ConversationSid}/Messages', { params: { path: { ConversationSid } }, body: { Author: 'bot', Body: 'Yes', MediaSid: [offer.data.sid] } })
  assert(answered.data?.media?.[0]?.filename === 'offer.txt')
  const message = { params: { path: { ConversationSid, MessageSid: answered.data.sid } } }
  await server.GET('/v1/Conversations/{ConversationSid}/Messages/{MessageSid}', message)
  const edited = await server.POST('/v1/Conversations/{ConversationSid}/Messages/{MessageSid}', { ...message, body: { Body: 'Yes, it is', Attributes: '{"a":1}' } })
  assert(edited.data?.body === 'Yes, it is')
  const receipts = await server.GET('/v1/Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts', message)
  const ReceiptSid = receipts.data?.delivery_receipts[0]?.sid
  assert(ReceiptSid !== undefined)
  await server.GET('/v1/Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts/{ReceiptSid}', { params: { path: { ...message.params.path, ReceiptSid } } })
  const page = await server.GET('/v1/Conversations/{ConversationSid}/Messages', { params: { path: { ConversationSid }, query: { PageSize: 1, Order: 'desc' } } })
  assert(page.data?.messages[0]?.sid === answered.data.sid && page.data.meta.next_page_url !== null)
  const participant = { params: { path: { ConversationSid, ParticipantSid: bot.data.sid } } }
  await server.GET('/v1/Conversations/{ConversationSid}/Participants/{ParticipantSid}', participant)
  await server.GET('/v1/Conversations/{ConversationSid}/Participants', { params: { path: { ConversationSid } } })
  const read = await server.POST('/v1/Conversations/{ConversationSid}/Participants/{ParticipantSid}', { ...participant, body: { LastReadMessageIndex: 1 } })
  assert(read.data?.last_read_message_index === 1)

  const history = await guest.GET('/v2/Webchat/Messages', { ...asGuest, params: { header, query: { limit: 10 } } })
  assert(history.data?.messages.at(-1)?.body === 'Yes, it is')
  await server.DELETE('/v1/Conversations/{ConversationSid}/Participants/{ParticipantSid}', participant)
  await server.DELETE('/v1/Conversations/{ConversationSid}/Messages/{MessageSid}', message)
  const push = await guest.GET('/v2/Webchat/Push', asGuest)
  assert(push.data?.subscribed === false && push.data.key === undefined)
  const subscription = {
    endpoint: 'https://push.example.com/1',
    p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    auth: 'BTBZMqHH6r4Tts7J_aSIgg',
    title: 'Shop',
    text: 'New message'
  }
  const subscribed = await guest.POST('/v2/Webchat/Push', { ...asGuest, body: subscription })
  assert(subscribed.error?.code === 45794)
  await guest.POST('/v2/Webchat/Push/End', { ...asGuest, body: {} })
  const ended = await guest.POST('/v2/Webchat/End', { ...asGuest, body: { forget: false } })
  assert(ended.data?.state === 'closed')
  await guest.POST('/v2/Webchat/Reopen', { ...asGuest, body: {} })
  const closed = await server.POST('/v1/Conversations/{ConversationSid}', { params: { path: { ConversationSid } }, body: { State: 'closed' } })
  assert(closed.data?.state === 'closed')
  const own = await server.POST('/v1/Conversations', { body: { DeploymentKey: deploymentKey, Identity: 'bob@example.com' } })
  assert(own.data !== undefined)
  await server.DELETE('/v1/Conversations/{ConversationSid}', { params: { path: { ConversationSid: own.data.sid } } })
  const gone = await server.GET('/v1/Conversations/{ConversationSid}', { params: { path: { ConversationSid: own.data.sid } } })
  assert(gone.error?.code === 20404)
  const older = await guest.POST('/v2/Webchat/Token', { body: { deploymentKey } })
  assert(older.data !== undefined)
  await guest.POST('/v2/Webchat/Tokens/Refresh', { body: { deploymentKey, token: older.data.token } })
  return answers
}

