// A page with a chat of its own, as a site writes it on the published client. The tests bundle it with the
// unmodified package of one version. Its address has the deployment's key and the way to Parlour: `region`
// as for the web app, or `api` and `socket`. It calls what the web app calls: Init and Tokens/Refresh with the
// headers, typing, reading, files, and the transcript. With `region` it does three more things as the web app:
// it sends the first question if there is no message yet, resumes with the stored token and without a call
// before the socket, and counts messages to find the earlier ones.

import { Client } from '@twilio/conversations'

const STORED = 'TWILIO_WEBCHAT_WIDGET'
const QUESTION = 'Which teas do you have?'
const here = new URLSearchParams(location.search)
const region = here.get('region')
const api = region ? `https://flex-api.${region}.twilio.com` : here.get('api')
const options = region ? { region } : { Twilsock: { uri: here.get('socket') } }
const element = (id) => document.getElementById(id)

let user
let conversation
let oldest
let turns = 0

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
      'X-Twilio-Sec-Webchatinfo': JSON.stringify({
        loginTimestamp: stored()?.loginTimestamp ?? '9999999',
        deploymentKey: here.get('key'),
      }),
      'X-Twilio-Sec-Decoders': JSON.stringify({ audio: [], video: [] }),
    },
    body: new URLSearchParams(fields).toString(),
  })
  document.body.dataset.trace = response.headers.get('Parlour-Trace-Id')
  document.body.dataset.call = new URL(response.url).pathname
  const answer = await response.json()
  if (!response.ok) {
    const retryAfter = answer.action === 'retry' ? Number(response.headers.get('Retry-After')) : undefined
    throw Object.assign(new Error(`${answer.code}: ${answer.message}`), { retryAfter })
  }
  return answer
}

const stored = () => JSON.parse(localStorage.getItem(STORED))

/** Keeps the new token, and when the guest started this chat. */
function store(answer, loginTimestamp) {
  const session = {
    loginTimestamp,
    token: answer.token,
    expiration: answer.expiration,
    identity: answer.identity,
    conversationSid: answer.conversation_sid,
  }
  localStorage.setItem(STORED, JSON.stringify(session))
  return session
}

/** In an outage the token is as good as before, so the page repeats the call. */
async function refresh() {
  const { token, loginTimestamp } = stored()
  try {
    const answer = await post('Tokens/Refresh', { DeploymentKey: here.get('key'), Token: token })
    element('alert').textContent = ''
    return store(answer, loginTimestamp)
  } catch (error) {
    if (!error.retryAfter) {
      throw error
    }
    failed(error)
    await new Promise((passed) => setTimeout(passed, error.retryAfter * 1000))
    return refresh()
  }
}

const state = (text) => {
  element('state').textContent = text
}

const failed = (error) => {
  element('alert').textContent = error?.message ?? String(error)
}

const files = (message) => message.attachedMedia ?? []

/** A button that opens a file by its temporary link, in a window of its own. */
function opens(file) {
  const button = document.createElement('button')
  button.textContent = `${file.filename} (${file.size} bytes)`
  button.addEventListener('click', () =>
    file
      .getContentTemporaryUrl()
      .then((url) => window.open(url))
      .catch(failed),
  )
  return button
}

/** Each page and each event adds its messages, so that a message which comes twice is seen twice. */
function add(message) {
  const line = document.createElement('li')
  line.value = message.index
  line.dataset.participant = message.participantSid
  line.append(document.createElement('b'), document.createElement('span'), ...files(message).map(opens))
  line.querySelector('span').textContent = message.body
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

/** Who is typing, and whether everybody else has read up to the newest message. Only the latest call shows it. */
async function showPeople() {
  const turn = ++turns
  const others = (await conversation.getParticipants()).filter((one) => one.identity !== user)
  const typing = await Promise.all(others.filter((one) => one.isTyping).map((one) => one.getUser()))
  if (turn !== turns) {
    return
  }
  element('typing').textContent = typing.map((one) => `${one.friendlyName} is typing…`).join(' ')
  const newest = conversation.lastMessage?.index
  const isRead = others.length > 0 && others.every((one) => one.lastReadMessageIndex === newest)
  element('read').textContent = isRead ? 'Read' : ''
}

/** All messages as text, and the bytes of their files, which the page fetches by their links. */
async function transcript() {
  const byIndex = new Map() // 2.1.0-rc.0 gets the only message of a conversation twice
  for (let page = await conversation.getMessages(100); page; page = page.hasPrevPage && (await page.prevPage())) {
    page.items.forEach((message) => byIndex.set(message.index, message))
  }
  const all = [...byIndex.values()].sort((a, b) => a.index - b.index)
  const lines = [`Answers: ${JSON.stringify(conversation.attributes.pre_engagement_data)}`]
  for (const message of all) {
    lines.push(message.body)
    for (const file of files(message)) {
      const response = await fetch(await file.getContentTemporaryUrl())
      lines.push(`${file.filename}: ${response.status}, ${(await response.blob()).size} bytes`)
    }
  }
  return lines.join('\n')
}

async function connect(session) {
  const client = await Client.create(session.token, options)
  state(client.connectionState)
  client.on('connectionStateChanged', state)
  client.on('tokenAboutToExpire', () =>
    refresh()
      .then((next) => client.updateToken(next.token))
      .then(() => {
        document.body.dataset.renewed = 'true'
      })
      .catch(failed),
  )
  user = session.identity
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
  for (const change of ['updated', 'typingStarted', 'typingEnded', 'participantUpdated', 'messageAdded']) {
    conversation.on(change, () => showPeople().catch(failed))
  }
  oldest = await conversation.getMessages(30)
  await show(oldest.items)
  ends()
  document.body.dataset.ready = 'true'
}

element('start').addEventListener('click', async () => {
  element('messages').replaceChildren()
  element('alert').textContent = ''
  delete document.body.dataset.ended
  delete document.body.dataset.ready
  try {
    const answer = await post('Init', {
      DeploymentKey: here.get('key'),
      CustomerFriendlyName: 'Ada',
      PreEngagementData: JSON.stringify({ friendlyName: 'Ada', query: QUESTION }),
    })
    await connect(store(answer, Date.now()))
    if (region && !(await conversation.getMessagesCount())) {
      await conversation.prepareMessage().setBody(QUESTION).build().send()
    }
  } catch (error) {
    failed(error)
  }
})

element('older').addEventListener('click', async () => {
  if (region) {
    const shown = element('messages').children.length
    const all = await conversation.getMessagesCount()
    if (shown < all) {
      await show((await conversation.getMessages(30, all - shown - 1)).items)
    }
  } else if (oldest.hasPrevPage) {
    oldest = await oldest.prevPage()
    await show(oldest.items)
  }
})

element('form').addEventListener('submit', async (event) => {
  event.preventDefault()
  const message = conversation.prepareMessage().setBody(element('text').value)
  for (const file of element('files').files) {
    const form = new FormData()
    form.append(file.name, file)
    message.addMedia(form)
  }
  element('form').reset()
  await message.build().send().catch(failed)
})

const reads = () => conversation.setAllMessagesRead().catch(failed)

element('text').addEventListener('focus', reads)

element('text').addEventListener('input', () => {
  conversation.typing().catch(failed)
  if (conversation.lastReadMessageIndex !== conversation.lastMessage?.index) {
    reads()
  }
})

element('transcript').addEventListener('click', async () => {
  document.body.dataset.transcript = await transcript().catch(String)
})

if (stored()) {
  const session = region ? Promise.resolve(stored()) : refresh()
  session.then(connect).catch(failed)
}
