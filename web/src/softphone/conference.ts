/** Three people: the browser mixes, and each of the others hears the agent and the third. */

export interface Party {
  /** What this party says. */
  heard: MediaStream
  /** Sends this party something else than the microphone. */
  send(track: MediaStreamTrack): Promise<void>
}

/** A page nobody has touched yet may not mix sound, and the browser says so by never answering. */
const PATIENCE_MS = 1500

export class Conference {
  private readonly context = new AudioContext()
  private readonly own: GainNode
  private readonly parties: readonly [Party, Party]

  constructor(
    readonly microphone: MediaStreamTrack,
    first: Party,
    second: Party,
    public muted: boolean,
  ) {
    this.parties = [first, second]
    this.own = this.context.createGain()
    this.mute(muted)
    this.context.createMediaStreamSource(new MediaStream([microphone])).connect(this.own)
  }

  /** Throws when the browser does not mix. */
  async start(): Promise<void> {
    const [first, second] = this.parties
    let late: ReturnType<typeof setTimeout> | undefined
    const silence = new Promise((_, fail) => {
      late = setTimeout(() => fail(new Error('the browser does not mix')), PATIENCE_MS)
    })
    await Promise.race([this.context.resume(), silence]).finally(() => clearTimeout(late))
    await Promise.all([this.mixed(first, second), this.mixed(second, first)])
  }

  private async mixed(to: Party, from: Party): Promise<void> {
    const out = this.context.createMediaStreamDestination()
    this.own.connect(out)
    this.context.createMediaStreamSource(from.heard).connect(out)
    const track = out.stream.getAudioTracks()[0]
    if (track) await to.send(track)
  }

  /** The others still hear each other. */
  mute(on: boolean): void {
    this.muted = on
    this.own.gain.value = on ? 0 : 1
  }

  end(): void {
    void this.context.close().catch(() => undefined)
  }
}
