/** The phone on the desk: the switch presses its buttons, and the stream tells what it does; with whom is asked. */
import { api } from '@/api/client'
import type { OwnCall, ToldCall } from '@/api/types'
import type { Buttons } from './buttons'
import { type PhoneCall, type PhoneState, SILENT } from './state'

/** While somebody else may be on the line too, of which the stream says nothing. */
const LOOK_EVERY_MS = 2000
/** For a word that the stream lost. */
const LOOK_AGAIN_MS = 15_000
/** After a press, a third one may come or go. */
const UNSETTLED_MS = 10_000
/** So long the switch takes to do what it was asked. */
const DONE_AFTER_MS = 700
const SAME_PRESS_MS = 700

/** What the page knows besides. */
export interface Page {
  /** Told what the server says no to. */
  refused(error: unknown): void
  /** Seconds the server's clock is ahead of this one's. */
  ahead(): number
  /** Who the customer of a call is; empty when nobody knows. */
  nameOf(call: string): string
}

type Calls = Pick<PhoneState, 'call' | 'other' | 'conference'>

/** What the panel shows of the calls at a telephone. `asked`: the number last consulted; `ahead`: seconds of the server's clock. */
export function shown(items: readonly OwnCall[], asked: string, ahead: number): Calls {
  const [first, second] = items
  if (!first) return { call: null, other: null, conference: false }
  const call = callOf(first, ahead)
  const other = second ? callOf(second, ahead) : null
  if (first.company === 'one') return { call, other, conference: false }
  const colleague = { ...call, id: `${call.id} asked`, name: '', number: asked }
  if (first.company === 'both') return { call, other: colleague, conference: true }
  return { call: { ...colleague, held: false }, other: { ...call, held: true }, conference: false }
}

function callOf(own: OwnCall, ahead: number): PhoneCall {
  const phase = own.state === 'ringing' ? 'ringing' : own.state === 'dialling' ? 'calling' : 'talking'
  return {
    id: own.call,
    incoming: !own.made,
    phase,
    answering: false,
    name: own.name ?? '',
    number: own.number ?? '',
    muted: false,
    held: own.state === 'held',
    answeredAt: own.since === null ? null : (own.since - ahead) * 1000,
  }
}

export class DeskPhone implements Buttons {
  readonly sounds = false
  private state: PhoneState = { ...SILENT, registration: 'registered' }
  private readonly listeners = new Set<() => void>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private asked = ''
  private endedAt = 0
  private looks = 0
  private tellings = 0
  private pressedAt = 0
  private keys = ''
  private dialling = false
  private companies = new Map<string, OwnCall['company']>()
  private stopped = false

  constructor(private readonly page: Page) {}

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  snapshot = (): PhoneState => this.state

  /** Something may have happened at the telephone. */
  look = async (): Promise<void> => {
    clearTimeout(this.timer)
    const look = ++this.looks
    const told = this.tellings
    try {
      const { items } = await api.ownCalls()
      if (look !== this.looks) return
      if (told !== this.tellings) return await this.look() // the answer may be older than what was told
      this.companies = new Map(items.map((own) => [own.call, own.company]))
      this.show(items)
    } catch {
      // what was known stands until the server answers again
    }
    if (look === this.looks) this.lookAgain()
  }

  /** What the stream says of the calls. */
  told(items: readonly ToldCall[]): void {
    this.tellings++
    const company = ({ call, state }: ToldCall) => (state === 'talking' ? this.companies.get(call) : null)
    this.show(items.map((own) => ({ ...own, company: company(own) ?? 'one' })))
    this.lookAgain()
  }

  async call(number: string): Promise<boolean> {
    if (this.state.call) return false
    await this.press(() => api.make(number))
    return true
  }

  answer(): Promise<void> {
    this.endedAt = 0 // whatever is pressed from here on is meant for this call
    return this.press(() => api.press('answer'))
  }

  /** Whoever is asked for advice is left, and the customer is there again; else the call ends. */
  hangUp(): void {
    if (Date.now() - this.endedAt < SAME_PRESS_MS) return
    this.endedAt = Date.now()
    const { other, conference } = this.state
    void this.press(() => api.press(other?.held && !conference ? 'retrieve' : 'clear'))
  }

  mute(): void {}

  hold(on: boolean): Promise<void> {
    return this.press(() => api.press(on ? 'hold' : 'retrieve'))
  }

  tone(key: string): void {
    this.keys += key
    if (!this.dialling) void this.press(this.dial)
  }

  transfer(number: string): void {
    void this.press(() => api.transfer(number))
  }

  consult(number: string): Promise<void> {
    this.asked = number
    return this.press(() => api.consult(number))
  }

  async swap(): Promise<void> {}

  complete(): void {
    void this.press(() => api.transfer(null))
  }

  join(): Promise<void> {
    return this.press(() => api.press('conference'))
  }

  dismiss(): void {}

  private named = (own: OwnCall): OwnCall => ({ ...own, name: this.page.nameOf(own.call) || own.name })

  /** One key at a time: two on their way at once may arrive in the other order, and a menu would hear 21 for 12. */
  private dial = async (): Promise<void> => {
    this.dialling = true
    try {
      while (this.keys) {
        const [next = ''] = this.keys
        this.keys = this.keys.slice(1)
        await api.tones(next)
      }
    } finally {
      this.dialling = false
      this.keys = ''
    }
  }

  private async press(act: () => Promise<unknown>): Promise<void> {
    this.pressedAt = Date.now()
    try {
      await act()
    } catch (error) {
      this.page.refused(error)
      return
    }
    await new Promise((done) => setTimeout(done, DONE_AFTER_MS))
    await this.look()
  }

  private lookAgain(): void {
    clearTimeout(this.timer)
    const { call, other, conference } = this.state
    if (this.stopped || !call) return
    const unsettled = conference || other !== null || Date.now() - this.pressedAt < UNSETTLED_MS
    this.timer = setTimeout(this.look, unsettled ? LOOK_EVERY_MS : LOOK_AGAIN_MS)
  }

  private show(items: readonly OwnCall[]): void {
    const calls = shown(items.map(this.named), this.asked, this.page.ahead())
    if (JSON.stringify(calls) === JSON.stringify(this.known())) return
    this.state = { ...this.state, ...calls }
    for (const listener of this.listeners) listener()
  }

  private known(): Calls {
    const { call, other, conference } = this.state
    return { call, other, conference }
  }
}
