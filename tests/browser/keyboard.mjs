// A clinician without a mouse: from the home page to a result and back, by Tab, Enter and the arrow keys alone. Every stop
// must be visible, and the order must be that of the page.
import { words } from './report.mjs'

const MOST_STOPS = 80
/** Up to this width the page is laid out for a phone: 40em. */
export const PHONE = 640

export async function keyboard(look, portal) {
  const { page } = look
  await page.goto(`${portal}/home`)
  await reach(look, 'home', 'the search field', at => at.tag === 'INPUT' && at.type !== 'hidden')
  await page.keyboard.type('943 476 5919')
  await page.keyboard.press('Enter')
  await page.waitForURL(url => url.pathname === '/search')
  await page.waitForLoadState('load')
  await reach(look, 'search', 'the person found', at => /^SMITH, Fredrica/.test(at.text))
  await go(page)
  await reach(look, 'record', 'the way past the menu', at => at.text === 'Skip to main content')
  await reach(look, 'record', 'the sources line', at => at.tag === 'SUMMARY' && /that know this person|Asking/.test(at.text))
  await page.keyboard.press('Enter')
  look.check('keyboard: Enter opens the sources', await page.evaluate(() => document.activeElement.parentElement.open === true))
  if (page.viewportSize().width <= PHONE) {
    await reach(look, 'record', 'the fold of the parts', at => at.tag === 'SUMMARY' && at.text === 'All parts of the record')
    await page.keyboard.press('Enter')
  }
  await reach(look, 'record', 'the results', at => /^Results/.test(at.text))
  await go(page)
  await reach(look, 'results', 'a test', at => /[?&]series=/.test(at.href))
  await go(page)
  look.check('keyboard: a test opens as a chart', /[?&]series=/.test(page.url()), page.url())
  await page.goBack()
  look.check('keyboard: going back leads to the results', page.url().endsWith('/results'), page.url())
}

async function go(page) {
  const before = page.url()
  await page.keyboard.press('Enter')
  await page.waitForURL(url => url.href !== before)
  await page.waitForLoadState('load')
}

/** Presses Tab until the focus is on what is wanted. Each stop on the way must be seen. */
async function reach(look, place, what, wanted) {
  const { page } = look
  const hidden = []
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press('Tab')
    const at = await focused(page)
    if (at.tag !== 'BODY' && !at.seen) hidden.push(at.text || at.tag)
    if (wanted(at)) {
      look.check(`keyboard: ${place}: ${what} is reached, and every stop before it is seen`, hidden.length === 0, hidden.join(' | '))
      return
    }
  }
  look.check(`keyboard: ${place}: ${what} is reached`, false, (await focused(page)).text)
}

async function focused(page) {
  const at = await page.evaluate(() => {
    const one = document.activeElement
    const box = one.getBoundingClientRect()
    const style = getComputedStyle(one)
    // The browser draws the focus of a date field's parts itself.
    const marked = style.outlineStyle !== 'none' || style.boxShadow !== 'none' || one.type === 'date'
    return { tag: one.tagName, type: one.type ?? '', href: one.href ?? '', text: one.innerText ?? '', seen: marked && box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < window.innerHeight }
  })
  return { ...at, text: words(at.text) }
}
