// Checks of one person's record (Fredrica Smith of the demo city: registered at Beckside, allergic to penicillin, with
// contradicting sources). They must not depend on which sources answer.
import { PHONE } from './keyboard.mjs'
import { until, words } from './report.mjs'
import { Meter } from './watch.mjs'

/** Marks that say who may know of an item. A phone may fold them, because they warn of no harm to the patient. */
const CONFIDENTIAL = ['Confidential', 'Very confidential', 'Sensitive']
const MOST_BYTES = 150 * 1024
/** The words of every state a source may be in. */
const STATE = new RegExp(['just now', 'at (\\d\\d-\\w{3}-\\d{4} )?\\d\\d:\\d\\d', 'time not given', 'nothing held',
  'does not know this person', 'did not answer', 'failed', 'older copy', 'not agreed', 'not shared', 'not shown', 'not connected'].join('|'))
const SOURCES = ['Beckside Surgery', "St Hilda's Hospitals", 'Aire Community Healthcare', 'Northgate Mental Health', 'Adult Social Care', "Children's Social Care"]
/** Links of the record, and the name of the screenshot behind each. */
const PARTS = [['Diagnoses', 'diagnoses'], ['Medications', 'medications'], ['Allergies', 'allergies'], ['Results', 'results'],
  ['Documents', 'documents'], ['Appointments', 'appointments'], ['Timeline', 'timeline']]

/** From the list of people found to the record, its parts, and back. */
export async function record(look, open) {
  const { page } = look
  const meter = await Meter.on(page)
  await open()
  const whole = await until(async () => /Complete as of/.test(await text(page, '#complete')))
  look.check('record: every source has answered or is named as silent', whole, await text(page, '#complete'))
  const bytes = await meter.read()
  look.check('record: the first visit takes less than 150 KB', bytes > 0 && bytes < MOST_BYTES, `${bytes} bytes`)

  await banner(look, 'record')
  await says(look)
  await short(look)
  await sources(look)
  await summary(look)
  await staysInSight(look)
  await look.at('record')
  await onPaper(look)
  await parts(look)
}

const text = async (page, selector) => words(await page.locator(selector).first().innerText({ timeout: 2000 }))

/** Whose record it is, on each of its pages. */
async function banner(look, name) {
  const { page } = look
  const heading = words(await page.getByRole('heading', { level: 1 }).first().innerText())
  look.check(`${name}: the banner names the patient`, heading.startsWith('SMITH, Fredrica'), heading)
  const said = words(await page.getByRole('region', { name: 'Patient' }).innerText())
  for (const [what, pattern] of [['birth date', /Born 14-Jul-1945 \(\d+y\)/], ['gender', /Gender Female/], ['NHS number', /NHS No\. 943 476 5919/]]) {
    look.check(`${name}: the banner gives the ${what}`, pattern.test(said), said)
  }
  look.check(`${name}: the banner names penicillin among known allergies`, /Known allergies:[^.]*penicillin/i.test(said), said)
}

async function says(look) {
  const { page } = look
  const body = words(await page.locator('body').innerText())
  look.check('record: says why it may be seen', body.includes('You can see this record because: registered at Beckside Surgery.'),
    /You can see this record[^.]*\./.exec(body)?.[0])
  look.check('record: says as of when it is complete', /Complete as of \d\d:\d\d:\d\d[.,]/.test(body))
  // What came after the page was read may wait behind its bar; then the section below is as it was, and says so.
  const waits = (await page.locator('[data-later] a').count()) > 0
  const [behind, owned] = await page.evaluate(() => [
    / show$/.test(document.querySelector('[data-later] a')?.textContent || ''),
    !document.querySelector('[data-behind]').hidden
  ])
  look.check('record: says beside it when not all of it is on the page, and only then', behind === owned, `${behind} ${owned}`)
  const standing = waits ? /.{0,60}asking(…|\.\.\.)/i : /.{0,60}(asking(…|\.\.\.)|not compared yet|still asking)/i
  look.check('record: leaves no question standing', !standing.test(body), standing.exec(body)?.[0])
  look.check('record: says that a result is not filed by looking', !/eGFR/.test(body) || body.includes('Seeing a result here does not file or action it'))
}

/** On a phone the summary is read in three screens and leaves out nothing that can harm. A wide screen leaves out nothing. */
async function short(look) {
  const { page } = look
  const { width, height } = page.viewportSize()
  const found = await page.evaluate(confidential => {
    const harm = '.lcr-abnormal, .lcr-harm, .lcr-forbidden, .lcr-remark, .lcr-mark, .lcr-note, .lcr-gaps'
    const unseen = [...document.querySelectorAll('main *')].filter(one => !one.checkVisibility())
    const left = unseen.filter(one => one.matches('li, tr'))
    const own = one => one.closest('.lcr-section').querySelector('h3 a')?.checkVisibility()
    return {
      tall: document.documentElement.scrollHeight,
      left: left.length,
      harmful: unseen.filter(one => one.matches(harm) && !one.closest('thead') && !confidential.includes(one.textContent)).map(one => one.textContent.slice(0, 60)),
      stray: left.filter(one => !one.closest('.lcr-section') || !own(one)).map(one => one.textContent.slice(0, 60)),
      links: [...document.querySelectorAll('.lcr-section__more a')].filter(one => one.checkVisibility()).map(one => one.innerText)
    }
  }, CONFIDENTIAL)
  if (width > PHONE) {
    look.check('record: a wide screen shows every row of the summary', found.left === 0, `${found.left} rows are not shown`)
    return
  }
  look.check('record: is read in three screens on a phone', found.tall <= 3 * height, `${found.tall} pixels of ${3 * height}`)
  look.check('record: a phone leaves out nothing that can harm', found.harmful.length === 0, found.harmful.join(' | '))
  look.check('record: what a phone leaves out has a link to all of it', found.stray.length === 0, found.stray.join(' | '))
  look.check('record: a phone says how many medicines there are', found.links.some(link => /^Show all \d+ medicines$/.test(words(link))), found.links.join(' | '))
}

/** The links to the parts. On a phone they are behind a fold. */
export async function partLinks(page) {
  const parts = page.getByRole('navigation', { name: 'Parts of the record' })
  const fold = parts.locator('details:not([open]) > summary')
  if (await fold.isVisible()) await fold.click()
  return parts
}

async function sources(look) {
  const panel = look.page.getByRole('region', { name: 'Sources', exact: true })
  const line = words(await panel.locator('summary').innerText())
  look.check('record: one line counts the sources that answered', /that knows? this person answered/.test(line), line)
  await panel.locator('summary').click()
  const lines = (await panel.locator('ul > li').allInnerTexts()).map(words)
  const named = lines
  for (const source of SOURCES) look.check(`record: the sources panel names ${source}`, named.some(line => line.startsWith(source)), named.join(' | '))
  const wordless = named.filter(line => !STATE.test(line))
  look.check('record: each source has a word for its state', named.length > 0 && wordless.length === 0, wordless.join(' | '))
  const shapeless = await panel.locator('ul > li:has(strong):not(:has(svg))').count()
  look.check('record: each source has a shape for its state', shapeless === 0, `${shapeless} without`)
}

async function summary(look) {
  const { page } = look
  for (const title of ['New or abnormal results', 'Medications', 'Sources do not agree']) {
    const heading = page.getByRole('heading', { name: new RegExp(title, 'i') }).first()
    look.check(`record: has a section "${title}"`, await heading.isVisible())
  }
  const tabs = (await (await partLinks(page)).getByRole('link').allInnerTexts()).map(words)
  const bare = tabs.filter(tab => !/^(\D+?) (\d.*|in short|by date|\D.*)$/.test(tab))
  look.check('record: each part has a count or the reason there is none', tabs.length >= 8 && bare.length === 0, bare.join(' | ') || tabs.join(' | '))
}

async function staysInSight(look) {
  const { page } = look
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight))
  const box = await page.getByRole('heading', { level: 1 }).first().boundingBox()
  const { height } = page.viewportSize()
  look.check('record: the name stays on the screen', box !== null && box.y >= 0 && box.y + box.height <= height, JSON.stringify(box))
  await page.evaluate(() => window.scrollTo(0, 0))
}

async function onPaper(look) {
  const { page } = look
  await page.emulateMedia({ media: 'print' })
  const named = await page.getByRole('heading', { level: 1 }).first().isVisible()
  const dated = await page.getByText(/Complete as of/).first().isVisible()
  const demo = await page.getByText('Demonstration: invented people').first().isVisible()
  look.check('record: print has name, time and the word Demonstration', named && dated && demo, JSON.stringify({ named, dated, demo }))
  const left = await page.locator('main :is(li, tr)').evaluateAll(all => all.filter(one => !one.checkVisibility()).length)
  look.check('record: print has every row of the summary', left === 0, `${left} rows are not printed`)
  await page.emulateMedia({ media: 'screen' })
}

async function parts(look) {
  const { page } = look
  const base = page.url().split('?')[0]
  for (const [title, name] of PARTS) {
    const link = (await partLinks(page)).getByRole('link', { name: new RegExp(`^${title}\\b`) })
    if (!look.check(`${name}: is linked from the record`, (await link.count()) === 1)) continue
    await link.click()
    await page.waitForLoadState('load')
    look.check(`${name}: has its own address`, page.url().startsWith(`${base}/${name}`), page.url())
    await banner(look, name)
    const main = words(await page.getByRole('main').innerText())
    const tables = await page.getByRole('main').getByRole('table').count()
    look.check(`${name}: shows a table, or says in words why not`, tables > 0 || main.length > title.length + 20, main)
    look.check(`${name}: says as of when it is complete`, /Complete as of/.test(await text(page, '#complete')))
    if (name === 'results') await grid(look)
    await look.at(name)
  }
  await document(look, base)
  await page.goto(base)
}

/** Results as a grid: panels that can be scrolled by keyboard, units in print, and on a phone label and value apart. */
async function grid(look) {
  const { page } = look
  const main = page.getByRole('main')
  const text = words(await main.innerText())
  look.check('results: no row only counts the results of a report', !/Report with \d/.test(text), /.{0,60}Report with \d.{0,20}/.exec(text)?.[0])
  const raw = /\bumol|10\*\d|10\^\d|mm\[Hg\]|\bCel\b/.exec(text)
  look.check('results: units are written as people write them', !raw, raw?.[0])
  const panels = await main.locator('.lcr-scroll--grid').evaluateAll(all => all.map(one => one.tabIndex === 0 && one.hasAttribute('aria-labelledby')))
  look.check('results: each panel can be scrolled by keyboard and has a name', panels.length > 0 && panels.every(Boolean), `${panels}`)
  if (page.viewportSize().width > 768) return
  const cells = await main.locator('.lcr-grid td').evaluateAll(all => all.filter(one => one.offsetParent).map(one => {
    const [label, value] = ['.lcr-cell-heading', '.lcr-result'].map(part => one.querySelector(part)?.getBoundingClientRect())
    return !label || !value || label.right <= value.left
  }))
  look.check('results: on a phone label and value are apart', cells.length > 0 && cells.every(Boolean), `${cells}`)
}

/** The first document, in its viewer. */
async function document(look, base) {
  const { page } = look
  await page.goto(`${base}/documents`)
  const first = page.getByRole('main').locator(`a[href*="/documents/"]`).first()
  if (!look.check('document: one can be opened', (await first.count()) === 1)) return
  await first.click()
  await page.waitForLoadState('load')
  await banner(look, 'document')
  await look.at('document')
}
