/** The softphone: one account, one call at a time, by JsSIP; nothing here knows React. */
import { UA, WebSocketInterface } from 'jssip'
import type { RTCSession } from 'jssip/lib/RTCSession'
import type { RTCSessionEvent } from 'jssip/lib/UA'
import type { Phone as Account } from '@/api/types'

export type Registration = 'connecting' | 'registered' | 'failed' | 'lost'
export interface PhoneCall {
  incoming: boolean
  phase: 'ringing' | 'calling' | 'talking'
  name: string
  number: string
  muted: boolean
  held: boolean
  /** Local milliseconds; null until it was answered. */
  answeredAt: number | null
}
export interface PhoneState {
  registration: Registration
  why: string
  call: PhoneCall | null
  problem: 'none' | 'microphone' | 'transfer'
}

/** No server is asked for addresses: agents sit in the switch's own network, and half a second shows them all. */
const ICE_PATIENCE_MS = 500
const MEDIA = { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } }

export class Softphone {
  private state: PhoneState = { registration: 'connecting', why: '', call: null, problem: 'none' }
  private readonly listeners = new Set<() => void>()
  private readonly agent: UA
  private session: RTCSession | null = null

  constructor(
    account: Account,
    private readonly sound: HTMLAudioElement,
  ) {
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
    this.agent.on('disconnected', () => this.change({ registration: 'lost', why: '' }))
    this.agent.on('registered', () => this.change({ registration: 'registered', why: '' }))
    this.agent.on('registrationFailed', (event) =>
      this.change({ registration: 'failed', why: event.cause ?? '' }),
    )
    this.agent.on('newRTCSession', (event: RTCSessionEvent) => this.began(event))
  }

  start(): void {
    this.agent.start()
  }

  stop(): void {
    this.listeners.clear()
    this.agent.stop()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  snapshot = (): PhoneState => this.state

  call(number: string): void {
    if (this.session || !number) return
    this.agent.call(number, MEDIA)
  }

  answer(): void {
    if (this.state.call?.incoming && this.state.call.phase === 'ringing') this.session?.answer(MEDIA)
  }

  /** Declines a ringing call, ends any other. */
  hangUp(): void {
    const ringing = this.state.call?.incoming && this.state.call.phase === 'ringing'
    this.session?.terminate(ringing ? { status_code: 486, reason_phrase: 'Busy Here' } : undefined)
  }

  mute(on: boolean): void {
    if (on) this.session?.mute({ audio: true })
    else this.session?.unmute({ audio: true })
  }

  hold(on: boolean): void {
    if (on) this.session?.hold()
    else this.session?.unhold()
  }

  tone(key: string): void {
    if (this.state.call?.phase === 'talking') this.session?.sendDTMF(key, { duration: 120 })
  }

  /** Blind: the far end is told to call the number, and our leg ends once it has taken over. */
  transfer(number: string): void {
    const session = this.session
    if (!session || !number) return
    this.change({ problem: 'none' })
    session.refer(number, {
      eventHandlers: {
        requestFailed: () => this.change({ problem: 'transfer' }),
        failed: () => this.change({ problem: 'transfer' }),
        accepted: () => session.terminate(),
      },
    })
  }

  private began(event: RTCSessionEvent): void {
    const session = event.session as RTCSession
    if (this.session) {
      session.terminate({ status_code: 486, reason_phrase: 'Busy Here' })
      return
    }
    this.session = session
    const incoming = session.direction === 'incoming'
    const number = session.remote_identity.uri.user ?? ''
    this.change({
      problem: 'none',
      call: {
        incoming,
        phase: incoming ? 'ringing' : 'calling',
        name: session.remote_identity.display_name ?? '',
        number,
        muted: false,
        held: false,
        answeredAt: null,
      },
    })
    this.follow(session)
  }

  private follow(session: RTCSession): void {
    session.on('confirmed', () => this.changeCall({ phase: 'talking', answeredAt: Date.now() }))
    session.on('hold', () => this.changeCall({ held: session.isOnHold().local }))
    session.on('unhold', () => this.changeCall({ held: session.isOnHold().local }))
    session.on('muted', () => this.changeCall({ muted: true }))
    session.on('unmuted', () => this.changeCall({ muted: false }))
    session.on('getusermediafailed', () => this.change({ problem: 'microphone' }))
    session.on('ended', () => this.over(session))
    session.on('failed', () => this.over(session))
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
      this.sound.srcObject = event.streams[0] ?? new MediaStream([event.track])
      void this.sound.play().catch(() => undefined) // the answer button is the gesture browsers ask for
    })
  }

  private over(session: RTCSession): void {
    if (this.session !== session) return
    this.session = null
    this.sound.srcObject = null
    this.change({ call: null })
  }

  private changeCall(part: Partial<PhoneCall>): void {
    if (this.state.call) this.change({ call: { ...this.state.call, ...part } })
  }

  private change(part: Partial<PhoneState>): void {
    this.state = { ...this.state, ...part }
    for (const listener of this.listeners) listener()
  }
}
