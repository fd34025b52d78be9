export { compareRuns } from './compare-runs.js';
export type {
	Comparison,
	ComparisonGroup,
	ComparisonRun,
	Recommendation,
	Verdict,
	VerdictKind,
} from './comparison.js';
