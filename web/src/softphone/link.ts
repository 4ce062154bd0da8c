/** The way to the switch: the socket, the registration, and the proof that somebody still answers at the other end. */
import { UA, WebSocketInterface } from 'jssip'
import type { Phone as Account } from '@/api/types'
import type { Registration } from './state'

/** A socket over a dead path tells nothing by itself, so it is asked now and then; patiently, for it is given up else. */
const LOOK_EVERY_MS = 15_000
const PATIENT_MS = 8000
/** In a call that hears nothing. */
const URGENT_MS = 3000
/** After a refused registration; JsSIP itself tries only once. */
const AGAIN_MS = [5000, 10_000, 20_000, 30_000]

export interface Told {
  registration(registration: Registration, why: string): void
  registered(): void
  /** The socket is gone: whatever was said over it and not answered is lost. */
  lost(): void
}

/** What JsSIP has and its types leave out. */
interface Untold {
  transport: { connect(): void }
  sendOptions(
    target: string,
    body: null,
    options: {
      eventHandlers: { succeeded(): void; failed(event: { response: object | null }): void }
    },
  ): void
}

/** A socket that can be given up: closing a dead one in good order takes a minute. */
class Wire extends WebSocketInterface {
  drop(): void {
    if (!this.isConnected() && !this.isConnecting()) return
    this.disconnect()
    this.ondisconnect(true, 1006, 'no answer')
  }
}

export class SwitchLink {
  readonly agent: UA
  private readonly wire: Wire
  private looking: ReturnType<typeof setInterval> | undefined
  private again: ReturnType<typeof setTimeout> | undefined
  private refused = 0
  private proof: Promise<boolean> | null = null

  /** Throws what JsSIP says of an account it cannot use. */
  constructor(
    private readonly account: Account,
    private readonly told: Told,
  ) {
    this.wire = new Wire(account.websocket_url)
    this.agent = new UA({
      sockets: [this.wire],
      uri: account.sip_uri,
      password: account.password,
      display_name: account.display_name,
      session_timers: false,
      register_expires: 120,
      connection_recovery_min_interval: 2,
      connection_recovery_max_interval: 20,
    })
    this.agent.on('connected', () => told.registration('connecting', ''))
    this.agent.on('disconnected', () => {
      clearTimeout(this.again)
      told.registration('lost', '')
      told.lost()
    })
    this.agent.on('registered', () => {
      clearTimeout(this.again)
      this.refused = 0
      told.registration('registered', '')
      told.registered()
    })
    this.agent.on('registrationFailed', (event) => this.registerAgain(event.cause ?? ''))
  }

  start(): void {
    this.agent.start()
    this.looking = setInterval(this.look, LOOK_EVERY_MS)
    window.addEventListener('online', this.look)
  }

  stop(): void {
    clearInterval(this.looking)
    clearTimeout(this.again)
    window.removeEventListener('online', this.look)
    this.agent.stop()
  }

  /** Whether the switch answers. A socket over which it does not is given up, and another one is opened. */
  prove(patience = URGENT_MS): Promise<boolean> {
    this.proof ??= this.ask(patience).finally(() => {
      this.proof = null
    })
    return this.proof
  }

  private get untold(): Untold {
    return this.agent as unknown as Untold
  }

  private look = (): void => {
    if (this.agent.isConnected()) void this.prove(PATIENT_MS)
    else this.reconnect()
  }

  private reconnect(): void {
    this.wire.drop()
    this.untold.transport.connect()
  }

  private ask(patience: number): Promise<boolean> {
    if (!this.agent.isConnected()) return Promise.resolve(false)
    return new Promise((done) => {
      const timer = setTimeout(() => {
        this.reconnect()
        done(false)
      }, patience)
      const answered = (alive: boolean) => {
        clearTimeout(timer)
        done(alive)
      }
      const eventHandlers = {
        succeeded: () => answered(true),
        failed: ({ response }: { response: object | null }) => answered(response !== null), // a refusal is a sign of life
      }
      this.untold.sendOptions(this.account.sip_uri, null, { eventHandlers })
    })
  }

  private registerAgain(why: string): void {
    this.told.registration('failed', why)
    clearTimeout(this.again)
    const pause = AGAIN_MS[Math.min(this.refused++, AGAIN_MS.length - 1)]
    this.again = setTimeout(() => {
      if (this.agent.isConnected()) this.agent.register() // else it registers once it is connected
    }, pause)
  }
}
