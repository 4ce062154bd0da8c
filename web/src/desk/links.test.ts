import { describe, expect, it } from 'vitest'
import type { Pop } from '@/api/types'
import { filled, offered, usable } from './links'

const pop = {
  call: 'pbx:1.2',
  number: '+8613812345678',
  queue: 'sales & more',
  name: 'Li & Söhne',
  agent: '101',
  tier: 'gold',
  dialled: '+864001234',
  callee: '101',
  customer: { id: 'c/1?x=#', language: 'zh' },
} as unknown as Pop

describe('an address', () => {
  it('is filled in percent-encoded, so that no value can become a part of it', () => {
    expect(filled('https://crm.example/{customer_id}?p={number}&q={queue}&c={call_id}', pop)).toBe(
      'https://crm.example/c%2F1%3Fx%3D%23?p=%2B8613812345678&q=sales%20%26%20more&c=pbx%3A1.2',
    )
  })

  it('has a place for whatever a card shows', () => {
    expect(
      filled('https://crm.example/?n={name}&a={agent}&t={tier}&d={dialled}&l={language}&e={callee}', pop),
    ).toBe('https://crm.example/?n=Li%20%26%20S%C3%B6hne&a=101&t=gold&d=%2B864001234&l=zh&e=101')
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
    expect(usable(links, pop).map((one) => one.address)).toEqual(['tel:+8613812345678', 'https://b.example/'])
  })
})

describe('an offer', () => {
  const ring = { id: 'a/101', at: 1000 }
  const url = 'https://crm.example/1'

  it('is for one ring of one card', () => {
    expect(offered([{ pop: 'a/101', at: 1000, url }], ring)).toBe(url)
    expect(offered([{ pop: 'a/101', at: 900, url }], ring)).toBeNull()
    expect(offered([{ pop: 'b/101', at: 1000, url }], ring)).toBeNull()
  })

  it('is none in any other scheme', () => {
    expect(offered([{ pop: 'a/101', at: 1000, url: 'javascript:alert(1)' }], ring)).toBeNull()
  })
})
