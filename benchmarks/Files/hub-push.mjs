// One file up by npm's @huggingface/hub, by Xet. Prints how many bytes of it went, as JSON.
import { pathToFileURL } from 'node:url'
import { uploadFile } from '@huggingface/hub'

const { ZOO_URL, TOKEN, REPOSITORY, FILE } = process.env
let sent = 0
const counting = (url, init) => {
  if (url.includes('/xorbs/')) sent += init.body.byteLength ?? init.body.size ?? init.body.length
  return fetch(url, init)
}
await uploadFile({ repo: REPOSITORY, hubUrl: ZOO_URL, accessToken: TOKEN, useXet: true, fetch: counting, file: { path: 'weights.bin', content: pathToFileURL(FILE) } })
console.log(JSON.stringify({ sent }))
