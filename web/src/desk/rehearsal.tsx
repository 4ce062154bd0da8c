/**
 * The first cards of a page cost three times what later ones do: their code has never run, their styles have never been matched. So
 * an idle page draws some unseen, and puts each away again in the same task, before anybody is waiting for one.
 */
import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import type { Pop } from '@/api/types'
import { useLiveStore } from '@/stream/live'
import { CardFace } from './pop-card'
import classes from './pop-card.module.css'

const REHEARSALS = 3
const LONGEST_WAIT_MS = 5000
const PAUSE_MS = 500

const SOMEBODY: Pop = {
  id: 'rehearsal',
  call: '',
  agent: '',
  state: 'ringing',
  reason: null,
  at: 0,
  known: true,
  tier: 'gold',
  tier_source: 'file',
  tier_reason: { at: 0, reason: '–' },
  customer: { id: '–', name: '–', company: '–', language: 'en', value_note: '–', note: '–' },
  name: '–',
  number: '+10000000000',
  queue: '–',
  dialled: '+10000000000',
  promised_at: 0,
  waited_seconds: 1,
  position_note: { en: '–', zh: '–' },
  passed_by: null,
  contacts: [
    { at: 0, queue: null, agent: null, outcome: 'answered', talk_seconds: 1, code: null, note: '–' },
    { at: 1, queue: null, agent: null, outcome: 'abandoned', talk_seconds: null, code: null, note: null },
  ],
  unreadable: false,
  matters: [{ kind: 'callback', id: '–', queue: '–', due_at: 0, reason: '' }],
  satisfaction: { score: 4, scale: 5, low: false, answered_at: 0, comment: '' },
  callee: null,
}

export function Rehearsal({ compact }: { compact: boolean }) {
  const store = useLiveStore()
  const [drawing, setDrawing] = useState(false)
  const [looks, setLooks] = useState(0)
  const [left, setLeft] = useState(REHEARSALS)
  useEffect(() => {
    if (left === 0) return
    return whenIdle(() => {
      if (!store || store.snapshot().pops.length > 0) return
      setLooks(looks + 1)
      if (document.activeElement !== document.body) return // somebody types or has a list open: later
      flushSync(() => setDrawing(true))
      document.querySelector(`.${classes['unseen']}`)?.getBoundingClientRect() // styles and places, too
      flushSync(() => setDrawing(false))
      setLeft(left - 1)
    }, looks)
  }, [store, looks, left])
  return drawing ? (
    <div className={classes['unseen']} aria-hidden inert>
      <CardFace pop={SOMEBODY} compact={compact} dismiss={() => undefined} />
    </div>
  ) : null
}

/** Not at once after the last time: whoever is busy stays so for a while. */
function whenIdle(act: () => void, looks: number): () => void {
  let idle = 0
  const timer = setTimeout(
    () => {
      if ('requestIdleCallback' in window) idle = requestIdleCallback(act, { timeout: LONGEST_WAIT_MS })
      else act()
    },
    looks === 0 ? 0 : PAUSE_MS,
  )
  return () => {
    clearTimeout(timer)
    if (idle) cancelIdleCallback(idle)
  }
}
