// What a lying or broken provider does with an ID token: each change is one that the platform must refuse. The rest of the
// token stays right, so that nothing else is the reason.
import { decodeJwt } from 'jose'
import { makeKey, sign } from './tokens.mjs'

const changed = change => (token, key) => sign({ ...decodeJwt(token), ...change }, key)
const signed = how => (token, key) => sign(decodeJwt(token), key, how)
const seconds = () => Math.floor(Date.now() / 1000)

export const lies = {
  'another-audience': changed({ aud: 'another-client' }),
  'two-audiences': changed({ aud: ['leeds-care-record', 'another-client'], azp: 'another-client' }),
  'another-nonce': changed({ nonce: 'of-another-sign-in' }),
  'no-nonce': changed({ nonce: undefined }),
  'another-issuer': changed({ iss: 'https://login.example.org' }),
  'no-subject': changed({ sub: undefined }),
  expired: (token, key) => sign({ ...decodeJwt(token), iat: seconds() - 7200, exp: seconds() - 3600 }, key),
  unsigned: signed({ alg: 'none' }),
  'public-key-as-secret': signed({ alg: 'HS256' }),
  // Another key under the name of the published one.
  'another-key': (token, key) => sign(decodeJwt(token), { ...makeKey(), kid: key.kid })
}
