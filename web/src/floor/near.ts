/** Tells parts of a long page when they come near the window and when they leave it; one watcher for all of them. */

const MARGIN = '600px 0px'
const told = new WeakMap<Element, (near: boolean) => void>()
let watcher: IntersectionObserver | undefined

/** Returns what ends it. */
export function whenNear(part: Element, tell: (near: boolean) => void): () => void {
  watcher ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) told.get(entry.target)?.(entry.isIntersecting)
    },
    { rootMargin: MARGIN },
  )
  told.set(part, tell)
  watcher.observe(part)
  return () => {
    told.delete(part)
    watcher?.unobserve(part)
  }
}
