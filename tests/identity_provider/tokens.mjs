// The provider's keys, and tokens that are signed with them or wrongly. It must never make a key that is kept.
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'

/** A new RSA key: for `oidc-provider`, for signing, and its published part as text. */
export function makeKey () {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = randomUUID()
  return {
    kid,
    privateKey,
    private: { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' },
    publicText: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })
  }
}

/** A token of these claims. `HS256` takes the public key for a shared secret, and `none` signs nothing. */
export async function sign (claims, key, { alg = 'RS256', typ = 'JWT' } = {}) {
  if (alg === 'none') {
    const part = value => Buffer.from(JSON.stringify(value)).toString('base64url')
    return `${part({ alg, typ })}.${part(claims)}.`
  }
  const secret = alg === 'HS256' ? Buffer.from(key.publicText) : key.privateKey
  return await new SignJWT(claims).setProtectedHeader({ alg, typ, kid: key.kid }).sign(secret)
}
