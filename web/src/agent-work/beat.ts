/** A worker: its clock goes on at full speed when the page is hidden, while the page's own is slowed down. */
const BEAT_MS = 2000

setInterval(() => postMessage(null), BEAT_MS)
