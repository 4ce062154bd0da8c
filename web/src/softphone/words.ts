import { phoneNumber } from '@/format'
import type { I18n, TextKey } from '@/i18n'
import type { Note, PhoneCall, PhoneState, Problem } from './state'

export function registrationText(state: PhoneState, t: I18n['t']): string {
  switch (state.registration) {
    case 'registered':
      return t('phone.registered')
    case 'failed':
      return t('phone.failed', { why: state.why || '–' })
    case 'lost':
      return t('phone.lost')
    default:
      return t('phone.connecting')
  }
}

export const PROBLEMS: Record<Exclude<Problem, 'none'>, TextKey> = {
  denied: 'phone.denied',
  nomic: 'phone.nomic',
  failed: 'phone.call.failed',
  busy: 'phone.call.busy',
  noanswer: 'phone.call.noanswer',
  notfound: 'phone.call.notfound',
  refused: 'phone.call.refused',
  hold: 'phone.hold.failed',
  transfer: 'phone.transfer.failed',
  conference: 'phone.conference.failed',
  lost: 'phone.lost.call',
}

export const NOTES: Record<Exclude<Note, 'none'>, TextKey> = {
  microphone: 'phone.note.microphone',
  speaker: 'phone.note.speaker',
  back: 'phone.note.back',
  repaired: 'phone.note.repaired',
}

export function who(call: PhoneCall): string {
  return call.name || phoneNumber(call.number)
}

export function statusKey(call: PhoneCall, conference = false): TextKey {
  if (call.phase === 'ringing') return call.answering ? 'phone.answering' : 'phone.incoming'
  if (call.phase === 'calling') return 'phone.calling'
  if (conference) return 'phone.conference'
  return call.held ? 'phone.held' : 'phone.talking'
}

/** What a screen reader says of a change; nothing when there is nothing to say. */
export function announcement(state: PhoneState, t: I18n['t']): string {
  const { call } = state
  if (!call) return ''
  if (call.phase === 'ringing') return t('phone.say.from', { who: who(call) })
  const said = [t(statusKey(call, state.conference)), who(call)]
  if (call.muted) said.push(t('phone.say.muted'))
  if (state.note !== 'none') said.push(t(NOTES[state.note]))
  return said.join(', ')
}
