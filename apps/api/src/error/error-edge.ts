import { GraftError, type GraftErrorCode } from '@graft/domain/error';
import { newId } from '@graft/runtime/id';
import type { Logger } from '@graft/runtime/logger';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

interface Answer {
	/** `extensions.code` of the error in the answer. */
	readonly code: 'UNAVAILABLE' | 'NOT_FOUND' | 'BAD_USER_INPUT' | 'CONFLICT' | 'INTERNAL_SERVER_ERROR';
	/** Whether the client may read the message; else it gets an id to look up in the log. */
	readonly shown: boolean;
}

/** Every code of a thrown GraftError; what a caller should handle comes as a value and never passes here. */
const ANSWERS: Readonly<Record<GraftErrorCode, Answer>> = {
	UNAVAILABLE: { code: 'UNAVAILABLE', shown: true },
	SHUTDOWN: { code: 'UNAVAILABLE', shown: true },
	NOT_FOUND: { code: 'NOT_FOUND', shown: true },
	DATA: { code: 'BAD_USER_INPUT', shown: true },
	LEASE_LOST: { code: 'CONFLICT', shown: true },
	CANCELLED: { code: 'CONFLICT', shown: true },
	BACK_PRESSURE: { code: 'UNAVAILABLE', shown: true },
	CONFIGURATION: { code: 'INTERNAL_SERVER_ERROR', shown: false },
	DIVERGED: { code: 'INTERNAL_SERVER_ERROR', shown: false },
	OUT_OF_MEMORY: { code: 'INTERNAL_SERVER_ERROR', shown: false },
	PLAN_VIOLATED: { code: 'INTERNAL_SERVER_ERROR', shown: false },
	BUG: { code: 'INTERNAL_SERVER_ERROR', shown: false },
};

/** What stands behind an error of graphql-js, which wraps what a resolver threw to say where. */
export function thrownBy(error: unknown): unknown {
	let at = error;
	while (at instanceof GraphQLError && at.originalError) at = at.originalError;
	return !(at instanceof GraftError) && isLostConnection(at) ? withoutDatabase(at) : at;
}

const LOST_CONNECTION: ReadonlySet<unknown> = new Set([
	'ECONNREFUSED',
	'ECONNRESET',
	'EPIPE',
	'ETIMEDOUT',
	'EHOSTUNREACH',
]);

/** An object store's failures have words of their own: a refused connection below a request is the database's, however wrapped. */
function isLostConnection(error: unknown): boolean {
	for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
		if ('code' in at && LOST_CONNECTION.has(at.code)) return true;
	}
	return false;
}

const withoutDatabase = (cause: unknown): GraftError =>
	new GraftError('UNAVAILABLE', 'The server cannot reach its database. Try again in a moment.', {}, { cause });

/** An error as a client may see it. One that we did not foresee goes to the log whole, and its id to the client. */
export function formatError(error: unknown, logger: Logger): GraphQLFormattedError {
	const located = error instanceof GraphQLError ? error : new GraphQLError('', { originalError: asError(error) });
	const thrown = thrownBy(located);
	if (thrown instanceof GraphQLError) return located.toJSON();
	const answer = thrown instanceof GraftError ? ANSWERS[thrown.code] : ANSWERS.BUG;
	const place = { path: located.path, locations: located.locations };
	if (answer.shown && thrown instanceof GraftError) {
		logger.warn({ err: thrown, path: located.path }, 'a request failed');
		return { ...place, message: thrown.message, extensions: { code: answer.code } };
	}
	const errorId = newId();
	logger.error({ err: thrown, errorId, path: located.path }, 'a request met an error that nobody foresaw');
	return {
		...place,
		message: `The server met an error that it did not foresee. Its log has the details under ${errorId}.`,
		extensions: { code: answer.code, errorId },
	};
}

/** Whether the same request may succeed in a moment: the database restarts, or we do. */
export function isPassing(error: unknown): boolean {
	const thrown = thrownBy(error);
	return thrown instanceof GraftError && ANSWERS[thrown.code].code === 'UNAVAILABLE';
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
