import { afterEach, describe, expect, it, vi } from 'vitest'
import { endSession } from './session'

const answers = (status: number) =>
  vi.stubGlobal('fetch', async () => new Response(status === 204 ? null : '{}', { status }))

afterEach(() => vi.unstubAllGlobals())

describe('signing out', () => {
  it('did not happen when the server was not reached: the cookie is still good', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')))
    await expect(endSession()).rejects.toThrow()
    answers(503)
    await expect(endSession()).rejects.toThrow()
  })

  it('happened when the session is over, by this or before it', async () => {
    answers(204)
    await endSession()
    answers(401)
    await endSession()
  })
})
