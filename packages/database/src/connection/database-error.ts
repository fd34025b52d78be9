import { GraftError } from '@graft/domain/error';

/** SQLSTATE, or the operating system's code, of an error of the driver; TypeORM hides it one level down. */
export function errorCode(error: unknown): string | null {
	for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; depth++) {
		const { code, driverError, cause } = at as { code?: unknown; driverError?: unknown; cause?: unknown };
		if (typeof code === 'string') return code;
		// Node tries each address of a name and reports their failures together.
		if (at instanceof AggregateError && at.errors.length > 0) at = at.errors[0];
		else at = driverError ?? cause;
	}
	return null;
}

const NOT_REACHED = new Set([
	'ECONNREFUSED',
	'ECONNRESET',
	'EPIPE',
	'ETIMEDOUT',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
]);

/** What the operator has to do, for each way in which a database can be away; null: the statement itself is wrong. */
function advice(code: string | null, message: string): string | null {
	if (code === null) {
		const lost =
			/connection terminated|client has encountered a connection error|not queryable|timeout exceeded when trying|^timeout expired$/i;
		return lost.test(message) ? 'The connection to the database was lost. Is the server still running?' : null;
	}
	if (NOT_REACHED.has(code) || code.startsWith('08'))
		return 'The database is not reachable. Check that it runs and that DATABASE_URL names its host and port.';
	if (code === '53100') return "The database's disk is full. Free some space; nothing was half-written.";
	if (code === '53300') return 'The database takes no more connections. Raise max_connections or lower the pool size.';
	if (code.startsWith('53')) return 'The database is out of a resource (memory, connections). See its log.';
	if (code === '57P03') return 'The database is starting up or shutting down. Try again in a moment.';
	if (code.startsWith('57P')) return 'The database was shut down, or an administrator ended the connection.';
	if (code === '28P01' || code === '28000')
		return 'The database refused the login. Check user and password in DATABASE_URL.';
	if (code === '3D000') return 'There is no such database. Create it, or correct its name in DATABASE_URL.';
	if (code === '58030' || code.startsWith('58'))
		return 'The database cannot read or write its files. See its log and the disk.';
	if (code === '25006') return 'The database is read-only (a replica?). DATABASE_URL has to name the primary.';
	return null;
}

/** The error as the rest of Graft should see it: UNAVAILABLE with what to do, or unchanged (it is a bug). */
export function toGraftError(error: unknown): unknown {
	if (error instanceof GraftError) return error;
	const message = error instanceof Error ? error.message : String(error);
	const code = errorCode(error);
	const what = advice(code, message);
	if (what === null) return error;
	return new GraftError('UNAVAILABLE', `${what} (${message || code})`, { code }, { cause: error });
}

/** Gives TypeORM's own calls the same errors as `Session.query`. */
export async function orGraftError<T>(work: Promise<T>): Promise<T> {
	try {
		return await work;
	} catch (error) {
		throw toGraftError(error);
	}
}

/** A text that was handed over cannot be read as what the column holds (SQLSTATE class 22): a date of 40 months, say. */
export const isUnreadableValue = (error: unknown): boolean => errorCode(error)?.startsWith('22') ?? false;
