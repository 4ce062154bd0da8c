import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { StreamMessage } from '@/api/types'
import { StreamConnection } from './connection'

class FakeSocket {
  static all: FakeSocket[] = []
  static readonly OPEN = 1
  readyState = 0
  sent: unknown[] = []
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  constructor(readonly address: string) {
    FakeSocket.all.push(this)
  }
  send(text: string) {
    this.sent.push(JSON.parse(text))
  }
  close() {
    this.readyState = 3
  }
  opens(hello: number) {
    this.readyState = 1
    this.onopen?.()
    this.says({ type: 'hello', seq: hello })
  }
  says(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
  drops() {
    this.readyState = 3
    this.onclose?.()
  }
}

const heard: StreamMessage[] = []
const statuses: string[] = []
let lastSeen = 0
let refusals = 0

function connect(): StreamConnection {
  const connection = new StreamConnection('ws://here/stream', {
    status: (status) => statuses.push(status),
    message: (message) => heard.push(message),
    lastSeen: () => lastSeen,
    refused: () => {
      refusals += 1
    },
  })
  connection.start()
  return connection
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }))
  FakeSocket.all = []
  heard.length = 0
  statuses.length = 0
  lastSeen = 0
  refusals = 0
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const socket = (place: number): FakeSocket => {
  const found = FakeSocket.all[place]
  if (!found) throw new Error(`there is no connection ${place}`)
  return found
}

it('comes back after a loss and asks for what it missed', () => {
  const connection = connect()
  socket(0).opens(7)
  expect(socket(0).sent).toEqual([]) // a fresh page has missed nothing
  lastSeen = 12
  socket(0).drops()
  expect(statuses.at(-1)).toBe('reconnecting')
  vi.advanceTimersByTime(501)
  expect(FakeSocket.all).toHaveLength(2)
  socket(1).opens(20)
  expect(socket(1).sent).toEqual([{ type: 'resume', last_seen: 12 }])
  expect(statuses.at(-1)).toBe('live')
  connection.stop()
})

it('resumes from the start when the server has begun to number anew', () => {
  const connection = connect()
  lastSeen = 99
  socket(0).opens(1)
  expect(socket(0).sent).toEqual([{ type: 'resume', last_seen: 0 }])
  connection.stop()
})

it('backs off, and asks about the session when it is refused', () => {
  const connection = connect()
  for (let round = 0; round < 4; round += 1) {
    socket(round).drops()
    vi.advanceTimersByTime(15_000)
  }
  expect(FakeSocket.all).toHaveLength(5)
  expect(refusals).toBe(2)
  connection.stop()
})

it('does not wait when the network is back', () => {
  const connection = connect()
  socket(0).drops()
  window.dispatchEvent(new Event('online'))
  expect(FakeSocket.all).toHaveLength(2)
  connection.stop()
})

it('gives up a half-open connection of a server that used to answer pings', () => {
  const connection = connect()
  socket(0).opens(1)
  vi.advanceTimersByTime(15_000)
  expect(socket(0).sent).toEqual([{ type: 'ping' }])
  socket(0).says({ type: 'pong' })
  vi.advanceTimersByTime(46_000)
  expect(statuses.at(-1)).not.toBe('live')
  connection.stop()
})

it('stays silent once it is stopped', () => {
  const connection = connect()
  socket(0).opens(1)
  connection.stop()
  socket(0).drops()
  vi.advanceTimersByTime(60_000)
  expect(FakeSocket.all).toHaveLength(1)
})
