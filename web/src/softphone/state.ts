/** What the softphone shows: one value, made anew at every change. Times in local milliseconds since 1970. */
import type { Sample } from './mos'

export type Registration = 'connecting' | 'registered' | 'failed' | 'lost'

export interface PhoneCall {
  id: string
  incoming: boolean
  phase: 'ringing' | 'calling' | 'talking'
  name: string
  number: string
  muted: boolean
  held: boolean
  /** Null until it was answered. */
  answeredAt: number | null
}

/** What went wrong, each with a sentence that says what to do. */
export type Problem = 'none' | 'denied' | 'nomic' | 'transfer' | 'conference' | 'lost'
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
  sample: null,
}

/** Digits, keys and names of extensions; everything people write between them goes. */
export function dialled(text: string): string {
  return text.replace(/[^\d+*#A-Za-z._-]/g, '')
}
