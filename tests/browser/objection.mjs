// An objection as both sides see it: the patient makes it in one browser, and the clinician's open pages in another browser
// close. It changes stored data, so it runs once and must always withdraw the objection at the end.
import { until, words } from './report.mjs'
import { row } from './ward.mjs'

const OBJECTED = /This person has objected to sharing\..*This does not mean there is none\./
const CLOSED = /You can no longer see this section \(the person's choice, \d\d:\d\d\)\. This does not mean there is none\./
/** Words of her record that must disappear. */
const HERS = /penicillin|apixaban/i
const SMITH = /SMITH, Fredrica/
/** The effect is immediate; the limit allows for a busy machine. */
const SECONDS = 5
/** Sources may take their time. */
const FILLS = 20

/** `theirs` is the clinician's look, `hers` the person's. */
export async function objection(hers, theirs, watch, portal) {
  const record = theirs.page
  const ward = await record.context().newPage()
  const opened = await open(theirs, ward, portal)
  try {
    await object(hers, portal)
    await closes(theirs, ward)
    await refused(theirs, watch, opened)
  } finally {
    await withdraw(hers, portal)
  }
  // Given time to fill: asked for again and again it would never get to.
  await record.goto(opened)
  const back = await until(async () => HERS.test(await record.locator('body').innerText()), FILLS)
  theirs.check('choice: withdrawn, the record opens again', back, words(await record.locator('body').innerText()))
  await ward.goto(`${portal}/ward`)
  theirs.check('choice: withdrawn, she is on the list again', (await row(ward, SMITH)) !== '')
}

/** Her record in one tab, the ward's list in another. */
async function open({ page }, ward, portal) {
  await ward.goto(`${portal}/ward`)
  const link = ward.getByRole('table').getByRole('link', { name: SMITH })
  const opened = new URL(await link.getAttribute('href'), portal).href
  await page.goto(opened)
  await until(async () => /Complete as of/.test(await page.locator('#complete').innerText()) && HERS.test(await page.locator('body').innerText()))
  return opened
}

async function object(look, portal) {
  const { page } = look
  await page.goto(`${portal}/my-record/choices`)
  await page.getByRole('button', { name: 'Object to sharing' }).click()
  await page.waitForURL(/confirm/)
  const before = words(await page.getByRole('main').innerText())
  look.check('choice: says what stops before anything does', /Before you object.*this takes effect at once/.test(before), before)
  await look.at('choice-confirm')
  await page.getByRole('button', { name: 'Yes, I object' }).click()
  await page.waitForURL(/\/my-record\/choices\/[0-9a-f-]{36}$/)
  const receipt = words(await page.getByRole('main').innerText())
  look.check('choice: the receipt has a number and says that it is in force', /Receipt Number LCR-\S+.*In force/.test(receipt), receipt)
}

async function closes(look, ward) {
  const body = page => page.locator('body').innerText().then(words)
  const { page } = look
  const shut = await until(async () => CLOSED.test(await body(page)) && !HERS.test(await body(page)), SECONDS)
  look.check('choice: the open record is replaced by the words', shut, await body(page))
  const gone = await until(async () => (await row(ward, SMITH)) === '', SECONDS)
  look.check('choice: she leaves the open list', gone, await body(ward))
  // What is taken away takes its place with it.
  await look.at('choice-record-closed', { steady: false })
  await ward.reload()
  look.check('choice: she is not on the list opened anew', (await row(ward, SMITH)) === '', await body(ward))
}

async function refused(look, watch, opened) {
  const { page } = look
  watch.expectRefusal(opened)
  const answer = await page.goto(opened)
  const said = words(await page.getByRole('main').innerText())
  look.check('choice: opened anew it is refused in words', answer.status() === 403 && OBJECTED.test(said), said)
  look.check('choice: nothing of the person is shown', !/smith|14-Jul-1945/i.test(said), said)
  await look.at('choice-refused')
}

/** Every choice in force, so that nothing is left behind whatever went wrong. */
async function withdraw(look, portal) {
  const { page } = look
  await page.goto(`${portal}/my-record/choices`)
  await look.at('choice-in-force')
  for (let left = await page.getByRole('button', { name: /Change my mind/ }).count(); left > 0; left -= 1) {
    await page.getByRole('button', { name: /Change my mind/ }).first().click()
    await page.getByRole('button', { name: 'Yes, share again' }).click()
    await page.waitForURL(/\/my-record\/choices\/[0-9a-f-]{36}$/)
    await look.at('choice-withdrawn')
    await page.goto(`${portal}/my-record/choices`)
  }
  const said = words(await page.getByRole('main').innerText())
  look.check('choice: changing one\'s mind ends it', /Not in force: withdrawn/.test(said) && !/Change my mind/.test(said), said)
}
