/** Scorecards as they are written, and reports, at the server's door. */
import { get, post, type Query, remove, request, withQuery } from './client'
import type { components } from './generated'
import type { AnswerValue, Page, Scorecard } from './types'

type Schemas = components['schemas']
export type CardForm = Schemas['ScorecardForm']
export type CardDraft = Schemas['DraftView']
export type CardVersion = Schemas['CardVersionView']
export type CheckedCard = Schemas['CheckedView']
export type Fault = Schemas['FaultView']
export type Trial = Schemas['TrialView']
export type QualityReport = Schemas['ReportView']
export type ReportLine = Schemas['ReportLineView']
export type QuestionLine = Schemas['QuestionLineView']
export type Figure = Schemas['FigureView']
export type Schedule = Schemas['ScheduleView']
export type ScheduleForm = Schemas['ScheduleForm']

const at = encodeURIComponent
const REPORT_FILE = '/api/v1/quality/reports/file'

export const qualityApi = {
  scorecards: () => get<Page<Scorecard>>('/scorecards'),
  versions: (card: string) => get<Page<CardVersion>>(`/scorecards/${at(card)}/versions`),
  readCard: (text: string) => post<CheckedCard>('/scorecards/read', { text }),
  tryCard: (card: CardForm, answers: Record<string, { value: AnswerValue }>) =>
    post<Trial>('/scorecards/try', { card, answers }),
  drafts: () => get<Page<CardDraft>>('/scorecard-drafts'),
  saveDraft: (card: CardForm, revision: number) =>
    request<CardDraft>('PUT', '/scorecard-drafts', { card, revision }),
  dropDraft: (card: string) => remove<void>(`/scorecard-drafts/${at(card)}`),
  publish: (card: string, revision: number, note: string) =>
    post<CardVersion>(`/scorecard-drafts/${at(card)}/publish`, { revision, note }),
  withdraw: (card: string) => post<void>(`/scorecards/${at(card)}/withdraw`),
  exportAddress: (card: string, version: number) =>
    withQuery(`/api/v1/scorecards/${at(card)}/export`, { version }),

  report: (query: Query) => get<QualityReport>('/quality/reports', query),
  reportAddress: (query: Query) => withQuery(REPORT_FILE, query),
  schedules: () => get<Page<Schedule> & { mail: boolean }>('/quality/report-schedules'),
  addSchedule: (form: ScheduleForm) => post<Schedule>('/quality/report-schedules', form),
  changeSchedule: (id: string, form: ScheduleForm) =>
    request<Schedule>('PUT', `/quality/report-schedules/${at(id)}`, form),
  removeSchedule: (id: string) => remove<void>(`/quality/report-schedules/${at(id)}`),
}
