// A patient's own pages. It must change nothing.
import { words } from './report.mjs'

const PAGES = [['Who has looked at your record', '/my-record', 'my-record'], ['Your choices', '/my-record/choices', 'my-choices'],
  ['Receipts', '/my-record/receipts', 'my-receipts'], ['Who shares what about you', '/my-record/sharing', 'my-sharing']]

export async function own(look, _watch, { portal }) {
  const { page } = look
  look.check('my-record: a patient starts at their own pages', new URL(page.url()).pathname === '/my-record', page.url())
  const header = words(await page.getByRole('banner').innerText())
  look.check('my-record: says who is signed in, without a place of work', /Fredrica Smith Sign out$/.test(header), header)
  for (const [title, path, name] of PAGES) {
    await page.getByRole('navigation', { name: 'Your record' }).getByRole('link', { name: title }).click()
    await page.waitForURL(`${portal}${path}`)
    await page.waitForLoadState('load')
    const heading = words(await page.getByRole('heading', { level: 1 }).innerText())
    look.check(`${name}: has its own heading`, heading === title, heading)
    const here = await page.getByRole('navigation', { name: 'Your record' }).locator('[aria-current]').allInnerTexts()
    look.check(`${name}: says which page this is`, here.map(words).join() === title, here.join(' | '))
    await look.at(name)
  }
  await looked(look, portal)
}

/** The clinician of the journey before was here, and the log says so to the person; a question can be asked about it. */
async function looked(look, portal) {
  const { page } = look
  await page.goto(`${portal}/my-record`)
  const said = words(await page.getByRole('main').innerText())
  look.check('my-record: names who looked, and from where', /Dr Aisha Khan, a GP at Beckside Surgery, (may have )?looked at/.test(said), said)
  const phone = page.viewportSize()
  if (phone.width < 640) {
    const height = await page.evaluate(() => document.documentElement.scrollHeight)
    look.check('my-record: fits two screens of a phone', height <= 2 * phone.height, `${height} of ${2 * phone.height}`)
  }
  look.check('my-record: promises no complete list', said.includes('This list may not show everything.'), said)
  await page.getByRole('main').locator('li:has(a[href*="/my-record/looks/"]) > details > summary').first().click()
  await page.getByRole('main').getByRole('link', { name: /I don't recognise this/ }).first().click()
  await page.waitForURL(url => url.pathname !== '/my-record')
  await page.waitForLoadState('load')
  const asked = words(await page.getByRole('main').innerText())
  look.check('my-record: a look can be asked about by a number', /entry number [0-9A-F]{4}-[0-9A-F]{4}\b/.test(asked), asked)
  await look.at('my-question')
}
