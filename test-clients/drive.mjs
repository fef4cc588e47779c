// Drives the published clients for the Java tests. It reads one command per line from its standard
// input, {"id", "client", "op", ...}, and prints one JSON object per line: an answer {"id", "result"} or
// {"id", "error"}, or an observation {"client", "event", ...}. All versions run in this one process.

import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import net from 'node:net'
import readline from 'node:readline'

const require = createRequire(import.meta.url)
const clients = new Map()
const messages = new Map()
const proxies = new Map()

// Of the guest's browser, where the command names one.
let userAgent = 'node'

// Pages give the packages a FormData of their browser, which their XMLHttpRequest for Node cannot send.
// Two of the packages would replace it by one that no browser has.
const { FormData } = globalThis
Object.defineProperty(globalThis, 'FormData', { get: () => FormData, set() {} })
const { XMLHttpRequest } = require('xmlhttprequest')
globalThis.XMLHttpRequest = function () {
  const request = new XMLHttpRequest()
  const send = request.send.bind(request)
  request.send = async (body) => {
    request.setRequestHeader('User-Agent', userAgent)
    if (!(body instanceof FormData)) {
      send(body)
      return
    }
    const form = new Response(body)
    request.setRequestHeader('Content-Type', form.headers.get('content-type'))
    send(Buffer.from(await form.arrayBuffer()))
  }
  return request
}

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

const seen = (message) => ({
  sid: message.sid,
  index: message.index,
  body: message.body,
  author: message.author,
  participant: message.participantSid,
  attributes: message.attributes,
  files: (message.attachedMedia ?? []).map((file) => ({
    sid: file.sid,
    category: file.category,
    filename: file.filename,
    contentType: file.contentType,
    size: file.size,
  })),
})

/** A file of a command, whose content is a text, base64, or only as long as it says. */
const content = ({ text, base64, size }) =>
  base64 ? Buffer.from(base64, 'base64') : Buffer.from(text ?? 'x'.repeat(size))

const raw = (file) => ({
  contentType: file.contentType,
  filename: file.filename,
  media: content(file),
})

async function download(url) {
  const answer = await fetch(url)
  const bytes = Buffer.from(await answer.arrayBuffer())
  return answer.ok ? createHash('sha256').update(bytes).digest('hex') : `HTTP ${answer.status}`
}

const person = (participant) => ({
  sid: participant.sid,
  identity: participant.identity,
  read: participant.lastReadMessageIndex,
  readAt: participant.lastReadTimestamp,
  attributes: participant.attributes,
  updated: participant.dateUpdated,
})

function watch(name, client) {
  const observe = (event, of = {}) => print({ client: name, event, ...of })
  client.on('connectionStateChanged', (state) => observe('connectionStateChanged', { state }))
  client.on('connectionError', (error) =>
    observe('connectionError', {
      terminal: error.terminal,
      message: error.message,
      code: error.errorCode,
      status: error.httpStatusCode,
    }),
  )
  client.on('tokenAboutToExpire', () => observe('tokenAboutToExpire'))
  client.on('tokenExpired', () => observe('tokenExpired'))
  client.on('conversationJoined', (conversation) => observe('conversationJoined', { sid: conversation.sid }))
  client.on('conversationLeft', (conversation) => observe('conversationLeft', { sid: conversation.sid }))
  client.on('conversationRemoved', (conversation) =>
    observe('conversationRemoved', { sid: conversation.sid }),
  )
  client.on('conversationUpdated', ({ conversation, updateReasons }) =>
    observe('conversationUpdated', {
      reasons: updateReasons,
      state: conversation.state?.current ?? null,
      stateSince: conversation.state?.dateUpdated,
      updated: conversation.dateUpdated,
      attributes: conversation.attributes,
      read: conversation.lastReadMessageIndex,
    }),
  )
  client.on('messageAdded', (message) => {
    messages.set(`${name} ${message.sid}`, message)
    observe('messageAdded', seen(message))
  })
  client.on('messageUpdated', ({ message, updateReasons }) =>
    observe('messageUpdated', { ...seen(message), reasons: updateReasons }),
  )
  client.on('messageRemoved', (message) => observe('messageRemoved', seen(message)))
  client.on('participantJoined', (participant) => observe('participantJoined', person(participant)))
  client.on('participantLeft', (participant) => observe('participantLeft', person(participant)))
  client.on('participantUpdated', ({ participant, updateReasons }) =>
    observe('participantUpdated', { ...person(participant), reasons: updateReasons }),
  )
  client.on('userUpdated', ({ user, updateReasons }) =>
    observe('userUpdated', {
      identity: user.identity,
      name: user.friendlyName,
      attributes: user.attributes,
      reasons: updateReasons,
    }),
  )
  client.on('typingStarted', (participant) => observe('typingStarted', person(participant)))
  client.on('typingEnded', (participant) => observe('typingEnded', person(participant)))
}

/** Resolves when the client is initialized, and rejects when it could not be. */
async function create({ client: name, version, token, uri, agent }) {
  userAgent = agent ?? userAgent
  const { Client } = require(`conversations-${version}`)
  const options = { Twilsock: { uri } }
  if (version === '2-1') {
    const client = await Client.create(token, options)
    clients.set(name, client)
    watch(name, client)
    return client.version
  }
  const client = new Client(token, options)
  clients.set(name, client)
  watch(name, client)
  await new Promise((resolve, reject) => {
    client.on('initialized', resolve)
    client.on('initFailed', ({ error }) => reject(new Error(error?.message ?? 'initFailed')))
  })
  return client.version
}

async function all(page) {
  const items = [...page.items]
  while (page.hasPrevPage) {
    page = await page.prevPage()
    items.unshift(...page.items)
  }
  return items
}

async function allDown(page) {
  const items = [...page.items]
  while (page.hasNextPage) {
    page = await page.nextPage()
    items.push(...page.items)
  }
  return items
}

const conversation = ({ client, sid }) => clients.get(client).getConversationBySid(sid)

const operations = {
  create,

  async conversations({ client }) {
    return (await clients.get(client).getSubscribedConversations()).items.map((one) => one.sid)
  },

  async conversation(command) {
    const one = await conversation(command)
    return {
      sid: one.sid,
      status: one.status,
      state: one.state?.current ?? null,
      stateSince: one.state?.dateUpdated,
      updated: one.dateUpdated,
      attributes: one.attributes,
      read: one.lastReadMessageIndex,
      last: one.lastMessage?.index ?? null,
      createdBy: one.createdBy,
      messages: await one.getMessagesCount(),
      participants: await one.getParticipantsCount(),
      unread: await one.getUnreadMessagesCount(),
    }
  },

  async participants(command) {
    const participants = await (await conversation(command)).getParticipants()
    return Promise.all(
      participants.map(async (one) => {
        const user = await one.getUser()
        return { ...person(one), type: one.type, name: user.friendlyName, user: user.identity }
      }),
    )
  },

  async user({ client }) {
    const { user } = clients.get(client)
    return { identity: user.identity, name: user.friendlyName, attributes: user.attributes }
  },

  async history(command) {
    return (await all(await (await conversation(command)).getMessages(command.size))).map(seen)
  },

  async historyDown(command) {
    const one = await conversation(command)
    return (await allDown(await one.getMessages(command.size, 0, 'forward'))).map(seen)
  },

  async newest(command) {
    return (await (await conversation(command)).getMessages(command.size)).items.map(seen)
  },

  async send(command) {
    return (await conversation(command)).sendMessage(command.body, command.attributes ?? {})
  },

  async sendFile(command) {
    return (await conversation(command)).sendMessage(raw(command.file), {})
  },

  /** As the web app sends a file: in a form. */
  async sendForm(command) {
    const form = new FormData()
    form.append(command.file.filename, new Blob([content(command.file)]), command.file.filename)
    return (await conversation(command)).sendMessage(form, {})
  },

  async sendFiles(command) {
    const prepared = (await conversation(command)).prepareMessage().setBody(command.body)
    return command.files.reduce((all, file) => all.addMedia(raw(file)), prepared).build().send()
  },

  /** Asks in each way of the package for links to the files of a message that was added, and opens them. */
  async openFiles({ client: name, message: sid }) {
    const client = clients.get(name)
    const message = messages.get(`${name} ${sid}`)
    const files = message.attachedMedia
    const ways = [
      await Promise.all(files.map((file) => file.getContentTemporaryUrl())),
      await Promise.all(
        (await message.attachTemporaryUrlsFor(files)).map((file) =>
          file.getCachedTemporaryUrl ? file.getCachedTemporaryUrl() : file.getContentTemporaryUrl(),
        ),
      ),
    ]
    if (client.getTemporaryContentUrlsForMedia) {
      const urls = await client.getTemporaryContentUrlsForMedia(files)
      ways.push(files.map((file) => urls.get(file.sid)))
    }
    return Promise.all(ways.map((urls) => Promise.all(urls.map(download))))
  },

  async sendPrepared(command) {
    const one = await conversation(command)
    return one.prepareMessage().setBody(command.body).build().send()
  },

  async typing(command) {
    await (await conversation(command)).typing()
  },

  async read(command) {
    return (await conversation(command)).updateLastReadMessageIndex(command.index)
  },

  async unreadAll(command) {
    return (await conversation(command)).setAllMessagesUnread()
  },

  async readAll(command) {
    return (await conversation(command)).setAllMessagesRead()
  },

  async leave(command) {
    await (await conversation(command)).leave()
  },

  async editNewest(command) {
    const [newest] = (await (await conversation(command)).getMessages(1)).items
    await newest.updateBody(command.body)
  },

  async removeNewest(command) {
    const [newest] = (await (await conversation(command)).getMessages(1)).items
    await newest.remove()
  },

  async rename({ client, name, attributes }) {
    const { user } = clients.get(client)
    await user.updateFriendlyName(name)
    await user.updateAttributes(attributes)
  },

  async updateToken({ client, token }) {
    await clients.get(client).updateToken(token)
  },

  /** Keeps the processor busy, as a slow device is. */
  async busy({ millis }) {
    const until = performance.now() + millis
    while (performance.now() < until);
  },

  async state({ client }) {
    return clients.get(client).connectionState
  },

  async shutdown({ client }) {
    await clients.get(client).shutdown()
    clients.delete(client)
  },

  /** Opens a port whose connections lead to the target until they are cut. */
  async proxy({ name, port }) {
    const open = new Set()
    const proxy = { open, refuses: false, longest: Infinity }
    const server = net.createServer((from) => {
      if (proxy.refuses) {
        from.destroy()
        return
      }
      const to = net.connect(port, '127.0.0.1')
      open.add(from).add(to)
      let sent = 0
      from.on('data', (bytes) => {
        sent += bytes.length
        if (sent > proxy.longest) {
          from.destroy()
        }
      })
      for (const [one, other] of [
        [from, to],
        [to, from],
      ]) {
        one.pipe(other)
        one.on('error', () => other.destroy())
        one.on('close', () => {
          other.destroy()
          open.delete(one)
        })
      }
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    proxies.set(name, proxy)
    return server.address().port
  },

  /** Ends each connection of a proxy that sends more bytes. */
  async limit({ name, bytes }) {
    proxies.get(name).longest = bytes ?? Infinity
  },

  /** Ends all connections of a proxy, and refuses further ones if asked to. */
  async cut({ name, refuse }) {
    const proxy = proxies.get(name)
    proxy.refuses = refuse
    for (const socket of [...proxy.open]) {
      socket.destroy()
    }
  },
}

async function run(line) {
  const command = JSON.parse(line)
  try {
    const result = (await operations[command.op](command)) ?? null
    print({ id: command.id, result })
  } catch (error) {
    print({
      id: command.id,
      error: String(error?.message ?? error),
      // Those of the media service have the status as their code.
      status: [error?.status, error?.code].find(Number.isInteger) ?? null,
      body: error?.body ?? null,
    })
  }
}

// The packages do not catch the failure of calls that an interruption ends.
process.on('unhandledRejection', (reason) => {
  if (!String(reason).includes('Unable to connect')) {
    print({ client: '', event: 'unhandledRejection', reason: String(reason?.stack ?? reason) })
  }
})

readline.createInterface({ input: process.stdin }).on('line', run).on('close', () => process.exit(0))
