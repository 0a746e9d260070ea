// One person's visit in a separate browser: signs in, runs a journey and watches the browser. An error in a journey must
// be one failure, so that the next visit still runs.
import { Look } from './look.mjs'
import { Watch } from './watch.mjs'

/** `source` is Beckside's FHIR server: the second source of the demo city. */
export const addresses = port => ({ portal: `http://localhost:${port}`, provider: `http://127.0.0.1:${port + 10}`,
  host: `http://127.0.0.1:${port + 15}`, source: `http://127.0.0.1:${port + 21}` })

/** `how` is the size and whether there are scripts; `who` is the name at the provider, or null to sign in on one's own. */
export async function visit(how, who, walk) {
  const { browser, report, name, size, scripts, port, shots } = how
  const { portal, provider } = addresses(port)
  const context = await browser.newContext({ viewport: size, javaScriptEnabled: scripts, locale: 'en-GB' })
  const scratch = scripts ? null : await browser.newContext()
  const watch = new Watch(context, [portal, provider])
  try {
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const look = new Look({ report, journey: name, page, scratch, shots })
    if (who) {
      await enter(page, portal, provider, who)
      watch.allowOnly(portal)
    }
    await walk(look, watch, { portal, provider })
  } catch (error) {
    report.broken(name, error)
  } finally {
    watch.judge(report, who ? `${name}: ${who}` : name)
    await context.close()
    await scratch?.close()
  }
}

async function enter(page, portal, provider, who) {
  await page.goto(`${portal}/sign-in`)
  await page.getByRole('link', { name: 'Continue to sign in' }).click()
  await page.waitForURL(url => url.href.startsWith(provider))
  await page.getByRole('button', { name: who }).first().click()
  await page.waitForURL(url => url.origin === portal)
  await page.waitForLoadState('load')
}
