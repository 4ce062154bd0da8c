/**
 * The shapes the server speaks: generated from its description where it describes them, written out for the live
 * stream, the floor and a call's story. Times are seconds since 1970, durations seconds.
 */

import type { components } from './generated'

type Schemas = components['schemas']

export type Tier = Schemas['Tier']
export const TIERS: readonly Tier[] = ['platinum', 'gold', 'iron', 'lead']

export type Language = 'zh' | 'en'
export type Permission = Schemas['Permission']
export type User = Schemas['UserView']
export type Phone = Schemas['PhoneView']
export type OwnCall = Schemas['OwnCallView']
/** As the stream tells it: with whom the agent talks in it has to be asked. */
export type ToldCall = Omit<OwnCall, 'company'>
export type Directory = Schemas['DirectoryView']
export type Session = Schemas['SessionView']

export interface Page<T> {
  items: T[]
  total: number
}
export interface Words {
  en: string
  zh: string
}

// ── floor ────────────────────────────────────────────────────────────────────
export type AgentState =
  | 'ready'
  | 'not_ready'
  | 'ringing'
  | 'busy'
  | 'working_after_call'
  | 'unreachable'
  | 'logged_off'

export interface Link {
  up: boolean
  since: number | null
  reason: string
}
/** What tiles, queues and tiers have in common: the line now, and what today came to. */
export interface Counts {
  waiting: number
  longest_wait_seconds: number | null
  /** When the caller who waits longest joined; null when nobody waits. */
  longest_since: number | null
  offered: number
  answered: number
  answered_in_target: number
  abandoned: number
  flowed_out: number
  blocked: number
  answer_rate: number | null
  service_level: number | null
}
export interface Tiles extends Counts {
  abandon_rate: number | null
  service_level_formula: string
  service_level_target_seconds: number
  asa_seconds: number | null
  aht_seconds: number | null
  talking: number
  agents_ready: number
  agents_on: number
}
export interface TierRow extends Counts {
  target_seconds: number
}
export interface QueueFloor extends Counts {
  queue: string
  abandon_rate: number | null
  agents_ready: number
  agents_busy: number
  agents_on: number
  /** Since when its rules for a surge are in force. */
  surge_since: number | null
  tiers: Partial<Record<string, TierRow>>
}
/** A quarter of an hour of today; `queue` null: all together. */
export interface TrendRow {
  from: number
  queue: string | null
  offered: number
  answered: number
  abandoned: number
  service_level: number | null
  longest_waited_seconds: number
}
export interface WaitingCaller {
  call: string
  pbx: string
  uniqueid: string
  queue: string
  position: number
  tier: string | null
  name: string | null
  number: string | null
  joined_at: number
  credit_seconds: number | null
  promised_at: number | null
  why: Words | null
}
export interface AgentFloor {
  agent: string
  pbx: string
  name: string
  state: AgentState
  reason: string | null
  since: number
  queues: string[]
  call: string | null
  customer: string | null
  tier: string | null
  paused: boolean
  /** The recording of the call is silent since then. */
  recording_paused_since: number | null
  handled: number
  aht_seconds: number | null
}
/** How far the numbers are proven: all switches together. */
export interface Proof {
  ledger: boolean
  verified_until: number | null
  gap_since: number | null
}
export interface Floor extends Proof {
  at: number
  pbx: Record<string, Link>
  tiles: Tiles
  queues: QueueFloor[]
  waiting: WaitingCaller[]
  agents: AgentFloor[]
  trend: TrendRow[]
}
export type FloorList = 'queues' | 'waiting' | 'agents' | 'trend'
export type Fields = Record<string, unknown>
/** What changed in a list, by the keys of its rows. */
export interface RowsChange {
  gone?: string[]
  new?: [number, Fields][]
  set?: Record<string, Fields>
  order?: string[]
}
export type FloorChange = Partial<Record<FloorList, RowsChange>> & { fields?: Fields }

// ── screen pop and stream ────────────────────────────────────────────────────
export interface PopCustomer {
  id: string
  name: string
  company: string | null
  language: string | null
  value_note: string | null
  note: string | null
}
export interface Contact {
  at: number
  queue: string | null
  agent: string | null
  outcome: string | null
  talk_seconds: number | null
  /** How it ended, and what is to be known of it, as the last of its agents said. */
  code: string | null
  note: string | null
}
/** Something that is owed to the caller. */
export interface Matter {
  kind: 'callback' | 'rescue'
  id: string
  queue: string
  due_at: number
  reason: string
}
/** What the caller said when he was last asked how content he is. */
export interface Satisfaction {
  score: number
  scale: number
  low: boolean
  answered_at: number
  comment: string
}
export type PopState = 'ringing' | 'answered' | 'withdrawn' | 'ended'
export interface Pop {
  id: string
  call: string
  agent: string
  state: PopState
  reason: string | null
  at: number
  /** False until we know who it is, or that we do not know him. */
  known: boolean
  tier: string | null
  tier_source: string | null
  /** Of the tier's last change. */
  tier_reason: { at: number; reason: string } | null
  customer: PopCustomer | null
  name: string | null
  number: string | null
  queue: string | null
  dialled: string | null
  /** When the caller was to be answered, as it looked when he joined the line. */
  promised_at: number | null
  waited_seconds: number | null
  position_note: Words | null
  passed_by: string | number | null
  /** null: not read yet. */
  contacts: Contact[] | null
  /** The database did not answer. */
  unreadable: boolean
  matters: Matter[]
  /** null: not read yet, or he said nothing in the last year. */
  satisfaction: Satisfaction | null
  /** Of the telephone that rings. */
  callee: string | null
  /** It was over before the page asked: shown while the work after it lasts. */
  restored?: boolean
}
/** What the site's own program offers to open for one ring of a pop. */
export interface PopAction {
  pop: string
  at: number
  url: string
}
/** What an agent's own state message carries; the floor has the rest. */
export type OwnState = Pick<AgentFloor, 'agent' | 'state' | 'since'> & Partial<AgentFloor>

export interface RecordingAlert {
  what: 'resumed_by_itself' | 'not_silent'
  call: string
  agent: string | null
}

export type StreamMessage =
  | { type: 'hello'; seq: number }
  | { type: 'floor'; seq: number; number: number; floor: Floor }
  | { type: 'floor_change'; seq: number; number: number; at: number; change: FloorChange }
  | { type: 'pop'; seq: number; pop: Pop }
  | ({ type: 'pop_action'; seq: number } & PopAction)
  | { type: 'agent'; seq: number; state: OwnState }
  | { type: 'supervised'; seq: number; mode: Schemas['SpyMode'] | null }
  | { type: 'note'; seq: number }
  | { type: 'work'; seq: number; agent: string }
  | { type: 'callback'; seq: number }
  | { type: 'calls'; seq: number; items: ToldCall[] }
  | ({ type: 'recording'; seq: number } & RecordingAlert)
  | { type: 'pong' }

export type StreamRequest =
  | { type: 'ack'; pop: string }
  | { type: 'resume'; last_seen: number }
  | { type: 'floor' }
  | { type: 'presence'; phone: boolean; hidden: boolean }
  | { type: 'ping' }

// ── calls ────────────────────────────────────────────────────────────────────
export type CustomerMention = string | { id: string; name?: string | null; company?: string | null } | null

export type CallItem = Schemas['CallLine']
export interface Visit {
  queue: string
  uniqueid: string
  joined_at: number
  outcome: string | null
  wait_seconds: number | null
  original_position: number | null
  agent: string | null
  talk_seconds: number | null
  hold_seconds: number | null
  ended_by: string | null
}
export interface Offer {
  queue: string | null
  agent: string
  result: string | null
  ring_seconds: number | null
}
export interface Segment {
  agent: string
  channel: string
  talk_seconds: number
  hold_seconds: number
  wrap_up_seconds?: number | null
}
export interface Transfer {
  kind: string
  from: string | null
  to: string | null
  result: string
}
export interface TimelineEntry {
  at: number
  what: string
  detail: string
}
export interface CallDetail {
  call_id: string
  uniqueid: string
  caller_number: string | null
  caller_name: string | null
  direction: string
  state: string
  started_at: number
  ended_at: number | null
  tier: string | null
  customer: CustomerMention
  visits: Visit[]
  offers: Offer[]
  segments: Segment[]
  transfers: Transfer[]
  blocked?: { at: number; queue: string | null; reason: string }[]
  recordings: unknown[]
  timeline: TimelineEntry[]
}
export type Decision = Schemas['DecisionView']
/** How a call sounded at an agent's softphone, measured there. */
export interface CallQuality {
  agent: string
  jitter_ms: number
  jitter_worst_ms: number
  loss_percent: number
  rtt_ms: number | null
  mos: number
  mos_worst: number
  codec: string
  device: string
  seconds: number
}
/** A button on the card of a caller; `url` holds places in braces. */
export interface DeskLink {
  name: Words
  url: string
}
export interface QueueItem {
  queue: string
}

export type Callback = Schemas['CallbackView']
export type CallbackStory = Schemas['CallbackStory']
export type Rescue = Schemas['RescueView']
export type RescueStory = Schemas['RescueStory']

export type * from './types-quality'
