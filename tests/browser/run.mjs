// The portal in a real browser: `node run.mjs PORT [SCREENSHOTS] [SIZE|partners]`, against a platform with the demo city on PORT.
// Prints each failed check (LCR_EVERY_CHECK=yes: every check) and exits with code 1 after a failure. It must never run against
// real data, because it leaves screenshots.
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { carers } from './carers.mjs'
import { claimed, refusal } from './claim.mjs'
import { glance } from './glance.mjs'
import { journey } from './journey.mjs'
import { keyboard } from './keyboard.mjs'
import { launches } from './launch.mjs'
import { newer } from './newer.mjs'
import { objection } from './objection.mjs'
import { officer } from './officer.mjs'
import { own } from './own.mjs'
import { joining, register, steps } from './partners.mjs'
import { Report } from './report.mjs'
import { visit } from './visit.mjs'
import { team } from './ward.mjs'

const [port, shots = fileURLToPath(new URL('../../target/screenshots', import.meta.url)), only = ''] = process.argv.slice(2)
if (!/^\d+$/.test(port ?? '')) {
  console.error('usage: node run.mjs PORT [SCREENSHOTS] [SIZE|partners]')
  process.exit(2)
}

/** The person and the clinician at the same time, each in a browser of their own. */
const bothSides = how => visit(how, 'Fredrica Smith', (hers, _watch, { portal }) =>
  visit(how, 'Dr Aisha Khan', (theirs, watch) => objection(hers, theirs, watch, portal)))

/** A clinician who claims, and the officer of the same hospital who checks it. */
const claimAndReview = how => visit(how, 'Helen Proctor', (officers, _watch, { portal }) =>
  visit(how, 'Dr Kate Sowerby', (theirs, watch) => claimed(theirs, officers, watch, portal)))

/** The pages of partners at every size, then an organisation that joins: its source is on everybody's record from then on. */
async function partners(all) {
  await Promise.all(all.map(async how => {
    await visit(how, null, register)
    await visit(how, 'Owen Rees', steps)
  }))
  await joining(all.find(how => how.name === 'desktop-js'))
}

const PARTNERS = 'partners'
const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } }
const report = new Report()
// Root may not use the sandbox, and build machines run as root.
const browser = await chromium.launch({ executablePath: process.env.LCR_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  const all = Object.entries(SIZES).flatMap(([device, size]) => [true, false].map(scripts =>
    ({ browser, report, name: `${device}-${scripts ? 'js' : 'nojs'}`, size, scripts, port: Number(port), shots })))
  const wanted = all.filter(how => how.name.startsWith(only))
  await Promise.all(wanted.map(async how => {
    await visit(how, null, journey)
    await visit(how, 'Fredrica Smith', own)
    await visit(how, 'Tom Ibbotson', team)
    await visit(how, 'Helen Proctor', officer)
    await visit(how, 'Dr Kate Sowerby', refusal)
    if (how.scripts) await visit(how, 'Dr Aisha Khan', (look, _watch, { portal }) => keyboard(look, portal))
    if (how.scripts) await visit(how, 'Dr Aisha Khan', (look, _watch, { portal }) => newer(look, portal))
    if (how.scripts) await carers(how)
  }))
  if (wanted.some(how => how.name === 'desktop-js')) await launches(wanted.find(how => how.name === 'desktop-js'))
  // Both sizes are looked at in one visit.
  if (wanted.some(how => how.name === 'desktop-js')) {
    await visit(wanted.find(how => how.name === 'desktop-js'), 'Dr Aisha Khan', (look, _watch, { portal }) => glance(look, portal))
  }
  // It changes what everybody sees: once, and when nobody else looks.
  const once = wanted.find(how => how.name === 'desktop-js')
  if (once) {
    await bothSides(once)
    await claimAndReview(once)
  }
  if (['', PARTNERS].includes(only)) await partners(all)
} finally {
  await browser.close()
}
// Set rather than exit at once: what was printed to a pipe is still on its way.
process.exitCode = report.end() ? 0 : 1
