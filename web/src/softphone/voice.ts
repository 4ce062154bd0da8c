/** What others hear of the agent: a copy of the microphone in each call, or the mix of a conference. */
import { Conference } from './conference'
import type { Line } from './line'
import { Microphone } from './microphone'

export class Voice {
  private readonly microphone: Microphone
  private conference: Conference | null = null
  private reopening: Promise<boolean> | null = null

  /** `gone`: the microphone was unplugged in a call. */
  constructor(
    private readonly lines: () => readonly Line[],
    gone: () => void,
  ) {
    this.microphone = new Microphone(gone)
  }

  get joined(): boolean {
    return this.conference !== null
  }

  /** Of the microphone in use; empty while none is. */
  get label(): string {
    return this.microphone.label
  }

  /** The device in use, empty for the standard one. */
  get device(): string {
    return this.microphone.device
  }

  get outdated(): boolean {
    return this.microphone.outdated
  }

  /** Throws a Refusal. */
  copy(): Promise<MediaStreamTrack> {
    return this.microphone.copy()
  }

  release(track: MediaStreamTrack | null): void {
    if (track) this.microphone.release(track)
  }

  mute(on: boolean): void {
    this.conference?.mute(on)
    for (const line of this.conference ? this.lines() : []) line.change({ muted: on })
  }

  /** Both are off hold. Muted before is muted after. Throws, and is as before, when the browser does not mix. */
  async join(heard: Line, waiting: Line): Promise<void> {
    if (!heard.microphone) throw new Error('nothing to mix')
    const { muted } = heard.call
    const conference = new Conference(heard.microphone, heard, waiting, muted)
    this.conference = conference
    try {
      await conference.start()
    } catch (error) {
      await this.part()
      throw error
    }
    if (this.conference !== conference) return // one of them hung up meanwhile
    for (const line of [heard, waiting]) {
      line.mute(false) // the mix is what is muted: the calls themselves must let the others through
      if (line.microphone) line.microphone.enabled = true
    }
    this.mute(muted)
  }

  /** The conference is over: who is left hears the microphone again, unless it is muted. */
  async part(): Promise<void> {
    const { conference } = this
    if (!conference) return
    this.conference = null
    await Promise.all(this.lines().map((line) => this.alone(line, conference.muted)))
    conference.end()
  }

  private async alone(line: Line, muted: boolean): Promise<void> {
    if (line.microphone) {
      line.microphone.enabled = !muted && !line.call.held
      await line.send(line.microphone)
    }
    line.mute(muted)
  }

  /** Takes up the microphone that is chosen, or there, now; false when none is in use. Throws a Refusal, or as `join` does. */
  reopen(): Promise<boolean> {
    this.reopening ??= this.renew().finally(() => {
      this.reopening = null
    })
    return this.reopening
  }

  private async renew(): Promise<boolean> {
    const using = this.lines().filter((line) => line.microphone !== null)
    if (using.length === 0) return false
    this.microphone.close()
    for (const line of using) {
      const copy = await this.microphone.copy()
      const old = line.microphone
      if (!old || !this.lines().includes(line)) {
        this.microphone.release(copy)
        continue
      }
      copy.enabled = old.enabled
      line.microphone = copy
      if (!this.conference) await line.send(copy)
      this.microphone.release(old)
    }
    await this.mixAnew()
    return true
  }

  private async mixAnew(): Promise<void> {
    const old = this.conference
    const [first, second] = this.lines()
    if (!old || !first?.microphone || !second) return
    this.conference = new Conference(first.microphone, first, second, old.muted)
    try {
      await this.conference.start()
    } catch (error) {
      await this.part()
      throw error
    } finally {
      old.end()
    }
  }
}
