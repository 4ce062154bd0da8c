/** Which of the telephone's conversations is of which call, for what is told of its sound. Pure. */
import type { PhoneCall } from './state'

/** A conversation is known again by when it was answered; what is told of its length may be off by this much. */
const OFF_MS = 2000

interface Conversation {
  answeredAt: number
  /** The customer's call as the server names it; null until it is known. */
  call: string | null
  /** The agent asks a colleague: how that sounds is no part of the customer's call. */
  asks: boolean
}

/** Which conversation is of which call. The first of the telephone's lines is the customer's, a second one a question. */
export class Conversations {
  private readonly known = new Map<string, Conversation>()
  private reported: string | null = null

  /** The lines as they are now, and the call which the server says this agent is in. */
  see(lines: readonly PhoneCall[], call: string | null): void {
    const begun = [...lines].sort(
      (one, other) => (one.answeredAt ?? Infinity) - (other.answeredAt ?? Infinity),
    )
    if (begun[0] && lines.length === 1 && !this.known.has(begun[0].id)) this.known.clear()
    begun.forEach((line, place) => {
      if (line.phase !== 'talking' || line.answeredAt === null) return
      const known = this.known.get(line.id) ?? { answeredAt: line.answeredAt, call: null, asks: false }
      known.asks ||= place > 0
      if (known.asks) known.call = null
      else if (lines.length === 1 && call !== this.reported) known.call ??= call
      this.known.set(line.id, known)
    })
  }

  /** The call of a conversation that has just ended after so many seconds; null when there is nothing to say of it. */
  ended(seconds: number, now: number): string | null {
    const off = ({ answeredAt }: Conversation) => Math.abs(now - seconds * 1000 - answeredAt)
    const [id, found] = [...this.known].sort(([, one], [, other]) => off(one) - off(other))[0] ?? []
    if (id === undefined || !found || off(found) > OFF_MS) return null
    this.known.delete(id)
    if (found.call !== null) this.reported = found.call
    return found.call
  }
}
