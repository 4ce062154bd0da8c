/** What a telephone shows: one value, made anew at every change. Times in local milliseconds since 1970. */
import type { Sample } from './mos'

export type Registration = 'connecting' | 'registered' | 'failed' | 'lost'

export interface PhoneCall {
  id: string
  incoming: boolean
  phase: 'ringing' | 'calling' | 'talking'
  /** The agent has pressed Answer, and it is not through yet. */
  answering: boolean
  name: string
  number: string
  muted: boolean
  held: boolean
  /** Null until it was answered. */
  answeredAt: number | null
}

/** What went wrong, each with a sentence that says what to do. */
export type Problem =
  | 'none'
  | 'denied'
  | 'nomic'
  | 'failed'
  | 'busy'
  | 'noanswer'
  | 'notfound'
  | 'refused'
  | 'hold'
  | 'transfer'
  | 'conference'
  | 'lost'
/** What happened by itself and the agent should know. */
export type Note = 'none' | 'microphone' | 'speaker' | 'back' | 'repaired'

export interface PhoneState {
  registration: Registration
  why: string
  /** The call that is heard; null when there is none. */
  call: PhoneCall | null
  /** The second one: the customer on hold while a colleague is asked, or the other way round. */
  other: PhoneCall | null
  /** The two are heard together. */
  conference: boolean
  problem: Problem
  note: Note
  /** The browser plays nothing, for nobody has touched this page yet. */
  silent: boolean
  /** How the last seconds sounded; null before anything was measured. */
  sample: Sample | null
}

export const SILENT: PhoneState = {
  registration: 'connecting',
  why: '',
  call: null,
  other: null,
  conference: false,
  problem: 'none',
  note: 'none',
  silent: false,
  sample: null,
}

/** Digits, keys and names of extensions; everything people write between them goes. */
export function dialled(text: string): string {
  const named = /[A-Za-z]/.test(text)
  return text.replace(named ? /[^\d+*#A-Za-z._-]/g : /[^\d+*#]/g, '')
}

/** Longer than any extension: it leads out of the house, where the server's number policy decides. */
export function leadsOutside(number: string): boolean {
  return /^\+|^\d{7,}$/.test(number)
}

/** Whether two writings may mean one number: the switch adds a country code to what people write without one. */
export function sameNumber(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => text.replace(/\D/g, '').replace(/^0+/, ''))
  return !!a && !!b && (a === b || (Math.min(a.length, b.length) > 6 && (a.endsWith(b) || b.endsWith(a))))
}

/** A name that only one has, or that is somebody's own, is as good as a number; letters are no number by themselves. */
export function numberOf(text: string, targets: readonly string[]): string {
  const looked = text.trim().toLowerCase()
  if (!/[a-z]/i.test(looked) && /[\d*#]/.test(looked)) return dialled(text)
  const exact = targets.find((target) => target.toLowerCase() === looked)
  return exact ?? (looked && targets.length === 1 ? targets[0] : undefined) ?? ''
}
