/**
 * Outcomes that a caller should handle are values (`Refusal`, `LeaseLost`); a `GraftError` is thrown for what the caller
 * cannot handle in place: a broken environment, a broken file, a bug.
 */
export type GraftErrorCode =
	| 'CONFIGURATION' // the environment or the command line is wrong
	| 'UNAVAILABLE' // a part that we need (database, API, disk, port) is not there or is full
	| 'NOT_FOUND' // what is asked for is gone, or never was
	| 'DATA' // a data set, weight file or checkpoint is wrong
	| 'DIVERGED' // the loss is NaN or infinite
	| 'OUT_OF_MEMORY'
	| 'PLAN_VIOLATED' // a weight that the freeze plan holds frozen has changed
	| 'LEASE_LOST'
	| 'BACK_PRESSURE' // what waits to be sent fills memory and disk: nothing more is taken until some of it is gone
	| 'CANCELLED'
	| 'SHUTDOWN'
	| 'BUG';

export class GraftError extends Error {
	override readonly name = 'GraftError';
	constructor(
		readonly code: GraftErrorCode,
		message: string,
		readonly details: Readonly<Record<string, unknown>> = {},
		options: { cause?: unknown } = {},
	) {
		super(message, options);
	}
}

/** A field of the caller's input is wrong. `field` is a path such as `strategies[2].unfreezeFrom`. */
export interface InvalidInput {
	readonly kind: 'InvalidInput';
	readonly code: string;
	readonly message: string;
	readonly field: string | null;
}
export interface NotFound {
	readonly kind: 'NotFound';
	readonly code: string;
	readonly message: string;
}
/** The input is well formed, but what is stored does not allow it now. */
export interface Conflict {
	readonly kind: 'Conflict';
	readonly code: string;
	readonly message: string;
}
export interface TooLarge {
	readonly kind: 'TooLarge';
	readonly code: string;
	readonly message: string;
	/** The largest size that is accepted, in the unit that the message names. */
	readonly limit: number;
}
export type Refusal = InvalidInput | NotFound | Conflict | TooLarge;

export const invalidInput = (field: string | null, message: string, code = 'INVALID_INPUT'): InvalidInput => ({
	kind: 'InvalidInput',
	code,
	message,
	field,
});
export const notFound = (what: string, id: string): NotFound => ({
	kind: 'NotFound',
	code: 'NOT_FOUND',
	message: `There is no ${what} ${id}.`,
});
export const conflict = (message: string, code = 'CONFLICT'): Conflict => ({ kind: 'Conflict', code, message });
export const tooLarge = (message: string, limit: number, code = 'TOO_LARGE'): TooLarge => ({
	kind: 'TooLarge',
	code,
	message,
	limit,
});
const refusalKinds: ReadonlySet<unknown> = new Set(['InvalidInput', 'NotFound', 'Conflict', 'TooLarge']);
export function isRefusal(value: unknown): value is Refusal {
	return typeof value === 'object' && value !== null && refusalKinds.has((value as { kind?: unknown }).kind);
}
