/** Lines of a report as series over its steps. Pure. */
import type { Figure, QualityReport } from '@/api/quality'

export interface Series {
  name: string
  figures: (Figure | null)[]
}

export const MOST_SERIES = 5

/** The steps' beginnings, and for each group (the ones with most calls first) its figure in each step. */
export function trend(
  told: QualityReport,
  group: string,
  named: (group: string | null, label: string | null) => string,
  asked: (item: QualityReport['question_steps'][number]) => string,
): { times: number[]; series: Series[] } {
  const points =
    group === 'question'
      ? told.question_steps.map((line) => ({
          at: line.from,
          name: asked(line),
          n: line.answers,
          figure: scaled(line.reached),
        }))
      : told.items.map((line) => ({
          at: line.from,
          name: named(line.group, line.label),
          n: line.calls,
          figure: line.score,
        }))
  const times = [...new Set(points.map((point) => point.at))].sort((a, b) => a - b)
  const weights = new Map<string, number>()
  for (const point of points) weights.set(point.name, (weights.get(point.name) ?? 0) + point.n)
  const names = [...weights.entries()].sort((a, b) => b[1] - a[1]).map(([name]) => name)
  const series = names.slice(0, MOST_SERIES).map((name) => ({
    name,
    figures: times.map(
      (at) => points.find((point) => point.at === at && point.name === name)?.figure ?? null,
    ),
  }))
  return { times, series }
}

/** A share on the scale of scores. */
function scaled(figure: Figure): Figure {
  const times = (value: number | null) => (value === null ? null : value * 100)
  return { n: figure.n, value: times(figure.value), low: times(figure.low), high: times(figure.high) }
}
