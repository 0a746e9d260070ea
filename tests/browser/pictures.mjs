// Pictures of the ten most used pages for services/gateway/README.md: `node pictures.mjs PORT [FOLDER]`, against a platform
// with the demo city. It must never run against real data, and it checks nothing.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { Report, until } from './report.mjs'
import { visit } from './visit.mjs'

const [port, folder = fileURLToPath(new URL('../../services/gateway/pictures', import.meta.url))] = process.argv.slice(2)
if (!/^\d+$/.test(port ?? '')) {
  console.error('usage: node pictures.mjs PORT [FOLDER]')
  process.exit(2)
}
mkdirSync(folder, { recursive: true })
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } }
const report = new Report()
const browser = await chromium.launch({ executablePath: process.env.LCR_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })

for (const [device, size] of Object.entries(SIZES)) {
  const how = { browser, report, name: `${device}-js`, size, scripts: true, port: Number(port), shots: folder }
  const keep = async (page, name) => {
    await until(async () => (await page.locator('[data-asking]').count()) === 0, 6)
    await page.evaluate(() => window.scrollTo(0, 0))
    await page.screenshot({ path: join(folder, `${device}-${name}.png`) })
  }
  await visit(how, 'Dr Aisha Khan', async ({ page }, _watch, { portal }) => {
    const at = async (path, name) => { await page.goto(`${portal}${path}`); await keep(page, name) }
    await at('/home', 'home')
    await page.getByRole('textbox', { name: 'Find a person' }).fill('943 476 5919')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await page.waitForURL(url => url.pathname === '/search')
    await keep(page, 'search')
    const record = await page.getByRole('main').locator('a[href*="/people/"]').first().getAttribute('href')
    await at(record, 'record')
    for (const part of ['results', 'medications', 'timeline']) await at(`${record.split('?')[0]}/${part}`, part)
    await at('/ward', 'ward')
    await at('/ward/discharged', 'discharged')
  })
  await visit(how, 'Fredrica Smith', async ({ page }, _watch, { portal }) => { await page.goto(`${portal}/my-record`); await keep(page, 'my-record') })
  await visit(how, 'Helen Proctor', async ({ page }, _watch, { portal }) => { await page.goto(`${portal}/privacy`); await keep(page, 'privacy') })
}
await browser.close()
process.exitCode = report.end() ? 0 : 1
