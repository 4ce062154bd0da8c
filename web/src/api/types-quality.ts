/** The shapes of recordings, reviews, customers, KPIs and operations. */
import type { Words } from './types'

export type RecordingState = 'expected' | 'stored' | 'missing' | 'excluded'
export interface Recording {
  id: string
  call: string
  visit_uniqueid: string | null
  queue: string | null
  agent: string | null
  tier: string | null
  state: RecordingState
  reason: string | null
  file: string | null
  started_at: number
  duration_seconds: number | null
  size_bytes: number | null
  review: string | null
}
/** One pair a column: the lowest and the highest sample, -1..1. */
export interface Peaks {
  points: [number, number][]
  duration_seconds: number
}

// ── scorecards and reviews ───────────────────────────────────────────────────
export type AnswerValue = 'yes' | 'no' | 'na' | 0 | 1 | 2 | 3 | 4
export interface Answer {
  value: AnswerValue
  comment?: string | null
  at_seconds?: number | null
}
export type Answers = Record<string, Answer>

export interface ScorecardItem {
  id: string
  text: Words
  kind: 'yes_no' | 'scale'
  critical: 'customer' | 'business' | 'compliance' | null
  anchors?: unknown[] | null
  help?: Words | string | null
}
export interface ScorecardSection {
  id: string
  title: Words
  weight: number
  items: ScorecardItem[]
}
export interface Scorecard {
  id: string
  version: number | string
  title: Words
  pass_mark: number
  sections: ScorecardSection[]
}
export type ReviewState = 'open' | 'claimed' | 'scored'
export type ReviewResult = 'pass' | 'fail' | 'not_scorable'
export interface Review {
  id: string
  recording: string
  call: string
  queue: string | null
  agent: string | null
  tier: string | null
  state: ReviewState
  reviewer: string | null
  score: number | null
  result: ReviewResult | null
  scorecard: string
  scorecard_version: number | string
  created_at: number
  scored_at: number | null
}
export interface ReviewDetail extends Review {
  answers?: Answers | null
  comment?: string | null
}
export interface ScoreBody {
  answers: Answers
  comment: string
}
export interface Preview {
  score: number | null
  result: ReviewResult | null
}

// ── customers ────────────────────────────────────────────────────────────────
export interface Customer {
  id: string
  name: string
  company: string | null
  tier: string | null
  tier_source: string | null
  numbers: string[]
  language: string | null
  owner: string | null
  note: string | null
  value_note: string | null
  created_at: number
}

export interface CustomerContact {
  kind: 'contact'
  at: number
  call: string
  queue: string | null
  agent: string | null
  outcome: string | null
  talk_seconds: number | null
}
/** `from_tier` is null when the customer was new. */
export interface TierChange {
  kind: 'tier'
  at: number
  from_tier: string | null
  to_tier: string
  reason: string
  actor: string
}
export type HistoryLine = CustomerContact | TierChange

// ── KPIs ─────────────────────────────────────────────────────────────────────
export interface KpiRow {
  from: number
  until: number
  group: string | null
  provisional: boolean
  offered: number
  answered: number
  abandoned: number
  short_abandoned: number
  flow_out: number
  blocked: number
  answer_rate: number | null
  net_answer_rate: number | null
  abandon_rate: number | null
  service_level: { formula: string; threshold_seconds: number; value: number | null }
  service_levels: Record<string, number | null>
  asa_seconds: number | null
  time_to_abandon_seconds: number | null
  aht_seconds: number | null
  talk_seconds: number | null
  hold_seconds: number | null
  wrap_up_seconds: number | null
  handled: number
  transfer_rate: number | null
  occupancy: number | null
  agent_answer_rate: number | null
}
export interface Kpi {
  items: KpiRow[]
  formulas: Record<string, unknown>
  version: string | number
}

/** Whatever the server can tell about itself; the page draws it as it comes. */
export type Operations = Record<string, unknown>
