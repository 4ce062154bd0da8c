import { describe, expect, it } from 'vitest'
import type { Pop } from '@/api/types'
import { filled, usable } from './links'

const pop = {
  call: 'pbx:1.2',
  number: '+8613812345678',
  queue: 'sales & more',
  customer: { id: 'c/1?x=#' },
} as unknown as Pop

describe('an address', () => {
  it('is filled in percent-encoded, so that no value can become a part of it', () => {
    expect(filled('https://crm.example/{customer_id}?p={number}&q={queue}&c={call_id}', pop)).toBe(
      'https://crm.example/c%2F1%3Fx%3D%23?p=%2B8613812345678&q=sales%20%26%20more&c=pbx%3A1.2',
    )
  })

  it('is none when something is not known', () => {
    expect(filled('https://crm.example/{customer_id}', { ...pop, customer: null })).toBeNull()
  })

  it('is none in any other scheme', () => {
    expect(filled('javascript:alert({number})', pop)).toBeNull()
  })

  it('keeps its order among others', () => {
    const links = ['tel:{number}', 'https://a.example/{nothing}', 'https://b.example/'].map((url) => ({
      name: { en: url, zh: url },
      url,
    }))
    expect(usable(links, pop).map((one) => one.address)).toEqual([
      'tel:%2B8613812345678',
      'https://b.example/',
    ])
  })
})
