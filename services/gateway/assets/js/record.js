// Fills the record page as sources answer, and closes a page about a person when it may no longer be shown.
// It must not move text that is being read: later changes wait behind a bar. If it fails, the page stays, with its Reload link.
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
  const held = new Set()
  let source = null
  let over = false

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
    if (old.querySelector('details[open]')) next.querySelector('details')?.setAttribute('open', '')
    old.replaceWith(next)
    if (summary) next.querySelector('summary')?.focus({ preventScroll: true })
    if (focus) next.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true })
  }

  // The completeness line covers the record, of which the page may still show an older state.
  const behind = () => all('[data-behind]').forEach(words => { words.hidden = !held.size })

  const later = () => {
    const fresh = new Set()
    for (const id of held) for (const one of answered()) if (!(filled.get(id) || atStart).includes(one)) fresh.add(one)
    behind()
    if (!held.size) bar.replaceChildren()
    else if (fresh.size) say(`${fresh.size} ${fresh.size === 1 ? 'source has' : 'sources have'} answered since — show`)
    else say('This record has changed since — show')
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
      if (old.dataset.digest === next.dataset.digest) held.delete(next.id)
      else if ('waiting' in old.dataset || below) { place(old, next); filled.set(next.id, answered()); held.delete(next.id) } else {
        held.add(next.id)
        old.querySelector('[data-gap]')?.replaceChildren('More data has arrived. Choose show to see it.')
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
