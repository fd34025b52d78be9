import { expect, it } from 'vitest';
import { configPaths, serverOrder } from './server-order';

it.each([
	['-queued', 'queuedAt', 'DESC'],
	['queued', 'queuedAt', 'ASC'],
	['-result', 'metric.val_loss.best', 'DESC'],
	['seed', 'seed', 'ASC'],
	['-config.optimizer.lr', 'config.optimizer.lr', 'DESC'],
	['metric.accuracy.last', 'metric.accuracy.last', 'ASC'],
	['seconds', 'queuedAt', 'DESC'],
	['nonsense', 'queuedAt', 'DESC'],
])('reads %s', (sort, by, direction) => {
	expect(serverOrder(sort, 'val_loss')).toEqual({ by, direction });
});

it('finds what configs can be ordered by', () => {
	const config = { lr: 0.1, name: 'a', nested: { on: true, none: null, list: [1], 'a.b': 1 } };
	expect(configPaths([config, null, { other: 1 }])).toEqual([
		'config.lr',
		'config.name',
		'config.nested.on',
		'config.other',
	]);
});
