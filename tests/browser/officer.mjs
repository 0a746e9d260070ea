// The privacy officer's pages: search of the log by organisation and time, the state of the log's tree, the queue of claims and
// the access rules. They must change nothing.
import { words } from './report.mjs'

const PRACTICE = 'Beckside Surgery'

export async function officer(look, _watch, { portal }) {
  const { page } = look
  await page.goto(`${portal}/privacy`)
  const before = words(await page.getByRole('main').innerText())
  look.check('privacy: says that reading the log is recorded', before.includes('Reading this log is itself recorded.'), before)
  look.check('privacy: shows nobody before it is asked', (await page.locator('main tbody a[href$="/access"]').count()) === 0)
  look.check('privacy: says which objections wait', /Objections that wait for your review/.test(before), before)
  look.check('privacy: says where the tree stands', /\d+ leaves in the newest checkpoint, \d+ waiting/.test(before), before)
  await look.at('privacy')
  await page.getByRole('combobox', { name: 'Organisation' }).selectOption({ label: PRACTICE })
  await page.getByLabel('From').fill(hours(-24))
  await page.getByLabel('Until').fill(hours(1))
  await page.getByRole('button', { name: 'Search the log' }).click()
  await page.waitForURL(/\/privacy\?r=[^&]*$/)
  await page.waitForLoadState('load')
  const said = words(await page.getByRole('main').innerText())
  const rows = (await page.locator('main tbody tr').allInnerTexts()).map(words)
  look.check('privacy: finds the entries of an organisation and a time', rows.length > 0 && /\d+ entr(y|ies), newest first/.test(said), said)
  look.check('privacy: finds those of no other', rows.every(one => one.includes(PRACTICE)), rows.find(one => !one.includes(PRACTICE)))
  look.check('privacy: names nobody who was looked at', !/osei|hallam|fredrica|943 476 5919/i.test(said), said)
  await look.at('privacy-found')
  await page.getByLabel('From').fill(hours(24))
  await page.getByLabel('Until').fill(hours(25))
  const first = page.url()
  await page.getByRole('button', { name: 'Search the log' }).click()
  await page.waitForURL(url => url.href !== first && url.searchParams.has('r'))
  await page.waitForLoadState('load')
  look.check('privacy: a time without entries has none', /\b0 entries/.test(words(await page.getByRole('main').innerText())))
  look.check('privacy: keeps what was asked in the form', (await page.getByLabel('From').inputValue()) === hours(24))
  await rulesAndClaims(look, portal)
}

async function rulesAndClaims(look, portal) {
  const { page } = look
  await page.goto(`${portal}/privacy/claims`)
  const claims = words(await page.getByRole('main').innerText())
  look.check('claims: says how many wait and names nobody', /Waiting for your check \(\d+/.test(claims) && !/thistlewood/i.test(claims), claims)
  await look.at('claims-queue')
  await page.goto(`${portal}/rules`)
  const rules = words(await page.getByRole('main').innerText())
  look.check('rules: says which override policy is in force', /Override policy No override/.test(rules), rules)
  look.check('rules: has a row for each role that sees anything', (await page.getByRole('rowheader', { name: 'Paramedic' }).count()) > 0)
  await look.at('rules')
}

/** So many hours from now on the clocks of Leeds, as the form takes it. */
function hours(more) {
  const at = new Date(Date.now() + more * 3_600_000)
  return at.toLocaleString('sv-SE', { timeZone: 'Europe/London' }).slice(0, 16).replace(' ', 'T')
}
