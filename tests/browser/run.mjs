// The portal in a real browser: `node run.mjs PORT [SCREENSHOTS] [JOURNEY]`, against a platform with the demo
// city that runs on PORT. One line for each check; exit code 1 when one failed. It must never be pointed at
// anything that holds real people: it leaves pictures of what it sees.
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { journey } from './journey.mjs'
import { Report } from './report.mjs'

const [port, shots = fileURLToPath(new URL('../../target/screenshots', import.meta.url)), only = ''] = process.argv.slice(2)
if (!/^\d+$/.test(port ?? '')) {
  console.error('usage: node run.mjs PORT [SCREENSHOTS] [JOURNEY]')
  process.exit(2)
}

const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } }
const report = new Report()
// Root may not use the sandbox, and build machines run as root.
const browser = await chromium.launch({ executablePath: process.env.LCR_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  for (const [device, size] of Object.entries(SIZES)) {
    for (const scripts of [true, false]) {
      const name = `${device}-${scripts ? 'js' : 'nojs'}`
      if (!name.startsWith(only)) continue
      await journey({ browser, report, name, size, scripts, port: Number(port), shots })
    }
  }
} finally {
  await browser.close()
}
// Set rather than exit at once: what was printed to a pipe is still on its way.
process.exitCode = report.end() ? 0 : 1
