/** What supervisors ask of the server, and what agents read of it. */
import { get, post, remove } from '@/api/client'
import type { components } from '@/api/generated'
import type { Page } from '@/api/types'

type Schemas = components['schemas']
export type SpyMode = Schemas['SpyMode']
export type Note = Schemas['NoteView']

const at = encodeURIComponent

export const supervision = {
  spy: (agent: string, mode: SpyMode) => post<unknown>('/control/spy', { agent, mode }),
  leave: (agent: string) => remove<void>(`/control/spy/${at(agent)}`),
  logOff: (agent: string, reason: string) => post<void>(`/agents/${at(agent)}/force-logoff`, { reason }),
  putFirst: (call: string, reason: string) => post<void>(`/waiting/${at(call)}/first`, { reason }),
  move: (call: string, queue: string, reason: string) =>
    post<void>(`/waiting/${at(call)}/move`, { queue, reason }),
  take: (call: string, reason: string) => post<void>(`/waiting/${at(call)}/take`, { reason }),
  write: (text: string, to: { agent?: string; queue?: string; team?: string }) =>
    post<{ agents: number }>('/notes', { text, ...to }),
  teams: () => get<Page<string>>('/notes/teams'),
  notes: () => get<Page<Note>>('/notes'),
  read: (note: string) => post<void>(`/notes/${at(note)}/read`),
}
