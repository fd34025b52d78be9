import { GraftError, type GraftErrorCode } from '@graft/domain/error';

/** One entry of `errors` in an answer. */
export interface GraphQLFailure {
	readonly message: string;
	readonly path?: readonly (string | number)[];
	readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The network, or what sits at the address, let us down: the same request may succeed later. */
export function unavailable(url: string, why: string, cause?: unknown): GraftError {
	return new GraftError(
		'UNAVAILABLE',
		`The Graft API at ${url} cannot be reached (${why}). Start the platform with \`npm start\`, or give the address where it runs (GRAFT_API_URL).`,
		{ url },
		{ cause },
	);
}

const codes: Readonly<Record<string, GraftErrorCode>> = {
	GRAPHQL_PARSE_FAILED: 'CONFIGURATION',
	GRAPHQL_VALIDATION_FAILED: 'CONFIGURATION',
	BAD_USER_INPUT: 'CONFIGURATION',
	BAD_REQUEST: 'CONFIGURATION',
	CLIENT_TOO_OLD: 'CONFIGURATION',
	API_TOO_OLD: 'CONFIGURATION',
	FORBIDDEN: 'CONFIGURATION',
	NOT_FOUND: 'NOT_FOUND',
	UNAVAILABLE: 'UNAVAILABLE',
};

/** The API understood the request and refused it as a whole. */
export function refused(url: string, errors: readonly GraphQLFailure[]): GraftError {
	const first = errors[0];
	const code = codes[String(first?.extensions?.code)] ?? 'BUG';
	const told = errors.map((error) => (error.path ? `${error.message} (at ${error.path.join('.')})` : error.message));
	const internal = first?.extensions?.code === 'INTERNAL_SERVER_ERROR';
	const message = `The Graft API at ${url} answered with an error: ${told.join('; ')}`;
	return new GraftError(code, message, { url, errors, internal });
}

/**
 * Failures in a row that the API did not foresee and that count as passing: it may have been short of memory, or met a race.
 * With the usual waits they take some 10 s; what still fails then fails at every try.
 */
export const INTERNAL_FAILURES = 7;

/** Whether to try again. `failures`: those in a row in which the API was there, this one included. */
export function mayPass(error: unknown, failures: number): error is GraftError {
	return isUnavailable(error) || (isInternal(error) && failures < INTERNAL_FAILURES);
}

/** What is thrown when the tries are over: an API that fails at every try is one that is not there, for a run to be tried later. */
export function givenUp(error: unknown): unknown {
	if (!isInternal(error)) return error;
	const message = `${error.message} It did so ${INTERNAL_FAILURES} times in a row.`;
	return new GraftError('UNAVAILABLE', message, error.details, { cause: error });
}

const isInternal = (error: unknown): error is GraftError =>
	error instanceof GraftError && error.details.internal === true;

/** Whether trying the same thing again later makes sense. */
export function isUnavailable(error: unknown): error is GraftError {
	return error instanceof GraftError && error.code === 'UNAVAILABLE';
}

/** The innermost cause in words: `fetch failed` alone tells a person nothing. */
export function causeText(error: unknown): string {
	let inner = error;
	while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
	if (inner instanceof AggregateError && inner.errors[0] instanceof Error) inner = inner.errors[0];
	return inner instanceof Error ? inner.message || inner.name : String(inner);
}
