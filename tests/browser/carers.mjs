// A day's work of everybody who cares for people: home page, one click to a record, what they came for, and a person who is not
// theirs. It must change nothing.
import { partLinks } from './record.mjs'
import { until, words } from './report.mjs'
import { visit } from './visit.mjs'

const NO_RELATIONSHIP = 'We have no record that you are caring for this person.'
const CHECKED = 'This will be checked by your privacy officer. It may be shown to the patient.'
const FREDRICA = { asked: '943 476 5919', name: /^SMITH, Fredrica/ }
const THISTLEWOOD = { asked: 'Thistlewood 02/11/1957', name: /^THISTLEWOOD, Bernard/ }
const PIKE = /^PIKE, Leonard/
const HALLAM = /^HALLAM, Doreen/
/** A list says in which order it is. */
const CAPTIONS = /^(The newest first|By time)/

const hospital = who => ({ who, list: 'Appointments', person: HALLAM, because: /(an appointment at|left|in hospital at) St Hilda's Hospitals/,
  part: ['Medications', 'medications'], opens: 'a stay or an attendance at your hospital' })
const practice = (who, because) => ({ who, person: FREDRICA.name, because, part: ['Medications', 'medications'],
  opens: 'a registration with your practice' })

/**
 * Of each: the list on the home page, somebody on it (else the first), why the record opens, what they came for and whose data is
 * among it, what is not open to their role, and what would open another record.
 */
const CARERS = [
  { who: 'Tom Ibbotson', list: 'Your caseload', person: FREDRICA.name, because: /on the caseload of Beckside Neighbourhood Team/,
    part: ['Care plans', 'care-plans'], from: 'Aire Community Healthcare', opens: "the person's name on your caseload", phone: true, pictures: 'nurse' },
  { who: 'Marie Duval', list: 'Your caseload', person: FREDRICA.name, because: /on the caseload of Adult Social Care/,
    part: ['Social care', 'social-care'], from: 'Adult Social Care', closed: ['Medications', 'Results'], opens: 'a safeguarding enquiry of your team' },
  { who: 'Sean Gallagher', list: 'Your caseload', person: /^DANBY, Robin/, because: /on the caseload of Children's Social Care/,
    part: ['Safeguarding', 'safeguarding'], from: "Children's Social Care", closed: ['Medications', 'Results'], opens: "the person's name on your caseload" },
  { who: 'Dr Ines Carvalho', list: 'Your caseload', person: FREDRICA.name, because: /on the caseload of Northgate Mental Health/,
    part: ['Documents', 'documents'], from: 'Northgate Mental Health', opens: "the person's name on your caseload" },
  { who: 'Josie Lamb', list: 'Open cases', person: PIKE, because: /an open case at Broad Acres Ambulance Service/,
    part: ['Medications', 'medications'], closed: ['Results', 'Social care'], opens: 'an open case at your service', phone: true },
  { who: 'Dr Peter Nkemelu', list: 'Open cases', person: THISTLEWOOD.name, because: /an open case at Beacon Out of Hours/,
    part: ['Medications', 'medications'], opens: 'an open case at your service', stranger: FREDRICA },
  { who: 'Nikhil Shah', list: 'Patients who nominated you', person: PIKE, because: /nominated Loom Street Pharmacy for prescriptions/,
    part: ['Medications', 'medications'], closed: ['Diagnoses', 'Documents'], opens: 'a nomination of your pharmacy for prescriptions' },
  { who: 'Lorraine Peel', list: 'Residents', because: /lives at Rowan House Care Home/,
    part: ['Medications', 'medications'], closed: ['Diagnoses', 'Results'], opens: "the person's name among the residents of your care home", phone: true },
  practice('Dr Aisha Khan', /registered at Beckside Surgery/),
  practice('Dr Samira Haddad', /your service works for Beckside Surgery, where the person is registered/),
  hospital('Dr Ravi Menon'),
  hospital('Dr Kate Sowerby'),
  hospital('Grace Mensah')
]

/** A visit of each; on a phone of three, because their devices differ. */
export async function carers(how) {
  const wanted = CARERS.filter(one => one.phone || how.name.startsWith('desktop'))
  for (const one of wanted) await visit(how, one.who, (look, watch, { portal }) => day(look, watch, portal, one))
}

async function day(look, watch, portal, carer) {
  const { page } = look
  const check = (what, passed, found) => look.check(`${carer.who}: ${what}`, passed, found)
  await (carer.list ? fromTheList(look, check, carer) : search(page, FREDRICA))
  await page.waitForURL(url => url.pathname.startsWith('/people/'))
  await page.waitForLoadState('load')
  await theirs(look, check, carer)
  await somebodyElses(look, watch, portal, check, carer)
}

/** The home page lists their people; the list has the link to the record. */
async function fromTheList(look, check, { list, person, pictures }) {
  const { page } = look
  const heading = page.getByRole('main').getByRole('heading', { name: list, exact: true })
  check(`the home page has the list "${list}"`, (await heading.count()) === 1, words(await page.getByRole('main').innerText()))
  const rows = page.getByRole('table', { name: CAPTIONS }).getByRole('row')
  check('the list has people', (await rows.count()) > 1)
  if (pictures) {
    await look.at(`carer-home-${pictures}`)
    await page.goto(new URL('/people-in-care', page.url()).href)
    const all = words(await page.getByRole('main').innerText())
    check('the whole list counts them and says that it is recorded', /\d+ people\. Opening this list is recorded\./.test(all), all)
    await look.at('people-in-care')
    await page.goBack()
  }
  const links = page.getByRole('main').getByRole('table').locator('a[href^="/people/"]')
  await (person ? links.filter({ hasText: person }) : links).first().click()
}

/** The record says why it is open and has what they came for, and not what is not open to their role. */
async function theirs(look, check, { person, because, part: [title, path], from = '', closed = [], pictures }) {
  const { page } = look
  const name = words(await page.getByRole('heading', { level: 1 }).first().innerText())
  check('one click opens the record', person ? person.test(name) : /^[A-Z'-]+, /.test(name), name)
  const why = /You can see this record because: [^.]*\./.exec(words(await page.locator('body').innerText()))?.[0] ?? ''
  check('the record says why it is open', because.test(why), why)
  const parts = await partLinks(page)
  const open = []
  for (const one of closed) if ((await parts.getByRole('link', { name: new RegExp(`^${one}\\b`) }).count()) > 0) open.push(one)
  check('no part is linked that is not open to the role', open.length === 0, open.join(', '))
  if (pictures) await look.at(`carer-record-${pictures}`)
  await parts.getByRole('link', { name: new RegExp(`^${title}\\b`) }).click()
  await page.waitForURL(url => url.pathname.endsWith(`/${path}`))
  await page.waitForLoadState('load')
  const rows = page.getByRole('main').getByRole('table').getByRole('row')
  const shown = await until(async () => (await rows.count()) > 1, 5)
  const said = words(await page.getByRole('main').innerText())
  check(`${title}: a table with rows`, shown, said)
  check(`${title}: those of ${from || 'any source'} are among them`, said.includes(from), said)
}

/** Somebody who is not theirs is found and not opened; the page says what would open the record, and who checks a claim. */
async function somebodyElses(look, watch, portal, check, { opens, stranger = THISTLEWOOD }) {
  const { page } = look
  await page.goto(`${portal}/home`)
  await search(page, stranger, target => watch.expectRefusal(target))
  await page.waitForURL(url => url.pathname.startsWith('/people/'))
  await page.waitForLoadState('load')
  const said = words(await page.getByRole('main').innerText())
  check("somebody else's person is refused in words", said.includes(NO_RELATIONSHIP), said)
  check('the refusal says what would open the record', said.includes(opens), said)
  check('the refusal says who checks a claim', said.includes(CHECKED), said)
}

/** Finds one person and opens the record; `expect` gets its address before. */
async function search(page, { asked, name }, expect = () => {}) {
  await page.getByRole('textbox', { name: 'Find a person' }).fill(asked)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await page.waitForURL(url => url.pathname === '/search')
  const link = page.getByRole('table').getByRole('link', { name })
  expect(new URL(await link.getAttribute('href'), page.url()).href)
  await link.click()
}
