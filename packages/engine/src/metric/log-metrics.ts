import { appendMetrics } from '@graft/database/metric';
import { type InvalidInput, invalidInput, type TooLarge, tooLarge } from '@graft/domain/error';
import type { LeaseProof } from '@graft/domain/lease';
import { METRIC_LIMITS, type MetricBatch } from '@graft/domain/metric';
import type { Context } from '../context/context.js';
import { isStorableText } from '../context/storable.js';
import { topics } from '../context/topics.js';
import type { Engine } from '../contract/engine.js';
import { appendInOrder } from '../lease/append-in-order.js';

/** Stores the next batch of an attempt once, however often it is sent. */
export async function logMetrics(
	context: Context,
	proof: LeaseProof,
	batch: MetricBatch,
): ReturnType<Engine['logMetrics']> {
	const refused = refuseBatch(batch);
	if (refused !== null) return refused;
	const { sequence, series } = batch;
	const points = series.reduce((sum, { steps }) => sum + steps.length, 0);
	let attempt = 0;
	const result = await appendInOrder(context.database, proof, {
		sequence,
		lastOf: ({ lastMetricSequence }) => lastMetricSequence,
		store: async (tokenHash, again) => {
			const one = { runId: proof.runId, tokenHash, batch };
			// With others, nobody waits for an attempt that is locked; alone, it does.
			const stored = await (again ? appendMetrics(context.database, one) : context.appends.append(one));
			attempt = stored ?? 0;
			return stored !== null;
		},
	});
	if (typeof result !== 'string') return result;
	if (result === 'stored') {
		context.telemetry.pointsStored(points);
		const topic = topics.metrics(proof.runId);
		context.tail.add(proof.runId, attempt, batch, context.hub.isHeard(topic));
		context.announce([topic]);
	}
	return { kind: 'MetricsLogged', sequence, points, duplicate: result === 'duplicate' };
}

function refuseBatch({ series }: MetricBatch): InvalidInput | TooLarge | null {
	const { pointsPerBatch, seriesPerBatch } = METRIC_LIMITS;
	if (series.length > seriesPerBatch)
		return tooLarge(`A batch has ${seriesPerBatch} series at the most, not ${series.length}.`, seriesPerBatch);
	const points = series.reduce((sum, { steps }) => sum + steps.length, 0);
	if (points > pointsPerBatch)
		return tooLarge(`A batch has ${pointsPerBatch} points at the most, not ${points}.`, pointsPerBatch);
	const keys = new Set<string>();
	for (const [index, one] of series.entries()) {
		const refused = refuseSeries(one, `series[${index}]`);
		if (refused !== null) return refused;
		if (keys.has(one.key)) return invalidInput(`series[${index}].key`, `The series ${one.key} is in the batch twice.`);
		keys.add(one.key);
	}
	return null;
}

function refuseSeries(
	{ key, steps, values, times }: MetricBatch['series'][number],
	field: string,
): InvalidInput | null {
	if (key === '' || key.length > METRIC_LIMITS.keyLength)
		return invalidInput(`${field}.key`, `A key has 1 to ${METRIC_LIMITS.keyLength} characters.`);
	if (!isStorableText(key))
		return invalidInput(`${field}.key`, 'The key holds a NUL character or half a surrogate pair.');
	if (steps.length !== values.length || steps.length !== times.length)
		return invalidInput(field, `${key} has ${steps.length} steps, ${values.length} values and ${times.length} times.`);
	const badStep = steps.findIndex((step) => !Number.isInteger(step) || step < 0 || step > METRIC_LIMITS.maxStep);
	if (badStep >= 0)
		return invalidInput(`${field}.steps[${badStep}]`, `A step is a whole number from 0, not ${steps[badStep]}.`);
	const badTime = times.findIndex((time) => !(Math.abs(time) <= Number.MAX_SAFE_INTEGER));
	if (badTime >= 0)
		return invalidInput(`${field}.times[${badTime}]`, `A time is in milliseconds since 1970, not ${times[badTime]}.`);
	return null;
}
