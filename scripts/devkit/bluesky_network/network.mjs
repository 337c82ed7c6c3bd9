// A real Bluesky network on this machine: directory (PLC), data server (PDS), AppView.
//
// Settings come as JSON in HELPDESK_SOCIAL_BLUESKY: packages (where node_modules is),
// folder, pdsPort, appviewPort, plcPort, chatUrl, people [{handle, password, name}];
// PostgreSQL through the usual PG… variables, `database` and `trigrams` (has it the
// extension?). The addresses, the people and the secret are written to the file `ready`
// when everything answers. Must never listen on anything but 127.0.0.1, and must never
// need anything outside this machine.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import dns from 'node:dns'
import { createRequire } from 'node:module'
import net from 'node:net'
import path from 'node:path'

const settings = JSON.parse(process.env.HELPDESK_SOCIAL_BLUESKY)

// The servers listen without a host, which means everywhere.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (where, ...rest) {
  if (where !== null && typeof where === 'object' && 'port' in where) {
    return listen.call(this, { ...where, host: '127.0.0.1' }, ...rest)
  }
  if (typeof where === 'object') return listen.call(this, where, ...rest)
  const callback = rest.find((one) => typeof one === 'function')
  return listen.call(this, { port: Number(where ?? 0), host: '127.0.0.1' }, callback)
}
dns.setDefaultResultOrder('ipv4first')

const packages = createRequire(path.join(settings.packages, 'package.json'))
const { AtpAgent } = packages('@atproto/api')
const { JWT_SECRET, TestBsky, TestPds, TestPlc, createDidAndKey, mockNetworkUtilities } =
  packages('@atproto/dev-env')
const { Client } = packages('@did-plc/lib')

// PostgreSQL from a wheel has no extensions. Trigrams only speed up the search for
// people by name: plain indexes do.
if (!settings.trigrams) {
  const postgres = packages('pg').Client.prototype
  const query = postgres.query
  postgres.query = function (asked, ...rest) {
    if (typeof asked !== 'string') return query.call(this, asked, ...rest)
    const words = asked
      .replace(/^create extension if not exists pg_trgm.*/, 'select 1')
      .replace(/using gist \((.*) gist_trgm_ops\)/, '($1)')
    return query.call(this, words, ...rest)
  }
}

const data = path.join(settings.folder, 'data')
mkdirSync(data, { recursive: true })
const plc = await TestPlc.create({ port: settings.plcPort })
const bsky = await TestBsky.create({
  port: settings.appviewPort,
  plcUrl: plc.url,
  pdsPort: settings.pdsPort,
  publicUrl: `http://localhost:${settings.appviewPort}`, // it serves the pictures, too
  repoProvider: `ws://localhost:${settings.pdsPort}`,
  dbPostgresUrl: `postgresql:///${settings.database}`,
  dbPostgresSchema: 'appview',
  redisHost: 'none',
})
const pds = await TestPds.create({
  port: settings.pdsPort,
  didPlcUrl: plc.url,
  bskyAppViewUrl: bsky.url,
  bskyAppViewDid: bsky.ctx.cfg.serverDid,
  dataDirectory: data,
  blobstoreDiskLocation: path.join(settings.folder, 'blobs'),
  enableDidDocWithSession: true,
  rateLimitsEnabled: true,
  blobUploadLimit: 50 * 1024 * 1024, // as at Bluesky itself (fact sheet §2)
})
mockNetworkUtilities(pds, bsky)

// The data server forwards chat.bsky.* to whom the proxy header names, if that
// identity says where its #bsky_chat service is.
const chat = await createDidAndKey({ plcUrl: plc.url, handle: 'chat.test', pds: pds.url })
await new Client(plc.url).updateData(chat.did, chat.key, (doc) => {
  doc.services['bsky_chat'] = { type: 'BskyChatService', endpoint: settings.chatUrl }
  return doc
})

const people = {}
for (const { handle, password, name } of settings.people) {
  const agent = new AtpAgent({ service: pds.url })
  const email = `${handle}@example.com`
  await agent.createAccount({ handle, email, password })
  const self = { repo: agent.did, collection: 'app.bsky.actor.profile', rkey: 'self' }
  const record = { $type: self.collection, displayName: name }
  await agent.com.atproto.repo.putRecord({ ...self, record })
  const app = { name: 'public only' }
  const plain = await agent.com.atproto.server.createAppPassword(app)
  const full = { name: 'with messages', privileged: true }
  const privileged = await agent.com.atproto.server.createAppPassword(full)
  people[handle] = {
    did: agent.did,
    password,
    plain: plain.data.password,
    privileged: privileged.data.password,
  }
}

const known = {
  url: pds.url,
  appview: bsky.url,
  plc: plc.url,
  chatDid: chat.did,
  chatUrl: settings.chatUrl,
  jwtSecret: JWT_SECRET,
  people,
}
writeFileSync(`${settings.ready}.draft`, JSON.stringify(known))
renameSync(`${settings.ready}.draft`, settings.ready)
console.log(`ready: ${pds.url}`)

let ending = false
async function end() {
  if (ending) return
  ending = true
  // Whoever is still connected must not keep us.
  setTimeout(() => process.exit(0), 3000).unref()
  await bsky.close()
  await pds.close()
  await plc.close()
  process.exit(0)
}
process.on('SIGTERM', end)
process.on('SIGINT', end)
