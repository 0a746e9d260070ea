// A clinician without a recorded link: what the refusal offers, a claim that is not complete, and once a claim that opens the
// record until an officer finds it not justified. Only `claimed` changes stored data, and it must end the claim.
import { until, words } from './report.mjs'

const NO_RELATIONSHIP = 'We have no record that you are caring for this person.'
const OPEN = 'Open the record for 24 hours'
const CLINICIAN = 'Dr Kate Sowerby'
const FOUND = 'The browser suite made this claim.'

/** The refusal and its form, without sending anything that counts. */
export async function refusal(look, watch, { portal }) {
  const { page } = look
  const target = await open(look, watch, portal)
  const said = words(await page.getByRole('main').innerText())
  look.check('claim: the refusal says so, and what would make a link', said.includes(NO_RELATIONSHIP) && /while one of these is recorded/.test(said), said)
  look.check('claim: says who checks it', said.includes('This will be checked by your privacy officer. It may be shown to the patient.'), said)
  look.check('claim: offers no override under the policy in force', !/override/i.test(said), said)
  await look.at('claim')
  watch.expectRefusal(`${target}/claim`)
  await page.getByRole('button', { name: OPEN }).click()
  await page.waitForURL(`${target}/claim`)
  await page.waitForLoadState('load')
  const problems = words(await page.locator('.nhsuk-error-summary').innerText())
  look.check('claim: says what is missing', /There is a problem.*Choose why you are involved/.test(problems), problems)
  const focused = await page.evaluate(() => document.activeElement.className)
  look.check('claim: the problems have the focus', /nhsuk-error-summary/.test(focused), focused)
  await look.at('claim-problem')
}

/** `theirs` is the clinician's look, `officers` the privacy officer's of the same hospital. */
export async function claimed(theirs, officers, watch, portal) {
  const { page } = theirs
  const target = await open(theirs, watch, portal)
  await page.getByLabel('You cover for a colleague who cares for the person').check()
  await page.getByLabel('Yes, they gave permission').check()
  await page.getByRole('button', { name: OPEN }).click()
  await page.waitForURL(target)
  await page.waitForLoadState('load')
  const why = words(await page.locator('body').innerText())
  theirs.check('claim: opens the record and says why', /You can see this record because: you said why you are involved/.test(why), why)
  await review(officers, portal)
  watch.expectRefusal(target)
  const closed = await until(async () => (await page.goto(target)).status() === 403, 5)
  theirs.check('claim: not justified, the record is closed again', closed, words(await page.locator('body').innerText()))
}

async function review(look, portal) {
  const { page } = look
  await page.goto(`${portal}/privacy/claims`)
  const claim = page.locator('section.lcr-choice', { hasText: CLINICIAN }).first()
  look.check('claims: the officer reads who said what', /covering for a colleague/.test(words(await claim.innerText())), words(await claim.innerText()))
  await look.at('claims')
  await claim.getByLabel('Not justified: the record closes at once').check()
  await claim.getByLabel('What you found').fill(FOUND)
  await claim.getByRole('button', { name: /Record what you found/ }).click()
  const main = async () => words(await page.getByRole('main').innerText())
  look.check('claims: what was found stands below', await until(async () => (await main()).includes(FOUND)), await main())
  await look.at('claims-checked')
}

/** Somebody of another practice, found by a search and not opened. The address of their record. */
async function open({ page }, watch, portal) {
  await page.goto(`${portal}/home`)
  await page.getByRole('textbox', { name: 'Find a person' }).fill('Thistlewood 02/11/1957')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await page.waitForURL(url => url.pathname === '/search')
  const link = page.getByRole('table').getByRole('link', { name: /THISTLEWOOD, Bernard/ })
  const target = new URL(await link.getAttribute('href'), portal).href
  watch.expectRefusal(target)
  await link.click()
  await page.waitForURL(target)
  await page.waitForLoadState('load')
  return target
}
