// Announces changes on an open ward list. It must not move rows: changes wait behind a bar. A list that may no longer be
// shown is replaced by text at once. If this fails, the page stays, with its Reload link.
'use strict'
;(() => {
  const list = document.querySelector('[data-ward]')
  if (!list) return
  const bar = document.querySelector('[data-later]')
  const { ward, reload } = list.dataset
  let { rows } = list.dataset
  let before = 0
  let changed = 0
  let source = null
  let over = false

  const link = text => {
    const way = document.createElement('a')
    way.href = reload
    way.textContent = text
    return way
  }
  const close = () => { source?.close(); source = null; before = changed }
  const shut = words => {
    over = true
    close()
    const said = document.createElement('p')
    said.textContent = `${words} `
    said.append(link('Reload to see what may be shown now'))
    const box = document.createElement('div')
    box.className = 'lcr-closed'
    box.setAttribute('role', 'status')
    box.append(said)
    list.replaceChildren(box)
    bar.replaceChildren()
  }
  // Only a refusal or a sign-out closes the list; an unavailable service does not.
  const refused = async () => {
    const answer = await fetch(`${ward}&rows=${rows}`, { redirect: 'manual' }).catch(() => null)
    answer?.body?.cancel()
    if (answer && (answer.type === 'opaqueredirect' || [401, 403].includes(answer.status))) {
      shut('You can no longer see this list (it could not be confirmed that you may see it). This does not mean there is nobody.')
    } else bar.replaceChildren(link('This list is no longer kept up to date — reload'))
  }
  const open = () => {
    if (over || source || document.hidden) return
    source = new EventSource(`${ward}&rows=${rows}`)
    source.addEventListener('news', ({ data }) => {
      const [count, now] = data.split(' ')
      changed = before + Number(count)
      rows = now || ''
      bar.replaceChildren(link(`${changed} ${changed === 1 ? 'update' : 'updates'} — show`))
    })
    source.addEventListener('closed', ({ data }) => shut(data))
    source.addEventListener('error', () => {
      const closed = source?.readyState === EventSource.CLOSED
      // Reconnect with the current rows, not with those of the first request.
      close()
      if (closed) refused()
      else setTimeout(open, 2000)
    })
  }
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
  window.addEventListener('pagehide', close)
  open()
})()
