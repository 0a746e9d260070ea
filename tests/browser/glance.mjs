// What a tired clinician sees without scrolling: for each planted person of the demo city, words that must stand on the
// first screen of the record and words that must not. It must not press, scroll or open anything.
import { until, words } from './report.mjs'

const years = (count, days) => {
  const day = new Date()
  day.setUTCFullYear(day.getUTCFullYear() - count)
  day.setUTCDate(day.getUTCDate() - days)
  return day.toISOString().slice(0, 10)
}

/** Family name, birth date, what must be seen and what must not, and a given name where the family name is not enough. */
const PEOPLE = [
  ['Smith', '1945-07-14', [/SMITH, Fredrica/, /Sources disagree: .*Codeine.*refuted/, /Penicillin \(Anaphylaxis/i, /ReSPECT plan: CPR not recommended/, /In hospital: J27, bay C, bed 4/i]],
  ['Osei', years(84, 120), [/OSEI, Grace/, /allerg/i, /CPR not recommended/, /In hospital: J27, bay A, bed 4/i]],
  ['Pike', '1953-10-06', [/PIKE, Leonard/, /Sources disagree: .*Penicillin.*none known/, /anticoagulant/, /In the emergency department/i]],
  ['Hallam', '1947-02-23', [/HALLAM, Doreen/, /allerg/i, /Left \d\d-\w{3}-\d{4}/]],
  ['Marchetti', '1988-03-09', [/MARCHETTI, Jadwiga/, /allerg/i, /In hospital/], [/Hidden Garth/]],
  ['Hollingbery', '1939-01-17', [/HOLLINGBERY, Walter/, /Died \d\d-\w{3}-\d{4}/]],
  ['Danby', years(7, 75), [/DANBY, Robin/, /allerg/i], [/child protection/i]],
  ['Featherstone', '2003-08-21', [/FEATHERSTONE, Amelia/, /allerg/i], [/Amelie/]],
  ['Featherstone', '2003-08-21', [/FEATHERSTONE, Amelie/, /allerg/i], [/Amelia/], 'Amelie'],
  ['Lockwood', '2018-06-04', [/LOCKWOOD, Wren/, /allerg/i], [/Crabtree/]]
]
/** Seen for nobody: a gap of a source that does not know the person, text of a program, a promise instead of a fact. */
const NEVER = [/not agreed to share/i, /presumed shown/i, /Noshow/, /undefined|null|NaN/]
const FOLDS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } }

/** Opens each person's record as their GP, at both sizes. */
export async function glance(look, portal) {
  const { page } = look
  const before = page.viewportSize()
  for (const [family, birth, must, mustNot = [], given = ''] of PEOPLE) {
    await open(page, portal, `${family} ${birth}`, given)
    await until(async () => (await page.locator('[data-asking]').count()) === 0, 6)
    for (const [device, size] of Object.entries(FOLDS)) {
      await page.setViewportSize(size)
      await page.evaluate(() => window.scrollTo(0, 0))
      const seen = await fold(page)
      for (const what of must) look.check(`glance ${given || family}: ${device} shows ${what.source}`, what.test(seen), seen)
      for (const what of [...mustNot, ...NEVER]) look.check(`glance ${given || family}: ${device} does not show ${what.source}`, !what.test(seen), seen)
    }
  }
  await page.setViewportSize(before)
}

/** Finds a person, and opens the record. */
export async function open(page, portal, query, given) {
  await page.goto(`${portal}/search`)
  await page.getByRole('textbox', { name: 'Find a person' }).fill(query)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await page.waitForLoadState('load')
  await page.getByRole('main').locator('a[href*="/people/"]').filter({ hasText: given }).first().click()
  await page.waitForLoadState('load')
}

/** The text whose lines lie on the screen. */
async function fold(page) {
  return words(await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const seen = []
    while (walker.nextNode()) {
      if (!walker.currentNode.parentElement.checkVisibility()) continue
      const range = document.createRange()
      range.selectNodeContents(walker.currentNode)
      const boxes = [...range.getClientRects()]
      if (boxes.some(box => box.width > 1 && box.height > 1 && box.top >= 0 && box.bottom <= window.innerHeight)) seen.push(walker.currentNode.data)
    }
    return seen.join(' ')
  })).replace(/ ([:,;.])/g, '$1')
}
