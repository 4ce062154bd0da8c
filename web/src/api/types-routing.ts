/** The shapes of the routing policy: the server's own, by their names here. */
import type { components } from './generated'

type Schemas = components['schemas']

export type PolicyVersion = Schemas['VersionView']
export type PolicyVersions = Schemas['VersionsView']
export type WholePolicyVersion = Schemas['WholeVersionView']
export type PolicyMistake = Schemas['MistakeView']
export type PolicyMistakes = Schemas['MistakesView']
export type PolicyDryRun = Schemas['DryRunView']
export type TierOutcome = Schemas['TierOutcomeView']
export type EstimateError = Schemas['EstimateView']
