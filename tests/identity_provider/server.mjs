// A partner's OpenID Connect provider for tests: `oidc-provider`, which knows nothing of the platform. The platform is its one
// client. A test changes its keys and its clock, and makes it lie, by requests to /control. It must never leave this machine.
//
//   node server.mjs [port]     port 0 or none: any free one; prints "ready <issuer>"
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import Provider from 'oidc-provider'
import { lies } from './lies.mjs'
import { makeKey, sign } from './tokens.mjs'
import { users } from './users.mjs'

const CLIENT_ID = 'leeds-care-record'
/** Keys of types and uses that a client need not know (RFC 7517, section 5). */
const STRANGE_KEYS = [
  { kty: 'AKP', alg: 'ML-DSA-65', use: 'sig', kid: 'post-quantum', pub: 'AAAA' },
  { kty: 'tomorrow', alg: 'T1', use: 'sig', kid: 'unknown-type', t: 'AAAA' },
  { kty: 'EC', crv: 'P-999', use: 'sig', kid: 'unknown-curve', x: 'AAAA', y: 'AAAA' },
  { kty: 'RSA', use: 'enc', alg: 'RSA-OAEP', kid: 'for-encryption', n: 'AQAB', e: 'AQAB' }
]

const server = createServer((request, response) => {
  answer(request, response).catch(error => {
    console.error(error)
    response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
  })
})
await new Promise(listening => server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', listening))
const issuer = `http://127.0.0.1:${server.address().port}`

let client
let key = makeKey()
let lie
let publishesStrangeKeys = false
let secondsAhead = 0
let handler = build()

// oidc-provider takes the time from here.
const now = Date.now
Date.now = () => now() + secondsAhead * 1000

// The test holds the other end: without it nobody would end this process.
process.stdin.on('end', () => process.exit()).resume()
console.log(`ready ${issuer}`)

/** A provider with the present client and key. Its sessions are new. */
function build () {
  const provider = new Provider(issuer, {
    clients: client ? [client] : [],
    jwks: { keys: [key.private] },
    cookies: { keys: ['only-for-tests'] },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'org_code', 'role'] },
    // The platform reads the claims of the ID token.
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    enabledJWA: { clientAuthSigningAlgValues: ['EdDSA', 'ES384', 'RS256', 'RS512', 'PS256'] },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true }
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => users[id] && { accountId: id, claims: () => ({ sub: id, ...users[id] }) },
    loadExistingGrant: grantEverything,
    // Its own client refuses addresses of this machine, where the platform is.
    fetch: (address, { dispatcher, ...options }) => fetch(address, options)
  })
  provider.use(lieIfTold)
  for (const failure of ['server_error', 'backchannel.error', 'grant.error']) {
    provider.on(failure, (_, error) => console.error(failure, error))
  }
  const handle = provider.callback()
  return { provider, handle }
}

/** Nobody is asked for consent: the partner's administrator gave it. */
async function grantEverything ({ oidc }) {
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
  grant.addOIDCScope('openid profile')
  await grant.save()
  return grant
}

/** Changes what the provider answers, as the test wants. */
async function lieIfTold (context, next) {
  await next()
  const { path, body } = context
  if (path === '/jwks' && publishesStrangeKeys) {
    body.keys = [...STRANGE_KEYS, ...body.keys]
  }
  if (path === '/token' && lie && body?.id_token) {
    body.id_token = await lies[lie](body.id_token, key)
  }
}

async function answer (request, response) {
  const { pathname } = new URL(request.url, issuer)
  const [, room, name] = pathname.split('/')
  if (room === 'control') {
    return await control(request, response, name)
  }
  if (room === 'interaction') {
    return await logIn(request, response)
  }
  return handler.handle(request, response)
}

/** Signs in the user of `login_hint`, whom a real provider would ask for a password. */
async function logIn (request, response) {
  const { params } = await handler.provider.interactionDetails(request, response)
  if (!Object.hasOwn(users, params.login_hint ?? '')) {
    return response.writeHead(400, { 'content-type': 'text/plain' }).end(`login_hint: ${Object.keys(users).join(', ')}`)
  }
  await handler.provider.interactionFinished(request, response, { login: { accountId: params.login_hint } })
}

/** What a test can change. */
const controls = {
  /** Registers the platform, with what the platform shows its administrator. */
  client (registration) {
    client = {
      client_id: CLIENT_ID,
      token_endpoint_auth_method: 'private_key_jwt',
      id_token_signed_response_alg: 'RS256',
      backchannel_logout_session_required: true,
      response_types: ['code'],
      grant_types: ['authorization_code'],
      ...registration
    }
    handler = build()
  },
  /** From now on another key signs, and the one before is no longer published. */
  'rotate-keys' () {
    key = makeKey()
    handler = build()
  },
  'strange-keys' () {
    publishesStrangeKeys = true
  },
  /** A name of `lies.mjs`, or null for the truth. */
  lie (told) {
    if (told.name !== null && !Object.hasOwn(lies, told.name)) {
      throw new Error(`no lie is called ${told.name}`)
    }
    lie = told.name
  },
  clock ({ ahead }) {
    secondsAhead = ahead
  },
  /** A token of these claims, signed by this provider. */
  async sign ({ claims, ...how }) {
    return { token: await sign(claims, key, how) }
  }
}

async function control (request, response, name) {
  const change = Object.hasOwn(controls, name) ? controls[name] : undefined
  if (request.method !== 'POST' || !change) {
    return response.writeHead(404).end()
  }
  const result = await change(JSON.parse((await buffer(request)).toString() || '{}'))
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result ?? {}))
}
