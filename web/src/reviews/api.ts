/** What the pages of quality ask beside the reviews themselves. */
import { type Query, request, withQuery } from '@/api/client'
import type { components } from '@/api/generated'
import type { Page, ReviewDetail, Scorecard } from '@/api/types'
import type { Draft } from './answers'

type Schemas = components['schemas']
export type Estimate = Schemas['IntervalView']
export type Figures = Schemas['FiguresView']
export type Quality = Schemas['SampleQualityView']
export type Plan = Schemas['PlanView']
export type Draw = Schemas['DrawView']
export type Proof = Schemas['ProofView']
export type Week = Schemas['WeekView']
export type Covered = Schemas['CoveredView']
export type Question = Schemas['QuestionView']
export type Leaning = Schemas['LeaningView']
export type Agreement = Schemas['AgreementView']
export type Calibration = Schemas['CalibrationView']
export type CalibrationSession = Schemas['CalibrationSessionView']
export type Reviewers = Schemas['ReviewersView']
export type ReviewerLoad = Schemas['ReviewerView']
export type Dispute = Schemas['DisputeView']
export type DisputeDetail = Schemas['DisputeDetailView']
export type Standing = Schemas['StandingView']
export type Task = Schemas['TaskView']
export type TaskForm = Schemas['TaskForm']

const at = encodeURIComponent

export const judging = {
  heartbeat: (review: string) => request<Schemas['HeldView']>('POST', `/reviews/${at(review)}/heartbeat`),
  keepDraft: (review: string, answers: Draft, comment: string) =>
    request<Schemas['HeldView']>('PUT', `/reviews/${at(review)}/draft`, { answers, comment }),
  assign: (review: string, reviewer: string | null) =>
    request<ReviewDetail>('POST', `/reviews/${at(review)}/assign`, { reviewer }),
  exclude: (review: string, reason: string) =>
    request<ReviewDetail>('POST', `/reviews/${at(review)}/exclude`, { reason }),
  reviewers: (since: number) => request<Reviewers>('GET', withQuery('/reviewers', { from: since })),

  plans: () => request<Schemas['PlansView']>('GET', '/sampling/plans'),
  draws: (query: Query) => request<Page<Draw>>('GET', withQuery('/sampling/draws', query)),
  proof: (draw: string) => request<Proof>('GET', `/sampling/draws/${at(draw)}/proof`),
  coverage: (weeks: number) =>
    request<Schemas['CoverageView']>('GET', withQuery('/sampling/coverage', { weeks })),
  quality: (query: Query) => request<Quality>('GET', withQuery('/quality', query)),

  agreement: (query: Query) => request<Agreement>('GET', withQuery('/calibrations/agreement', query)),
  calibrations: () => request<Page<Calibration>>('GET', '/calibrations?limit=25'),
  calibration: (id: string) => request<CalibrationSession>('GET', `/calibrations/${at(id)}`),
  call: (body: Schemas['CalibrationForm']) => request<Calibration>('POST', '/calibrations', body),
  close: (id: string) => request<CalibrationSession>('POST', `/calibrations/${at(id)}/close`),

  disputes: (query: Query) => request<Page<Dispute>>('GET', withQuery('/disputes', query)),
  dispute: (id: string) => request<DisputeDetail>('GET', `/disputes/${at(id)}`),
  decide: (id: string, changed: boolean, note: string) =>
    request<DisputeDetail>('POST', `/disputes/${at(id)}/decide`, { changed, note }),

  ownReview: (id: string) => request<ReviewDetail>('GET', `/own-reviews/${at(id)}`),
  ownPeaks: (id: string) => request<Schemas['PeaksView']>('GET', `/own-reviews/${at(id)}/peaks`),
  ownAudioAddress: (id: string) => `/api/v1/own-reviews/${at(id)}/audio`,
  ownScorecard: (id: string) => request<Scorecard>('GET', `/own-reviews/${at(id)}/scorecard`),
  standing: (id: string) => request<Standing>('GET', `/own-reviews/${at(id)}/standing`),
  acknowledge: (id: string) => request<Standing>('POST', `/own-reviews/${at(id)}/acknowledge`),
  raise: (id: string, items: Record<string, string>, comment: string) =>
    request<Standing>('POST', `/own-reviews/${at(id)}/dispute`, { items, comment }),
  withdraw: (id: string) => request<Standing>('POST', `/own-reviews/${at(id)}/withdraw`),

  tasks: (query: Query) => request<Page<Task>>('GET', withQuery('/coaching', query)),
  coach: (review: string, body: TaskForm) => request<Task>('POST', `/reviews/${at(review)}/coaching`, body),
  ownTasks: () => request<Page<Task>>('GET', '/own-coaching?limit=10'),
  readTask: (id: string) => request<Task>('POST', `/own-coaching/${at(id)}/acknowledge`),
}
