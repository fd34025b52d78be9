import { canonicalJson, type Json, type JsonObject } from '../json/index.js';
import { PLAIN_TRAINING } from '../recipe/recipe.js';
import { strategyLabel } from '../strategy/index.js';
import type { NamedGroup } from './group-runs.js';

/** Names each group by its strategy and, where that leaves several alike, by whatever they differ in. */
export function distinctLabels(groups: readonly NamedGroup[]): NamedGroup[] {
	const byName = new Map<string, NamedGroup[]>();
	for (const group of groups) {
		const name = group.strategy === null ? 'no strategy' : strategyLabel(group.strategy);
		byName.set(name, [...(byName.get(name) ?? []), group]);
	}
	return [...byName].flatMap(([name, alike]) => {
		const differing = differingFeatures(alike.map(features));
		return alike.map((group) => {
			const own = features(group);
			const details = differing.map((feature) => `${feature} ${own.get(feature) ?? 'none'}`);
			return { ...group, label: details.length > 0 ? `${name} (${details.join(', ')})` : name };
		});
	});
}

function differingFeatures(all: readonly ReadonlyMap<string, string>[]): string[] {
	const names = new Set(all.flatMap((one) => [...one.keys()]));
	return [...names].filter((name) => new Set(all.map((one) => one.get(name))).size > 1);
}

function features(group: NamedGroup): Map<string, string> {
	const strategy = group.strategy;
	const fields: [string, Json][] = [
		['backbone', group.backboneName],
		['data', group.datasetName],
	];
	if (strategy !== null) {
		fields.push(
			['rate', strategy.learningRate],
			['backbone rate', strategy.backboneLearningRate],
			['decay', strategy.decay],
			['epochs a stage', strategy.epochsPerStage],
			['BatchNorm', strategy.batchNorm],
			['options', strategy.options],
		);
	}
	const { training, ...conditions } = group.conditions;
	// Setting by setting, the defaults included: a name says what differs, not the whole recipe.
	fields.push(
		...Object.entries(conditions),
		...Object.entries({ ...PLAIN_TRAINING, ...(training as object) } as JsonObject),
	);
	return new Map(fields.map(([name, value]) => [name, readable(value)]));
}

function readable(value: Json): string {
	if (typeof value === 'number') return String(Number(value.toPrecision(4)));
	if (value === null) return 'none';
	return typeof value === 'string' ? value : canonicalJson(value);
}
