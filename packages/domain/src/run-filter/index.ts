export { parseRunFilter } from './parse-run-filter.js';
export type {
	RunFilterColumn,
	RunFilterExpression,
	RunFilterField,
	RunFilterOperator,
	RunFilterValue,
} from './run-filter.js';
export { RUN_FILTER_COLUMNS } from './run-filter.js';
