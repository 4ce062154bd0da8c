/** What an agent has begun to write of a call, kept in this tab until it is saved or put away. Nothing here knows React. */

export interface Draft {
  call: string
  channel: string
  queue: string
  code: string | null
  note: string
}
/** Of which conversation. */
export type Whose = Pick<Draft, 'call' | 'channel'>

const CHANGED = 'tierline-drafts'

export const sameCall = (one: Whose, other: Whose) => one.call === other.call && one.channel === other.channel

export class Drafts {
  private text: string | null = null
  private all: Draft[] = []

  /** `user`: whoever signs in next in this tab does not read them. */
  constructor(
    user: string,
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = sessionStorage,
    private readonly changed: EventTarget = window,
  ) {
    this.key = `tierline.drafts.${user}`
  }

  private readonly key: string

  /** The same array until something changes. */
  list = (): Draft[] => {
    const text = this.storage.getItem(this.key)
    if (text !== this.text) {
      this.text = text
      this.all = read(text)
    }
    return this.all
  }

  of(whose: Whose): Draft | null {
    return this.list().find((one) => sameCall(one, whose)) ?? null
  }

  /** Nothing chosen and nothing written is no draft. */
  keep(draft: Draft): void {
    const others = this.list().filter((one) => !sameCall(one, draft))
    this.write(draft.code || draft.note.trim() ? [...others, draft] : others)
  }

  drop(whose: Whose): void {
    this.write(this.list().filter((one) => !sameCall(one, whose)))
  }

  subscribe = (listener: () => void): (() => void) => {
    this.changed.addEventListener(CHANGED, listener)
    return () => this.changed.removeEventListener(CHANGED, listener)
  }

  private write(drafts: Draft[]): void {
    if (drafts.length > 0) this.storage.setItem(this.key, JSON.stringify(drafts))
    else this.storage.removeItem(this.key)
    this.changed.dispatchEvent(new Event(CHANGED))
  }
}

function read(text: string | null): Draft[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(found) ? (found as Draft[]) : []
  } catch {
    return []
  }
}
