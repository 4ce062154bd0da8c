/** One call of the softphone: its SIP session, what it sends, where it is heard, and how it sounds. */
import type { EndEvent, RTCSession, TerminateOptions } from 'jssip/lib/RTCSession'
import type { IncomingRTCSessionEvent, OutgoingRTCSessionEvent } from 'jssip/lib/UA'
import { CAUSES } from './causes'
import type { Dialog, Left } from './comeback'
import type { Party } from './conference'
import { chosen, playOn } from './devices'
import { Measurement } from './measure'
import type { Sample } from './mos'
import { isForbidden } from './sounds'
import type { PhoneCall } from './state'

/** No server is asked for addresses: agents sit in the switch's own network, and half a second shows them all. */
const ICE_PATIENCE_MS = 500
/** A path that is away for longer is looked for anew. */
const AWAY_MS = 3000
/** A new path that was refused, or could not be asked for just now, is asked for again: so often, so much later. */
const MENDS = 5
const MEND_AGAIN_MS = 2000

const HOLDS = ['Hold Failed', 'Unhold Failed']
const MENDING = 'Media Renegotiation Failed'
/** JsSIP says goodbye to the customer for each of these. The call may well live: the switch and the agent decide. */
const NO_REASON: readonly (string | undefined)[] = [
  ...HOLDS,
  MENDING,
  CAUSES.RTP_TIMEOUT,
  CAUSES.CONNECTION_ERROR,
  CAUSES.REQUEST_TIMEOUT,
]

export interface Listener {
  changed(line: Line): void
  /** `cause` is JsSIP's word for it. */
  over(line: Line, cause: string): void
  sampled(line: Line, sample: Sample): void
  /** The network between browser and switch changed under the call. */
  cut(line: Line): void
  /** The switch does not hold it, or does not take it off hold. */
  holdRefused(line: Line): void
  /** The browser does not play what is heard, for nobody has touched the page yet. */
  silent(): void
}

/** What JsSIP has no public word for. */
interface Inside {
  _localHold: boolean
  _setLocalMediaStatus(): void
}

type Begun = IncomingRTCSessionEvent | OutgoingRTCSessionEvent

let made = 0

export class Line implements Party {
  call: PhoneCall
  /** What this call sends of the microphone; null before it was answered. */
  microphone: MediaStreamTrack | null = null
  heard = new MediaStream()
  /** The call it belongs to, as the server names it; null until that is known. */
  of: string | null
  /** A colleague is asked by it: how that sounds belongs to no customer's call. */
  readonly asked: boolean
  readonly session: RTCSession
  private readonly request: { call_id: string; from_tag: string; to_tag: string }
  private theirs = ''
  /** The agent has said goodbye; what follows is its end. */
  leaving = false
  private measurement: Measurement | null = null
  private mends = MENDS
  private closed = false
  private holdDone: (agreed: boolean) => void = () => undefined
  private readonly sound = document.createElement('audio')

  constructor(
    begun: Begun,
    private readonly listener: Listener,
    private readonly earlier: Left | null,
    second: boolean,
  ) {
    this.of = earlier?.of ?? null
    this.asked = earlier?.asked ?? second
    this.session = begun.session as RTCSession
    this.request = begun.request as unknown as { call_id: string; from_tag: string; to_tag: string }
    const incoming = this.session.direction === 'incoming'
    this.call = {
      id: `line-${++made}`,
      incoming: earlier?.incoming ?? incoming,
      phase: incoming ? 'ringing' : 'calling',
      answering: false,
      name: earlier?.name ?? this.session.remote_identity.display_name ?? '',
      number: earlier?.number ?? this.session.remote_identity.uri.user ?? '',
      muted: false,
      held: false,
      answeredAt: earlier?.answeredAt ?? null,
    }
    this.sound.autoplay = true
    this.sound.dataset['testid'] = 'remote-audio'
    document.body.append(this.sound)
    void this.listenOn(chosen().speaker)
    this.follow()
  }

  /** What a reloaded page needs to go on with it; null while nobody has answered. */
  left(joined: boolean): Left | null {
    if (this.call.phase !== 'talking' || this.call.answeredAt === null) return null
    const { incoming, name, number, muted, held, answeredAt } = this.call
    const { of, asked, samples } = this
    const dialog = this.dialog()
    return { dialog, incoming, name, number, muted, held, joined, of, asked, answeredAt, samples }
  }

  private dialog(): Dialog {
    const { call_id: callId, from_tag, to_tag } = this.request
    if (this.session.direction === 'incoming') return { callId, ours: to_tag, theirs: from_tag }
    return { callId, ours: from_tag, theirs: this.theirs }
  }

  get samples(): Sample[] {
    return this.measurement?.samples ?? []
  }

  /** False when the device is gone: it is heard on the standard one. */
  listenOn(device: string): Promise<boolean> {
    return playOn(this.sound, device)
  }

  async send(track: MediaStreamTrack): Promise<void> {
    await this.sender()?.replaceTrack(track)
  }

  get takesTones(): boolean {
    return this.sender()?.dtmf?.canInsertDTMF ?? false
  }

  private sender(): RTCRtpSender | undefined {
    return this.session.connection?.getSenders().find((one) => one.track?.kind === 'audio')
  }

  end(): void {
    this.leaving = true
    const busy = { status_code: 486, reason_phrase: 'Busy Here' }
    this.session.terminate(this.call.phase === 'ringing' ? busy : undefined)
  }

  /** The way to the switch is gone before anybody answered: nothing can come of it any more. */
  drop(): void {
    this.close(CAUSES.CONNECTION_ERROR)
    try {
      this.session.terminate()
    } catch {
      // it ended with the socket
    }
  }

  mute(on: boolean): void {
    if (on) this.session.mute({ audio: true })
    else this.session.unmute({ audio: true })
    if (this.call.muted !== on) this.change({ muted: on })
  }

  /** True once the switch has agreed. */
  hold(on: boolean): Promise<boolean> {
    if (this.call.held === on) return Promise.resolve(true)
    return new Promise((done) => {
      this.holdDone(false)
      this.holdDone = done
      const agreed = () => done(true)
      if (!(on ? this.session.hold({}, agreed) : this.session.unhold({}, agreed))) done(false)
    })
  }

  /** Looks for a new path of the sound, over whatever network there is now. */
  mend(): void {
    if (this.call.phase !== 'talking' || this.closed) return
    if (!this.session.renegotiate({ rtcOfferConstraints: { iceRestart: true } })) this.mendAgain()
  }

  private mendAgain(): void {
    if (this.mends-- > 0) setTimeout(() => this.mend(), MEND_AGAIN_MS)
  }

  /** Plays again what the browser refused to play. */
  play(): void {
    void this.sound.play().catch((error: unknown) => {
      if (isForbidden(error)) this.listener.silent()
    })
  }

  /** JsSIP hangs up on a customer whenever a request goes wrong; here the call goes on. */
  private guard(): void {
    const terminate = this.session.terminate.bind(this.session)
    this.session.terminate = (options?: TerminateOptions) => {
      const why = options?.reason_phrase
      if (this.call.phase !== 'talking' || this.leaving || !NO_REASON.includes(why)) return terminate(options)
      this.holdDone(false)
      if (why === MENDING) this.mendAgain()
      if (HOLDS.includes(why ?? '')) this.asBefore()
    }
  }

  /** A hold that was refused did not take place, whatever JsSIP has noted. */
  private asBefore(): void {
    const inside = this.session as unknown as Inside
    inside._localHold = !inside._localHold
    inside._setLocalMediaStatus()
    this.change({ held: inside._localHold })
    this.listener.holdRefused(this)
  }

  private follow(): void {
    const { session } = this
    this.guard()
    session.on('accepted', (event: object) => {
      const response = 'response' in event ? (event.response as { to_tag?: string } | null) : null
      this.theirs = response?.to_tag ?? ''
    })
    session.on('confirmed', () => {
      this.change({ phase: 'talking', answering: false, answeredAt: this.call.answeredAt ?? Date.now() })
      this.measurement ??= new Measurement(session.connection, this.earlier?.samples ?? [], (sample) =>
        this.listener.sampled(this, sample),
      )
    })
    session.on('hold', () => this.change({ held: session.isOnHold().local }))
    session.on('unhold', () => this.change({ held: session.isOnHold().local }))
    session.on('muted', () => this.change({ muted: true }))
    session.on('unmuted', () => this.change({ muted: false }))
    session.on('ended', (event: EndEvent) => this.close(event.cause))
    session.on('failed', (event: EndEvent) => this.close(event.cause))
    session.on('peerconnection', ({ peerconnection }) => this.listen(peerconnection))
    if (session.connection) this.listen(session.connection)
    let patience: ReturnType<typeof setTimeout> | undefined
    session.on('icecandidate', (event) => {
      clearTimeout(patience)
      patience = setTimeout(() => event.ready(), ICE_PATIENCE_MS)
    })
  }

  private listen(connection: RTCPeerConnection): void {
    connection.addEventListener('track', (event) => {
      this.heard = event.streams[0] ?? new MediaStream([event.track])
      this.sound.srcObject = this.heard
      this.play()
    })
    let away: ReturnType<typeof setTimeout> | undefined
    connection.addEventListener('iceconnectionstatechange', () => {
      clearTimeout(away)
      const state = connection.iceConnectionState
      if (state === 'connected') this.mends = MENDS
      if (state === 'failed') this.listener.cut(this)
      if (state === 'disconnected') away = setTimeout(() => this.listener.cut(this), AWAY_MS)
    })
  }

  private close(cause: string): void {
    if (this.closed) return
    this.closed = true
    this.holdDone(false)
    this.measurement?.stop()
    this.sound.srcObject = null
    this.sound.remove()
    this.listener.over(this, cause)
  }

  change(part: Partial<PhoneCall>): void {
    this.call = { ...this.call, ...part }
    this.listener.changed(this)
  }
}
