// A page with a chat of its own, as a site writes it on the client package. The tests bundle it with the
// unmodified package of one version. Its address has the deployment's key and the way to Parlour: `region`
// as for the web app, or `api` and `socket`. It calls Init and Tokens/Refresh as the web app does.

import { Client } from '@twilio/conversations'

const STORED = 'TWILIO_WEBCHAT_WIDGET'
const here = new URLSearchParams(location.search)
const region = here.get('region')
const api = region ? `https://flex-api.${region}.twilio.com` : here.get('api')
const options = region ? { region } : { Twilsock: { uri: here.get('socket') } }
const element = (id) => document.getElementById(id)

let conversation
let oldest

async function post(call, fields) {
  const response = await fetch(`${api}/v2/Webchat/${call}`, {
    method: 'POST',
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Twilio-Sec-Usersettings': JSON.stringify({
        language: navigator.language,
        cookieEnabled: navigator.cookieEnabled,
        userTimezone: new Date().getTimezoneOffset(),
      }),
      'X-Twilio-Sec-Webchatinfo': JSON.stringify({ loginTimestamp: String(Date.now()) }),
      'X-Twilio-Sec-Decoders': JSON.stringify({ audio: [], video: [] }),
    },
    body: new URLSearchParams(fields).toString(),
  })
  document.body.dataset.trace = response.headers.get('Parlour-Trace-Id')
  document.body.dataset.call = new URL(response.url).pathname
  const answer = await response.json()
  if (!response.ok) {
    throw new Error(`${answer.code}: ${answer.message}`)
  }
  return answer
}

/** Keeps the new token beside what the first answer said. */
function store(answer) {
  const session = {
    token: answer.token,
    expiration: answer.expiration,
    identity: answer.identity,
    conversationSid: answer.conversation_sid,
  }
  localStorage.setItem(STORED, JSON.stringify(session))
  return session
}

const stored = () => JSON.parse(localStorage.getItem(STORED))

const refresh = async () =>
  store(await post('Tokens/Refresh', { DeploymentKey: here.get('key'), Token: stored().token }))

const state = (text) => {
  element('state').textContent = text
}

const failed = (error) => {
  element('alert').textContent = error?.message ?? String(error)
}

/** Each page and each event adds its messages, so that a message which comes twice is seen twice. */
function add(message) {
  const line = document.createElement('li')
  line.value = message.index
  line.dataset.participant = message.participantSid
  line.append(document.createElement('b'), message.body)
  const later = [...element('messages').children].find((other) => other.value > message.index)
  element('messages').insertBefore(line, later ?? null)
  line.scrollIntoView()
}

async function showNames() {
  for (const participant of await conversation.getParticipants()) {
    const { friendlyName } = await participant.getUser()
    for (const name of document.querySelectorAll(`li[data-participant="${participant.sid}"] b`)) {
      name.textContent = friendlyName
    }
  }
}

async function show(messages) {
  messages.forEach(add)
  await showNames()
}

async function connect(session) {
  const client = await Client.create(session.token, options)
  state(client.connectionState)
  client.on('connectionStateChanged', state)
  client.on('tokenAboutToExpire', () =>
    refresh()
      .then((next) => client.updateToken(next.token))
      .catch(failed),
  )
  conversation = await client.getConversationBySid(session.conversationSid)
  const ends = () => {
    if (conversation.state?.current !== 'active') {
      document.body.dataset.ended = conversation.state?.current
      element('alert').textContent = 'This chat has ended.'
    }
  }
  conversation.on('messageAdded', (message) => show([message]).catch(failed))
  conversation.on('participantJoined', () => showNames().catch(failed))
  conversation.on('updated', ends)
  oldest = await conversation.getMessages(30)
  await show(oldest.items)
  ends()
  document.body.dataset.ready = 'true'
}

element('start').addEventListener('click', async () => {
  try {
    const answer = await post('Init', {
      DeploymentKey: here.get('key'),
      CustomerFriendlyName: 'Ada',
      PreEngagementData: JSON.stringify({ friendlyName: 'Ada', query: 'Which teas do you have?' }),
    })
    await connect(store(answer))
  } catch (error) {
    failed(error)
  }
})

element('older').addEventListener('click', async () => {
  if (oldest.hasPrevPage) {
    oldest = await oldest.prevPage()
    await show(oldest.items)
  }
})

element('form').addEventListener('submit', async (event) => {
  event.preventDefault()
  const text = element('text').value
  element('text').value = ''
  await conversation.sendMessage(text).catch(failed)
})

if (stored()) {
  refresh().then(connect).catch(failed)
}
