/** The softphone: one account, one call and one beside it, by JsSIP; nothing here knows React. */
import { UA, WebSocketInterface } from 'jssip'
import { DTMF_TRANSPORT } from 'jssip/lib/Constants'
import type { CallOptions, RTCSessionEvent } from 'jssip/lib/UA'
import type { Phone as Account } from '@/api/types'
import { type Left, leave, replaces, take } from './comeback'
import { Conference } from './conference'
import { chosen, deviceKind } from './devices'
import { Line } from './line'
import { Microphone, type Refusal } from './microphone'
import { type Summary, summary } from './mos'
import { Ringer } from './sounds'
import { type PhoneState, SILENT } from './state'

const PATH = { pcConfig: { iceServers: [] } }
const BUSY = { status_code: 486, reason_phrase: 'Busy Here' }

export class Softphone {
  private state: PhoneState = SILENT
  private readonly listeners = new Set<() => void>()
  private readonly agent: UA
  /** The one that is heard comes first. */
  private lines: Line[] = []
  private conference: Conference | null = null
  private coming: Left[]
  private restoring: Left | null = null
  private lostInCall = false
  private readonly ringer = new Ringer()
  private readonly microphone = new Microphone(() => void this.microphoneGone())
  /** Told when a conversation is over, with how it sounded; null when it was too short to measure. */
  ended: (sounded: Summary | null) => void = () => undefined

  constructor(private readonly account: Account) {
    this.coming = take(account.sip_uri)
    this.agent = new UA({
      sockets: [new WebSocketInterface(account.websocket_url)],
      uri: account.sip_uri,
      password: account.password,
      display_name: account.display_name,
      session_timers: false,
      register_expires: 120,
      connection_recovery_min_interval: 2,
      connection_recovery_max_interval: 20,
    })
    this.agent.on('connected', () => this.change({ registration: 'connecting', why: '' }))
    this.agent.on('disconnected', () => {
      this.lostInCall = this.lines.length > 0
      this.change({ registration: 'lost', why: '' })
    })
    this.agent.on('registered', () => this.registered())
    this.agent.on('registrationFailed', (event) =>
      this.change({ registration: 'failed', why: event.cause ?? '' }),
    )
    this.agent.on('newRTCSession', (event: RTCSessionEvent) => this.began(event))
  }

  start(): void {
    this.agent.start()
    navigator.mediaDevices?.addEventListener('devicechange', this.devicesChanged)
  }

  stop(): void {
    this.listeners.clear()
    this.ringer.stop()
    navigator.mediaDevices?.removeEventListener('devicechange', this.devicesChanged)
    this.agent.stop()
  }

  /** The page goes away. In a conversation nothing is said to the switch: the next page takes its place. */
  leavePage(): void {
    const left = this.lines.map((line) => line.left()).filter((one) => one !== null)
    if (left.length > 0) leave(this.account.sip_uri, left)
    else this.stop()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  snapshot = (): PhoneState => this.state

  // what the agent does

  /** With a conversation going on, that one is held and the number is asked first. */
  async call(number: string): Promise<void> {
    const [first, second] = this.lines
    if (!number || second || (first && first.call.phase !== 'talking')) return
    if (first && !(await first.hold(true))) return
    await this.withMicrophone((options) => this.agent.call(number, options))
  }

  async answer(): Promise<void> {
    const line = this.lines[0]
    if (line?.call.phase !== 'ringing') return
    await this.withMicrophone((options, track) => {
      line.microphone = track
      line.session.answer(options)
    })
  }

  /** Declines a ringing call, ends any other; a conference ends for everybody. */
  hangUp(): void {
    const leaving = this.conference ? [...this.lines] : this.lines.slice(0, 1)
    for (const line of leaving) line.leaving = true
    for (const line of leaving) line.end()
  }

  mute(on: boolean): void {
    const line = this.lines[0]
    if (!this.conference) line?.mute(on)
    else {
      this.conference.mute(on)
      line?.change({ muted: on })
    }
  }

  async hold(on: boolean): Promise<void> {
    if (!this.conference) await this.lines[0]?.hold(on)
  }

  /** RFC 4733, in the stream of the sound; as a message where the sound is not through yet. */
  tone(key: string): void {
    const line = this.lines[0]
    if (line?.call.phase !== 'talking') return
    const transportType = line.takesTones ? DTMF_TRANSPORT.RFC2833 : DTMF_TRANSPORT.INFO
    line.session.sendDTMF(key, { duration: 120, interToneGap: 80, transportType })
  }

  /** Blind: the far end is told to call the number, and our leg ends once it has taken over. */
  transfer(number: string): void {
    const line = this.lines[0]
    if (line && number && this.lines.length === 1) this.refer(line, number, {})
  }

  /** Puts the two others through to each other, and leaves. */
  complete(): void {
    const [second, first] = this.lines
    if (!first || !second || second.call.phase !== 'talking') return
    const target = second.session.remote_identity.uri
    this.refer(first, target.toString(), { replaces: second.session })
  }

  async swap(): Promise<void> {
    const [heard, waiting] = this.lines
    if (!heard || !waiting || this.conference || heard.call.phase !== 'talking') return
    if (!(await heard.hold(true)) || !(await waiting.hold(false))) return
    this.lines = [waiting, heard]
    this.tell()
  }

  async join(): Promise<void> {
    const [heard, waiting] = this.lines
    if (!heard?.microphone || !waiting || this.conference || heard.call.phase !== 'talking') return
    if (!(await waiting.hold(false))) return
    const conference = new Conference(heard.microphone, heard, waiting)
    this.conference = conference
    try {
      await conference.start()
      this.change({ problem: 'none' })
      this.tell()
    } catch {
      await this.part()
      this.change({ problem: 'conference' })
    }
  }

  /** Takes up the devices the agent has just chosen. */
  async devicesChosen(): Promise<void> {
    await Promise.all(this.lines.map((line) => line.listenOn(chosen().speaker)))
    await this.reopenMicrophone()
  }

  dismiss(): void {
    this.change({ problem: 'none', note: 'none' })
  }

  private refer(line: Line, target: string, more: { replaces?: Line['session'] }): void {
    this.change({ problem: 'none' })
    const failed = () => this.change({ problem: 'transfer' })
    line.session.refer(target, {
      ...more,
      eventHandlers: {
        requestFailed: failed,
        failed,
        accepted: () => {
          const leaving = more.replaces ? [...this.lines] : [line]
          for (const one of leaving) one.leaving = true
          for (const one of leaving) one.end()
        },
      },
    })
  }

  // what happens to it

  private registered(): void {
    this.change({ registration: 'registered', why: '' })
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
        this.agent.call(own, { ...options, extraHeaders: [replaces(left.dialog), 'Require: replaces'] })
      })
      this.restoring = null
    }
  }

  private began(event: RTCSessionEvent): void {
    const { session } = event
    if (session.direction === 'incoming' && this.lines.length > 0) {
      session.terminate(BUSY)
      return
    }
    const left = this.restoring
    const line = new Line(event, this, left)
    this.lines = [line, ...this.lines]
    this.change({ problem: 'none', note: 'none', sample: null })
    this.tell()
    if (line.call.phase === 'ringing') setTimeout(() => this.ring(), 0) // opening a sound device takes its time
    if (left)
      session.on('confirmed', () => {
        if (left.muted) line.mute(true)
        if (left.held) void line.hold(true)
        this.change({ note: 'back' })
      })
  }

  private ring(): void {
    if (this.lines.some((line) => line.call.phase === 'ringing')) this.ringer.start(chosen().ringer)
    else this.ringer.stop()
  }

  changed = (): void => {
    this.tell()
    if (this.ringer.ringing) this.ring()
  }

  answered = (): void => this.tell()

  sampled = (line: Line, sample: PhoneState['sample']): void => {
    if (line === this.lines[0]) this.change({ sample })
  }

  cut = (line: Line): void => {
    if (this.state.registration === 'registered') line.mend() // else it is mended once the switch is reached
  }

  over = (line: Line): void => {
    const talked = line.call.answeredAt === null ? 0 : (Date.now() - line.call.answeredAt) / 1000
    const device = deviceKind(this.microphone.label)
    const lostPlace = line.call.phase === 'calling' && talked > 0 // it came back too late
    this.lines = this.lines.filter((one) => one !== line)
    void this.part()
    const left = this.lines[0]
    if (left?.call.held && !left.leaving) void left.hold(false) // back to the one who waits
    if (line.microphone) this.microphone.release(line.microphone)
    if (talked > 0 && !lostPlace) this.ended(summary(line.samples, device, talked))
    this.change({ sample: null, note: 'none', ...(lostPlace ? { problem: 'lost' as const } : {}) })
    this.changed()
  }

  /** The conference is over: who is left hears the microphone again. */
  private async part(): Promise<void> {
    const conference = this.conference
    this.conference = null
    conference?.end()
    for (const line of conference ? this.lines : []) if (line.microphone) await line.send(line.microphone)
    this.tell()
  }

  private async withMicrophone(
    act: (options: CallOptions & { mediaStream: MediaStream }, track: MediaStreamTrack) => void,
  ): Promise<void> {
    try {
      const track = await this.microphone.copy()
      const before = this.lines[0]
      act({ ...PATH, mediaStream: new MediaStream([track]) }, track)
      const line = this.lines[0]
      if (line && line !== before) line.microphone = track
      else if (!line || line.microphone !== track) this.microphone.release(track)
    } catch (refusal) {
      this.change({ problem: refusal as Refusal })
    }
  }

  private devicesChanged = async (): Promise<void> => {
    const all = (await navigator.mediaDevices.enumerateDevices()).map((one) => one.deviceId)
    const { speaker, microphone } = chosen()
    if (this.lines.length === 0) return
    const gone = speaker !== '' && !all.includes(speaker)
    for (const line of this.lines) await line.listenOn(gone ? '' : speaker)
    if (gone) this.change({ note: 'speaker' })
    if (microphone !== '' && !all.includes(microphone)) await this.microphoneGone()
  }

  private async microphoneGone(): Promise<void> {
    if (await this.reopenMicrophone()) this.change({ note: 'microphone' })
  }

  private async reopenMicrophone(): Promise<boolean> {
    if (this.lines.every((line) => line.microphone === null)) return false
    this.microphone.close()
    await this.part() // mixed from the old microphone
    try {
      for (const line of this.lines) {
        const old = line.microphone
        if (!old) continue
        line.microphone = await this.microphone.copy()
        line.microphone.enabled = old.enabled
        await line.send(line.microphone)
        this.microphone.release(old)
      }
      return true
    } catch (refusal) {
      this.change({ problem: refusal as Refusal })
      return false
    }
  }

  private tell(): void {
    const [first, second] = this.lines
    this.change({
      call: first?.call ?? null,
      other: second?.call ?? null,
      conference: this.conference !== null,
    })
  }

  private change(part: Partial<PhoneState>): void {
    this.state = { ...this.state, ...part }
    for (const listener of this.listeners) listener()
  }
}
