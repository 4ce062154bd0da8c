/**
 * A softphone whose page has lost its session, or its frame, in the middle of a call: it is kept until the call is over,
 * and goes back to its owner, for a session that ends is no reason to hang up on a customer.
 */
import type { Softphone } from './phone'
import type { TabLock } from './tab-lock'

export interface Kept {
  uri: string
  phone: Softphone
  lock: TabLock
}

let kept: Kept | null = null
let forget = () => {}
const listeners = new Set<() => void>()

export function isTalking(phone: Softphone): boolean {
  const { call, other } = phone.snapshot()
  return call?.phase === 'talking' || other?.phase === 'talking'
}

export function leaveBehind(left: Kept): void {
  endKept()
  const { phone, lock } = left
  const leavePage = () => phone.leavePage()
  const off = phone.subscribe(() => {
    if (!isTalking(phone)) endKept()
  })
  lock.turn = {
    mine: () => undefined,
    elsewhere: () => undefined,
    taken: () => endKept(),
    inCall: () => isTalking(phone),
  }
  window.addEventListener('pagehide', leavePage)
  forget = () => {
    off()
    window.removeEventListener('pagehide', leavePage)
  }
  kept = left
  tell()
}

/** The one that was left behind, to whom it belongs; else null. */
export function pickUp(uri: string): Kept | null {
  if (kept?.uri !== uri) return null
  const found = kept
  forget()
  kept = null
  tell()
  return found
}

function endKept(): void {
  if (!kept) return
  const { phone, lock } = kept
  forget()
  kept = null
  phone.stop()
  lock.end()
  tell()
}

export function keptPhone(): Softphone | null {
  return kept?.phone ?? null
}

export function watchKept(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tell(): void {
  for (const listener of listeners) listener()
}
