// Watches the browser's console, requested origins and received bytes, and checks them at the end of a journey. It must
// never change a request.

export class Watch {
  #complaints = []
  #foreign = new Set()
  #refused = new Set()
  #allowed

  /** `allowed` are the origins that may be asked, however they are reached. */
  constructor(context, allowed) {
    this.#allowed = new Set(allowed)
    context.on('console', message => this.#said(message))
    context.on('weberror', error => this.#complaints.push(`uncaught: ${error.error().message}`))
    context.on('request', request => this.#asked(request.url()))
  }

  /** From here on only these origins may be asked: sign-in is over. */
  allowOnly(...origins) {
    this.#allowed = new Set(origins)
  }

  /** The next page may be a refusal, also of a form; a browser writes that to its console, which is no error of the page. */
  expectRefusal(url) {
    this.#refused.add(url)
  }

  #said(message) {
    const text = message.text()
    const policy = /content security policy/i.test(text)
    if (message.type() !== 'error' && !policy) return
    const url = message.location().url
    if (!policy && /status of 40[0134]/.test(text) && this.#refused.has(url)) return
    // A page opened at once after others about the same person waits until their streams are gone, and asks again.
    if (/status of 429/.test(text) && /\/stream\?/.test(url)) return
    this.#complaints.push(`${text} (${url})`)
  }

  #asked(url) {
    const { protocol, origin } = new URL(url)
    // A picture inside a style sheet asks nobody.
    if (protocol === 'data:' || protocol === 'about:' || protocol === 'blob:') return
    if (!this.#allowed.has(origin)) this.#foreign.add(url)
  }

  judge(report, journey) {
    const policy = this.#complaints.filter(text => /content security policy/i.test(text))
    const others = this.#complaints.filter(text => !policy.includes(text))
    report.check(journey, 'the content security policy is not broken', policy.length === 0, policy.join(' | '))
    report.check(journey, 'nothing goes wrong on the console', others.length === 0, others.join(' | '))
    report.check(journey, 'no other origin is asked', this.#foreign.size === 0, [...this.#foreign].join(' | '))
  }
}

/** Counts the bytes that come over the wire, as for a first visit: the browser's cache is emptied before. */
export class Meter {
  #sizes = new Map()
  #wire

  static async on(page) {
    const meter = new Meter()
    meter.#wire = await page.context().newCDPSession(page)
    await meter.#wire.send('Network.enable')
    await meter.#wire.send('Network.clearBrowserCache')
    const grow = (id, size) => meter.#sizes.set(id, Math.max(meter.#sizes.get(id) ?? 0, size))
    const add = (id, size) => meter.#sizes.set(id, (meter.#sizes.get(id) ?? 0) + size)
    // An answer that is still open has no size yet, only pieces; one that ended has a size with its headers.
    meter.#wire.on('Network.dataReceived', ({ requestId, encodedDataLength }) => add(requestId, encodedDataLength))
    meter.#wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => grow(requestId, encodedDataLength))
    return meter
  }

  /** The sum, when it is over. */
  async read() {
    await this.#wire.detach()
    return [...this.#sizes.values()].reduce((sum, size) => sum + size, 0)
  }
}
