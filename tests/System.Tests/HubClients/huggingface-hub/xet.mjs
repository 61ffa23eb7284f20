// The same library uploads by Xet, its default, and once by LFS: chunks the zoo has are not sent again. Prints one line of JSON: the calls, and how many bytes went.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createRepo, deleteRepo, downloadFile, listFiles, uploadFiles } from '@huggingface/hub'

const { ZOO_URL, TOKEN, NAMESPACE, DIRECT_URL, DIRECT_CALLER, DIRECT_NOBODY } = process.env
const repo = `${NAMESPACE}/xet-client-${process.pid}`
const calls = {}
const asked = []
let doing = '', sent = 0
// Without a gateway (DIRECT_URL: the service itself) this plays its part: swaps the caller's token, hands on that of /xet.
const send = (url, init) => {
  if (!DIRECT_URL) return fetch(url, init)
  const headers = new Headers(init?.headers), { pathname, search } = new URL(url)
  if (pathname.startsWith('/xet/')) headers.set('X-Zoo-Capability', (headers.get('Authorization') ?? '').slice('Bearer '.length))
  headers.set('Authorization', `Bearer ${pathname.startsWith('/xet/') ? DIRECT_NOBODY : DIRECT_CALLER}`)
  return fetch(DIRECT_URL + pathname + search, { ...init, headers })
}
const recording = async (url, init) => {
  const path = new URL(url).pathname.replaceAll(repo, '{repo}').replace(/[0-9a-f]{64}/g, '{hash}')
  ;(calls[doing] ??= []).push(`${init?.method ?? 'GET'} ${path}`)
  if (path.includes('/chunks/')) asked.push(url.slice(-64))
  if (path.includes('/xorbs/')) sent += init.body.byteLength ?? init.body.size ?? init.body.length
  return send(url, init)
}
const as = { repo, hubUrl: ZOO_URL, accessToken: TOKEN, fetch: recording }
const upload = async (name, files) => {
  doing = name
  sent = 0
  await uploadFiles({ ...as, useXet: true, files: Object.entries(files).map(([path, content]) => ({ path, content: new Blob([content]) })) })
  return sent
}
// What the zoo says of a file: each chunk's hash (four numbers of eight bytes, little-endian) and size.
const chunksOf = async path => {
  const answer = await send(`${ZOO_URL}/api/v1/repositories/${repo}/chunks/main/${path}`, { headers: { Authorization: `Bearer ${TOKEN}` } })
  const list = Buffer.from(await answer.arrayBuffer()), hashes = new Set()
  for (let at = 0; at < list.length; at += 36)
    hashes.add([0, 8, 16, 24].map(word => list.readBigUInt64LE(at + word).toString(16).padStart(16, '0')).join(''))
  return hashes
}
const sha256 = bytes => createHash('sha256').update(bytes).digest('hex')

await createRepo({ ...as, private: true })
const before = randomBytes(6_000_000), text = Buffer.from('layer.0.weight = 1\n'.repeat(100_000))
const first = await upload('uploadFiles by Xet', { 'model.bin': before, 'notes.bin': text, 'README.md': '# By Xet\n' })
assert.ok(first >= before.length && first < before.length + 1_000_000, `${first} bytes: the text is compressed, the weights are not`)

const chunks = await chunksOf('model.bin')
assert.ok(chunks.size > 40, `${chunks.size} chunks`)
const after = Buffer.concat([before.subarray(0, 2_000_000), randomBytes(1000), before.subarray(2_000_000)])
const second = await upload('uploadFiles by Xet, changed', { 'model.bin': after })
// Of one file in twelve this client ends the first chunk elsewhere than Xet says (docs/clients.md): what it asks about then is no chunk of the file, and all of it goes again.
assert.ok(second > 0 && second < (chunks.has(asked.at(-1)) ? 1_500_000 : after.length + 100_000), `${second} bytes of ${after.length} were sent again`)
assert.ok(calls['uploadFiles by Xet, changed'].some(call => call.startsWith('GET /xet/v1/chunks/')))

// Larger than a part of LFS's where that is 100,000 bytes; elsewhere one request.
const large = randomBytes(350_000)
doing = 'uploadFiles by LFS'
await uploadFiles({ ...as, useXet: false, files: [{ path: 'lfs.bin', content: new Blob([large]) }] })

const read = async path => Buffer.from(await (await downloadFile({ ...as, path })).arrayBuffer())
doing = 'downloadFile'
assert.equal(sha256(await read('model.bin')), sha256(after))
assert.equal(sha256(await read('notes.bin')), sha256(text))
assert.equal(sha256(await read('lfs.bin')), sha256(large))
const oids = {}
for await (const entry of listFiles(as)) oids[entry.path] = entry.lfs?.oid
assert.equal(oids['model.bin'], sha256(after))
doing = 'deleteRepo'
await deleteRepo(as)
console.log(JSON.stringify({ calls: { first: calls['uploadFiles by Xet'], changed: calls['uploadFiles by Xet, changed'] }, first, second, size: after.length }))
