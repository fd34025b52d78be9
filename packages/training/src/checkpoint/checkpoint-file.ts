import { GraftError } from '@graft/domain/error';
import type { Json } from '@graft/domain/json';
import type { HostWeights } from '../network/initial-weights.js';
import type { RunPosition } from '../run/training-state.js';
import { type FloatTensor, float32, readSafetensors, writeSafetensors } from '../safetensors/index.js';
import type { Checkpoint, CheckpointOrigin } from './checkpoint.js';
import { digestTensors } from './digest.js';
import { fromExactJson, toExactJson } from './exact-json.js';

/** A file of another layout is not read: the run then begins anew. */
const FORMAT = '1';

/** The file's metadata, but for its digest. */
interface Head {
	readonly origin: CheckpointOrigin;
	readonly step: number;
	readonly seconds: number;
	readonly position: RunPosition;
	readonly updates: readonly (readonly [string, number])[];
	readonly notes: readonly (readonly [string, Json])[];
}

/**
 * A checkpoint as safetensors: `weights/<weight>`, `optimizer/<slot>/<weight>` and `memory/<owner>/<weight>`; everything
 * else is JSON in the metadata. `digest` there is of all of it, so that a file is known to be whole wherever it lay.
 */
export function writeCheckpoint(checkpoint: Checkpoint): Uint8Array {
	const { origin, step, seconds, position, weights, optimizer, memory, notes } = checkpoint;
	const tensors = new Map<string, FloatTensor>();
	const add = (prefix: string, given: HostWeights) => {
		for (const [name, tensor] of given) tensors.set(`${prefix}/${name}`, tensor);
	};
	add('weights', weights);
	for (const [weight, { slots }] of optimizer) {
		for (const [slot, tensor] of slots) tensors.set(`optimizer/${slot}/${weight}`, tensor);
	}
	for (const [owner, given] of memory) add(`memory/${owner}`, given);
	const updates = [...optimizer].map(([name, one]) => [name, one.updates] as const);
	const head: Head = { origin, step, seconds, position, updates, notes: [...notes] };
	const state = toExactJson(head as unknown as Json);
	return writeSafetensors(tensors, { format: FORMAT, state, digest: digestTensors(tensors, state) });
}

/** @throws GraftError DATA for a file that is not a whole checkpoint. */
export function readCheckpoint(file: Uint8Array): Checkpoint {
	const { metadata, tensors: stored } = readSafetensors(file);
	const { format, state, digest } = metadata;
	if (format !== FORMAT || state === undefined) {
		throw new GraftError('DATA', `The file is no checkpoint to resume from (format ${format ?? 'unknown'}).`);
	}
	const tensors = new Map([...stored].map(([name, tensor]) => [name, float32(name, tensor)]));
	if (digestTensors(tensors, state) !== digest) {
		throw new GraftError('DATA', 'The checkpoint is broken: its contents do not match its digest.', { digest });
	}
	// The digest stands for the JSON, too: nothing but writeCheckpoint has made it.
	const head = fromExactJson(state) as unknown as Head;
	const weights = new Map<string, FloatTensor>();
	const slots = new Map<string, Map<string, FloatTensor>>();
	const memory = new Map<string, Map<string, FloatTensor>>();
	for (const [path, tensor] of tensors) {
		const [kind = '', ...rest] = path.split('/');
		if (kind === 'weights') weights.set(rest.join('/'), tensor);
		const [owner = '', ...name] = rest;
		if (kind === 'optimizer') within(slots, name.join('/')).set(owner, tensor);
		if (kind === 'memory') within(memory, owner).set(name.join('/'), tensor);
	}
	return {
		origin: head.origin,
		step: head.step,
		seconds: head.seconds,
		position: head.position,
		weights,
		optimizer: new Map(head.updates.map(([name, updates]) => [name, { updates, slots: slots.get(name) ?? new Map() }])),
		memory,
		notes: new Map(head.notes),
	};
}

function within<Value>(outer: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
	const inner = outer.get(key) ?? new Map<string, Value>();
	outer.set(key, inner);
	return inner;
}
