import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Browser, browser, FakeAgent, FakeContext, type FakeSession, FakeWire, settled } from './fakes'
import { refusalOf } from './microphone'
import { Softphone } from './phone'

vi.mock('jssip', async () => {
  const fakes = await import('./fakes')
  return { UA: fakes.FakeAgent, WebSocketInterface: fakes.FakeWire }
})

const ACCOUNT = {
  sip_uri: 'sip:101@switch',
  websocket_url: 'ws://switch',
  password: 'x',
  display_name: 'Lin',
}

let page: Browser
let phone: Softphone
let agent: FakeAgent

beforeEach(() => {
  vi.useFakeTimers()
  page = browser()
  phone = new Softphone(ACCOUNT)
  agent = FakeAgent.last
  phone.start()
  agent.emit('registered', {})
})
afterEach(() => {
  phone.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const copies = () => page.opened.flatMap((stream) => stream.tracks.flatMap((track) => track.clones))
const live = () => copies().filter((copy) => !copy.stopped)

async function talking(number = '+442079460018'): Promise<FakeSession> {
  const session = agent.rings(number)
  await phone.answer()
  session.confirm()
  return session
}

async function consulting(): Promise<[FakeSession, FakeSession]> {
  const customer = await talking()
  await phone.consult('102')
  const colleague = agent.calls.at(-1)?.session as FakeSession
  colleague.confirm()
  return [customer, colleague]
}

async function joined(): Promise<[FakeSession, FakeSession]> {
  const both = await consulting()
  await phone.join()
  expect(phone.snapshot().conference).toBe(true)
  return both
}

const sends = (session: FakeSession) => session.connection.sender.track
const gain = () => FakeContext.made.at(-1)?.gains[0]?.gain.value

describe('answering', () => {
  it('twice is answering once', async () => {
    page.microphone.hold = true
    const session = agent.rings('+442079460018')
    const presses = [phone.answer(), phone.answer()]
    expect(phone.snapshot().call).toMatchObject({ phase: 'ringing', answering: true })
    page.microphone.go()
    await Promise.all(presses)
    expect(session.did).toEqual(['answer'])
    expect(phone.snapshot().problem).toBe('none')
    expect(live()).toHaveLength(1)
  })

  it('a caller who is gone while the microphone opens leaves no microphone open', async () => {
    page.microphone.hold = true
    const session = agent.rings('+442079460018')
    const press = phone.answer()
    session.fail('Canceled')
    page.microphone.go()
    await press
    expect(phone.snapshot()).toMatchObject({ call: null, problem: 'none' })
    expect(live()).toEqual([])
    expect(page.opened[0]?.tracks[0]?.stopped).toBe(true)
  })

  it('without a microphone says why, and it rings on', async () => {
    page.microphone.refuses = 'NotAllowedError'
    agent.rings('+442079460018')
    await phone.answer()
    expect(phone.snapshot()).toMatchObject({
      problem: 'denied',
      call: { phase: 'ringing', answering: false },
    })
  })
})

describe('calling', () => {
  it('a double click is one call and one microphone', async () => {
    page.microphone.hold = true
    const clicks = [phone.call('102'), phone.call('102')]
    page.microphone.go()
    expect(await Promise.all(clicks)).toEqual([true, false])
    expect(agent.calls.map((call) => call.target)).toEqual(['102'])
    expect([page.opened.length, live().length]).toEqual([1, 1])
  })

  it('what is no number at all is a problem with words', async () => {
    await phone.call('-')
    expect(phone.snapshot()).toMatchObject({ call: null, problem: 'failed' })
    expect(live()).toEqual([])
  })

  it('in a conversation calls nobody', async () => {
    const customer = await talking()
    expect(await phone.call('+442079460019')).toBe(false)
    expect([agent.calls, customer.did]).toEqual([[], ['answer']])
  })

  it.each([
    ['Busy', 'busy'],
    ['Unavailable', 'noanswer'],
    ['Not Found', 'notfound'],
    ['Rejected', 'refused'],
    ['SIP Failure Code', 'failed'],
  ])('an end by %s is told', async (cause, problem) => {
    await phone.call('102')
    agent.calls[0]?.session.fail(cause)
    expect(phone.snapshot()).toMatchObject({ call: null, problem })
  })

  it('one ended by the agent is no problem', async () => {
    await phone.call('102')
    phone.hangUp()
    expect(phone.snapshot()).toMatchObject({ call: null, problem: 'none' })
  })

  it('what the server was asked to call is answered by itself, and nothing else is', async () => {
    phone.expect('020 7946 0018')
    const other = agent.rings('+8613812345678')
    await settled()
    expect(other.did).toEqual([])
    other.fail('Canceled')
    const own = agent.rings('+442079460018')
    await settled()
    expect(own.did).toEqual(['answer'])
  })

  it('and when it never rings that is told', () => {
    phone.expect('+442079460018')
    vi.advanceTimersByTime(30_000)
    expect(phone.snapshot().problem).toBe('failed')
  })
})

describe('muting and the conference', () => {
  it('muted before is muted in it, and can be heard again', async () => {
    const [customer, colleague] = await consulting()
    phone.mute(true)
    await phone.join()
    expect([phone.snapshot().call?.muted, gain()]).toEqual([true, 0])
    phone.mute(false)
    expect(gain()).toBe(1)
    expect(phone.snapshot().call?.muted).toBe(false)
    customer._setLocalMediaStatus() // as JsSIP does when the switch offers anew
    // the mix has the microphone itself to mix, and the calls let it through
    expect([
      sends(customer)?.enabled,
      sends(colleague)?.enabled,
      live().every((copy) => copy.enabled),
    ]).toEqual([true, true, true])
    colleague.end('Terminated')
    await settled()
    phone.mute(true)
    expect([phone.snapshot().call?.muted, sends(customer)?.enabled]).toEqual([true, false])
    phone.mute(false)
    expect(sends(customer)?.enabled).toBe(true)
  })

  it.each([0, 1])('muted in it is muted after it, whoever leaves (%i)', async (leaver) => {
    const both = await joined()
    phone.mute(true)
    both[leaver]?.end('Terminated')
    await settled()
    const stays = both[1 - leaver] as FakeSession
    expect([phone.snapshot().call?.muted, sends(stays)?.enabled]).toEqual([true, false])
    phone.mute(false)
    expect([phone.snapshot().call?.muted, sends(stays)?.enabled]).toEqual([false, true])
  })

  it('that the browser does not mix puts the second one on hold again', async () => {
    const [customer] = await consulting()
    FakeContext.resumes = false
    const press = phone.join()
    await vi.advanceTimersByTimeAsync(5000)
    await press
    expect(phone.snapshot()).toMatchObject({
      conference: false,
      problem: 'conference',
      other: { held: true },
    })
    expect(customer._localHold).toBe(true)
  })

  it('goes on when another ringer is chosen, and with another microphone', async () => {
    const both = await joined()
    const mixed = FakeContext.made.length
    localStorage.setItem('tierline.devices', JSON.stringify({ ringer: 'bell' }))
    await phone.devicesChosen()
    expect([FakeContext.made.length, page.opened.length]).toEqual([mixed, 1])
    localStorage.setItem('tierline.devices', JSON.stringify({ microphone: 'headset' }))
    await phone.devicesChosen()
    expect(page.opened).toHaveLength(2)
    expect(phone.snapshot().conference).toBe(true)
    const mixes = FakeContext.made.at(-1)?.mixes
    expect(both.map((session) => mixes?.includes(sends(session) as never))).toEqual([true, true])
  })

  it('is one again after a reload', async () => {
    await joined()
    phone.leavePage()
    phone = new Softphone(ACCOUNT)
    phone.start()
    FakeAgent.last.emit('registered', {})
    await settled()
    for (const { session } of FakeAgent.last.calls) session.confirm()
    await settled()
    expect(FakeAgent.last.calls).toHaveLength(2)
    expect(phone.snapshot().conference).toBe(true)
  })
})

describe('two calls', () => {
  it('a second press on Hang up does not hit the customer; a press on a call answered since does', async () => {
    const [customer, colleague] = await consulting()
    phone.hangUp()
    phone.hangUp()
    expect([colleague.ended, customer.ended]).toEqual([true, false])
    vi.advanceTimersByTime(1000)
    phone.hangUp()
    expect(customer.ended).toBe(true)
    const next = await talking()
    phone.hangUp()
    expect(next.ended).toBe(true)
  })

  it.each([false, true])('put through names the dialog called from here (swapped: %s)', async (swapped) => {
    const [customer, colleague] = await consulting()
    if (swapped) await phone.swap()
    phone.complete()
    expect(customer.referred).toMatchObject([{ target: 'sip:102@switch', replaces: colleague }])
    expect(colleague.referred).toEqual([])
  })

  it('a microphone that was unplugged is told twice and opened once', async () => {
    localStorage.setItem('tierline.devices', JSON.stringify({ microphone: 'headset' }))
    await talking()
    const first = page.opened[0]?.tracks[0]
    page.microphone.hold = true
    first?.onended?.()
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'))
    await settled()
    page.microphone.go()
    await settled()
    expect([page.opened.length, live().length, phone.snapshot().note]).toEqual([2, 1, 'microphone'])
  })

  it('a colleague who cannot be called leaves the customer off hold', async () => {
    const customer = await talking()
    await phone.consult('-')
    expect([customer._localHold, phone.snapshot().problem]).toEqual([false, 'failed'])
  })
})

describe('how it sounded', () => {
  it('is told of the customer’s call, whoever hangs up first, and of no consultation', async () => {
    const [customer, colleague] = await consulting()
    const told: string[] = []
    phone.ended = (call) => told.push(call)
    phone.isOf('p:1')
    vi.advanceTimersByTime(5000)
    colleague.end('Terminated')
    expect(told).toEqual([])
    customer.end('Terminated')
    expect(told).toEqual(['p:1'])
  })

  it('of a call nobody told about is told to nobody', async () => {
    const told: string[] = []
    phone.ended = (call) => told.push(call)
    const first = await talking()
    phone.isOf('p:1')
    vi.advanceTimersByTime(5000)
    first.end('Terminated')
    const second = await talking()
    vi.advanceTimersByTime(5000)
    second.end('Terminated')
    expect(told).toEqual(['p:1'])
  })
})

describe('sound the browser does not play', () => {
  it('is told, and played at the first touch of the page', async () => {
    page.plays = false
    const session = await talking()
    session.connection.dispatchEvent(Object.assign(new Event('track'), { streams: [], track: {} }))
    await settled()
    expect(phone.snapshot().silent).toBe(true)
    page.plays = true
    const before = page.played
    page.window.dispatchEvent(new Event('pointerdown'))
    await settled()
    expect([phone.snapshot().silent, page.played > before]).toEqual([false, true])
  })

  it('is told of ringing too', async () => {
    page.plays = false
    agent.rings('+442079460018')
    await vi.advanceTimersByTimeAsync(2000)
    expect(phone.snapshot().silent).toBe(true)
  })
})

it.each([
  ['NotAllowedError', 'denied'],
  ['OverconstrainedError', 'nomic'],
  ['NotFoundError', 'nomic'],
])('a microphone that fails by %s is %s', (name, refusal) => {
  expect(refusalOf(new DOMException('no', name))).toBe(refusal)
})

describe('what the network does', () => {
  it('a refused registration is tried again', () => {
    agent.emit('registrationFailed', { cause: 'Rejected' })
    expect(phone.snapshot()).toMatchObject({ registration: 'failed', why: 'Rejected' })
    vi.advanceTimersByTime(6000)
    expect(agent.said).toContain('register')
  })

  it('a call that rings when the socket breaks is gone, and the next one rings', () => {
    const session = agent.rings('+442079460018')
    agent.emit('disconnected', {})
    expect([phone.snapshot().call, session.ended]).toEqual([null, true])
    agent.emit('registered', {})
    expect(phone.snapshot().note).toBe('none')
    agent.rings('+442079460019')
    expect(phone.snapshot().call?.phase).toBe('ringing')
  })

  it('sound that is cut is mended once the switch answers over this socket', async () => {
    const session = await talking()
    session.connection.becomes('disconnected')
    await vi.advanceTimersByTimeAsync(3100)
    expect(session.did).not.toContain('renegotiate')
    agent.proofs.at(-1)?.failed({ response: { status_code: 404 } }) // any answer will do
    await settled()
    expect(session.did).toContain('renegotiate')
  })

  it('over a dead socket nothing is asked: it is given up, and the call mended over the next', async () => {
    const session = await talking()
    session.connection.becomes('failed')
    session.terminate({ reason_phrase: 'RTP Timeout' }) // what JsSIP does of itself
    await vi.advanceTimersByTimeAsync(3100)
    const wire = agent.options.sockets[0]
    expect(wire).toBeInstanceOf(FakeWire)
    expect([wire.dropped, agent.said.at(-1), session.ended]).toEqual([1, 'connect', false])
    agent.emit('disconnected', {})
    expect(session.did).not.toContain('renegotiate')
    agent.emit('registered', {})
    expect(session.did).toContain('renegotiate')
    expect(phone.snapshot()).toMatchObject({ note: 'repaired', call: { phase: 'talking' } })
  })

  it('a call the switch knows no more is over', async () => {
    const session = await talking()
    session.terminate({ reason_phrase: 'Dialog Error' })
    expect([session.ended, phone.snapshot().call]).toEqual([true, null])
  })

  it('a network that comes back is looked at at once', () => {
    agent.connected = false
    page.window.dispatchEvent(new Event('online'))
    expect(agent.said.at(-1)).toBe('connect')
  })

  it('a hold the switch refuses did not take place, and hangs up on nobody', async () => {
    const session = await talking()
    session.holdFails = true
    await phone.hold(true)
    expect(session.ended).toBe(false)
    expect(phone.snapshot()).toMatchObject({ problem: 'hold', call: { held: false } })
    expect(sends(session)?.enabled).toBe(true)
  })
})
