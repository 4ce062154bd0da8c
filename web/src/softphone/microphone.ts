/** The microphone, opened once for all calls: each call sends a copy, so that one can be muted and the other heard. */
import { chosen } from './devices'

export type Refusal = 'denied' | 'nomic'

interface Opened {
  stream: MediaStream
  /** What was chosen when it was opened. */
  wished: string
  /** Empty: the system's standard, also where the chosen one was not plugged in. */
  device: string
}

export class Microphone {
  private opening: Promise<Opened> | null = null
  private opened: Opened | null = null
  private readonly copies = new Set<MediaStreamTrack>()

  /** `gone`: the device was unplugged while it was in use. */
  constructor(private readonly gone: () => void) {}

  get label(): string {
    return this.opened?.stream.getAudioTracks()[0]?.label ?? ''
  }

  get device(): string {
    return this.opened?.device ?? ''
  }

  /** Whether it is in use, and another one has been chosen since. */
  get outdated(): boolean {
    return this.opened !== null && this.opened.wished !== chosen().microphone
  }

  /** A copy of its sound. Throws a Refusal. */
  async copy(): Promise<MediaStreamTrack> {
    this.opening ??= open(chosen().microphone)
    const { opening } = this
    try {
      const opened = await opening
      if (this.opening !== opening) return await this.copy() // closed meanwhile
      this.opened = opened
    } catch (refusal) {
      if (this.opening === opening) this.opening = null
      throw refusal
    }
    const track = this.opened.stream.getAudioTracks()[0]
    if (!track) throw 'nomic' satisfies Refusal
    track.onended = () => this.gone()
    const copy = track.clone()
    this.copies.add(copy)
    return copy
  }

  /** The copy is no longer needed; with the last one the device is let go. */
  release(copy: MediaStreamTrack): void {
    copy.stop()
    this.copies.delete(copy)
    if (this.copies.size === 0) this.close()
  }

  /** Another device from the next copy on. */
  close(): void {
    void this.opening?.then(({ stream }) => silence(stream)).catch(() => undefined)
    this.opening = null
    if (this.opened) silence(this.opened.stream)
    this.opened = null
  }
}

function silence(stream: MediaStream): void {
  for (const track of stream.getTracks()) {
    track.onended = null
    track.stop()
  }
}

async function open(wished: string): Promise<Opened> {
  const wish = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
  try {
    const stream = await ask(wished ? { ...wish, deviceId: { exact: wished } } : wish)
    return { stream, wished, device: wished }
  } catch (refusal) {
    if (refusal !== 'nomic' || !wished) throw refusal
    return { stream: await ask(wish), wished, device: '' } // the chosen one is not plugged in today
  }
}

async function ask(audio: MediaTrackConstraints): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw 'denied' satisfies Refusal // only secure pages have a microphone
  try {
    return await navigator.mediaDevices.getUserMedia({ audio, video: false })
  } catch (error) {
    throw refusalOf(error)
  }
}

/** What `getUserMedia` meant: forbidden, or nothing there that could be opened. */
export function refusalOf(error: unknown): Refusal {
  return error instanceof DOMException && /NotAllowed|Security/.test(error.name) ? 'denied' : 'nomic'
}
