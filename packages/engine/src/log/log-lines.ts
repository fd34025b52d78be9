import { appendLines } from '@graft/database/log';
import { invalidInput, tooLarge } from '@graft/domain/error';
import type { LeaseProof } from '@graft/domain/lease';
import type { Context } from '../context/context.js';
import { toStorableText } from '../context/storable.js';
import { topics } from '../context/topics.js';
import type { Engine } from '../contract/engine.js';
import { appendInOrder } from '../lease/append-in-order.js';

const LINES_PER_CALL = 10_000;
const LINE_LENGTH = 100_000;

/** Stores lines once, however often they are sent. What the database cannot hold becomes the replacement character. */
export async function logLines(
	context: Context,
	proof: LeaseProof,
	sequence: number,
	lines: readonly string[],
): ReturnType<Engine['logLines']> {
	if (lines.length > LINES_PER_CALL)
		return tooLarge(`One call takes ${LINES_PER_CALL} lines at the most.`, LINES_PER_CALL);
	const long = lines.findIndex((line) => line.length > LINE_LENGTH);
	if (long >= 0) return invalidInput(`lines[${long}]`, `A line has ${LINE_LENGTH} characters at the most.`);
	const storable = lines.map(toStorableText);
	const result = await appendInOrder(context.database, proof, {
		sequence,
		lastOf: ({ lastLogSequence }) => lastLogSequence,
		store: (tokenHash) => appendLines(context.database, proof.runId, tokenHash, sequence, storable),
	});
	if (typeof result !== 'string') return result;
	if (result === 'stored') context.announce([topics.log(proof.runId)]);
	return { kind: 'LinesLogged', sequence, duplicate: result === 'duplicate' };
}
