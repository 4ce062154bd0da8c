/** The shapes of recordings, reviews, customers, KPIs and operations: the server's own, by their names here. */
import type { components } from './generated'

type Schemas = components['schemas']

export type RecordingState = Schemas['RecordingView']['state']
export type Recording = Schemas['RecordingView']
export type RecordingDetail = Schemas['RecordingDetailView']
/** One pair a column: the lowest and the highest sample, -1..1. */
export type Peaks = Pick<Schemas['PeaksView'], 'duration_seconds' | 'points'> & {
  /** The customer's and the agent's, where they are apart. */
  lanes?: [number, number][][] | null
}
/** From and to, in seconds of the sound. */
export type RecordingSpan = [number, number]
export type Heard = Schemas['HeardView']
export type HeardSpans = Required<Schemas['SpansView']>
export type Signals = NonNullable<Heard['signals']>
export type RecordingNote = Schemas['RecordingNoteView']
export type SharedLink = Schemas['ShareView']
export type Shared = Schemas['SharedView']

// ── scorecards and reviews ───────────────────────────────────────────────────
export type AnswerValue = 'yes' | 'no' | 'na' | 0 | 1 | 2 | 3 | 4
export interface Answer {
  value: AnswerValue
  comment?: string | null
  at_seconds?: number | null
}
export type Answers = Record<string, Answer>
export type Scorecard = Schemas['ScorecardView']
export type ScorecardSection = Schemas['SectionView']
export type ScorecardItem = Schemas['ItemView']
export type Review = Schemas['ReviewView']
export type ReviewState = Schemas['ReviewState']
export type ReviewResult = NonNullable<Review['result']>
export type ReviewDetail = Omit<Schemas['ReviewDetailView'], 'answers'> & { answers: Answers }
export interface ScoreBody {
  answers: Answers
  comment: string
}
export type SatisfactionReport = Schemas['SatisfactionView']
export type Coefficient = Schemas['CoefficientView']
export type ItemLink = Schemas['ItemLinkView']
export type DissatisfiedCall = Schemas['DissatisfiedView']
export type Preview = Schemas['ScoreView']

// ── customers ────────────────────────────────────────────────────────────────
export type Customer = Schemas['CustomerView']
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
export type KpiRow = Schemas['KpiItem']
export type Kpi = Schemas['KpiReport']

export type Job = Schemas['JobView']
export type JobState = Schemas['JobState']

/** Whatever the server can tell about itself; the page draws it as it comes. */
export type Operations = Record<string, unknown>
