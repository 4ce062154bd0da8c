/** For tests: a browser with a microphone, and JsSIP without a network. */
import { EventEmitter } from 'node:events'
import { vi } from 'vitest'

type Anything = (...all: never[]) => unknown

export class FakeTrack {
  readonly kind = 'audio'
  label = 'a microphone'
  enabled = true
  stopped = false
  onended: (() => void) | null = null
  readonly clones: FakeTrack[] = []

  clone(): FakeTrack {
    const copy = new FakeTrack()
    this.clones.push(copy)
    return copy
  }

  stop(): void {
    this.stopped = true
  }
}

export class FakeStream {
  constructor(readonly tracks: FakeTrack[] = [new FakeTrack()]) {}
  getTracks(): FakeTrack[] {
    return this.tracks
  }
  getAudioTracks(): FakeTrack[] {
    return this.tracks
  }
}

interface Gain {
  value: number
}

/** Mixing: what goes into a destination is not looked at, its gains are. */
export class FakeContext {
  static made: FakeContext[] = []
  static resumes = true
  readonly gains: { gain: Gain; connect: Anything }[] = []
  readonly mixes: FakeTrack[] = []
  closed = false

  constructor() {
    FakeContext.made.push(this)
  }
  createGain() {
    const level = { value: 1, setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined }
    const gain = { gain: level, connect: () => undefined }
    this.gains.push(gain)
    return gain
  }
  createMediaStreamSource() {
    return { connect: () => undefined }
  }
  createMediaStreamDestination() {
    const stream = new FakeStream()
    this.mixes.push(...stream.tracks)
    return { stream }
  }
  createOscillator() {
    const node = {
      frequency: { value: 0 },
      connect: () => node,
      start: () => undefined,
      stop: () => undefined,
    }
    return node
  }
  get currentTime() {
    return 0
  }
  resume(): Promise<void> {
    return FakeContext.resumes ? Promise.resolve() : new Promise(() => undefined)
  }
  async close() {
    this.closed = true
  }
}

export class FakeConnection extends EventTarget {
  iceConnectionState = 'new'
  readonly sender = {
    track: null as FakeTrack | null,
    replaceTrack: async (track: FakeTrack) => {
      this.sender.track = track
    },
  }
  getSenders() {
    return [this.sender]
  }
  async getStats() {
    return new Map()
  }
  becomes(state: string): void {
    this.iceConnectionState = state
    this.dispatchEvent(new Event('iceconnectionstatechange'))
  }
}

interface Options {
  mediaStream?: FakeStream
  reason_phrase?: string
}

/** As JsSIP's: mute and hold switch the sent track on and off, and a refused re-INVITE terminates. */
export class FakeSession extends EventEmitter {
  readonly connection = new FakeConnection()
  readonly did: string[] = []
  readonly referred: { target: string; replaces?: FakeSession; eventHandlers: Record<string, () => void> }[] =
    []
  ended = false
  _localHold = false
  private audioMuted = false
  holdFails = false
  renegotiates = true
  readonly remote_identity: { display_name: string; uri: { user: string; toString(): string } }

  constructor(
    readonly direction: 'incoming' | 'outgoing',
    user: string,
  ) {
    super()
    this.remote_identity = { display_name: '', uri: { user, toString: () => `sip:${user}@switch` } }
  }

  answer({ mediaStream }: Options): void {
    if (this.ended || this.did.includes('answer')) throw new Error('InvalidStateError')
    this.did.push('answer')
    this.takes(mediaStream)
  }
  takes(stream: FakeStream | undefined): void {
    this.connection.sender.track = stream?.tracks[0] ?? null
  }
  confirm(): void {
    this.emit('accepted', {})
    this.emit('confirmed', {})
  }
  terminate(options: Options = {}): void {
    if (this.ended) throw new Error('InvalidStateError')
    this.did.push('terminate')
    this.end(options.reason_phrase ?? 'Terminated')
  }
  end(cause: string): void {
    this.ended = true
    this.emit('ended', { cause })
  }
  fail(cause: string): void {
    this.ended = true
    this.emit('failed', { cause })
  }
  isEnded(): boolean {
    return this.ended
  }
  isOnHold() {
    return { local: this._localHold, remote: false }
  }
  _setLocalMediaStatus(): void {
    const { track } = this.connection.sender
    if (track) track.enabled = !this._localHold && !this.audioMuted
  }
  mute(): void {
    if (this.audioMuted) return
    this.audioMuted = true
    this._setLocalMediaStatus()
    this.emit('muted', {})
  }
  unmute(): void {
    if (!this.audioMuted) return
    this.audioMuted = false
    this._setLocalMediaStatus()
    this.emit('unmuted', {})
  }
  hold(_: object, done: () => void): boolean {
    return this.holds(true, done)
  }
  unhold(_: object, done: () => void): boolean {
    return this.holds(false, done)
  }
  private holds(on: boolean, done: () => void): boolean {
    this.did.push(on ? 'hold' : 'unhold')
    this._localHold = on
    this._setLocalMediaStatus()
    this.emit(on ? 'hold' : 'unhold', {})
    if (this.holdFails) this.terminate({ reason_phrase: on ? 'Hold Failed' : 'Unhold Failed' })
    else done()
    return true
  }
  renegotiate(): boolean {
    this.did.push('renegotiate')
    return this.renegotiates
  }
  refer(
    target: string,
    options: { replaces?: FakeSession; eventHandlers: Record<string, () => void> },
  ): void {
    this.referred.push({ target, ...options })
  }
  sendDTMF(key: string): void {
    this.did.push(`tone ${key}`)
  }
}

type Proof = { succeeded(): void; failed(event: { response: object | null }): void }

export class FakeAgent extends EventEmitter {
  static last: FakeAgent
  readonly calls: { target: string; session: FakeSession; headers: string[] }[] = []
  readonly proofs: Proof[] = []
  readonly said: string[] = []
  connected = true
  readonly transport = { connect: () => this.said.push('connect') }

  constructor(readonly options: { sockets: [FakeWire] }) {
    super()
    FakeAgent.last = this
  }
  start(): void {
    this.said.push('start')
  }
  stop(): void {
    this.said.push('stop')
  }
  register(): void {
    this.said.push('register')
  }
  isConnected(): boolean {
    return this.connected
  }
  sendOptions(_target: string, _body: null, { eventHandlers }: { eventHandlers: Proof }): void {
    this.proofs.push(eventHandlers)
  }
  call(target: string, options: { mediaStream: FakeStream; extraHeaders?: string[] }): void {
    if (!/\w/.test(target)) throw new TypeError(`Invalid target: ${target}`)
    const session = new FakeSession('outgoing', target)
    session.takes(options.mediaStream)
    this.calls.push({ target, session, headers: options.extraHeaders ?? [] })
    this.emit('newRTCSession', { session, request: {} })
  }
  rings(number: string): FakeSession {
    const session = new FakeSession('incoming', number)
    this.emit('newRTCSession', { session, request: {} })
    return session
  }
}

export class FakeWire {
  dropped = 0
  ondisconnect = (): void => undefined
  isConnected(): boolean {
    return true
  }
  isConnecting(): boolean {
    return false
  }
  disconnect(): void {
    this.dropped += 1
  }
}

export class FakeStorage {
  private readonly kept = new Map<string, string>()
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null
  }
  setItem(key: string, value: string): void {
    this.kept.set(key, value)
  }
  removeItem(key: string): void {
    this.kept.delete(key)
  }
}

export interface Browser {
  /** Every opened microphone, oldest first. */
  opened: FakeStream[]
  /** Lets `getUserMedia` wait until it is told to go on. */
  microphone: { hold: boolean; go: () => void; refuses: string | null }
  window: EventTarget
  /** Whether the browser plays sound: not before it was touched. */
  plays: boolean
  played: number
}

export function browser(): Browser {
  FakeContext.made = []
  FakeContext.resumes = true
  const made: Browser = {
    opened: [],
    microphone: { hold: false, go: () => undefined, refuses: null },
    window: new EventTarget(),
    plays: true,
    played: 0,
  }
  const play = async () => {
    if (!made.plays) throw new DOMException('not yet', 'NotAllowedError')
    made.played += 1
  }
  const getUserMedia = async () => {
    const { microphone } = made
    if (microphone.hold) {
      await new Promise<void>((go) => {
        const before = microphone.go
        microphone.go = () => {
          before()
          go()
        }
      })
    }
    if (microphone.refuses) throw new DOMException('no', microphone.refuses)
    const stream = new FakeStream()
    made.opened.push(stream)
    return stream
  }
  const element = () => ({
    dataset: {},
    play,
    remove: () => undefined,
    setSinkId: async () => undefined,
  })
  const mediaDevices = Object.assign(new EventTarget(), { getUserMedia, enumerateDevices: async () => [] })
  vi.stubGlobal('navigator', { mediaDevices })
  vi.stubGlobal('window', made.window)
  vi.stubGlobal('document', { createElement: element, body: { append: () => undefined } })
  vi.stubGlobal(
    'Audio',
    class {
      play = play
    },
  )
  vi.stubGlobal('MediaStream', FakeStream)
  vi.stubGlobal('AudioContext', FakeContext)
  vi.stubGlobal('localStorage', new FakeStorage())
  vi.stubGlobal('sessionStorage', new FakeStorage())
  return made
}

/** Lets everything that waits for nothing but promises come to its end. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve()
}
