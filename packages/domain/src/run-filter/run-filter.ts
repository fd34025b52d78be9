/** What a `where` expression compares. */
export type RunFilterField =
	/** A value of the run's config; `config.optimizer.lr` is ['optimizer', 'lr']. */
	| { readonly kind: 'config'; readonly path: readonly string[] }
	/** A summary of a metric: `metric.val_accuracy.best`. */
	| { readonly kind: 'metric'; readonly key: string; readonly at: 'best' | 'last' | 'min' | 'max' }
	| { readonly kind: 'column'; readonly name: RunFilterColumn }
	/** `=` and `in`: the run has such a tag; `!=`: it has not. */
	| { readonly kind: 'tag' };

export const RUN_FILTER_COLUMNS = ['name', 'status', 'seed', 'queuedAt', 'startedAt', 'finishedAt'] as const;
export type RunFilterColumn = (typeof RUN_FILTER_COLUMNS)[number];

export type RunFilterOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';
/** Instants are text in ISO 8601. Null goes with `=` (there is no value) and `!=` (there is one). */
export type RunFilterValue = string | number | boolean | null;

export type RunFilterExpression =
	| { readonly kind: 'and' | 'or'; readonly terms: readonly RunFilterExpression[] }
	| { readonly kind: 'not'; readonly term: RunFilterExpression }
	| {
			readonly kind: 'compare';
			readonly field: RunFilterField;
			readonly operator: RunFilterOperator;
			readonly value: RunFilterValue;
	  }
	/** One of the values; all of them are of one type. */
	| { readonly kind: 'in'; readonly field: RunFilterField; readonly values: readonly Exclude<RunFilterValue, null>[] };

export const RUN_FILTER_LIMITS = { characters: 4000, depth: 50 } as const;
