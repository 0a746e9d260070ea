// The sample host application opens the record for its user: by a signed token and by a SMART launch, in a tab of its own and in
// a frame. No step may show a credential screen, and two patients in two tabs must never mix.
import { until, words } from './report.mjs'
import { addresses } from './visit.mjs'

const WAYS = [
  ['a signed token', 'signed', 'Dr Aisha Khan'],
  ['a SMART launch', 'smart', 'Dr Ravi Menon']
]
const SMITH = /SMITH, Fredrica/
const OTHER = "Another patient's record is open in another tab."
/** What the launch is for, on the first page. */
const FIRST_FACTS = [/Known allergies:[^.]*penicillin/i, /Medications .*Apixaban/, /Last contacts .*(Review|Home visit|In-patient)/]
const CLOSED = /You can no longer see this section/

export async function launches(how) {
  const { report, name } = how
  try {
    for (const way of WAYS) {
      await ownTab(how, ...way)
      await inFrame(how, ...way)
    }
    await twoTabs(how)
  } catch (error) {
    report.broken(`${name}: launch`, error)
  }
}

/** A new browser at the host application, which remembers every page that was shown. */
async function atHost({ browser, size, port }, walk) {
  const { portal, provider, host } = addresses(port)
  const context = await browser.newContext({ viewport: size, locale: 'en-GB' })
  try {
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const shown = []
    page.on('framenavigated', frame => shown.push(frame.url()))
    await page.goto(host)
    await walk({ page, context, portal, provider, host, shown })
  } finally {
    await context.close()
  }
}

const noCredentials = (shown, portal, provider) =>
  shown.filter(url => url.startsWith(provider) || url.startsWith(`${portal}/sign-in`) || url.startsWith(`${portal}/auth/`))

/** What is shown of the record, in the page or in its frame. */
const said = part => part.locator('body').innerText().then(words)

const ownTab = (how, what, way, user) => atHost(how, async ({ page, context, portal, provider, shown }) => {
  const check = (text, passed, found) => how.report.check(how.name, `launch by ${what}: ${text}`, passed, found)
  await page.getByRole('link', { name: way, exact: true }).first().click()
  await page.waitForURL(url => url.origin === portal && url.pathname.startsWith('/people/'))
  check('the right patient is open', await until(async () => SMITH.test(await said(page))), await said(page))
  check('the reader is the user of the host application', (await said(page)).includes(user))
  const shows = facts => FIRST_FACTS.every(fact => fact.test(facts))
  check('allergies, medicines and last contacts without a click', await until(async () => shows(await said(page))), await said(page))
  const asked = noCredentials(shown, portal, provider)
  check('no credential screen', asked.length === 0, asked.join(' '))
  check('no token in an address', shown.every(url => !/token=|eyJ|9434765919/.test(url)), shown.join(' '))
  const cookies = (await context.cookies(portal)).filter(one => one.value !== '')
  check('one cookie is left', cookies.length === 1 && cookies[0].name === '__Host-lcr', cookies.map(one => one.name).join(' '))
})

const inFrame = (how, what, way, user) => atHost(how, async ({ page, context, portal, provider, shown }) => {
  const check = (text, passed, found) => how.report.check(how.name, `launch by ${what} in a frame: ${text}`, passed, found)
  await page.getByRole('link', { name: `${way}/framed`, exact: true }).first().click()
  const record = page.frameLocator('iframe[name=record]')
  check('the right patient is open', await until(async () => SMITH.test(await said(record))), page.frames().map(one => one.url()).join(' '))
  check('the reader is the user of the host application', (await said(record)).includes(user))
  const asked = noCredentials(shown, portal, provider)
  check('no credential screen', asked.length === 0, asked.join(' '))
  await record.locator('a[href$="/medications"]').first().click()
  check('a further page opens in the frame', await until(async () => SMITH.test(await said(record)) &&
    page.frames().some(one => /\/medications$/.test(one.url()))), page.frames().map(one => one.url()).join(' '))
  const tab = await context.newPage()
  await tab.goto(`${portal}/home`)
  check('the session is bound to the frame', tab.url().startsWith(`${portal}/sign-in`), tab.url())
})

const twoTabs = how => atHost(how, async ({ page, context, portal, host }) => {
  const check = (text, passed, found) => how.report.check(how.name, `launch of two patients: ${text}`, passed, found)
  const opened = async (tab, patient) => {
    await tab.goto(`${host}/${patient}/signed`)
    await tab.waitForURL(url => url.origin === portal && url.pathname.startsWith('/people/'))
  }
  await opened(page, 0)
  const first = page.url()
  const tab = await context.newPage()
  await opened(tab, 1)
  check('the second tab has another patient', tab.url() !== first && !SMITH.test(await said(tab)), tab.url())
  check('the second tab says that another is open', await until(async () => (await said(tab)).includes(OTHER)), await said(tab))
  await page.bringToFront()
  check('the first tab says so too, or has closed', await until(async () => (await said(page)).includes(OTHER) || CLOSED.test(await said(page))), await said(page))
})
