/** The live state of this page: one store, fed by the stream, read by hooks. */
import type { AgentState, Floor, StreamMessage } from '@/api/types'
import { type LinkStatus, StreamConnection } from './connection'
import { dismissed, type LiveState, NOTHING_YET, received, swept } from './reducer'
import { clockDifference } from './timing'

const SWEEP_AFTER_MS = 3000

/** Changes of the floor are drawn together, so that a rush of them costs no more than its end. */
const FLOOR_EVERY_MS = 400
/** At a desk calls come first; with the quarter of a second they take to come, they are no older than one. */
const FLOOR_AT_A_DESK_MS = 700
/** What comes with the same event is drawn with it. */
const TOGETHER_MS = 100
const TOGETHER: ReadonlySet<StreamMessage['type']> = new Set(['agent', 'calls', 'callback', 'work', 'note'])

export class LiveStore {
  /** What was heard; readers see it from the next `tell` on, so that nothing changes under a page half drawn. */
  private state: LiveState = NOTHING_YET
  private shown: LiveState = NOTHING_YET
  private linkStatus: LinkStatus = 'connecting'
  private difference: number | null = null
  private readonly listeners = new Set<() => void>()
  private confirmed = new Set<string>()
  private acknowledged = new Set<string>()
  private sweeper: ReturnType<typeof setTimeout> | undefined
  private drawing: ReturnType<typeof setTimeout> | undefined
  private drawnAt = 0
  private wholeAsked = false
  private readonly connection: StreamConnection

  constructor(
    address: string,
    private readonly agent: string | null,
    refused: () => void,
  ) {
    this.connection = new StreamConnection(address, {
      status: (status) => this.setStatus(status),
      message: (message) => this.receive(message),
      lastSeen: () => this.state.lastSeen,
      refused,
    })
  }

  start(): void {
    this.connection.start()
  }

  stop(): void {
    clearTimeout(this.sweeper)
    clearTimeout(this.drawing)
    this.connection.stop()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  snapshot = (): LiveState => this.shown
  status = (): LinkStatus => this.linkStatus

  /** Seconds since 1970 by the server's clock. */
  now(): number {
    return Date.now() / 1000 + (this.difference ?? 0)
  }

  /** A floor fetched by request, while the stream is away; one that is older than what is shown says nothing. */
  feed(floor: Floor): void {
    if (this.state.floor && floor.at <= this.state.floor.at) return
    this.receive({ type: 'floor', seq: 0, number: 0, floor })
  }

  /** Told once the card stands on the screen; again after a reconnect, for the first word may be lost. */
  rendered(pop: string, rungAt: number): void {
    const once = `${pop} ${rungAt}` // an agent may be rung again for the same call
    if (this.acknowledged.has(once)) return
    if (this.connection.send({ type: 'ack', pop })) this.acknowledged.add(once)
  }

  /** This page lives; `phone`: the agent's telephone is in it. */
  present(phone: boolean): void {
    this.connection.send({ type: 'presence', phone, hidden: document.visibilityState === 'hidden' })
  }

  dismiss(pop: string): void {
    this.change(dismissed(this.state, pop))
  }

  private receive(message: StreamMessage): void {
    if (message.type === 'floor') {
      this.difference = clockDifference(this.difference, message.floor.at, Date.now() / 1000)
    }
    if (message.type === 'floor_change') {
      this.difference = clockDifference(this.difference, message.at, Date.now() / 1000)
      this.state = received(this.state, message)
      this.askForWhole()
      this.tellWithin(this.agent === null ? FLOOR_EVERY_MS : FLOOR_AT_A_DESK_MS)
      return
    }
    if (TOGETHER.has(message.type)) {
      this.state = received(this.state, message)
      this.tellWithin(TOGETHER_MS)
      return
    }
    if (message.type === 'floor') this.wholeAsked = false
    if (message.type === 'pop') this.confirmed.add(message.pop.id)
    if (message.type === 'hello') this.beginAgain()
    this.change(received(this.state, message))
  }

  /** A change was missed: what it said is nowhere but in the whole. */
  private askForWhole(): void {
    if (this.state.floorNumber !== null || this.wholeAsked) return
    this.wholeAsked = this.connection.send({ type: 'floor' })
  }

  private beginAgain(): void {
    this.wholeAsked = false
    this.confirmed = new Set()
    this.acknowledged = new Set()
    clearTimeout(this.sweeper)
    this.sweeper = setTimeout(
      () => this.change(swept(this.state, this.confirmed, this.agentState())),
      SWEEP_AFTER_MS,
    )
  }

  private agentState(): AgentState | null {
    return this.state.floor?.agents.find((row) => row.agent === this.agent)?.state ?? null
  }

  private setStatus(status: LinkStatus): void {
    if (status === this.linkStatus) return
    this.linkStatus = status
    this.tell()
  }

  private change(next: LiveState): void {
    if (next === this.state) return
    this.state = next
    this.tell()
  }

  private tellWithin(ms: number): void {
    const at = Date.now() + ms
    if (this.drawing !== undefined && this.drawnAt <= at) return
    clearTimeout(this.drawing)
    this.drawnAt = at
    this.drawing = setTimeout(() => this.tell(), ms)
  }

  private tell(): void {
    clearTimeout(this.drawing)
    this.drawing = undefined
    this.shown = this.state
    for (const listener of this.listeners) listener()
  }
}
