// A real client library against a real zoo, through the gateway. Prints one line of JSON: what it learnt.
import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { Browser } from './browser.mjs'

const { ISSUER, USER_NAME, PASSWORD, CLIENT_ID, CLIENT_SECRET, ACCOUNT_ID, ACCOUNT_SECRET, REDIRECT_URI, GOODBYE } = process.env
const loopback = { execute: [client.allowInsecureRequests] }   // plain HTTP, on this machine alone
const post = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, client.ClientSecretPost(CLIENT_SECRET), loopback)
const basic = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, client.ClientSecretBasic(CLIENT_SECRET), { ...loopback, algorithm: 'oauth2' })
client.enableNonRepudiationChecks(post)   // also checks ID tokens against the published keys
assert.equal(post.serverMetadata().supportsPKCE(), true)

// Authorization code with PKCE, state and nonce; the user signs in and consents.
const browser = new Browser(ISSUER)
await browser.signIn(USER_NAME, PASSWORD)
const verifier = client.randomPKCECodeVerifier()
const checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce(), maxAge: 600 }
const start = client.buildAuthorizationUrl(post, {
  redirect_uri: REDIRECT_URI, scope: 'openid profile email read', state: checks.expectedState, nonce: checks.expectedNonce, max_age: '600',
  code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
})
const consent = await browser.open(start)
const { away } = await browser.submit(consent, { decision: 'allow' })
assert.equal(away.searchParams.get('iss'), ISSUER)
const tokens = await client.authorizationCodeGrant(post, away, checks)
const { sub } = tokens.claims()

// Who it is.
const user = await client.fetchUserInfo(post, tokens.access_token, sub)
assert.equal(user.preferred_username, USER_NAME)

// The next tokens; narrower ones; a used refresh token.
const refreshed = await client.refreshTokenGrant(post, tokens.refresh_token)
assert.notEqual(refreshed.refresh_token, tokens.refresh_token)
assert.equal(refreshed.claims().sub, sub)
const narrowed = await client.refreshTokenGrant(basic, refreshed.refresh_token, { scope: 'read' })
assert.equal(narrowed.scope, 'read')
const told = await client.tokenIntrospection(basic, narrowed.access_token)
assert.deepEqual([told.active, told.sub, told.client_id, told.scope], [true, sub, CLIENT_ID, 'read'])
await assert.rejects(client.refreshTokenGrant(post, tokens.refresh_token), { error: 'invalid_grant' })
assert.equal((await client.tokenIntrospection(basic, narrowed.access_token)).active, false)   // reuse has ended the family

// A device, whose user is the same one.
const wish = await client.initiateDeviceAuthorization(basic, { scope: 'openid read' })
assert.equal(wish.verification_uri, `${ISSUER}/account/device`)
const asked = await browser.allowDevice(wish.user_code)
assert.match(asked, /Only if you started this/)
const ofDevice = await client.pollDeviceAuthorizationGrant(post, wish)
assert.equal(ofDevice.claims().sub, sub)

// Revocation.
assert.equal((await client.tokenIntrospection(basic, ofDevice.access_token)).active, true)
await client.tokenRevocation(basic, ofDevice.refresh_token, { token_type_hint: 'refresh_token' })
assert.equal((await client.tokenIntrospection(basic, ofDevice.access_token)).active, false)

// A service account acts for itself, never for a user.
const account = await client.discovery(new URL(ISSUER), ACCOUNT_ID, undefined, client.ClientSecretBasic(ACCOUNT_SECRET), loopback)
const own = await client.clientCredentialsGrant(account, { scope: 'read write' })
assert.equal(own.refresh_token, undefined)
const ownTold = await client.tokenIntrospection(account, own.access_token)
assert.deepEqual([ownTold.active, ownTold.sub], [true, `client:${ACCOUNT_ID}`])
await assert.rejects(client.clientCredentialsGrant(post, { scope: 'read' }), { error: 'unauthorized_client' })

// The end of the session, and back to the client.
const bye = await browser.open(client.buildEndSessionUrl(post, { id_token_hint: tokens.id_token, post_logout_redirect_uri: GOODBYE, state: 'done' }))
assert.equal(bye.away.href, `${GOODBYE}?state=done`)
assert.match((await browser.open('/account')).url.pathname, /sign-in/)

console.log(JSON.stringify({ sub, accessToken: own.access_token }))
