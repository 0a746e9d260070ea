// Fills the record page as sources answer, and closes a page about a person when it may no longer be shown.
// It must not move text that is being read: once the reader has scrolled, focused or opened something, newer content waits
// behind a button in its section. If this fails, the page stays, with its Reload link.
'use strict'
;(() => {
  const all = name => document.querySelectorAll(name)
  all('[data-print]').forEach(button => { button.hidden = false; button.addEventListener('click', () => window.print()) })
  all('[data-print-words]').forEach(words => { words.hidden = true })

  const root = document.querySelector('[data-person]')
  if (!root) return
  const { person, stream, watch, whole } = root.dataset

  // Sticky headings and anchors stop below the banner, at any banner height.
  const banner = document.querySelector('.lcr-banner')
  if ('ResizeObserver' in window) new ResizeObserver(() => document.documentElement.style.setProperty('--lcr-banner', `${banner.offsetHeight}px`)).observe(banner)

  // An older browser cannot show what a closed fold contains on a wide screen or on paper.
  const unfold = part => { if (!CSS.supports('selector(::details-content)')) part.querySelectorAll('.lcr-fold').forEach(fold => { fold.open = true }) }
  unfold(document)

  // Warns in both tabs if another patient is open in another tab.
  if ('BroadcastChannel' in window) {
    const tabs = new BroadcastChannel('lcr-record')
    tabs.onmessage = ({ data }) => {
      if (data.person === person) return
      all('[data-other]').forEach(words => { words.hidden = false })
      if (!data.reply) tabs.postMessage({ person, reply: true })
    }
    tabs.postMessage({ person })
  }
  if (!stream && !watch) return

  const bar = document.querySelector('[data-later]')
  const parse = html => {
    const template = document.createElement('template')
    template.innerHTML = html
    return template.content.firstElementChild
  }
  const answered = () => (document.getElementById('sources')?.dataset.answered || '').split(' ').filter(Boolean)
  const atStart = answered()
  const filled = new Map()
  /** Newer sections that wait until the reader asks for them, by id. */
  const waiting = new Map()
  let touched = false
  for (const name of ['wheel', 'touchmove', 'keydown', 'pointerdown']) {
    window.addEventListener(name, () => { touched = true }, { once: true, passive: true, capture: true })
  }
  const reading = () => touched || window.scrollY > 0
  let source = null
  let over = false
  let again = false

  const say = text => {
    const link = document.createElement('a')
    link.href = whole
    link.textContent = text
    bar.replaceChildren(link)
  }

  // Keeps unfolded details and the focus.
  const place = (old, next) => {
    if (old.isEqualNode(next)) return
    const at = document.activeElement
    const focus = old.contains(at) ? at.getAttribute('href') : null
    const summary = old.contains(at) && at.tagName === 'SUMMARY'
    if (old.matches('details[open]')) next.setAttribute('open', '')
    else if (old.querySelector('details[open]')) next.querySelector('details')?.setAttribute('open', '')
    unfold(next)
    old.replaceWith(next)
    if (summary) next.querySelector('summary')?.focus({ preventScroll: true })
    if (focus) next.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true })
  }

  // The completeness line covers the record, of which the page may still show an older state.
  const behind = () => all('[data-behind]').forEach(words => { words.hidden = !waiting.size })

  const show = id => {
    const [old, next] = [document.getElementById(id), waiting.get(id)]
    waiting.delete(id)
    if (!old || !next) return
    place(old, next)
    filled.set(id, answered())
    const title = next.querySelector('h2, h3')
    title?.setAttribute('tabindex', '-1')
    title?.focus({ preventScroll: true })
    later()
  }

  const later = () => {
    const fresh = new Set()
    for (const id of waiting.keys()) for (const one of answered()) if (!(filled.get(id) || atStart).includes(one)) fresh.add(one)
    behind()
    if (!waiting.size) bar.replaceChildren()
    else if (fresh.size) say(`${fresh.size} ${fresh.size === 1 ? 'source has' : 'sources have'} answered since — show`)
    else say('This record has changed since — show')
    // The link shows what waits in its place; without an answer it would load the page anew.
    if (waiting.size) bar.firstChild.addEventListener('click', event => { event.preventDefault(); [...waiting.keys()].forEach(show) })
  }

  // The button floats in the section's corner, so that nothing moves.
  const announce = section => {
    if (section.querySelector('.lcr-newer')) return
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'lcr-newer'
    button.textContent = 'Newer data — show'
    button.addEventListener('click', () => show(section.id))
    section.prepend(button)
  }

  // Replaces content that may no longer be shown by text. The name stays.
  const shut = (words, parts = '[data-closes]') => {
    bar.textContent = words
    all(parts).forEach(old => {
      const box = parse('<div class="lcr-closed" role="status"><p></p><a href="">Reload</a></div>')
      box.firstChild.textContent = words
      if (old.id !== 'main') box.lastChild.remove()
      old.replaceChildren(box)
    })
  }
  const kept = (root.dataset.kept || '').split(' ')

  const on = {
    live: next => { const old = document.getElementById(next.id); if (old) place(old, next); behind() },
    section: next => {
      const old = document.getElementById(next.id)
      if (!old) return
      const below = old.getBoundingClientRect().top > window.innerHeight && !old.contains(document.activeElement)
      if (old.dataset.digest === next.dataset.digest) {
        waiting.delete(next.id)
        old.querySelector('.lcr-newer')?.remove()
      } else if ('waiting' in old.dataset || below || !reading()) {
        place(old, next)
        filled.set(next.id, answered())
        waiting.delete(next.id)
      } else {
        waiting.set(next.id, next)
        announce(old)
      }
      later()
    },
    closed: next => { const old = document.getElementById(next.id); if (old) old.replaceWith(next) }
  }

  // Only a refusal or a sign-out closes the page; an unavailable service does not.
  const refused = async () => {
    const answer = await fetch(stream || watch, { redirect: 'manual' }).catch(() => null)
    answer?.body?.cancel()
    if (answer && (answer.type === 'opaqueredirect' || [401, 403].includes(answer.status))) {
      over = true
      shut('You can no longer see this section (it could not be confirmed that you may see it). This does not mean there is none.')
    } else if (answer?.status === 429 && !again) {
      // The gateway may not have noticed yet that the page before is gone.
      again = true
      setTimeout(open, 2000)
    } else if (answer?.status === 429) {
      // Two pages about this patient are live already, so this one loads once, in full.
      if (stream) location.replace(`${location.pathname}?whole=1`)
      else say('This page is not updated, because two other pages about this patient are open. Close one, then reload')
    } else say('This page is no longer kept up to date — reload')
  }

  const close = () => { source?.close(); source = null }
  const open = () => {
    if (over || source || document.hidden) return
    source = new EventSource(stream || watch)
    source.addEventListener('kept', ({ data }) => {
      const [names, words] = data.split('\n')
      if (names && names.split(' ').some(name => !kept.includes(name))) shut(words)
    })
    for (const name of Object.keys(on)) source.addEventListener(name, event => { const next = parse(event.data); if (next) on[name](next) })
    source.addEventListener('end', event => {
      over = true
      close()
      shut(event.data, stream ? '[data-closes]:not(main)' : '[data-closes]')
    })
    source.addEventListener('error', () => {
      if (source?.readyState !== EventSource.CLOSED) return
      close()
      refused()
    })
  }
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
  window.addEventListener('pagehide', close)
  open()
})()
