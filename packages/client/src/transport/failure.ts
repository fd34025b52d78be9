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
	UNAVAILABLE: 'UNAVAILABLE',
};

/** The API understood the request and refused it as a whole. */
export function refused(url: string, errors: readonly GraphQLFailure[]): GraftError {
	const first = errors[0];
	const code = codes[String(first?.extensions?.code)] ?? 'BUG';
	const told = errors.map((error) => (error.path ? `${error.message} (at ${error.path.join('.')})` : error.message));
	return new GraftError(code, `The Graft API at ${url} answered with an error: ${told.join('; ')}`, { url, errors });
}

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
