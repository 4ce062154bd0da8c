import { describe, expect, it } from 'vitest'
import { nextDeeds } from './next-deeds'

describe('what an agent may do next', () => {
  it('is to come, for one who is logged off: to be ready or not is for those who are there', () => {
    expect(nextDeeds('logged_off')).toEqual({ main: 'begin', notReady: false })
  })

  it('is to be ready after a break, and to be done after a call', () => {
    expect(nextDeeds('not_ready')).toEqual({ main: 'ready', notReady: false })
    expect(nextDeeds('working_after_call')).toEqual({ main: 'finish', notReady: true })
    expect(nextDeeds('ready')).toEqual({ main: null, notReady: true })
  })
})
