/** One WebSocket that comes back by itself and asks for what it missed. */
import type { StreamMessage, StreamRequest } from '@/api/types'
import { parse, resumeFrom } from './reducer'
import { backOff, PING_EVERY_MS, SILENCE_MS } from './timing'

export type LinkStatus = 'connecting' | 'live' | 'reconnecting'

export interface Listener {
  status(status: LinkStatus): void
  message(message: StreamMessage): void
  /** The last message number seen, for `resume`. */
  lastSeen(): number
  /** Called when connecting fails: perhaps the session has ended. */
  refused(): void
}

export class StreamConnection {
  private socket: WebSocket | null = null
  private failures = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private pinger: ReturnType<typeof setInterval> | undefined
  private heardAt = 0
  private answersPings = false
  private stopped = false

  constructor(
    private readonly address: string,
    private readonly listener: Listener,
  ) {}

  start(): void {
    window.addEventListener('online', this.hurry)
    document.addEventListener('visibilitychange', this.hurry)
    this.open()
  }

  stop(): void {
    this.stopped = true
    window.removeEventListener('online', this.hurry)
    document.removeEventListener('visibilitychange', this.hurry)
    clearTimeout(this.retry)
    clearInterval(this.pinger)
    this.socket?.close()
  }

  send(request: StreamRequest): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false
    this.socket.send(JSON.stringify(request))
    return true
  }

  /** Waiting is pointless when the network is back or the person looks at the page again. */
  private hurry = (): void => {
    if (this.stopped || document.visibilityState === 'hidden' || this.socket) return
    clearTimeout(this.retry)
    this.open()
  }

  private open(): void {
    const socket = new WebSocket(this.address)
    this.socket = socket
    this.listener.status(this.failures === 0 ? 'connecting' : 'reconnecting')
    socket.onmessage = (event) => this.heard(event.data)
    socket.onclose = () => {
      if (this.socket === socket) this.lost()
    }
    socket.onopen = () => {
      this.heardAt = Date.now()
      this.pinger = setInterval(() => this.ping(), PING_EVERY_MS)
    }
  }

  private heard(data: unknown): void {
    this.heardAt = Date.now()
    const message = parse(data)
    if (!message) return
    if (message.type === 'pong') this.answersPings = true
    if (message.type === 'hello') {
      const seen = this.listener.lastSeen()
      if (seen > 0) this.send({ type: 'resume', last_seen: resumeFrom(seen, message.seq) })
      this.failures = 0
      this.listener.message(message)
      this.listener.status('live')
      return
    }
    this.listener.message(message)
  }

  private ping(): void {
    if (this.answersPings && Date.now() - this.heardAt > SILENCE_MS) {
      this.lost() // half-open: the browser would notice only minutes later
      return
    }
    this.send({ type: 'ping' })
  }

  private lost(): void {
    clearInterval(this.pinger)
    const socket = this.socket
    this.socket = null
    socket?.close()
    if (this.stopped) return
    this.failures += 1
    if (this.failures % 3 === 1) this.listener.refused()
    this.listener.status('reconnecting')
    clearTimeout(this.retry)
    this.retry = setTimeout(() => this.open(), backOff(this.failures - 1, Math.random()))
  }
}
