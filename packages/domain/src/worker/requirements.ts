import { type InvalidInput, invalidInput } from '../error/index.js';

/** What a worker must have to be given a run. What is missing is asked of nobody. */
export interface RunRequirements {
	/** The worker's back end, by its name: `tensorflow-gpu`, `tensorflow`, `webgpu`, `wasm`. */
	readonly backend?: string;
	/** Memory of its device at the least; a worker that does not know its own does not qualify. */
	readonly memoryBytes?: number;
	/** Labels of the worker that must have these values; it may have more. */
	readonly labels?: Readonly<Record<string, string>>;
}

const BACKENDS = ['tensorflow-gpu', 'webgpu', 'tensorflow', 'wasm', 'cpu'];
const MAX_LABELS = 10;
/** Labels stand in the index of the queue, whose entries have some 2,700 bytes at the most. */
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/;
const LABEL_RULE = '1 to 63 letters, digits, `.`, `_`, `-` or `/`, with a letter or digit at both ends';

/**
 * The requirements that were given, without what asks for nothing; `field` is where they stand in the caller's input.
 */
export function parseRequirements(
	given: { readonly backend?: string | null; readonly memoryBytes?: number | null; readonly labels?: unknown } | null,
	field: string,
): RunRequirements | InvalidInput {
	const { backend, memoryBytes, labels } = given ?? {};
	if (backend != null && !BACKENDS.includes(backend))
		return invalidInput(`${field}.backend`, `There is no back end ${backend}; there are ${BACKENDS.join(', ')}.`);
	if (memoryBytes != null && !(Number.isSafeInteger(memoryBytes) && memoryBytes > 0))
		return invalidInput(`${field}.memoryBytes`, `The memory is a whole number of bytes from 1, not ${memoryBytes}.`);
	const parsed = parseLabels(labels ?? {}, `${field}.labels`);
	if (parsed.kind === 'InvalidInput') return parsed.refusal;
	return {
		...(backend != null && { backend }),
		...(memoryBytes != null && { memoryBytes }),
		...(Object.keys(parsed.labels).length > 0 && { labels: parsed.labels }),
	};
}

type ParsedLabels =
	| { readonly kind: 'Labels'; readonly labels: Readonly<Record<string, string>> }
	| { readonly kind: 'InvalidInput'; readonly refusal: InvalidInput };

/** Labels as a run asks for them: few, short, and texts only. A label may be called anything, `kind` too. */
export function parseLabels(given: unknown, field: string): ParsedLabels {
	const refuse = (where: string, message: string): ParsedLabels => ({
		kind: 'InvalidInput',
		refusal: invalidInput(where, message),
	});
	if (typeof given !== 'object' || given === null || Array.isArray(given))
		return refuse(field, 'Labels are an object of texts, such as {"gpu": "a100"}.');
	const entries = Object.entries(given as Readonly<Record<string, unknown>>);
	if (entries.length > MAX_LABELS) return refuse(field, `A run asks for ${MAX_LABELS} labels at the most.`);
	for (const [key, value] of entries) {
		if (!LABEL.test(key)) return refuse(field, `${JSON.stringify(key)} is no label: it has ${LABEL_RULE}.`);
		if (typeof value !== 'string' || !LABEL.test(value))
			return refuse(`${field}.${key}`, `A label's value has ${LABEL_RULE}, and ${JSON.stringify(value)} has not.`);
	}
	return { kind: 'Labels', labels: Object.fromEntries(entries) as Record<string, string> };
}

/** Whether a worker may be given a run. The database decides the same in `pick-run.sql.ts`, beside the queue. */
export function meetsRequirements(
	worker: { readonly backend: string; readonly memoryBytes: number | null; readonly labels: object },
	{ backend, memoryBytes, labels = {} }: RunRequirements,
): boolean {
	const has = new Map(Object.entries(worker.labels));
	return (
		(backend === undefined || worker.backend === backend) &&
		(memoryBytes === undefined || (worker.memoryBytes !== null && worker.memoryBytes >= memoryBytes)) &&
		Object.entries(labels).every(([key, value]) => has.get(key) === value)
	);
}
