// A real client library against a real zoo, through the gateway. Prints one line of JSON: which calls each of its functions made.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, readlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  checkRepoAccess, commit, countCommits, createBranch, createRepo, deleteBranch, deleteFiles, deleteRepo, downloadFile, fileDownloadInfo,
  fileExists, HubApiError, listCommits, listFiles, listModels, modelInfo, pathsInfo, repoExists, snapshotDownload, uploadFiles, whoAmI,
} from '@huggingface/hub'

const { ZOO_URL, TOKEN, STRANGER, NAMESPACE } = process.env
const repo = `${NAMESPACE}/hub-client-${process.pid}`
const calls = {}
let doing = ''
const recording = (url, init) => {
  const path = new URL(url).pathname.replaceAll(repo, '{repo}').replace(/[0-9a-f]{64}/g, '{oid}').replace(/[0-9a-f]{40}/g, '{sha}').replace(/parts\/[^/]+/, 'parts/{upload}')
  ;(calls[doing] ??= []).push(`${init?.method ?? 'GET'} ${path}`)
  return fetch(url, init)
}
const as = { repo, hubUrl: ZOO_URL, accessToken: TOKEN, fetch: recording }
const step = async (name, work) => { doing = name; return work() }
const all = async entries => { const list = []; for await (const entry of entries) list.push(entry); return list }
const refused = (promise, status) => assert.rejects(promise, error => error instanceof HubApiError && error.statusCode === status)
const sha256 = bytes => createHash('sha256').update(bytes).digest('hex')

const me = await step('whoAmI', () => whoAmI(as))
assert.deepEqual([me.type, typeof me.name, me.auth.type], ['user', 'string', 'access_token'])

const made = await step('createRepo', () => createRepo({ ...as, private: true }))
assert.equal(made.repoUrl, `${ZOO_URL}/${repo}`)
await refused(createRepo(as), 409)

// Text comes inline, weights by LFS: one object in one request, one in parts; names with blanks and umlauts.
const small = randomBytes(300_000), large = randomBytes(70 * 1024 * 1024)
const card = '---\nlicense: mit\npipeline_tag: image-classification\n---\n# A model\n'
const first = await step('uploadFiles', () => uploadFiles({
  ...as, commitTitle: 'First', useXet: false,
  files: [
    { path: 'README.md', content: new Blob([card]) }, { path: 'onnx/model.onnx', content: new Blob([small]) },
    { path: 'large.bin', content: new Blob([large]) }, { path: 'data/ä b.txt', content: new Blob(['umlaut']) }, { path: 'empty.txt', content: new Blob([]) },
  ],
}))
assert.match(first.commit.oid, /^[0-9a-f]{40}$/)
assert.ok(first.commit.url.startsWith(`${ZOO_URL}/${repo}/commit/`))
assert.equal(calls.uploadFiles.filter(call => call.startsWith('PUT') && call.includes('/parts/')).length, 2)
const again = await step('uploadFiles again', () => uploadFiles({ ...as, useXet: false, files: [{ path: 'onnx/model.onnx', content: new Blob([small]) }] }))
assert.equal(again.commit.oid, first.commit.oid)
assert.ok(!calls['uploadFiles again'].some(call => call.startsWith('PUT')))

const listed = await step('listFiles', () => all(listFiles({ ...as, recursive: true })))
assert.deepEqual(listed.filter(entry => entry.type === 'file').map(entry => entry.path).sort(), ['.gitattributes', 'README.md', 'data/ä b.txt', 'empty.txt', 'large.bin', 'onnx/model.onnx'])
assert.equal(listed.find(entry => entry.path === 'large.bin').lfs.oid, sha256(large))
const info = await step('modelInfo', () => modelInfo({ ...as, name: repo, additionalFields: ['sha', 'cardData', 'tags'] }))
assert.deepEqual([info.name, info.private, info.task, info.gated, info.sha, info.cardData.license], [repo, true, 'image-classification', false, first.commit.oid, 'mit'])
const [told] = await step('pathsInfo', () => pathsInfo({ ...as, paths: ['onnx/model.onnx', 'missing'], expand: true }))
assert.deepEqual([told.lfs.size, told.lastCommit.id], [small.length, first.commit.oid])

const download = await step('fileDownloadInfo', () => fileDownloadInfo({ ...as, path: 'large.bin' }))
assert.deepEqual([download.size, download.etag], [large.length, `"${sha256(large)}"`])
assert.equal((await fileDownloadInfo({ ...as, path: 'empty.txt' })).size, 0)
assert.equal(await fileDownloadInfo({ ...as, path: 'missing' }), null)
const whole = await step('downloadFile', () => downloadFile({ ...as, path: 'large.bin' }))
assert.equal(sha256(Buffer.from(await whole.arrayBuffer())), sha256(large))
const part = await (await downloadFile({ ...as, path: 'large.bin' })).slice(5, 15).arrayBuffer()
assert.deepEqual(Buffer.from(part), large.subarray(5, 15))
assert.equal(await (await downloadFile({ ...as, path: 'data/ä b.txt' })).text(), 'umlaut')
assert.ok(await step('fileExists', () => fileExists({ ...as, path: 'onnx/model.onnx' })))
assert.ok(!await fileExists({ ...as, path: 'onnx/missing' }))
const folder = await step('snapshotDownload', async () => snapshotDownload({ ...as, cacheDir: await mkdtemp(join(tmpdir(), 'zoo-hub-')) }))
assert.equal(sha256(await readFile(join(folder, 'large.bin'))), sha256(large))
assert.equal(await readFile(join(folder, 'data/ä b.txt'), 'utf8'), 'umlaut')
assert.ok((await readlink(join(folder, 'README.md'))).length > 0)

await step('createBranch', () => createBranch({ ...as, branch: 'next' }))
await refused(createBranch({ ...as, branch: 'next' }), 409)
await step('commit', () => commit({ ...as, branch: 'next', title: 'Change', useXet: false, operations: [
  { operation: 'delete', path: 'empty.txt' }, { operation: 'addOrUpdate', path: 'README.md', content: new Blob(['# Changed\n']) },
] }))
await step('deleteFiles', () => deleteFiles({ ...as, branch: 'next', paths: ['data/ä b.txt'] }))
assert.equal(await (await downloadFile({ ...as, revision: 'next', path: 'README.md' })).text(), '# Changed\n')
assert.ok(await fileExists({ ...as, path: 'empty.txt' }))
const commits = await step('listCommits', () => all(listCommits({ ...as, revision: 'next', batchSize: 2 })))
assert.deepEqual([commits.length, commits.at(-1).title], [3, 'First'])
assert.equal(await step('countCommits', () => countCommits({ ...as, revision: 'next' })), 3)
await refused(commit({ ...as, title: 'Stale', parentCommit: '0'.repeat(40), useXet: false, operations: [{ operation: 'delete', path: 'README.md' }] }), 412)
await refused(commit({ ...as, branch: 'never', title: 'x', useXet: false, operations: [{ operation: 'delete', path: 'README.md' }] }), 404)
await step('deleteBranch', () => deleteBranch({ ...as, branch: 'next' }))

// Who may not see it learns nothing of it.
const stranger = { ...as, accessToken: STRANGER }, nobody = { ...as, accessToken: undefined }
assert.deepEqual(await step('repoExists', () => Promise.all([repoExists(as), repoExists(stranger), repoExists(nobody)])), [true, false, false])
await refused(checkRepoAccess(stranger), 404)
await refused(checkRepoAccess(nobody), 401)
await refused(downloadFile({ ...stranger, path: 'README.md' }), 404)
await refused(uploadFiles({ ...stranger, useXet: false, files: [{ path: 'x', content: new Blob(['x']) }] }), 404)

// The catalog follows in a moment.
let models = []
for (let tries = 0; tries < 100 && models.length === 0; tries++) {
  models = await step('listModels', () => all(listModels({ ...as, search: { query: repo.split('/')[1], owner: NAMESPACE } })))
  if (models.length === 0) await new Promise(done => setTimeout(done, 100))
}
assert.deepEqual(models.map(model => [model.name, model.private]), [[repo, true]])
assert.deepEqual(await all(listModels({ ...stranger, search: { query: repo.split('/')[1] } })), [])

await step('deleteRepo', () => deleteRepo(as))
assert.equal(await repoExists(as), false)
console.log(JSON.stringify(calls))
