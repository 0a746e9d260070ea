// An organisation joins: it is registered, signs the agreement, connects a system, switches it on step by step, and its data is on
// a record. `steps` and `register` only look. `joining` changes what everybody sees: it runs once, and last, against a platform
// where Z9J01 is not registered.
import { until, words } from './report.mjs'
import { addresses, visit } from './visit.mjs'

const ODS = 'Z9J01'
const ADMINISTRATOR = 'Nadia Brook'
const GUARDIAN = 'Dr Paul Ferris'
const OFFICER = 'Imran Shaw'
const READER = 'Dr Aisha Khan'
const SYSTEM = 'kirkgate'
/** A check takes up to 40 seconds. */
const CHECK_TIMEOUT = 60_000
/** Enough to read the list of people of a new source. */
const LIST_SECONDS = 30
const PAGES = ['details', 'schedule', 'agreement', 'systems', 'systems/new', 'clients', 'sign-in', 'people', 'sessions', 'adoption', 'notices']

/** The pages of an organisation as its administrator sees them, without sending anything. */
export async function steps(look, _watch, { portal }) {
  const { page } = look
  await page.goto(`${portal}/partners`)
  const own = page.url()
  look.check('partners: an administrator comes to their own organisation', /\/partners\/[A-Z0-9]+$/.test(own), own)
  const main = async () => words(await page.getByRole('main').innerText())
  look.check('partners: lists the steps', /Sign the agreement/.test(await main()), await main())
  await look.at('partner')
  for (const part of PAGES) {
    const answer = await page.goto(`${own}/${part}`)
    look.check(`partners: ${part} is shown`, answer.status() === 200, String(answer.status()))
    await look.at(`partner-${part.replace('/', '-')}`)
  }
  await page.goto(`${portal}/sessions`)
  look.check('sessions: this one is named', /This session/.test(await main()), await main())
  await look.at('sessions')
}

/** The public register, for anybody. */
export async function register(look, _watch, { portal }) {
  const { page } = look
  await page.goto(portal)
  await page.getByRole('link', { name: /See every organisation/ }).click()
  await page.waitForURL(`${portal}/sharing`)
  const said = words(await page.getByRole('main').innerText())
  look.check('register: says what is given and received', /Gives\s+Receives/.test(said), said)
  await look.at('register')
  const json = await page.request.get(`${portal}/sharing.json`)
  look.check('register: the same as JSON', json.ok() && Array.isArray((await json.json()).partners), String(json.status()))
}

/** From nothing to live data. The new organisation gives the data of a server of the city a second time, as its own. */
export async function joining(how) {
  const { portal, source } = addresses(how.port)
  const home = `${portal}/partners/${ODS}`
  await visit(how, ADMINISTRATOR, (look, watch) => registers(look, watch, portal, home))
  // Nobody is appointed who has not signed in once.
  for (const who of [GUARDIAN, OFFICER]) await visit(how, who, look => look.page.goto(`${portal}/sessions`))
  await visit(how, ADMINISTRATOR, async look => {
    await appoints(look, home)
    await signs(look, home)
  })
  for (const who of [GUARDIAN, OFFICER]) await visit(how, who, look => signs(look, home))
  await visit(how, ADMINISTRATOR, look => connects(look, home, source))
  await visit(how, READER, look => isOnTheRecord(look, portal))
}

/** Clicks a button or a link and waits for the page that it leads to. */
const follow = (page, target, timeout = 15_000) => Promise.all([page.waitForEvent('load', { timeout }), target.click()])

/** Presses the first button of this name. */
const press = (page, name, timeout) => follow(page, page.getByRole('button', { name }).first(), timeout)

const mainText = async page => words(await page.getByRole('main').innerText())

async function saved(look, what) {
  const said = await mainText(look.page)
  look.check(`joining: ${what}`, said.includes('The change is saved.'), said)
}

async function registers(look, watch, portal, home) {
  const { page } = look
  await page.goto(`${portal}/partners`)
  await look.at('joining-register')
  watch.expectRefusal(`${portal}/partners/register`)
  await press(page, 'Register')
  const problem = words(await page.locator('.nhsuk-error-summary').innerText())
  look.check('joining: says what is missing', /Enter the name of your organisation/.test(problem), problem)
  look.check('joining: the title says that there is an error', (await page.title()).startsWith('Error: '), await page.title())
  await page.getByLabel('Name', { exact: true }).fill('Kirkgate Hospice')
  await page.getByLabel('Kind of organisation').selectOption('community')
  await page.getByLabel('Contact about your data').fill('Information desk, 0113 496 0100')
  await press(page, 'Register')
  look.check('joining: its page opens', page.url().startsWith(home), page.url())
  await saved(look, 'is registered')
  await look.at('joining-steps')
  await follow(page, page.getByRole('link', { name: 'Say what you give and what you receive' }))
  await page.getByRole('group', { name: 'What you give' }).getByLabel('Medications').check()
  await page.getByRole('group', { name: 'What you receive' }).getByLabel('Allergies').check()
  await page.getByLabel('How long you keep what you give').fill('As in the NHS Records Management Code of Practice')
  await press(page, 'Save')
  await saved(look, 'says what it gives and receives')
}

async function appoints(look, home) {
  const { page } = look
  for (const [duty, who] of [['Senior information risk owner (SIRO)', ADMINISTRATOR], ['Caldicott guardian', GUARDIAN], ['Data protection officer', OFFICER]]) {
    await page.goto(`${home}/agreement`)
    await page.getByLabel(duty, { exact: true }).selectOption({ label: who })
    await follow(page, page.locator('form', { has: page.getByLabel(duty, { exact: true }) }).getByRole('button'))
    await saved(look, `${who} is appointed`)
  }
}

async function signs(look, home) {
  const { page } = look
  await page.goto(`${home}/agreement`)
  await look.at('joining-agreement')
  await page.getByLabel(/I have read these documents and sign/).check()
  await press(page, /^Sign(?!\s*out)/)
  await saved(look, 'the agreement is signed')
}

async function connects(look, home, source) {
  const { page } = look
  await page.goto(`${home}/systems/new`)
  await page.getByLabel('Short name').fill(SYSTEM)
  await page.getByLabel('Name', { exact: true }).fill('Kirkgate records')
  await page.getByLabel('Kind of system').selectOption('community')
  await page.getByLabel('Address of its FHIR R4 interface').fill(source)
  await page.getByRole('group', { name: 'What it gives' }).getByLabel('Medications').check()
  await page.getByLabel('Contact about the system').fill('Information desk')
  await press(page, 'Add the system')
  await saved(look, 'the system is set up')
  await press(page, 'Run the check', CHECK_TIMEOUT)
  const report = await mainText(page)
  look.check('joining: the check passes', /Last check passed on/.test(report), report)
  await look.at('joining-check')
  await press(page, /^Go live/)
  await saved(look, 'the system is live')
  await page.goto(home)
  await press(page, /^Go live/)
  await saved(look, 'the organisation is live')
  await switchesOn(look, home)
}

async function switchesOn(look, home) {
  const { page } = look
  const target = `${home}/systems/${SYSTEM}`
  await page.goto(`${home}/people`)
  const people = await mainText(page)
  const tester = /User id (user-[0-9a-f-]{36})/.exec(people)?.[1]
  look.check('joining: the people who signed in are listed', Boolean(tester), people)
  await page.goto(target)
  await page.getByText('Who tries it first').click()
  const form = page.locator('form#testers')
  await form.getByRole('group', { name: 'Safety testers', exact: true }).getByRole('checkbox').first().check()
  await form.getByLabel('Pilot teams').fill(ODS)
  await follow(page, form.getByRole('button'))
  await saved(look, 'testers and pilots are named')
  for (const [button, view] of [['Open to safety testers'], ['Open to pilot teams'], ['Switch on for everybody', 'They find it clear.']]) {
    await page.goto(target)
    await page.getByLabel('Signed off by').first().fill('Nadia Brook, administrator')
    if (view) await page.getByLabel('What patients or service users said of it').first().fill(view)
    await press(page, new RegExp(`^${button}`))
    await saved(look, button.toLowerCase())
  }
  await look.at('joining-on')
}

/** The new source answers about somebody whom it knows, for a reader of another organisation. */
async function isOnTheRecord(look, portal) {
  const { page } = look
  await page.goto(`${portal}/home`)
  await page.getByRole('textbox', { name: 'Find a person' }).fill('943 476 5919')
  await follow(page, page.getByRole('button', { name: 'Search', exact: true }))
  await follow(page, page.getByRole('table').getByRole('link', { name: /^SMITH, Fredrica/ }))
  const sources = page.getByRole('region', { name: 'Sources', exact: true })
  const ofKirkgate = async () => words(await sources.locator('li', { hasText: 'Kirkgate' }).first().textContent({ timeout: 2000 }))
  const reloaded = async () => {
    await page.reload()
    return until(async () => /Given: Medications/.test(await ofKirkgate()), 3)
  }
  const shown = await until(reloaded, LIST_SECONDS)
  look.check('joining: its data is on a record', shown, await ofKirkgate().catch(error => error.message))
  await look.at('joining-record')
}
