// A browser as small as these tests need: cookies, redirects on our origin, forms.
export class Browser {
  #cookies = new Map()

  constructor(origin) {
    this.origin = origin
  }

  /** Opens a page and follows redirects while they stay on the origin; answers the page, or the address that leads away. */
  async open(address, form) {
    let url = new URL(address, this.origin)
    for (let hops = 0; hops < 10; hops++) {
      const answer = await fetch(url, {
        method: form ? 'POST' : 'GET',
        body: form && new URLSearchParams(form),
        redirect: 'manual',
        headers: { cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; '), ...(form && { origin: this.origin }) },
      })
      for (const line of answer.headers.getSetCookie()) {
        const [name, value] = line.split(';')[0].split(/=(.*)/s)
        if (value) this.#cookies.set(name, value)
        else this.#cookies.delete(name)
      }
      const html = await answer.text()
      const location = answer.headers.get('location')
      if (!location) {
        if (answer.status >= 400) throw new Error(`${url.pathname} was answered ${answer.status}: ${html}`)
        return { url, html }
      }
      url = new URL(location, url)
      form = undefined
      if (url.origin !== this.origin) return { away: url }
    }
    throw new Error('Too many redirects.')
  }

  /** Sends the page's form (the one for this handler, if it has one) with its hidden fields and these. */
  submit(page, fields, handler) {
    const forms = page.html.split('<form').slice(1)
    const form = handler ? forms.find((text) => text.includes(`handler=${handler}`)) : forms[0]
    const hidden = {}
    for (const [input] of form.split('</form>')[0].matchAll(/<input[^>]*type="hidden"[^>]*>/g))
      hidden[/name="([^"]*)"/.exec(input)[1]] = plain(/value="([^"]*)"/.exec(input)?.[1] ?? '')
    const action = /^[^>]*action="([^"]*)"/.exec(form)?.[1]
    return this.open(action ? new URL(plain(action), page.url) : page.url, { ...hidden, ...fields })
  }

  async signIn(name, password) {
    return this.submit(await this.open('/account/sign-in'), { name, password })
  }

  async allowDevice(code) {
    const asks = await this.submit(await this.open('/account/device'), { code })
    const done = await this.submit(asks, { decision: 'allow' }, 'Decide')
    if (!done.html.includes('Allowed.')) throw new Error(done.html)
    return asks.html
  }
}

const plain = (text) => text.replaceAll('&quot;', '"').replaceAll('&#x2B;', '+').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
