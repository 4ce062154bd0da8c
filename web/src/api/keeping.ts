/** What is kept how long, what the law forbids to delete, and who was erased. */
import { get, post, type Query } from './client'
import type { components } from './generated'
import type { Page } from './types'

type Schemas = components['schemas']
export type Hold = Schemas['HoldView']
export type HoldKind = Schemas['HoldKind']
export type RetentionRule = Schemas['RuleView']
export type KeepingReport = Schemas['KeepingReportView']

const at = encodeURIComponent

export const keepingApi = {
  holds: (query: Query) => get<Page<Hold>>('/keeping/holds', query),
  putHold: (kind: HoldKind, subject: string, reason: string) =>
    post<Hold>('/keeping/holds', { kind, subject, reason }),
  liftHold: (id: string, reason: string) => post<void>(`/keeping/holds/${at(id)}/lift`, { reason }),
  retention: () => get<Page<RetentionRule>>('/keeping/retention'),
  reports: (query: Query) => get<Page<KeepingReport>>('/keeping/reports', query),
  erase: (number: string) => post<KeepingReport>('/keeping/erasures', { number }),
}
