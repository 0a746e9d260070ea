// The ward's lists: a practice sees its patients in hospital and those who left, and a community team sees less. Two
// invented people show what a row must contain: Mrs Osei, who should have left, and Mrs Hallam, who did.
import { words } from './report.mjs'

const COLUMNS = ['Patient', 'Where', 'Consultant and specialty', 'Admitted', 'Expected to leave', 'Needs a hospital bed?',
  'Still needed', 'Waiting for', 'Plan', 'Pathway and going to']
const LEFT_COLUMNS = ['Patient', 'Left', 'From where', 'To where', 'Stayed', 'Discharge letter', 'Results awaited', 'Day',
  'Back in hospital?']
const CHOICES = 'Some patients may not be shown because of a choice they made.'
const OSEI = /OSEI/
const HALLAM = /HALLAM, Doreen/

/** From the home page's count to the list, to a record by one click, and to those who left. */
export async function ward(look, portal) {
  const { page } = look
  await page.goto(`${portal}/home`)
  const home = words(await page.getByRole('main').innerText())
  const counted = Number(/(\d+) patients? of yours (?:is|are) shown as (?:an )?in-patients?/.exec(home)?.[1])
  look.check('home: counts the patients in hospital', counted > 0, home)
  await page.getByRole('main').getByRole('link', { name: 'See the list' }).click()
  await page.waitForURL(url => url.pathname === '/ward')
  await page.waitForLoadState('load')
  await inHospital(look, counted)
  await filtered(look)
  await oneClick(look)
  await whoLeft(look, portal)
}

/** What every list says, whoever reads it. */
async function list(look, name, columns) {
  const { page } = look
  const said = words(await page.getByRole('main').innerText())
  look.check(`${name}: says as of when it is complete`, /Complete as of \d\d:\d\d:\d\d[.,]/.test(said), said)
  look.check(`${name}: says that choices may leave people out`, said.includes(CHOICES), said)
  const table = page.getByRole('table').first()
  const heads = (await table.locator('thead th').allTextContents()).map(words)
  look.check(`${name}: has every column`, heads.join() === columns.join(), heads.join(' | '))
  const cells = await page.locator('main td').evaluateAll(all =>
    all.map(cell => [...cell.children].filter(one => !one.matches('.lcr-cell-heading')).map(one => one.textContent).join(' ').trim()))
  look.check(`${name}: no cell is empty without a word why`, cells.length > 0 && cells.every(Boolean), `${cells.filter(cell => !cell).length} of ${cells.length}`)
  return said
}

async function inHospital(look, counted) {
  const { page } = look
  const said = await list(look, 'ward', COLUMNS)
  const shown = Number(/(\d+) shown as in-patients/.exec(said)?.[1])
  // Somebody may have come or gone between the two pages; the city's hospitals go on sending.
  look.check('ward: counts as the home page did', Math.abs(shown - counted) <= 1, `${counted} and ${shown}`)
  const osei = await row(page, OSEI)
  for (const [what, pattern] of [['name, birth date and NHS number', /OSEI, Grace \(Mrs\).*Born \d\d-\w{3}-1942 \(\d+y\), Female.*NHS No\. \d{3} \d{3} \d{4}/],
    ['ward and bed', /J27, Bay A, bed 4/], ['since when, and how long it should be', /\d+ days so far of 7 days expected/],
    ['that the expected day has passed', /passed 2 days ago, not updated/], ['that a hospital bed is not needed', /no since \d\d-\w{3}-\d{4}/],
    ['the pathway', /Pathway 1: home with new or more support/]]) {
    look.check(`ward: Mrs Osei's row gives ${what}`, pattern.test(osei), osei)
  }
  // Who else is in hospital changes while the city runs; whatever has no value says whose silence it is.
  const bare = (await page.locator('main td.lcr-quiet > span:not(.lcr-cell-heading)').allInnerTexts()).map(words)
  look.check('ward: what a hospital did not send is said to be so', bare.every(one => /not sent by this hospital|nothing recorded|protected/i.test(one)), bare.join(' | '))
  await look.at('ward')
}

/** A filter is a link with its count, and what it leaves is that many. */
async function filtered(look) {
  const { page } = look
  const here = page.url()
  const chip = page.getByRole('navigation', { name: 'Filter' }).getByRole('link', { name: /No longer need a hospital bed/ })
  const counted = Number(/\d+$/.exec(words(await chip.innerText()))?.[0])
  await chip.click()
  await page.waitForURL(/show=ready/)
  await page.waitForLoadState('load')
  const rows = await page.locator('main tbody tr').count()
  look.check('ward: a filter leaves as many as it counts', counted > 0 && rows === counted, `${counted} and ${rows}`)
  await page.goto(here)
}

async function oneClick(look) {
  const { page } = look
  await page.getByRole('table').getByRole('link', { name: OSEI }).click()
  await page.waitForURL(url => url.pathname.startsWith('/people/'))
  await page.waitForLoadState('load')
  const heading = words(await page.getByRole('heading', { level: 1 }).first().innerText())
  look.check('ward: one click opens the record of that person', heading.startsWith('OSEI, Grace'), heading)
}

async function whoLeft(look, portal) {
  const { page } = look
  await page.goto(`${portal}/ward`)
  await page.getByRole('navigation', { name: 'Which list' }).getByRole('link', { name: /Left hospital/ }).click()
  await page.waitForURL(url => url.pathname === '/ward/discharged')
  await page.waitForLoadState('load')
  await list(look, 'discharged', LEFT_COLUMNS)
  const hallam = await row(page, HALLAM)
  for (const [what, pattern] of [['the day', /day ([1-9]|1\d|2[0-8]) of 28/], ['when she left', /\d\d-\w{3}-\d{4} \d\d:\d\d/],
    ['the letter', /Discharge letter came/], ['whether she is back', /No admission since is recorded/]]) {
    look.check(`discharged: Mrs Hallam's row gives ${what}`, pattern.test(hallam), hallam)
  }
  await look.at('discharged')
}

/** A team sees who is in hospital, and of their stay what its role opens. */
export async function team(look, _watch, { portal }) {
  const { page } = look
  await page.goto(`${portal}/ward`)
  const said = await list(look, 'team', COLUMNS)
  look.check('team: the list is of its area', said.includes('Patients in the area of Beckside Neighbourhood Team'), said)
  const rows = (await page.locator('main tbody tr').allInnerTexts()).map(words)
  look.check('team: each row says what is not open to the role', rows.length > 0 && rows.every(one => one.includes('not open to your role')), rows[0])
  const chips = words(await page.getByRole('navigation', { name: 'Filter' }).innerText())
  look.check('team: no filter counts what is not open to the role', !/hospital bed/.test(chips), chips)
  const osei = rows.find(one => OSEI.test(one)) ?? ''
  look.check('team: Mrs Osei is among them', osei !== '', rows.map(one => one.slice(0, 30)).join(' | '))
  await look.at('team')
}

/** One row in words; empty when there is none. */
export async function row(page, who) {
  const found = page.locator('main tbody tr').filter({ hasText: who })
  return (await found.count()) === 0 ? '' : words(await found.first().innerText())
}
