/** What the live stream has told so far, as a value. Pure. */
import { replaceEqualDeep } from '@tanstack/react-query'
import type {
  AgentState,
  Floor,
  OwnState,
  Pop,
  PopAction,
  RecordingAlert,
  StreamMessage,
  ToldCall,
} from '@/api/types'
import { changedFloor } from './floor-change'

export interface LiveState {
  /** Highest message number seen: what `resume` tells the server. */
  lastSeen: number
  floor: Floor | null
  /** Number of the floor's last change; null when one was missed and the whole is needed. */
  floorNumber: number | null
  /** Those talked in first, then the newest. */
  pops: Pop[]
  /** Cards of finished calls that the agent has put away: they do not come back with the next connection. */
  putAway: string[]
  /** What the site's own program offers, the newest last. */
  offers: PopAction[]
  own: OwnState | null
  /** The calls at the agent's telephone, once the stream has told of a change. */
  calls: ToldCall[] | null
  /** The last word about a pause of a recording that went wrong. */
  recordingAlert: RecordingAlert | null
  /** How a supervisor takes part in the agent's call. */
  supervised: string | null
  /** How many notes the stream has told of. */
  notesTold: number
  /** Grows whenever somebody's work is worth another look. */
  work: number
  /** How many times the stream has told of the agent's callback. */
  callbacksTold: number
}

export const NOTHING_YET: LiveState = {
  lastSeen: 0,
  floor: null,
  floorNumber: null,
  pops: [],
  putAway: [],
  offers: [],
  own: null,
  calls: null,
  recordingAlert: null,
  supervised: null,
  notesTold: 0,
  work: 0,
  callbacksTold: 0,
}

/** Cards put away, and offers for cards. */
const REMEMBERED = 20

export const isOpen = (pop: Pop) => pop.state === 'ringing' || pop.state === 'answered'

const ringOf = (pop: Pop) => `${pop.id} ${pop.at}`

function withPop({ pops, putAway }: LiveState, pop: Pop): Pop[] {
  if (pop.restored && putAway.includes(ringOf(pop))) return pops
  const known = pops.some((other) => other.id === pop.id)
  if (known) return pops.map((other) => (other.id === pop.id ? pop : other))
  if (pop.restored) return pops.length > 0 ? pops : [pop]
  if (!isOpen(pop)) return pops // over before this page knew of it
  const open = pops.filter(isOpen) // a new call clears the cards of finished ones
  const read = open.filter((other) => other.state === 'answered') // and moves none that is being read
  return [...read, pop, ...open.filter((other) => other.state === 'ringing')]
}

/** The numbering of a restarted server begins anew: what was seen of the old one means nothing to it. */
export function resumeFrom(lastSeen: number, helloSeq: number): number {
  return helloSeq < lastSeen ? 0 : lastSeen
}

export function received(state: LiveState, message: StreamMessage): LiveState {
  switch (message.type) {
    case 'hello':
      // What is not told again is over; notes written meanwhile are asked for.
      return {
        ...state,
        lastSeen: resumeFrom(state.lastSeen, message.seq),
        floorNumber: null,
        supervised: null,
        notesTold: state.notesTold + 1,
        callbacksTold: state.callbacksTold + 1,
        calls: null,
      }
    case 'floor':
      return {
        ...state,
        lastSeen: Math.max(state.lastSeen, message.seq),
        floor: replaceEqualDeep(state.floor, message.floor) as Floor,
        floorNumber: message.number,
      }
    case 'floor_change': {
      const lastSeen = Math.max(state.lastSeen, message.seq)
      if (!state.floor || state.floorNumber === null || message.number !== state.floorNumber + 1)
        return { ...state, lastSeen, floorNumber: null }
      const floor = changedFloor(state.floor, message.change, message.at)
      return { ...state, lastSeen, floor, floorNumber: message.number }
    }
    case 'pop':
      return {
        ...state,
        lastSeen: Math.max(state.lastSeen, message.seq),
        pops: withPop(state, message.pop),
      }
    case 'pop_action': {
      const { pop, at, url } = message
      return { ...state, offers: [...state.offers, { pop, at, url }].slice(-REMEMBERED) }
    }
    case 'agent':
      return { ...state, lastSeen: Math.max(state.lastSeen, message.seq), own: message.state }
    case 'supervised':
      return { ...state, supervised: message.mode }
    case 'note':
      return { ...state, notesTold: state.notesTold + 1 }
    case 'work':
      return { ...state, lastSeen: Math.max(state.lastSeen, message.seq), work: state.work + 1 }
    case 'callback':
      return { ...state, callbacksTold: state.callbacksTold + 1 }
    case 'recording':
      return { ...state, recordingAlert: message }
    case 'calls':
      return { ...state, calls: message.items }
    default:
      return state
  }
}

export function dismissed(state: LiveState, pop: string): LiveState {
  const gone = state.pops.filter((other) => other.id === pop).map(ringOf)
  return {
    ...state,
    pops: state.pops.filter((other) => other.id !== pop),
    putAway: [...state.putAway, ...gone].slice(-REMEMBERED),
  }
}

/**
 * After a resume the server has sent every open pop again. One that did not come ended while this page was
 * away, unless the floor still shows its agent in a call.
 */
export function swept(state: LiveState, confirmed: ReadonlySet<string>, agent: AgentState | null): LiveState {
  if (agent === 'ringing' || agent === 'busy') return state
  return { ...state, pops: state.pops.filter((pop) => !isOpen(pop) || confirmed.has(pop.id)) }
}

/** Messages come from outside: anything that is not one of ours is nothing. */
export function parse(text: unknown): StreamMessage | null {
  if (typeof text !== 'string') return null
  try {
    const value: unknown = JSON.parse(text)
    if (!value || typeof value !== 'object' || !('type' in value)) return null
    const known = [
      'hello',
      'floor',
      'floor_change',
      'pop',
      'pop_action',
      'agent',
      'supervised',
      'note',
      'work',
      'callback',
      'calls',
      'recording',
      'pong',
    ]
    return known.includes(String(value.type)) ? (value as StreamMessage) : null
  } catch {
    return null
  }
}
