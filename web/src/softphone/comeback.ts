/** What a page that is reloaded in a call leaves to the next one: enough to take the place of its own old leg (RFC 3891). */
import type { Sample } from './mos'

/** One dialog as the switch knows it; `ours` and `theirs` are the tags of the two ends. */
export interface Dialog {
  callId: string
  ours: string
  theirs: string
}
export interface Left {
  dialog: Dialog
  incoming: boolean
  name: string
  number: string
  muted: boolean
  held: boolean
  /** The call it belongs to, as the server names it; null where that is not known. */
  of: string | null
  /** A colleague was asked by it. */
  asked: boolean
  /** It was part of a conference. */
  joined: boolean
  answeredAt: number
  samples: Sample[]
}

const KEPT = 'tierline.calls'
/** The switch hangs up a leg that is silent for 20 s (config/asterisk/pjsip.conf, rtp_timeout). */
const LATEST_MS = 20_000

export function leave(account: string, calls: Left[]): void {
  sessionStorage.setItem(KEPT, JSON.stringify({ account, at: Date.now(), calls }))
}

/** What an earlier page of this tab left, once; nothing when it is another person's or too old. */
export function take(account: string): Left[] {
  const text = sessionStorage.getItem(KEPT)
  sessionStorage.removeItem(KEPT)
  if (!text) return []
  try {
    const kept = JSON.parse(text) as { account: string; at: number; calls: Left[] }
    return kept.account === account && Date.now() - kept.at < LATEST_MS ? kept.calls : []
  } catch {
    return []
  }
}

/** The header that asks for its place. Tags are named from where the switch stands. */
export function replaces(dialog: Dialog): string {
  return `Replaces: ${dialog.callId};to-tag=${dialog.theirs};from-tag=${dialog.ours}`
}
