// Checks that apply to every page: title, width, layout shift, accessibility. It leaves a screenshot of each page, and must
// check nothing about one page only.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** People whom the journeys meet. None of them may be named in the title of a page, which others see in passing. */
const NAMES = /smith|fredrica|thistlewood|bernard|featherstone|amelia|amelie|osei|hallam|doreen/i
/** 1280 pixels at 400 % zoom. */
const NARROWEST = 320
/** The largest layout shift that Core Web Vitals call "good". */
const MOST_SHIFT = 0.1

export class Look {
  constructor({ report, journey, page, scratch, shots }) {
    Object.assign(this, { report, journey, page, scratch, shots })
    mkdirSync(shots, { recursive: true })
  }

  check(what, passed, found) {
    return this.report.check(this.journey, what, passed, found)
  }

  /** Runs all checks; `steady` is false for a page that has to move. */
  async at(name, { steady = true } = {}) {
    const title = await this.page.title()
    this.check(`${name}: its title names no one`, title !== '' && !NAMES.test(title), title)
    const demo = this.page.getByText('Demonstration: invented people').first()
    const said = demo.waitFor({ state: 'visible', timeout: 5000 }).then(() => true, () => false)
    this.check(`${name}: says that people are invented`, await said)
    if (steady) await this.steady(name)
    await this.wide(name)
    await this.page.screenshot({ path: join(this.shots, `${this.journey}-${name}.png`), fullPage: true })
    await this.accessible(name)
  }

  /** Nothing has jumped since the page was opened. A page without scripts cannot be asked, and has nothing that moves. */
  async steady(name) {
    if (this.scratch) return
    const moved = await this.page.evaluate(() => new Promise(resolve => {
      let sum = 0
      const where = []
      new PerformanceObserver(list => {
        for (const one of list.getEntries().filter(one => !one.hadRecentInput)) {
          sum += one.value
          where.push(...one.sources.map(source => source.node?.id || source.node?.className || source.node?.nodeName))
        }
      }).observe({ type: 'layout-shift', buffered: true })
      setTimeout(() => resolve({ sum, where: where.slice(0, 6) }), 50)
    }))
    this.check(`${name}: does not move under the reader`, moved.sum < MOST_SHIFT, `${moved.sum.toFixed(3)}: ${moved.where.join(', ')}`)
  }

  /** Nothing to the right of the screen, at the size of the journey and at the narrowest. */
  async wide(name) {
    const size = this.page.viewportSize()
    for (const width of [size.width, NARROWEST]) {
      await this.page.setViewportSize({ ...size, width })
      const over = await this.page.evaluate(() => {
        const root = document.scrollingElement
        if (root.scrollWidth <= root.clientWidth) return ''
        const past = [...document.body.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > root.clientWidth + 1)
        return `${root.scrollWidth} wide: ${past.slice(0, 4).map(one => one.outerHTML.slice(0, 90)).join(' … ')}`
      })
      this.check(`${name}: fits a width of ${width}`, over === '', over)
    }
    await this.page.setViewportSize(size)
  }

  async accessible(name) {
    const found = await this.#axe()
    const said = found.map(one => `${one.id}: ${one.nodes.slice(0, 2).map(node => node.html.slice(0, 120)).join(' … ')}`)
    this.check(`${name}: no accessibility violation`, found.length === 0, said.join(' | '))
  }

  /** In the page itself, or, where it may run no script, on the same text and styles in a page that may. */
  async #axe() {
    if (!this.scratch) return run(this.page)
    const url = this.page.url()
    const html = await this.page.content()
    const plain = html.replace(/<script\b[\s\S]*?<\/script>/g, '').replace(/<meta http-equiv="refresh"[^>]*>/g, '').replace(/<\/?noscript>/g, '')
    const copy = await this.scratch.newPage()
    try {
      await copy.setViewportSize(this.page.viewportSize())
      await copy.route(url, route => route.fulfill({ contentType: 'text/html; charset=utf-8', body: plain }))
      await copy.goto(url)
      return await run(copy)
    } finally {
      await copy.close()
    }
  }
}

async function run(page) {
  await page.evaluate(AXE)
  const result = await page.evaluate(tags => globalThis.axe.run({ runOnly: tags, resultTypes: ['violations'] }), TAGS)
  return result.violations
}
