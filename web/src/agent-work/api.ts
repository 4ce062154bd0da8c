/** What the pages ask of agents' work. */
import { request, withQuery } from '@/api/client'
import type { components } from '@/api/generated'
import type { Page } from '@/api/types'

type Schemas = components['schemas']
export type Reason = Schemas['ReasonView']
export type Work = Schemas['WorkView']
export type Overrun = Schemas['LimitView']
export type Unreachable = Schemas['UnreachableView']
export type AfterCall = Schemas['AfterCallView']
export type Ending = Schemas['EndingView']
export type Disposition = Schemas['DispositionView']
export type Given = Schemas['Given']
export type QueueChoice = Schemas['QueueChoiceView']

const at = encodeURIComponent

export const workApi = {
  reasons: () => request<Page<Reason>>('GET', '/desk/reasons'),
  alerts: () => request<Schemas['AlertsView']>('GET', '/desk/alerts'),
  work: (agent: string) => request<Work>('GET', `/desk/agents/${at(agent)}`),
  day: (agent: string) => request<Schemas['DayView']>('GET', `/desk/agents/${at(agent)}/day`),
  extend: (agent: string) => request<void>('POST', `/desk/agents/${at(agent)}/extend`),
  here: (agent: string) => request<void>('POST', `/desk/agents/${at(agent)}/reachable`),
  endings: () => request<Page<Ending>>('GET', '/dispositions/asked'),
  owed: (agent: string) => request<Page<Disposition>>('GET', `/dispositions/owed/${at(agent)}`),
  ofCall: (call: string) => request<Page<Disposition>>('GET', withQuery('/dispositions', { call })),
  give: (given: Given) => request<Disposition>('PUT', '/dispositions', given),
  queues: (agent: string) => request<Page<QueueChoice>>('GET', `/shift/${at(agent)}/queues`),
  logOn: (agent: string, queue: string) => request<void>('POST', `/shift/${at(agent)}/log-on`, { queue }),
  logOff: (agent: string, queue: string) => request<void>('POST', `/shift/${at(agent)}/log-off`, { queue }),
  begin: (agent: string) => request<{ problems: string[] }>('POST', `/shift/${at(agent)}/begin`),
  end: (agent: string) => request<{ problems: string[] }>('POST', `/shift/${at(agent)}/end`),
  reviews: () => request<Schemas['ReviewsView']>('GET', '/own-reviews?limit=5'),
}
