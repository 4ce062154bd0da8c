/** The buttons of a telephone, whichever it is: the one in this page, or one on the desk that the switch acts for. */
import type { PhoneState } from './state'

export interface Buttons {
  /** Whether the page hears and speaks: only then there is something to mute, and devices to choose. */
  readonly sounds: boolean
  subscribe(listener: () => void): () => void
  snapshot(): PhoneState
  /** False when it cannot be done now, for a call is going on. */
  call(number: string): Promise<boolean>
  answer(): Promise<void>
  /** Declines what rings, ends what is heard. */
  hangUp(): void
  mute(on: boolean): void
  hold(on: boolean): Promise<void>
  tone(key: string): void
  /** At once, to a number. */
  transfer(number: string): void
  /** The call is held and the number is asked first. */
  consult(number: string): Promise<void>
  swap(): Promise<void>
  /** Puts the two others through to each other, and leaves. */
  complete(): void
  join(): Promise<void>
  /** Puts what was told away. */
  dismiss(): void
}
