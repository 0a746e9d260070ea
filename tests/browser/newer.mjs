// The record page while a source answers late: a section is replaced in place until the reader has touched the page, and
// from then on newer data waits behind a button. The test itself sends the event, so it must not depend on a slow source.
import { open } from './glance.mjs'
import { until, words } from './report.mjs'

const STREAM = '**/people/*/stream?*'
const NEWER = 'Newer words, sent by the test.'
const SECTION = `<section class="lcr-section" id="section-results" data-digest="newer" aria-labelledby="section-results-title"><h3 class="lcr-section__title" id="section-results-title">New or abnormal results</h3><p>${NEWER}</p></section>`
const TOUCHES = [
  ['a key', page => page.keyboard.press('Shift')],
  ['the focus', page => page.keyboard.press('Tab')],
  ['a press of the pointer', page => page.mouse.click(2, 700)],
  ['a scroll', scroll]
]

/** Ends when the page has been told: a browser scrolls after it was asked to. */
async function scroll(page) {
  await page.mouse.wheel(0, 40)
  await until(() => page.evaluate(() => window.scrollY > 0))
  await page.evaluate(() => new Promise(told => requestAnimationFrame(() => requestAnimationFrame(told))))
}

export async function newer(look, portal) {
  const { page } = look
  const size = page.viewportSize()
  // A section below the screen is replaced in any case, so all of this one is on the screen.
  await page.setViewportSize({ ...size, height: 1600 })
  await open(page, portal, '943 476 5919', '')
  const address = `${page.url().split('?')[0]}?whole=1`
  const section = page.locator('#section-results')
  const shown = async () => words(await section.innerText()).includes(NEWER)
  const button = section.getByRole('button', { name: 'Newer data — show' })

  await play(page, address, async () => {})
  look.check('newer: an untouched section is replaced in place', await until(shown))
  look.check('newer: then no button says that there is newer data', (await page.locator('.lcr-newer').count()) === 0)

  for (const [what, touch] of TOUCHES) {
    await play(page, address, touch)
    look.check(`newer: after ${what} a button in the section says that there is newer data`, await until(() => button.isVisible()))
    look.check(`newer: after ${what} the section is not replaced`, !(await shown()))
    if (what === 'a key') await look.accessible('newer')
    await button.click()
    look.check(`newer: after ${what} the button shows the newer data`, await until(shown))
    const [left, bar, at] = await page.evaluate(() =>
      [document.querySelectorAll('.lcr-newer').length, document.querySelector('[data-later]').textContent, document.activeElement.id])
    look.check(`newer: after ${what} nothing waits any more, and the focus is on the section`,
      left === 0 && bar === '' && at === 'section-results-title', `${left} ${bar} ${at}`)
  }
  await page.unroute(STREAM)
  await page.setViewportSize(size)
}

/** Opens the complete record, touches it, and only then sends the newer section. */
async function play(page, address, touch) {
  let send
  const touched = new Promise(resolve => { send = resolve })
  await page.unroute(STREAM)
  await page.route(STREAM, async route => {
    await touched
    await route.fulfill({ contentType: 'text/event-stream', body: `retry: 600000\nevent: section\ndata: ${SECTION}\n\n` })
  })
  await page.goto(address)
  await touch(page)
  send()
}
