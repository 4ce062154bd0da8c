/** The one door to the server: every request of the browser side goes through here. */
import type { Summary } from '@/softphone/mos'
import type {
  Callback,
  CallbackStory,
  CallDetail,
  CallItem,
  CallQuality,
  Customer,
  Decision,
  DeskLink,
  Directory,
  Floor,
  Heard,
  HeardSpans,
  HistoryLine,
  Job,
  Kpi,
  Operations,
  OwnCall,
  Page,
  Peaks,
  Preview,
  QueueItem,
  Recording,
  RecordingDetail,
  RecordingNote,
  Rescue,
  RescueStory,
  Review,
  ReviewDetail,
  SatisfactionReport,
  ScoreBody,
  Scorecard,
  Session,
  Shared,
  SharedLink,
} from './types'
import type {
  EstimateError,
  PolicyDryRun,
  PolicyMistakes,
  PolicyVersion,
  PolicyVersions,
  WholePolicyVersion,
} from './types-routing'

const ROOT = '/api/v1'
export const STREAM_PATH = `${ROOT}/stream`
export const PAGE_SIZE = 25

export type Query = Record<string, string | number | boolean | null | undefined>

/** The server said no, or could not be reached (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly kind: string,
    /** Seconds until it is worth trying again. */
    readonly wait = 0,
  ) {
    super(message)
  }
}

export function withQuery(path: string, query: Query = {}): string {
  const used = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  const text = new URLSearchParams(used.map(([key, value]) => [key, String(value)])).toString()
  return text ? `${path}?${text}` : path
}

async function refusal(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null)
  if (body && typeof body === 'object' && 'error' in body) {
    const kind = 'kind' in body ? String(body.kind) : ''
    const wait = 'wait_seconds' in body ? Number(body.wait_seconds) : 0
    return new ApiError(response.status, String(body.error), kind, wait)
  }
  return new ApiError(response.status, '', '')
}

export async function request<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const init: RequestInit = {
    method,
    credentials: 'same-origin',
    headers: { Accept: 'application/json', ...headers },
  }
  if (body !== undefined) {
    init.headers = { ...init.headers, 'Content-Type': 'application/json' }
    init.body = JSON.stringify(body)
  }
  let response: Response
  try {
    response = await fetch(ROOT + path, init)
  } catch {
    throw new ApiError(0, '', 'Unreachable')
  }
  if (!response.ok) throw await refusal(response)
  if (response.status === 204) return undefined as T
  return (await response.json()) as T
}

export const get = <T>(path: string, query?: Query) => request<T>('GET', withQuery(path, query))
export const post = <T>(path: string, body: unknown = {}) => request<T>('POST', path, body)
export const remove = <T>(path: string) => request<T>('DELETE', path)
const at = encodeURIComponent

export const api = {
  signIn: (login: string, password: string, code = '') =>
    post<Session>('/session', { login, password, code }),
  session: () => get<Session>('/session'),
  signOut: () => request<void>('DELETE', '/session'),

  floor: () => get<Floor>('/floor'),
  queues: () => get<Page<QueueItem>>('/queues'),
  agents: () => get<Page<{ agent: string; name: string }>>('/agents'),
  ready: (agent: string) => post<unknown>(`/agents/${at(agent)}/ready`),
  notReady: (agent: string, reason: string) => post<unknown>(`/agents/${at(agent)}/not-ready`, { reason }),
  wrapUpDone: (agent: string) => post<unknown>(`/agents/${at(agent)}/wrap-up`, { done: true }),

  /** Without a key: the server itself makes one call of two clicks. */
  make: (number: string) => post<unknown>('/control/make', { number }),
  /** Null: the two of a consultation. */
  transfer: (number: string | null) => post<unknown>('/control/transfer', { number }),
  consult: (number: string) => post<unknown>('/control/consult', { number }),
  tones: (keys: string) => post<unknown>('/control/tones', { keys }),
  press: (button: 'answer' | 'hold' | 'retrieve' | 'clear' | 'conference') =>
    post<unknown>(`/control/${button}`),
  pauseRecording: () => post<unknown>('/control/pause-recording', { why: 'card_data' }),
  resumeRecording: () => post<void>('/control/resume-recording'),
  ownCalls: () => get<Page<OwnCall>>('/control/calls'),
  directory: () => get<Directory>('/desk/directory'),
  deskLinks: () => get<{ items: DeskLink[] }>('/desk/links'),

  calls: (query: Query) => get<Page<CallItem>>('/calls', query),
  call: (id: string) => get<CallDetail>(`/calls/${at(id)}`),
  callQuality: (id: string) => get<{ items: CallQuality[] }>(`/calls/${at(id)}/quality`),
  keepQuality: (id: string, body: Summary) => post<void>(`/calls/${at(id)}/quality`, body),
  decision: (id: string) => get<Decision>(`/calls/${at(id)}/decision`),

  recordings: (query: Query) => get<Page<Recording>>('/recordings', query),
  recording: (id: string) => get<RecordingDetail>(`/recordings/${at(id)}`),
  peaks: (id: string) => get<Peaks>(`/recordings/${at(id)}/peaks`),
  signals: (id: string) => get<Heard & { spans: HeardSpans }>(`/recordings/${at(id)}/signals`),
  recordingNotes: (id: string) => get<Page<RecordingNote>>(`/recordings/${at(id)}/notes`),
  writeNote: (id: string, at_seconds: number, text: string) =>
    post<RecordingNote>(`/recordings/${at(id)}/notes`, { at_seconds, text }),
  removeNote: (id: string, note: string) => remove<void>(`/recordings/${at(id)}/notes/${at(note)}`),
  shareRecording: (id: string, lasts_seconds: number, at_seconds: number | null) =>
    post<SharedLink>(`/recordings/${at(id)}/share`, { lasts_seconds, at_seconds }),
  shared: (secret: string) => get<Shared>(`/recordings/shared/${at(secret)}`),
  audioAddress: (id: string) => `${ROOT}/recordings/${at(id)}/audio`,

  scorecard: (id: string, version?: number | string) => get<Scorecard>(`/scorecards/${at(id)}`, { version }),
  reviews: (query: Query) => get<Page<Review>>('/reviews', query),
  satisfaction: (query: Query) => get<SatisfactionReport>('/satisfaction', query),
  review: (id: string) => get<ReviewDetail>(`/reviews/${at(id)}`),
  claim: (id: string) => post<Review>(`/reviews/${at(id)}/claim`),
  release: (id: string) => post<Review>(`/reviews/${at(id)}/release`),
  score: (id: string, body: ScoreBody) => post<ReviewDetail>(`/reviews/${at(id)}/score`, body),
  preview: (id: string, body: ScoreBody) => post<Preview>(`/reviews/${at(id)}/preview`, body),

  customers: (query: Query) => get<Page<Customer>>('/customers', query),
  customer: (id: string) => get<Customer>(`/customers/${at(id)}`),
  customerTimeline: (id: string) => get<Page<HistoryLine>>(`/customers/${at(id)}/timeline`),

  owed: (kind: 'callbacks' | 'rescues', states: string[], query: Query) =>
    get<Page<Callback | Rescue>>(
      `${withQuery(`/${kind}`, query)}&${states.map((state) => `state=${state}`).join('&')}`,
    ),
  story: (kind: 'callbacks' | 'rescues', id: string) =>
    get<CallbackStory | RescueStory>(`/${kind}/${at(id)}`),
  care: (kind: 'callbacks' | 'rescues', id: string, act: 'claim' | 'release' | 'call') =>
    post<unknown>(`/${kind}/${at(id)}/${act}`),
  cancelCallback: (id: string) => post<Callback>(`/callbacks/${at(id)}/cancel`, { why: 'by_hand' }),
  closeRescue: (id: string, why: string) => post<Rescue>(`/rescues/${at(id)}/close`, { why }),
  ownCallback: () => get<{ callback: Callback | null }>('/callbacks/mine'),

  kpi: (query: Query) => get<Kpi>('/kpi', query),
  operations: () => get<Operations>('/operations'),

  policyVersions: () => get<PolicyVersions>('/routing/policy'),
  policyVersion: (number: number) => get<WholePolicyVersion>(`/routing/policy/${number}`),
  checkPolicy: (text: string) => post<PolicyMistakes>('/routing/policy/check', { text }),
  keepPolicy: (text: string, note: string) => post<PolicyVersion>('/routing/policy', { text, note }),
  tryPolicy: (number: number) => post<PolicyDryRun>(`/routing/policy/${number}/dry-run`),
  makePolicyLive: (number: number) => post<PolicyVersion>(`/routing/policy/${number}/live`),
  estimateErrors: () => get<Page<EstimateError>>('/routing/estimates'),

  jobs: (query: Query) => get<Page<Job>>('/jobs', query),
  tryJobAgain: (id: string) => post<void>('/jobs/retry', { id }),
}
