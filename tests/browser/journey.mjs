// A clinician's visit, from the start page to signing out. It finds elements by role and visible text, as a person does,
// and must use an id only for parts that scripts fill.
import { record } from './record.mjs'
import { words } from './report.mjs'
import { ward } from './ward.mjs'

const NHS_NUMBER = '943 476 5919'
const PROVIDER = '__Host-lcr-provider'
const NO_ONE = 'No one matches. Check the NHS number, or search by name and date of birth.'
const NO_RELATIONSHIP = 'We have no record that you are caring for this person.'

/** Everything the clinician does, in one visit. */
export async function journey(look, watch, { portal, provider }) {
  await signIn(look, portal, provider)
  watch.allowOnly(portal)
  await ward(look, portal)
  await found(look)
  await notFound(look)
  await similar(look)
  await elsewhere(look, watch)
  await signOut(look, portal)
}

async function signIn(look, portal, provider) {
  const { page } = look
  await page.goto(portal)
  await look.at('start')
  await skipsToContent(look)
  await page.goto(`${portal}/home`)
  look.check('home: asks to sign in first', page.url().startsWith(`${portal}/sign-in`), page.url())
  await page.goto(`${portal}/sign-in`)
  await look.at('sign-in')
  await page.getByRole('link', { name: 'Continue to sign in' }).click()
  await page.waitForURL(url => url.href.startsWith(provider))
  await look.at('provider')
  await page.getByRole('button', { name: /Dr Aisha Khan/ }).first().click()
  await page.waitForURL(url => url.origin === portal)
  look.check('sign-in: leads to the home page', new URL(page.url()).pathname === '/home', page.url())
  const cookies = await page.context().cookies(portal)
  // One is the session. The other names the provider, for the sign-out there; it signs nobody in.
  const known = cookies.every(one => ['__Host-lcr', PROVIDER].includes(one.name) && one.httpOnly && one.secure && one.sameSite === 'Lax')
  look.check('sign-in: one session cookie, and no cookie within reach of scripts', known && cookies.some(one => one.name === '__Host-lcr'),
    cookies.map(one => `${one.name} ${one.httpOnly} ${one.secure} ${one.sameSite}`).join(' | '))
  const header = words(await page.getByRole('banner').innerText())
  look.check('home: says who is signed in, and where they work', header.includes('Dr Aisha Khan, Beckside Surgery'), header)
  await look.at('home')
}

/** The first key press offers the way past the menu. */
async function skipsToContent(look) {
  const { page } = look
  await page.keyboard.press('Tab')
  const focused = words(await page.locator(':focus').first().innerText().catch(() => ''))
  look.check('start: the first key press offers the way to the content', focused === 'Skip to main content', focused)
}

async function search({ page }, what) {
  await page.getByRole('textbox', { name: 'Find a person' }).fill(what)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await page.waitForURL(url => url.pathname === '/search')
  await page.waitForLoadState('load')
}

const row = (page, name) => page.getByRole('table').getByRole('link', { name })

async function found(look) {
  const { page } = look
  await page.goto(new URL('/home', page.url()).href)
  await search(look, NHS_NUMBER)
  // A few digits of the number could stand in a random id.
  const asked = /943\W*476\W*5919|smith/i
  look.check('search: what was looked for is not in the address', !asked.test(decodeURIComponent(page.url())), page.url())
  const fredrica = row(page, /SMITH, Fredrica/)
  look.check('search: an NHS number finds its person, once', (await fredrica.count()) === 1, words(await page.getByRole('main').innerText()))
  await look.at('search')
  await record(look, async () => {
    await fredrica.click()
    await page.waitForURL(url => url.pathname.startsWith('/people/'))
  })
  await page.goto(new URL('/sources', page.url()).href)
  await look.at('sources')
  await page.goto(new URL('/home', page.url()).href)
}

async function notFound(look) {
  const { page } = look
  await search(look, 'Nobody-Atall 01/01/1901')
  const said = words(await page.getByRole('main').innerText())
  look.check('search: says in words that no one matches', said.includes(NO_ONE), said)
  await look.at('search-none')
}

async function similar(look) {
  const { page } = look
  await search(look, 'Featherstone 21/08/2003')
  const said = words(await page.getByRole('main').innerText())
  look.check('search: warns of people easily taken for one another', /similar names/.test(said), said)
  await look.at('search-similar')
}

/** Somebody another practice looks after: found, and not opened. */
async function elsewhere(look, watch) {
  const { page } = look
  await search(look, 'Thistlewood 02/11/1957')
  const link = row(page, /THISTLEWOOD, Bernard/)
  if (!look.check('no relationship: the person is found', (await link.count()) === 1, words(await page.getByRole('main').innerText()))) return
  const target = new URL(await link.getAttribute('href'), page.url()).href
  watch.expectRefusal(target)
  const answered = page.waitForResponse(target)
  await link.click()
  const status = (await answered).status()
  await page.waitForLoadState('load')
  const said = words(await page.getByRole('main').innerText())
  look.check('no relationship: the answer is a refusal', status === 403, status)
  look.check('no relationship: says so in words', said.includes(NO_RELATIONSHIP), said)
  look.check('no relationship: the person is named, as the search named them', /THISTLEWOOD, Bernard, born 02-Nov-1957/.test(said), said)
  look.check('no relationship: nothing else of the person is shown', !/allerg|medic|address|phone/i.test(said), said)
  look.check('no relationship: offers a way on', (await page.getByRole('main').getByRole('link').count()) > 0)
  await look.at('no-relationship')
}

async function signOut(look, portal) {
  const { page } = look
  await page.goto(`${portal}/home`)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(url => url.origin === portal && url.pathname !== '/sign-out' && url.pathname !== '/home')
  look.check('sign-out: leads out of the portal', await page.getByRole('link', { name: 'Sign in', exact: true }).first().isVisible(), page.url())
  const left = await page.context().cookies(portal)
  look.check('sign-out: leaves no session cookie', left.every(one => one.value === '' || one.name === PROVIDER), left.map(one => one.name).join(' '))
  await page.goto(`${portal}/home`)
  look.check('sign-out: the way back asks to sign in', page.url().startsWith(`${portal}/sign-in`), page.url())
}
