import { describe, expect, it } from 'vitest'
import type { Contact, Pop } from '@/api/types'
import { contactsText, promise, strangerText } from './pop-words'

describe('a card', () => {
  it('does not call somebody new before it was looked', () => {
    expect(strangerText({ known: false } as Pop)).toBe('pop.new.wait')
    expect(strangerText({ known: true } as Pop)).toBe('pop.new')
    expect(contactsText({ contacts: null, unreadable: false })).toBe('pop.contacts.wait')
    expect(contactsText({ contacts: [], unreadable: false })).toBe('pop.contacts.none')
  })

  it('says when nothing could be read, and nothing when there are contacts', () => {
    expect(contactsText({ contacts: null, unreadable: true })).toBe('pop.contacts.unreadable')
    expect(contactsText({ contacts: [{} as Contact], unreadable: false })).toBeNull()
  })

  it('measures the promise from when the caller joined the line', () => {
    const rang = { at: 1000, waited_seconds: 40 }
    expect(promise({ ...rang, promised_at: 1020 })).toEqual({ told: 60, late: 0 })
    expect(promise({ ...rang, promised_at: 990 })).toEqual({ told: 30, late: 10 })
    expect(promise({ ...rang, promised_at: null })).toBeNull()
  })
})
