import { describe, expect, it } from 'vitest'
import { Drafts } from './drafts'

function tab() {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}
const draft = { call: 'pbx:1', channel: 'a.1', queue: 'sales', code: 'solved', note: 'wants an invoice' }

describe('a note that was begun', () => {
  it('is there after a reload, and after the time was up', () => {
    const storage = tab()
    new Drafts('u1', storage, new EventTarget()).keep(draft)
    const after = new Drafts('u1', storage, new EventTarget())
    expect(after.of(draft)).toEqual(draft)
    expect(after.of({ ...draft, channel: 'a.2' })).toBeNull()
  })

  it('is not for whoever signs in next', () => {
    const storage = tab()
    new Drafts('u1', storage, new EventTarget()).keep(draft)
    expect(new Drafts('u2', storage, new EventTarget()).list()).toEqual([])
  })

  it('goes when it is saved, put away or emptied, and each change is told', () => {
    const drafts = new Drafts('u1', tab(), new EventTarget())
    let told = 0
    drafts.subscribe(() => told++)
    drafts.keep(draft)
    drafts.keep({ ...draft, code: null, note: ' ' })
    expect(drafts.list()).toEqual([])
    drafts.keep(draft)
    drafts.drop(draft)
    expect(drafts.list()).toEqual([])
    expect(told).toBe(4)
  })
})
