/** One tab of a browser has the agent's phone: two would take the registration, and the calls, from each other. */

/** A page that is loaded again gets the lock of the one before within this time; nothing is said of it. */
const SHOWN_AFTER_MS = 600
/** A tab that does not answer within this time is asleep, and in no call. */
const ANSWERS_WITHIN_MS = 800

export interface Turn {
  /** The phone is this tab's now. */
  mine(): void
  /** Another tab has it. */
  elsewhere(): void
  /** Another tab has taken it from this one. */
  taken(): void
  inCall(): boolean
}

interface Said {
  asks?: string
  answers?: string
  inCall?: boolean
}

export class TabLock {
  private readonly channel: BroadcastChannel | null
  private waiting: AbortController | null = null
  private release: (() => void) | null = null
  private late: ReturnType<typeof setTimeout> | undefined
  private answered: (said: Said) => void = () => undefined

  constructor(
    private readonly name: string,
    public turn: Turn,
  ) {
    this.channel = navigator.locks ? new BroadcastChannel(name) : null
    this.channel?.addEventListener('message', (event: MessageEvent<Said>) => this.hear(event.data))
  }

  start(): void {
    if (!navigator.locks) {
      this.turn.mine() // a page without them has no microphone either
      return
    }
    this.late = setTimeout(() => this.turn.elsewhere(), SHOWN_AFTER_MS)
    this.ask(false)
  }

  /** Takes the phone here; false while the other tab is in a call. */
  async take(): Promise<boolean> {
    if (this.release) return true
    if (await this.isInCall()) return false
    this.ask(true)
    return true
  }

  end(): void {
    clearTimeout(this.late)
    this.waiting?.abort()
    this.release?.()
    this.release = null
    this.channel?.close()
  }

  private ask(steal: boolean): void {
    this.waiting?.abort()
    this.waiting = steal ? null : new AbortController()
    let had = false
    const options: LockOptions = this.waiting ? { signal: this.waiting.signal } : { steal: true }
    void navigator.locks
      .request(this.name, options, () => {
        had = true
        clearTimeout(this.late)
        return new Promise<void>((done) => {
          this.release = done
          this.turn.mine()
        })
      })
      .catch(() => {
        if (!had) return // no longer wanted
        this.release = null
        this.turn.taken()
        this.ask(false) // its turn again once the other tab is closed
      })
  }

  private isInCall(): Promise<boolean> {
    const asks = crypto.randomUUID()
    return new Promise((done) => {
      const timer = setTimeout(() => done(false), ANSWERS_WITHIN_MS)
      this.answered = (said) => {
        if (said.answers !== asks) return
        clearTimeout(timer)
        done(said.inCall === true)
      }
      this.channel?.postMessage({ asks } satisfies Said)
    })
  }

  private hear(said: Said): void {
    if (said.answers) this.answered(said)
    else if (said.asks && this.release)
      this.channel?.postMessage({ answers: said.asks, inCall: this.turn.inCall() } satisfies Said)
  }
}
