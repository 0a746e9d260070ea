// Prints a line for each failed check, and the failures once more at the end. It prints passed checks only if LCR_EVERY_CHECK is
// set: hundreds of them would hide the one that failed. It must never decide whether a check passes.

export class Report {
  #failed = []
  #count = 0

  /** One check of one journey. `found` is said only when it failed. */
  check(journey, what, passed, found = '') {
    this.#count += 1
    const line = `${passed ? 'ok  ' : 'FAIL'} ${journey}: ${what}`
    if (!passed) this.#failed.push(line)
    if (!passed) console.log(found ? `${line} — ${String(found).slice(0, 600)}` : line)
    else if (process.env.LCR_EVERY_CHECK) console.log(line)
    return passed
  }

  /** A journey that could not go on is one failure, and the others still run. */
  broken(journey, error) {
    this.check(journey, 'goes through to its end', false, error.message)
  }

  /** The closing lines; true when all is well. */
  end() {
    console.log(`\n${this.#count} checks, ${this.#failed.length} failed`)
    for (const line of this.#failed) console.log(line)
    return this.#failed.length === 0
  }
}

/** Text as it is read: one space where there were many. */
export const words = text => (text ?? '').replace(/\s+/g, ' ').trim()

/**
 * Asks again until the answer is yes or time is up. Not playwright's own waiting, which needs the page to run
 * scripts; here half of the pages may not.
 */
export async function until(ask, seconds = 15) {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask().catch(() => false)
    if (answer || Date.now() > end) return answer
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
