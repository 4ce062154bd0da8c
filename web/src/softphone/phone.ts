/** The softphone's buttons; nothing here knows React. */
import { DTMF_TRANSPORT } from 'jssip/lib/Constants'
import type { Buttons } from './buttons'
import { Calls } from './calls'
import { chosen } from './devices'
import type { Line } from './line'

/** A second press that was meant for the call that has just ended does not hit the one behind it. */
const SAME_PRESS_MS = 700
/** So long the switch may take to ring the telephone it was asked to ring. */
const EXPECTED_MS = 20_000

export class Softphone extends Calls implements Buttons {
  readonly sounds = true
  private dialling = false

  async call(number: string): Promise<boolean> {
    if (!number || this.lines.length > 0 || this.dialling) return false
    await this.once(() => this.dial(number))
    return true
  }

  async consult(number: string): Promise<void> {
    const [first, second] = this.lines
    if (!number || first?.call.phase !== 'talking' || second) return
    await this.once(async () => {
      if (!(await first.hold(true))) return
      if (!(await this.dial(number))) await first.hold(false)
    })
  }

  /** The server has the number called: it rings here first, and whoever asked for it is taken to be there. */
  expect(number: string): () => void {
    this.expected = number
    const forget = () => {
      clearTimeout(timer)
      if (this.expected === number) this.expected = null
    }
    const timer = setTimeout(() => {
      if (this.expected === number) this.change({ problem: 'failed' })
      forget()
    }, EXPECTED_MS)
    return forget
  }

  async answer(): Promise<void> {
    const line = this.lines[0]
    if (line?.call.phase !== 'ringing' || line.call.answering) return
    this.endedAt = 0 // whatever is pressed from here on is meant for this call
    line.change({ answering: true })
    await this.withMicrophone(
      (options, track) => {
        if (!this.lines.includes(line) || line.session.isEnded()) return // gone while the microphone was opened
        line.microphone = track
        line.session.answer(options)
      },
      () => line.change({ answering: false }),
    )
  }

  hangUp(): void {
    if (Date.now() - this.endedAt < SAME_PRESS_MS) return
    const leaving = this.voice.joined ? [...this.lines] : this.lines.slice(0, 1)
    for (const line of leaving) line.leaving = true
    for (const line of leaving) line.end()
  }

  mute(on: boolean): void {
    if (this.voice.joined) this.voice.mute(on)
    else this.lines[0]?.mute(on)
  }

  async hold(on: boolean): Promise<void> {
    if (!this.voice.joined) await this.lines[0]?.hold(on)
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

  complete(): void {
    const [heard, waiting] = this.lines
    if (!heard || !waiting || heard.call.phase !== 'talking') return
    // JsSIP names the tags of a replaced call rightly only for one that was called from here (RFC 3891).
    const [kept, referred] = heard.session.direction === 'outgoing' ? [heard, waiting] : [waiting, heard]
    this.refer(referred, kept.session.remote_identity.uri.toString(), { replaces: kept.session })
  }

  async swap(): Promise<void> {
    const [heard, waiting] = this.lines
    if (!heard || !waiting || this.voice.joined || heard.call.phase !== 'talking') return
    if (!(await heard.hold(true)) || !(await waiting.hold(false))) return
    if (this.lines.length < 2) return // one hung up meanwhile
    this.lines = [waiting, heard]
    this.tell()
  }

  async join(): Promise<void> {
    const [heard, waiting] = this.lines
    if (!heard || !waiting || this.voice.joined || heard.call.phase !== 'talking') return
    if (heard.call.muted) waiting.mute(true)
    if (!(await waiting.hold(false))) return
    try {
      await this.voice.join(heard, waiting)
      this.change({ problem: 'none' })
    } catch {
      await this.unjoined()
    }
    this.tell()
  }

  /** Takes up the devices the agent has just chosen. */
  async devicesChosen(): Promise<void> {
    await Promise.all(this.lines.map((line) => line.listenOn(chosen().speaker)))
    if (this.voice.outdated) await this.reopenMicrophone()
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

  /** One call of a double click. */
  private async once(act: () => Promise<unknown>): Promise<void> {
    if (this.dialling) return
    this.dialling = true
    await act().finally(() => {
      this.dialling = false
    })
  }

  /** False when no call came of it. */
  private dial(number: string): Promise<boolean> {
    return this.withMicrophone((options) => this.link.agent.call(number, options))
  }
}
