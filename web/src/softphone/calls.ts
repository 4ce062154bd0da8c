/** The calls of the softphone, and all that happens to them by itself: the switch, the network, the sound devices. */
import type { CallOptions, RTCSessionEvent } from 'jssip/lib/UA'
import type { Phone as Account } from '@/api/types'
import { problemOf } from './causes'
import { type Left, leave, replaces, take } from './comeback'
import { chosen, deviceKind } from './devices'
import { Line, type Listener } from './line'
import { SwitchLink, type Told } from './link'
import type { Refusal } from './microphone'
import { type Summary, summary } from './mos'
import { Ringer, whenTouched } from './sounds'
import { type PhoneState, SILENT, sameNumber } from './state'
import { Voice } from './voice'

const PATH = { pcConfig: { iceServers: [] } }
const BUSY = { status_code: 486, reason_phrase: 'Busy Here' }

type WithSound = CallOptions & { mediaStream: MediaStream }

export abstract class Calls implements Listener, Told {
  protected state: PhoneState = SILENT
  private readonly listeners = new Set<() => void>()
  protected readonly link: SwitchLink
  /** The one that is heard comes first. */
  protected lines: Line[] = []
  private coming: Left[]
  private restoring: Left | null = null
  private lostInCall = false
  protected endedAt = 0
  /** The number the server was asked to call: its ringing is not answered by hand. */
  protected expected: string | null = null
  protected readonly ringer = new Ringer(() => this.silent())
  protected readonly voice = new Voice(
    () => this.lines,
    () => void this.microphoneGone(),
  )
  /** Told when a customer's conversation is over, with how it sounded; null when it was too short to measure. */
  ended: (call: string, sounded: Summary | null) => void = () => undefined

  /** Throws what JsSIP says of an account it cannot use. */
  constructor(protected readonly account: Account) {
    this.link = new SwitchLink(account, this)
    this.coming = take(account.sip_uri)
    this.link.agent.on('newRTCSession', (event: RTCSessionEvent) => this.began(event))
  }

  start(): void {
    this.link.start()
    navigator.mediaDevices?.addEventListener('devicechange', this.devicesChanged)
  }

  stop(): void {
    this.listeners.clear()
    this.ringer.stop()
    navigator.mediaDevices?.removeEventListener('devicechange', this.devicesChanged)
    this.link.stop()
  }

  /** The page goes away. In a conversation nothing is said to the switch: the next page takes its place. */
  leavePage(): void {
    const left = this.lines.map((line) => line.left(this.voice.joined)).filter((one) => one !== null)
    if (left.length > 0) leave(this.account.sip_uri, left)
    else this.stop()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  snapshot = (): PhoneState => this.state

  /** The server says which call the agent is in. */
  isOf(call: string): void {
    for (const line of this.lines) if (!line.asked && line.call.phase === 'talking') line.of ??= call
  }

  abstract answer(): Promise<void>
  abstract join(): Promise<void>

  registration(registration: PhoneState['registration'], why: string): void {
    this.change({ registration, why })
  }

  lost(): void {
    for (const line of [...this.lines]) if (line.call.phase !== 'talking') line.drop()
    this.lostInCall = this.lines.length > 0
  }

  registered(): void {
    if (this.lostInCall) {
      this.lostInCall = false
      for (const line of this.lines) line.mend() // also tells the switch the new address of this page
      this.change({ note: 'repaired' })
    }
    void this.comeBack()
  }

  /** Takes the place of the legs an earlier page left behind; the customer stays in the bridge all the while. */
  private async comeBack(): Promise<void> {
    const coming = this.coming
    this.coming = []
    const own = this.account.sip_uri
    for (const left of [...coming].reverse()) {
      await this.withMicrophone((options) => {
        this.restoring = left
        const extraHeaders = [replaces(left.dialog), 'Require: replaces']
        this.link.agent.call(own, { ...options, extraHeaders })
      })
      this.restoring = null
    }
  }

  private began(event: RTCSessionEvent): void {
    const { session } = event
    const incoming = session.direction === 'incoming'
    if (incoming && this.lines.length > 0) {
      session.terminate(BUSY)
      return
    }
    const left = this.restoring
    const line = new Line(event, this, left, this.lines.length > 0)
    this.lines = [line, ...this.lines]
    this.change({ problem: 'none', note: 'none', sample: null })
    this.tell()
    if (incoming) this.rings(line)
    if (left) session.on('confirmed', () => this.cameBack(line, left))
  }

  private rings(line: Line): void {
    const { expected } = this
    if (expected && sameNumber(expected, line.call.number)) {
      this.expected = null
      void this.answer()
    }
    setTimeout(() => this.ring(), 0) // opening a sound device takes its time
  }

  private cameBack(line: Line, left: Left): void {
    if (left.muted) line.mute(true)
    if (left.held) void line.hold(true)
    this.change({ note: 'back' })
    if (left.joined && this.lines.every((one) => one.call.phase === 'talking')) void this.join()
  }

  protected ring(): void {
    const rings = this.lines.some((line) => line.call.phase === 'ringing' && !line.call.answering)
    if (rings) this.ringer.start(chosen().ringer)
    else this.ringer.stop()
  }

  changed = (): void => {
    this.tell()
    if (this.ringer.ringing) this.ring()
  }

  sampled = (line: Line, sample: PhoneState['sample']): void => {
    if (line === this.lines[0]) this.change({ sample })
  }

  cut = async (line: Line): Promise<void> => {
    if (this.state.registration !== 'registered') return // it is mended once the switch is reached
    if (await this.link.prove()) line.mend() // over a dead socket the very question would end the call
  }

  /** The agent has touched the page: what the browser refused to play is played. */
  play = (): void => {
    this.change({ silent: false })
    for (const line of this.lines) line.play()
    this.ringer.resume()
  }

  holdRefused = (): void => this.change({ problem: 'hold' })

  silent = (): void => {
    this.change({ silent: true })
    whenTouched(this.play)
  }

  over = (line: Line, cause: string): void => {
    const { phase, answeredAt } = line.call
    const talked = answeredAt === null ? 0 : (Date.now() - answeredAt) / 1000
    const device = deviceKind(this.voice.label)
    const lostPlace = phase === 'calling' && talked > 0 // it came back too late
    this.lines = this.lines.filter((one) => one !== line)
    this.endedAt = Date.now()
    void this.voice.part().then(() => this.tell())
    const left = this.lines[0]
    if (left?.call.held && !left.leaving) void left.hold(false) // back to the one who waits
    this.voice.release(line.microphone)
    if (talked > 0 && !lostPlace && line.of) this.ended(line.of, summary(line.samples, device, talked))
    this.change({ sample: null, note: 'none' })
    if (lostPlace) this.change({ problem: 'lost' })
    else if (phase === 'calling' && !line.leaving) this.change({ problem: problemOf(cause) })
    this.changed()
  }

  /** Nobody is to hear what is not meant for them: the second waits on hold, as before. */
  protected async unjoined(): Promise<void> {
    await this.lines[1]?.hold(true)
    this.change({ problem: 'conference' })
  }

  /** False, with the reason told, when there is no microphone or JsSIP cannot do it; a track nobody took is released. */
  protected async withMicrophone(
    act: (options: WithSound, track: MediaStreamTrack) => void,
    failed: () => void = () => undefined,
  ): Promise<boolean> {
    let track: MediaStreamTrack | null = null
    try {
      track = await this.voice.copy()
      const before = this.lines[0]
      act({ ...PATH, mediaStream: new MediaStream([track]) }, track)
      const line = this.lines[0]
      if (line && line !== before) line.microphone = track
      else if (!this.lines.some((one) => one.microphone === track)) this.voice.release(track)
      return true
    } catch (error) {
      for (const line of this.lines) if (track && line.microphone === track) line.microphone = null
      this.voice.release(track)
      failed()
      this.change({ problem: isRefusal(error) ? error : 'failed' })
      this.ring()
      return false
    }
  }

  private devicesChanged = async (): Promise<void> => {
    const all = (await navigator.mediaDevices.enumerateDevices()).map((one) => one.deviceId)
    const { speaker } = chosen()
    if (this.lines.length === 0) return
    const gone = speaker !== '' && !all.includes(speaker)
    for (const line of this.lines) await line.listenOn(gone ? '' : speaker)
    if (gone) this.change({ note: 'speaker' })
    const { device } = this.voice
    if (device !== '' && !all.includes(device)) await this.microphoneGone()
  }

  private async microphoneGone(): Promise<void> {
    if (await this.reopenMicrophone()) this.change({ note: 'microphone' })
  }

  protected async reopenMicrophone(): Promise<boolean> {
    try {
      return await this.voice.reopen()
    } catch (error) {
      if (isRefusal(error)) this.change({ problem: error })
      else await this.unjoined()
      return false
    } finally {
      this.tell()
    }
  }

  protected tell(): void {
    const [first, second] = this.lines
    const conference = this.voice.joined
    this.change({ call: first?.call ?? null, other: second?.call ?? null, conference })
  }

  protected change(part: Partial<PhoneState>): void {
    this.state = { ...this.state, ...part }
    for (const listener of this.listeners) listener()
  }
}

function isRefusal(error: unknown): error is Refusal {
  return error === 'denied' || error === 'nomic'
}
